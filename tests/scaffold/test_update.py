"""Newer tables are compared with older ones: which row is which thing, which column is which, and what was edited."""

from __future__ import annotations

import polars as pl
import pytest

from glocal_rdf.scaffold.model import SourceColumn, SourceTable
from glocal_rdf.scaffold.output.project import is_unedited, seal
from glocal_rdf.scaffold.update import compare_columns, compare_rows, match_slugs, read_retired, with_retired

BEFORE = pl.DataFrame({"name": ["North", "South", "", "North"], "size": ["1", "2", "3", "4"]})
SLUGS = pl.Series(["north", "south", "1", "north-2"])


@pytest.mark.parametrize(
    ("names", "sizes", "found"),
    [
        (["North", "South", "", "North"], ["1", "2", "3", "4"], ["north", "south", "1", "north-2"]),
        (["North", "", "North", "South"], ["4", "3", "1", "2"], ["north-2", "1", "north", "south"]),
        (["South", "East"], ["9", "5"], ["south", None]),
        (["Southern"], ["2"], ["south"]),
        (["North", "North", "North"], ["1", "4", "5"], ["north", "north-2", None]),
        ([" North "], ["7"], ["north"]),
    ],
)
def test_a_row_is_the_thing_of_its_cells_or_its_name(
    names: list[str], sizes: list[str], found: list[str | None]
) -> None:
    assert match_slugs(BEFORE, SLUGS, ["name"], pl.DataFrame({"name": names, "size": sizes})) == found


def test_no_two_rows_are_one_thing() -> None:
    after = pl.DataFrame({"name": ["North"] * 5, "size": ["1"] * 5})
    found = [one for one in match_slugs(BEFORE, SLUGS, ["name"], after) if one is not None]
    assert len(found) == len(set(found)) == 2


def described(*titles: str) -> dict[str, object]:
    columns = [{"name": title.lower(), "titles": title} for title in titles]
    return {"tableSchema": {"columns": columns, "primaryKey": titles[0].lower()}}


def source(**columns: list[str]) -> SourceTable:
    cells = pl.DataFrame({str(i): cells for i, cells in enumerate(columns.values())})
    return SourceTable("t", "T", tuple(map(SourceColumn, columns)), cells)


def test_a_column_with_the_same_cells_under_another_header_is_renamed() -> None:
    cells = pl.DataFrame({"code": ["a", "b", "c"], "name": ["X", "Y", "Z"], "old": ["1", "1", "2"]})
    newer = source(Code=["a", "b", "c"], Label=["X", "Y", "Z"], New=["7", "8", "9"])
    changes = compare_columns(described("Code", "Name", "Old"), cells, newer)
    assert changes.names == {"Code": "code", "Label": "name"}
    assert (changes.renamed, changes.gone, changes.new) == ((("Name", "Label"),), ("Old",), ("New",))


def test_rows_are_compared_by_their_key() -> None:
    before = pl.DataFrame({"id": ["a", "b", "c"], "n": ["1", "2", "3"]})
    after = pl.DataFrame({"id": ["c", "b", "d"], "n": ["3", "5", "4"], "more": ["x", "y", "z"]})
    changes = compare_rows(before, after, "id")
    assert (changes.new, changes.gone, changes.changed) == (("d",), ("a",), ("b",))
    assert not compare_rows(before, before, "id")


def test_identifiers_of_things_that_are_gone_are_kept_in_one_note() -> None:
    table = {"notes": [{"rdfs:comment": "A title row"}], "tableSchema": {}}
    once = with_retired(table, frozenset({"b", "a"}))
    assert read_retired(once) == {"a", "b"}
    assert read_retired(with_retired(once, frozenset({"a", "b", "c"}))) == {"a", "b", "c"}
    assert with_retired(once, frozenset()) == table


@pytest.mark.parametrize("path", ["a.ttl", "README.md"])
@pytest.mark.parametrize("text", ["x\n", "x", "", "Checksum: 1\n\n\n"])
def test_a_text_is_edited_where_any_character_is(path: str, text: str) -> None:
    sealed = seal(text, path)
    assert is_unedited(sealed)
    assert is_unedited(sealed.replace("\n", "\r\n"))
    assert not is_unedited(sealed + " ")
    assert not is_unedited("# mine\n" + sealed)
    assert not is_unedited(text)
