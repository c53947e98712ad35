"""Frictionless Table Schemas become descriptions, where the cells are as they say; the rest is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glocal_rdf import csvw, describe
from glocal_rdf.csvw.frictionless.fields import translate_field

TABLE = """id,name,founded,area,open,country,kind,pop,day
K1,Köln,01.02.1950,"1.234,50",ja,DE,city,12,2024-01-02
K2,Lyon,3.4.1960,"2,50",nein,FR,town,-,2024-01-03
"""
FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "string", "constraints": {"required": True, "unique": True, "pattern": "K[0-9]+"}},
    {"name": "name", "type": "string", "title": "Name", "description": "the German name"},
    {"name": "founded", "type": "date", "format": "%d.%m.%Y"},
    {"name": "area", "type": "number", "decimalChar": ",", "groupChar": ".", "constraints": {"minimum": 0}},
    {"name": "open", "type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]},
    {"name": "country", "type": "string", "constraints": {"enum": ["DE", "FR", "IT"]}},
    {"name": "kind", "type": "string", "rdfType": "https://e.org/Kind"},
    {"name": "pop", "type": "integer"},
    {"name": "day", "type": "date"},
]


def package(folder: Path, fields: list[dict[str, Any]] = FIELDS, **more: Any) -> Path:
    (folder / "t.csv").write_text(TABLE, encoding="utf-8")
    schema = {"fields": fields, "missingValues": ["", "-"], "primaryKey": ["id"], **more}
    resource = {"name": "t", "path": "t.csv", "title": "Cities", "schema": schema}
    licence = {"path": "https://creativecommons.org/publicdomain/zero/1.0/"}
    other = {"name": "countries", "path": "countries.csv"}
    document = {"name": "p", "licenses": [licence], "resources": [other, resource]}
    (folder / "datapackage.json").write_text(json.dumps(document), encoding="utf-8")
    return folder / "t.csv"


def columns_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {c["name"]: c for c in document["tableSchema"]["columns"]}


def test_types_formats_constraints_and_keys_are_translated(tmp_path: Path) -> None:
    table = package(tmp_path)
    found = describe(table)
    columns = columns_of(found.document)
    assert columns["id"]["datatype"] == {"base": "string", "format": "K[0-9]+"}
    assert columns["id"]["required"] is True
    assert columns["name"]["titles"] == ["name", "Name"]
    assert columns["name"]["dc:description"] == "the German name"
    assert columns["founded"]["datatype"] == {"base": "date", "format": "d.M.yyyy"}
    number = {"decimalChar": ",", "groupChar": "."}
    assert columns["area"]["datatype"] == {"base": "decimal", "format": number, "minimum": 0}
    assert columns["open"]["datatype"] == {"base": "boolean", "format": "ja|nein"}
    assert columns["country"]["datatype"] == {"base": "string", "format": "DE|FR|IT"}
    assert (columns["pop"]["datatype"], columns["pop"]["null"]) == ("integer", ["", "-"])
    assert (found.key, found.document["dc:title"]) == (("id",), "Cities")
    assert found.document["dc:license"] == {"@id": "https://creativecommons.org/publicdomain/zero/1.0/"}
    assert (found.errors, found.decisions) == ((), ())
    assert [p.what for p in found.problems] == ["kind: rdfType has no counterpart in CSV on the Web"]
    assert csvw.check(table, metadata=found.document) == ()


def test_a_field_that_cells_contradict_is_reported_and_the_guess_stays(tmp_path: Path) -> None:
    fields = [f | {"type": "integer"} if f["name"] == "name" else f for f in FIELDS]
    fields = [f | {"constraints": {"enum": ["DE"]}} if f["name"] == "country" else f for f in fields]
    found = describe(package(tmp_path, fields))
    columns = columns_of(found.document)
    assert ("datatype" in columns["name"], "datatype" in columns["country"]) == (False, False)
    assert [str(p).partition(str(tmp_path))[2] for p in found.errors] == [
        "/t.csv:2: name: 'Köln' is not a whole number (xsd:integer); write digits only",
        "/t.csv:3: name: 'Lyon' is not a whole number (xsd:integer); write digits only",
        "/datapackage.json: name: does not fit the cells above; the guess from the cells is kept",
        "/t.csv:3: country: 'FR' is not of the form DE",
        "/datapackage.json: country: does not fit the cells above; the guess from the cells is kept",
    ]


def test_keys_and_references_that_cannot_be_are_reported(tmp_path: Path) -> None:
    foreign = [
        {"fields": "country", "reference": {"resource": "countries", "fields": "code"}},
        {"fields": "kind", "reference": {"resource": "", "fields": "name"}},
    ]
    found = describe(package(tmp_path, primaryKey="open", foreignKeys=foreign, uniqueKeys=[["id"]]))
    told = "\n".join(str(p) for p in found.problems)
    assert "country refers to countries, which is not described here; describe countries.csv" in told
    assert "'city' is not a name in t.csv" in told
    assert "uniqueKeys have no counterpart" in told
    assert (found.key, "foreignKeys" in found.document["tableSchema"]) == (("open",), False)


def test_a_reference_to_a_table_of_the_same_description_is_a_foreign_key(tmp_path: Path) -> None:
    foreign = [{"fields": ["country"], "reference": {"resource": "countries", "fields": ["code"]}}]
    table = package(tmp_path, foreignKeys=foreign)
    (tmp_path / "countries.csv").write_text("code,name\nDE,Germany\nFR,France\n")
    group = tmp_path / "csv-metadata.json"
    group.write_text(describe(tmp_path / "countries.csv", output=group).text)
    found = describe(table, output=group)
    assert found.document["tables"][1]["tableSchema"]["foreignKeys"][0]["columnReference"] == "country"


@pytest.mark.parametrize("name", ["t.resource.json", "t.csv.schema.json", "t.schema.json", "schema.json"])
def test_a_resource_or_schema_beside_the_file_is_read_too(tmp_path: Path, name: str) -> None:
    table = package(tmp_path)
    (tmp_path / "datapackage.json").unlink()
    schema: dict[str, Any] = {"fields": FIELDS}
    (tmp_path / name).write_text(json.dumps({"path": "t.csv", "schema": schema} if "resource" in name else schema))
    assert describe(table).columns[4].form == "ja|nein"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("datapackage.json", '{"resources": [{"path": "other.csv", "schema": {"fields": [{"name": "id"}]}}]}'),
        ("datapackage.json", "[]"),
        ("datapackage.json", '{"resources": [5, {"path": 7}]}'),
        ("datapackage.json", '{"resources": [{"path": "https://e.org/t.csv", "schema": {}}]}'),
        ("schema.json", '{"fields": [{"name": "something"}]}'),
        ("schema.json", '{"type": "object"}'),
    ],
)
def test_what_does_not_name_the_file_is_not_used(tmp_path: Path, name: str, content: str) -> None:
    table = package(tmp_path)
    (tmp_path / "datapackage.json").unlink()
    expected = describe(table).document
    (tmp_path / name).write_text(content)
    found = describe(table)
    assert (found.document, found.problems) == (expected, ())


@pytest.mark.parametrize("content", ["{", '{"resources": [{"path": "t.csv", "schema": "../schema.json"}]}', "\udcff"])
def test_a_package_that_cannot_be_read_is_a_warning(tmp_path: Path, content: str) -> None:
    table = package(tmp_path)
    (tmp_path / "datapackage.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    [problem] = describe(table).problems
    assert (problem.level, problem.hint) == ("warning", "it is ignored")


def test_a_description_that_is_there_does_not_read_it_again(tmp_path: Path) -> None:
    table = package(tmp_path)
    path = tmp_path / "t.csv-metadata.json"
    path.write_text(describe(table).text)
    package(tmp_path, [f | {"type": "string"} for f in FIELDS])
    again = describe(table)
    assert (again.changed, again.problems) == (False, ())


@pytest.mark.parametrize(
    ("field", "properties", "left_out"),
    [
        ({"type": "string", "format": "uri"}, {"datatype": "anyURI"}, []),
        ({"type": "string", "format": "email"}, {"datatype": "string"}, ["format email"]),
        ({"type": "any"}, {}, []),
        ({}, {}, []),
        ({"type": "year"}, {"datatype": "gYear"}, []),
        (
            {"type": "datetime", "format": "%Y-%m-%d %H:%M"},
            {"datatype": {"base": "dateTime", "format": "yyyy-MM-dd HH:mm"}},
            [],
        ),
        ({"type": "date", "format": "%d %b %Y"}, {}, ["format %d %b %Y"]),
        ({"type": "date", "format": "any"}, {}, ["format any"]),
        ({"type": "integer", "bareNumber": False}, {}, ["bareNumber"]),
        ({"type": "list", "delimiter": ";", "itemType": "integer"}, {"separator": ";", "datatype": "integer"}, []),
        ({"type": "boolean", "trueValues": ["1", "yes"]}, {}, ["several trueValues or falseValues"]),
        ({"type": "geopoint"}, {}, ["type geopoint"]),
        ({"type": ["string"]}, {}, ["type ['string']"]),
        ({"type": "integer", "constraints": {"pattern": "1.*"}}, {"datatype": "integer"}, ["constraint pattern"]),
        (
            {"type": "string", "constraints": {"minLength": 2, "maxLength": 3}},
            {"datatype": {"base": "string", "minLength": 2, "maxLength": 3}},
            [],
        ),
    ],
)
def test_each_type_has_its_counterpart_or_is_left_out(
    field: dict[str, Any], properties: dict[str, Any], left_out: list[str]
) -> None:
    found = translate_field({"name": "x", **field}, ["-"])
    assert (found.properties, found.left_out, found.missing) == (properties, left_out, ("-",))
