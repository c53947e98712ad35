"""A changed JSON document keeps the form that it was written in, and holds exactly the new value."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glocal_rdf.csvw.description.datatype_texts import as_option, as_text, parse_datatype, parse_date_format
from glocal_rdf.csvw.description.json_text import edit_json, same_json
from glocal_rdf.errors import InputError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, VALUES, st.sampled_from([None, 1, 4, "\t"]), st.booleans())
def test_the_result_is_exactly_the_new_value(old: Any, new: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(old, indent=indent, ensure_ascii=ascii_only)
    assert same_json(json.loads(edit_json(text, new)), new)
    assert edit_json(text, old) == text


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_does_not_change_keeps_its_form(newline: str) -> None:
    lines = [
        "{",
        '\t"a" : [ 1,2 ,3 ],',
        '\t"columns": [',
        '\t\t{"name": "x",  "\\u00e9": 1.50},',
        '\t\t{"name": "y"}',
        "\t]",
        "}",
        "",
    ]
    text = newline.join(lines)
    new = json.loads(text)
    new["columns"][1]["datatype"] = "gYear"
    new["columns"].insert(0, {"name": "w", "list": [1]})
    edited = edit_json(text, new).split(newline)
    assert edited[:4] == [*lines[:3], '\t\t{"name": "w", "list": [1]},']
    assert edited[4:] == [lines[3], '\t\t{"name": "y", "datatype": "gYear"}', *lines[5:]]


def test_new_members_stand_on_lines_of_their_own_where_the_others_do() -> None:
    text = '{\n  "a": {\n    "b": 1\n  }\n}\n'
    new = {"a": {"b": 1, "c": {"d": [1, 2]}}}
    assert edit_json(text, new) == json.dumps(new, indent=2) + "\n"


def test_the_new_value_is_not_changed() -> None:
    new = {"a": [{"name": "x"}]}
    before = copy.deepcopy(new)
    edit_json('{"a": []}', new)
    assert new == before


@pytest.mark.parametrize(
    ("text", "datatype"),
    [
        ("gYear", "gYear"),
        ("xsd:date", "date"),
        ("decimal:#.##0,00", {"pattern": "#.##0,00", "decimalChar": ",", "groupChar": "."}),
        ("decimal:#,##0.00", "#,##0.00"),
        ("decimal:0,0", {"pattern": "0,0", "decimalChar": ",", "groupChar": "."}),
        ("decimal:# ##0,00", {"pattern": "# ##0,00", "decimalChar": ",", "groupChar": " "}),
        ("decimal:,", {"decimalChar": ","}),
        ("decimal:.,", {"decimalChar": ",", "groupChar": "."}),
        ("decimal:'.", {"decimalChar": ".", "groupChar": "'"}),
        ("decimal:.", {"decimalChar": ".", "groupChar": ","}),
        ("integer:.", {"groupChar": ".", "decimalChar": ","}),
        ("integer:#.##0", {"pattern": "#.##0", "decimalChar": ",", "groupChar": "."}),
        ("integer:#,##0", "#,##0"),
        ("decimal:0.0%", "0.0%"),
        ("boolean:ja|nein", "ja|nein"),
        ("date:d.M.yyyy", "d.M.yyyy"),
        ("string:[A-Z]{2}", "[A-Z]{2}"),
    ],
)
def test_datatypes_are_read_as_people_write_them(text: str, datatype: Any) -> None:
    found = parse_datatype(text)
    assert (found["format"] if isinstance(found, dict) else found) == datatype
    assert parse_datatype(as_option(found)) == found
    assert as_text(found)[0] == text.removeprefix("xsd:").partition(":")[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dates",
        "decimal:,,",
        "decimal:., ",
        "decimal:x",
        "boolean:ja",
        "date:YYYY",
        "string:[",
        "xsd:",
        "decimal:#.# ,0",
    ],
)
def test_a_datatype_that_is_not_one_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_datatype(text)


@pytest.mark.parametrize(
    ("form", "base"),
    [
        ("dd.MM.yyyy", "date"),
        ("d/M/yyyy HH:mm", "dateTime"),
        ("yyyy-MM-ddTHH:mm:ssXXX", "dateTime"),
        ("HH:mm", "time"),
        ("yyyy", "gYear"),
        ("MM/yyyy", "gYearMonth"),
    ],
)
def test_a_format_of_dates_has_one_datatype(form: str, base: str) -> None:
    assert as_text(parse_date_format(form))[0] == base


@pytest.mark.parametrize("form", ["", "x", "DD.MM.YYYY", "dd.MM.yy", "%d.%m.%Y", "hh:mm a"])
def test_a_format_that_is_not_one_is_refused(form: str) -> None:
    with pytest.raises(InputError):
        parse_date_format(form)
