"""Every JSON that a command writes follows its schema, which leaves no key open."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from conftest import ROOT, Run
from json_schemas import SCHEMAS, find_faults, list_parts
from jsonschema import Draft202012Validator

from glocal_rdf.cli import cli

CITY = ROOT / "examples" / "city-spreadsheet"
LEAGUE = ROOT / "examples" / "document-claims"
TEXTS = LEAGUE / "documents"
BASE = "https://w3id.org/glocal/schemas/"
VERSIONS = {"explain": 2, "find": 2, "question-list": 2}
"""The versions of schemas that are not the first."""

PREFIXES = "@prefix : <https://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
DATA = f'{PREFIXES}:a a :City ; :name "1"@zh-Hant, "x"^^:t, _:b . :c a :City ; :name 5 . :d a :City ; :name "a", "b" .'
SHAPES = f"""{PREFIXES}
:City a sh:NodeShape ; sh:targetClass :City ; sh:name "city"@en, "城市"@zh-Hant ;
    sh:property [ sh:path :name ; sh:nodeKind sh:IRI ; sh:maxCount 1 ;
        sh:message "One name."@en, "只有一名。"@zh-Hant ] ;
    sh:property [ sh:path ( [ sh:inversePath :mayor ] :name ) ; sh:minCount 1 ; sh:severity :Grave ] ;
    sh:sparql [ sh:select "SELECT $this ?value {{ $this <https://example.org/name> ?value }}" ; sh:severity sh:Info ] .
:Unused a sh:NodeShape ; sh:nodeKind sh:IRI ; :note 1 .
"""
ODD = f"{PREFIXES} :City sh:targetClass :City ; sh:rule [ a sh:TripleRule ] ; sh:mesage 'x' ; sh:nodeKind sh:Literal ."
DESCRIBED = {
    "@context": "http://www.w3.org/ns/csvw",
    "url": "t.csv",
    "dialect": {"skipRows": 1, "commentPrefix": "#", "skipBlankRows": True},
    "tableSchema": {
        "aboutUrl": "https://example.org/{a}",
        "columns": [
            {"titles": "a", "name": "a", "propertyUrl": "https://example.org/a"},
            {"titles": "b", "name": "b", "propertyUrl": "https://example.org/b", "datatype": "integer"},
            {"titles": "c", "name": "c", "suppressOutput": True},
        ],
    },
}

Arguments = tuple[object, ...]


def prepare(folder: Path) -> None:
    """Write the inputs of the cases, odd ones among them."""
    (folder / "data.ttl").write_text(DATA, encoding="utf-8")
    (folder / "shapes.ttl").write_text(SHAPES, encoding="utf-8")
    (folder / "odd.ttl").write_text(ODD, encoding="utf-8")
    renamed = DATA.replace(":a", ":renamed") + ':new :list ( 1 [ :in "x" ] ) .'
    (folder / "renamed.ttl").write_text(renamed, encoding="utf-8")
    (folder / "empty.ttl").write_text(PREFIXES, encoding="utf-8")
    rows = "skipped\na,b,c\n#comment\n1,2,3\n\n2,many,3\n4,,\n5,6\n,7,8\n"
    (folder / "t.csv").write_text(rows, encoding="utf-8")
    (folder / "t.csv-metadata.json").write_text(json.dumps(DESCRIBED), encoding="utf-8")
    (folder / "bare.csv").write_text("a,名稱\n1,臺北\n", encoding="utf-8")
    (folder / "dates.csv").write_text("id;note;day\n1;x;01/02/2003\n2;y;03/04/2005\n", encoding="utf-8")
    (folder / "none.csv").write_text("a,b\n", encoding="utf-8")
    with xlsxwriter.Workbook(folder / "book.xlsx") as book:
        for name in ("One", "Two"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["a", "b"])
            sheet.write_row(1, 0, ["1", "2"])
    (folder / "tables").mkdir()
    (folder / "tables" / "towns.csv").write_text("Town,Notes\nNorth,a;b\nnorth,b;a\nEast,a\n", encoding="utf-8")
    (folder / "tables" / "parks.csv").write_text("Park,Town\nLotus,North\nFort,East\nHill,north\n", encoding="utf-8")
    shutil.copytree(CITY, folder / "warned")
    shutil.copytree(LEAGUE, folder / "slipped")
    claims = folder / "slipped" / "data" / "claims.csv"
    claims.write_bytes(claims.read_bytes().replace(b"foundingDate,,1987,", b"foundingDate,,1978,"))
    table = folder / "warned" / "data" / "parks.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",playground;toilets,", ",,"), encoding="utf-8")
    (folder / "warned" / "data" / "stray.csv").write_text("a\n1\n", encoding="utf-8")
    shutil.copytree(LEAGUE, folder / "one-sided")
    table = folder / "one-sided" / "data" / "claims.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",claim/league-founded-1,", ",,"), encoding="utf-8")


def cases(folder: Path) -> dict[str, list[Arguments]]:
    """List the commands whose output follows each schema, with the file that they write it to, if any."""
    city, league = ("--project", CITY), ("--project", LEAGUE)
    told = ("--documents", TEXTS)
    files = (folder / "data.ttl", "-s", folder / "shapes.ttl")
    source = ("--source", folder / "data.ttl", "-f", "json")
    return {
        "answer-evidence": [
            ("query", "sources-of", "thing=harbour-league", *league, *told, "--evidence", "--json"),
            ("query", "--text", "SELECT (COUNT(?s) AS ?n) { ?s <urn:none> ?o }", *city, "--evidence", "--json"),
            ("query", "--text", "ASK { ?s <https://example.org/name>+ ?o }", *source, "--evidence"),
        ],
        "build": [
            ("build", *city, "--json", "-o", folder / "1"),
            ("build", *league, "--json", "--lang", "zh-Hant", "-o", folder / "2"),
            ("build", "--project", ROOT, "--json", "--lang", "zh-Hant", "-o", folder / "3"),
            ("build", "--project", folder / "warned", "--json", "-o", folder / "4"),
        ],
        "cite": [
            ("cite", "short-history", "ports", *league, *told, "--json"),
            ("cite", TEXTS / "harbour-league.txt", "港灣城市聯盟", *league, "--json"),
            ("cite", folder / "bare.csv", "臺北", *league, "--json"),
        ],
        "coverage": [
            ("coverage", *league, *told, "--json"),
            ("coverage", *league, *told, "--json", "--totals", "--stretches", 0, "--lang", "zh-Hant"),
            ("coverage", *city, *told, "--json"),
        ],
        "csvw": [
            ("csvw", "--check", "--json", folder / "t.csv"),
            ("csvw", "--check", "--json", folder / "bare.csv"),
            ("csvw", "--check", "--json", folder / "none.csv"),
            ("csvw", "--check", "--json", folder / "book.xlsx"),
            ("csvw", "--check", "--json", CITY / "data" / "csv-metadata.json"),
            ("csvw", "--json", folder / "t.csv", "-o", folder / "t.ttl"),
            ("csvw", "--json", "--stream", folder / "t.csv", "-o", folder / "t.nt"),
        ],
        "describe": [
            ("describe", folder / "bare.csv", "--json", "--lang", "名稱=zh-Hant", "--class", "schema:City"),
            ("describe", folder / "t.csv", "--json", "--dry-run", "--rename", "c=c"),
            ("describe", folder / "dates.csv", "--json", "--dry-run"),
            ("describe", CITY / "data" / "parks.csv", "--json", "--dry-run"),
        ],
        "diff": [
            ("diff", folder / "data.ttl", folder / "renamed.ttl", "-f", "json"),
            ("diff", CITY, folder / "warned", "-f", "json", "-n", 1, "--lang", "zh-Hant"),
            ("diff", CITY, CITY, "-f", "json"),
        ],
        "explain": [
            ("explain", "harbour-league", *league, *told, "--json"),
            ("explain", "港灣城市聯盟", *league, "--json", "--lang", "zh-Hant"),
            ("explain", "lotus-pond", *city, "--json"),
            ("explain", "taipei", "--project", ROOT, "--json"),
        ],
        "init": [
            ("init", folder / "made", "--from", folder / "bare.csv", "--yes", "--json"),
            ("init", folder / "made", "--from", folder / "bare.csv", "--yes", "--json"),
            ("init", folder / "city", "--from", folder / "tables", "--yes", "--json"),
        ],
        "reconciliation": [
            ("link", "iso", folder / "bare.csv", "--name", "名稱", "--json"),
            ("link", "iso", folder / "bare.csv", "--name", "名稱", "--type", "country", "-f", "json"),
        ],
        "find": [
            ("find", "pond", *city, "--json"),
            ("find", "lotus", "pont", *city, "--json"),
            ("find", "公園", *city, "--json", "--lang", "zh-Hant"),
            ("find", "zzz", *city, "--json"),
        ],
        "query-results": [
            ("query", "--text", "SELECT * { ?s ?p ?o OPTIONAL { ?o ?q ?none } }", *source),
            ("query", "--text", "SELECT * { ?s <https://example.org/none> ?o }", *source),
            ("query", "--text", "ASK { ?s ?p ?o }", *source),
            ("query", "--text", "ASK { ?s <https://example.org/none> ?o }", *source),
            ("query", "parks-with", "facility=遊戲場", *city, "-f", "json"),
        ],
        "question-list": [
            ("query", "--list", *city, "-f", "json"),
            ("query", "--list", *league, "-f", "json", "--lang", "zh-Hant"),
        ],
        "validate": [
            ("validate", *city, "-f", "json"),
            ("validate", "--project", folder / "warned", "-f", "json", "--reached", "--lang", "zh-Hant"),
            ("validate", "--project", folder / "one-sided", "-f", "json"),
            ("validate", "--project", folder / "slipped", "--documents", TEXTS, "-f", "json"),
            ("validate", *files, "-f", "json", "--lang", "zh-Hant"),
            ("validate", *files, "-f", "json", "--engine", "pyshacl"),
            ("validate", *files, "-f", "json", "--max-results", 1),
            ("validate", folder / "data.ttl", "-s", folder / "odd.ttl", "-f", "json", "--ignore-unsupported"),
            ("validate", folder / "data.ttl", "-s", folder / "odd.ttl", "-f", "json"),
            ("validate", folder / "empty.ttl", "-s", folder / "shapes.ttl", "-f", "json"),
        ],
    }


SCHEMA_OF = {"link": "reconciliation", "validate": "validation-report"}
OTHERS = {"accounts", "term"}
"""Schemas that others refer to."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(cases(Path())))
def test_what_a_command_writes_follows_its_schema(name: str, run: Run, tmp_path: Path) -> None:
    prepare(tmp_path)
    schema = SCHEMA_OF.get(name, name)
    met: set[str] = set()
    for arguments in cases(tmp_path)[name]:
        result = run(*arguments)
        assert result.stdout, f"{arguments}: {result.stderr}"
        written = json.loads(result.stdout)
        assert find_faults(schema, written) == [], arguments
        met.update(key for part in list_parts(written) for key in part)
    assert set(list_properties(schema)) - met == set(), "no case has these keys"


def list_properties(name: str) -> Iterator[str]:
    """List the keys that a schema names, and those that it refers to."""
    for part in list_parts(SCHEMAS[name]):
        yield from part.get("properties", ())
        if str(part.get("$ref", "")).startswith(BASE):
            yield from list_properties(part["$ref"].removeprefix(BASE).removesuffix("/1"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "--project", "missing", "--json"),
        ("build", "--project", "broken", "--json"),
        ("cite", "short-history", "no such words", "--project", LEAGUE, "--documents", TEXTS, "--json"),
        ("coverage", "--document", "missing", "--project", LEAGUE, "--documents", TEXTS, "--json"),
        ("csvw", "--check", "--json", "missing.csv"),
        ("describe", "missing.csv", "--json"),
        ("explain", "no such thing", "--project", CITY, "--json"),
        ("query", "--text", "SELECT", "--project", CITY, "-f", "json"),
        ("query", "--text", "CONSTRUCT WHERE { ?s ?p ?o }", "--project", CITY, "-f", "json"),
        ("validate", "missing.ttl", "-s", "missing.ttl", "-f", "json"),
    ],
    ids=lambda arguments: f"{arguments[0]}-{arguments[2]}",
)
def test_where_a_command_fails_no_json_is_begun(
    arguments: Arguments, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(CITY, "broken")
    table = Path("broken", "data", "parks.csv")
    table.write_text(table.read_text(encoding="utf-8").replace(",7.05,", ",70500,"), encoding="utf-8")
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1 if "broken" in arguments else 2, "")
    assert result.stderr.strip()


def test_every_command_that_writes_json_has_a_schema() -> None:
    written = set()
    with cli.make_context("glocal", ["--help"], resilient_parsing=True) as context:
        for name in cli.list_commands(context):
            command = cli.get_command(context, name)
            assert command is not None
            for parameter in command.params:
                formats = getattr(parameter.type, "names", getattr(parameter.type, "choices", ()))
                if "--json" in parameter.opts or "json" in formats:
                    written.add(name)
    missing = written - {str(arguments[0]) for each in cases(Path()).values() for arguments in each}
    assert [name for name in missing if SCHEMA_OF.get(name, name) not in SCHEMAS] == []
    here = {SCHEMA_OF.get(name, name) for name in cases(Path())} | OTHERS
    assert here <= set(SCHEMAS)
    for name in set(SCHEMAS) - here:
        tests = [file.read_text(encoding="utf-8") for file in (ROOT / "tests" / "cli").rglob("test_*.py")]
        checked = any(f'find_faults("{name}"' in text for text in tests)
        assert checked, f"no case of this file, and no test of the command, checks {name}"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_names_its_version_and_leaves_no_key_open(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"{BASE}{name}/{VERSIONS.get(name, 1)}"
    assert schema["title"]
    assert schema["description"].endswith(".")
    for part in list_parts(schema):
        if "properties" in part:
            assert part["additionalProperties"] is False, part
            assert set(part["required"]) <= set(part["properties"]), part
        elif part.get("type") == "object":
            assert isinstance(part["additionalProperties"], dict), part


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda made: made.update(seconds=1), "'seconds' was unexpected"),
        (lambda made: made["accounts"]["tables"][0].update(rows=1), "'rows' was unexpected"),
        (lambda made: made["accounts"]["total"].pop("read"), "'read' is a required property"),
        (lambda made: made["made"][0].update(count="1"), "'1' is not of type 'integer'"),
        (lambda made: made["accounts"]["total"]["left_out"].update(blank=0), "0 is less than the minimum of 1"),
    ],
)
def test_a_schema_finds_what_is_wrong(change: Callable[[Any], None], fault: str, run: Run, tmp_path: Path) -> None:
    made = json.loads(run("build", "--project", CITY, "--json", "-o", tmp_path).stdout)
    assert find_faults("build", made) == []
    change(made)
    assert any(fault in found for found in find_faults("build", made))
