"""Tables of any size become N-Triples row by row: each triple once, and the same bytes wherever chunks end."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf import csvw, spill
from glocal_rdf.csvw import conversion
from glocal_rdf.csvw.rdf import draft
from glocal_rdf.errors import OutputError, Problem

BASE = "http://example.org/data/csv-metadata.json"
ONE_ROW, SEVEN_ROWS, WHOLE = 1, 100, 1 << 20
"""Sizes of chunks in bytes: of one row of the tables here, of about seven, and of all."""


def column(name: str, **properties: Any) -> dict[str, Any]:
    return {"name": name, "titles": name, **properties}


def table(url: str, *columns: dict[str, Any], **schema: Any) -> dict[str, Any]:
    return {"url": url, "tableSchema": {"columns": list(columns), **schema}}


def write(folder: Path, files: dict[str, str], *tables: dict[str, Any]) -> Path:
    """Write tables and the metadata that describes them; return the path of the metadata."""
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    path = folder / "csv-metadata.json"
    path.write_text(json.dumps({"@context": "http://www.w3.org/ns/csvw", "tables": list(tables)}))
    return path


class Pipe(io.RawIOBase):
    """Takes bytes, and can neither be read nor moved in."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.taken += bytes(data)
        return len(data)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let everything go to files, in a folder of its own for temporary ones."""
    monkeypatch.setattr(spill.Spill.__init__, "__defaults__", (2000,))
    monkeypatch.setattr(spill, "PARTS", 2)
    monkeypatch.setattr(draft, "_IN_MEMORY", 64)
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def stream(
    path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, **options: Any
) -> tuple[bytes, tuple[Problem, ...]]:
    """Convert in chunks of some size, to a file and to a pipe, which get the same bytes."""
    monkeypatch.setattr(conversion, "STREAM_CHUNK", chunk)
    file, pipe = io.BytesIO(), Pipe()
    problems = csvw.convert_stream(path, file, base=BASE, **options)
    assert csvw.convert_stream(path, pipe, base=BASE, **options) == problems  # type: ignore[arg-type]
    assert pipe.taken == file.getvalue()
    return pipe.taken, problems


def lines_of(conversion: csvw.Conversion) -> list[bytes]:
    return sorted(conversion.triples.serialize("ntriples").splitlines())


MEMBERS = "id,city,tags,note,other,year\n" + "".join(
    f"m{i % 23},c{i % 5},{'a b a' if i % 3 else ''},{'xy'[i % 2]},{'xy'[i % 7 == 0]},{'MM' if i % 11 == 3 else i}\n"
    for i in range(40)
)
CITIES = "id,name\n" + "".join(f"c{i},city {i}\nm{i},member {i}\n" for i in range(5))


def describe(folder: Path) -> Path:
    """Write tables that say many things twice: in a row, in several rows, and in several tables."""
    about = {"aboutUrl": "http://example.org/{id}"}
    return write(
        folder,
        {"members.csv": MEMBERS, "cities.csv": CITIES, "again.csv": CITIES},
        table(
            "members.csv",
            column("id", propertyUrl="http://example.org/id"),
            column("city", propertyUrl="http://example.org/in", valueUrl="http://example.org/{city}"),
            column("tags", separator=" ", propertyUrl="http://example.org/tag"),
            column("note", propertyUrl="http://example.org/note"),
            column("other", propertyUrl="http://example.org/note"),
            column(
                "year", propertyUrl="http://example.org/year", datatype="integer", aboutUrl="http://example.org/{city}"
            ),
            {"virtual": True, "propertyUrl": "rdf:type", "valueUrl": "http://example.org/Member"},
            foreignKeys=[{"columnReference": "city", "reference": {"resource": "cities.csv", "columnReference": "id"}}],
            primaryKey="id",
            **about,
        ),
        *(
            table(
                name,
                column("id", propertyUrl="http://example.org/id"),
                column("name", propertyUrl="http://example.org/name"),
                **about,
            )
            | {"notes": [{"@id": "http://example.org/c1", "http://example.org/name": "city 1"}]}
            for name in ("cities.csv", "again.csv")
        ),
    )


@pytest.mark.parametrize("mode", ["minimal", pytest.param("standard", marks=pytest.mark.slow)])
@pytest.mark.usefixtures("small")
def test_each_triple_is_written_once_and_the_same_wherever_chunks_end(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = describe(tmp_path)
    found = [stream(path, monkeypatch, chunk, mode=mode) for chunk in (ONE_ROW, SEVEN_ROWS, WHOLE)]
    assert found[0] == found[1] == found[2]
    whole = csvw.convert(path, base=BASE, mode=mode)  # type: ignore[arg-type]
    assert sorted(found[0][0].splitlines()) == lines_of(whole)
    assert set(found[0][1]) == set(whole.problems)


def test_triples_are_in_the_order_of_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(
        tmp_path,
        {"t.csv": "id,a,b\nx,1,2\ny,3,\nx,1,4\n"},
        table(
            "t.csv",
            column("id", suppressOutput=True),
            column("a", propertyUrl="http://e.org/a"),
            column("b", propertyUrl="http://e.org/b"),
            aboutUrl="http://e.org/{id}",
        ),
    )
    assert stream(path, monkeypatch, ONE_ROW)[0].decode().splitlines() == [
        '<http://e.org/x> <http://e.org/a> "1" .',
        '<http://e.org/x> <http://e.org/b> "2" .',
        '<http://e.org/y> <http://e.org/a> "3" .',
        '<http://e.org/x> <http://e.org/b> "4" .',
    ]
    repeated, _ = stream(path, monkeypatch, ONE_ROW, distinct=False)
    assert repeated.count(b'<http://e.org/x> <http://e.org/a> "1" .') == 2


CELLS = st.lists(
    st.tuples(*[st.sampled_from(["", "a", "b", "a b", "1", "01", "é\n", 'q"'])] * 3), min_size=1, max_size=12
)
ABOUTS = st.sampled_from([None, "http://e.org/{a}", "http://e.org/{a}{b}", "http://e.org/all", "{+b}"])


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    rows=CELLS,
    abouts=st.tuples(ABOUTS, ABOUTS, ABOUTS),
    same=st.booleans(),
    ordered=st.booleans(),
    chunk=st.integers(1, 40),
)
def test_any_table_gives_the_set_that_is_made_in_memory(
    rows: list[tuple[str, ...]], abouts: tuple[str | None, ...], same: bool, ordered: bool, chunk: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill.Spill.__init__, "__defaults__", (500,))
        quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
        extra: list[dict[str, Any]] = [{}, {"datatype": "integer"}, {"separator": " ", "ordered": ordered}]
        columns = [
            column(name, propertyUrl=f"http://e.org/{'p' if same else name}")
            | ({} if about is None else {"aboutUrl": about})
            | properties
            for name, about, properties in zip("abc", abouts, extra, strict=True)
        ]
        path = write(Path(folder), {"t.csv": "\n".join(["a,b,c", *quoted, ""])}, table("t.csv", *columns))
        patch.setattr(conversion, "STREAM_CHUNK", chunk)
        sink = io.BytesIO()
        problems = csvw.convert_stream(path, sink, base=BASE)
        whole = csvw.convert(path, base=BASE)
        assert sorted(sink.getvalue().splitlines()) == lines_of(whole)
        assert problems.accounts == whole.accounts


@pytest.mark.slow
def test_keys_are_compared_over_all_chunks(tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,000 problems of a kind are listed, with their lines, and the others are counted."""
    numbers = [str(i % 700) if i % 2 else f"0{i % 700}" for i in range(3000)]
    path = write(
        tmp_path,
        {
            "keys.csv": "id,to\n" + "".join(f"{n},{'TW' if i % 3 else n}\n" for i, n in enumerate(numbers)),
            "targets.csv": "id\n" + "".join(f"{i}\n" for i in range(500)) + "7\n",
        },
        table(
            "keys.csv",
            column("id", datatype="integer"),
            column("to"),
            primaryKey="id",
            foreignKeys=[{"columnReference": "to", "reference": {"resource": "targets.csv", "columnReference": "id"}}],
        ),
        table("targets.csv", column("id")),
    )
    whole = csvw.convert(path, base=BASE)
    listed = [p for p in whole.problems if p.row]
    assert [p.row for p in listed if p.kind == "primary-key"] == list(range(702, 1702))
    assert "'0' is already" not in str(listed[0]), listed[0]
    monkeypatch.setattr(conversion, "STREAM_CHUNK", 900)
    assert csvw.convert_stream(path, io.BytesIO(), base=BASE) == whole.problems
    assert csvw.check(path, base=BASE) == whole.problems
    assert {p.kind for p in whole.problems} == {"primary-key", "foreign-key"}
    assert list(small.iterdir()) == [], "temporary files stay"


# --- the folder of temporary files


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = describe(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(small / "missing"))
    with pytest.raises(OutputError, match=r"missing: cannot hold temporary files \(No such file.*TMPDIR"):
        csvw.convert_stream(path, io.BytesIO(), base=BASE)
