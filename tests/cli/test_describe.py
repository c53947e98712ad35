"""`glocal describe` writes and updates descriptions, keeps what was written by hand, and checks every decision."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from conftest import Run

from glocal_rdf import Decisions, csvw, describe
from glocal_rdf.errors import InputError, TableError
from glocal_rdf.triples import Triples

CITIES = """id;name_de;founded;area;networks;country;pop;web
K1;Köln;01.02.1950;1.234,50;ICLEI, UCLG;DE;12;https://a.example
K2;Lyon;03.04.1960;2,50;UCLG;FR;k.A.!;https://b.example
K3;Rom;03.11.1960;2,50;C40, ICLEI;IT;15;
"""
COUNTRIES = "code;name\nDE;Deutschland\nFR;Frankreich\nIT;Italien\n"
ALL = (
    *("--date", "dd.MM.yyyy", "--datatype", "area=decimal:#.##0,00", "--list", "networks=, ", "--null", "pop=k.A.!"),
    *(
        "--lang",
        "name_de=de",
        "--class",
        "schema:City",
        "--property",
        "founded=schema:foundingDate",
        "--text",
        "country",
    ),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cities.csv").write_text(CITIES, encoding="utf-8")
    (tmp_path / "countries.csv").write_text(COUNTRIES, encoding="utf-8")
    return tmp_path


def columns_of(path: Path) -> dict[str, dict[str, Any]]:
    document = json.loads(path.read_text(encoding="utf-8"))
    return {c.get("name", "class"): c for c in document["tableSchema"]["columns"]}


def test_a_bare_table_gets_a_description_beside_it_that_a_second_run_leaves_alone(run: Run, folder: Path) -> None:
    path = folder / "cities.csv-metadata.json"
    first = run("describe", folder / "cities.csv")
    assert first.exit_code == 0, first.stderr
    assert "wrote" in first.stderr
    assert "id         string     key" in first.stdout
    before = path.read_bytes()
    second = run("describe", folder / "cities.csv")
    assert (second.exit_code, path.read_bytes()) == (0, before)
    assert "is up to date" in second.stderr
    assert {p.kind for p in csvw.check(folder / "cities.csv")} <= {"open-decision"}


def test_every_decision_is_written_without_json_and_the_graph_has_it(run: Run, folder: Path) -> None:
    result = run("describe", folder / "cities.csv", *ALL)
    assert result.exit_code == 0, result.stderr
    found = columns_of(folder / "cities.csv-metadata.json")
    assert found["founded"]["datatype"] == {"base": "date", "format": "dd.MM.yyyy"}
    assert found["area"]["datatype"]["format"] == {"pattern": "#.##0,00", "decimalChar": ",", "groupChar": "."}
    assert (found["networks"]["separator"], found["name_de"]["lang"]) == (", ", "de")
    assert (found["pop"]["null"], found["pop"]["datatype"]) == (["", "k.A.!"], "integer")
    assert found["country"]["datatype"] == "string"
    assert found["class"] == {"virtual": True, "propertyUrl": "rdf:type", "valueUrl": "schema:City"}
    assert csvw.check(folder / "cities.csv") == ()
    graph = csvw.convert(folder / "cities.csv", base="https://e.org/cities.csv").triples
    expected = """@prefix : <https://e.org/cities.csv#> . @prefix s: <http://schema.org/> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    :K2 a s:City ; :id "K2" ; :name_de "Lyon"@de ; s:foundingDate "1960-04-03"^^xsd:date ; :area 2.50 ;
      :networks "UCLG" ; :country "FR" ; :web "https://b.example"^^xsd:anyURI ."""
    assert graph.match("<https://e.org/cities.csv#K2>") == Triples.parse(expected, "turtle")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--datatype", "founded=gYear"), "cities.csv:2: founded: '01.02.1950' is not a year"),
        (("--date", "founded=yyyy-MM-dd"), "cities.csv:2: founded: '01.02.1950' is not a date"),
        (("--datatype", "area=decimal:#,##0.00"), "cities.csv:2: area: '1.234,50' is not a number of the form"),
        (("--datatype", "pop=integer"), "cities.csv:3: pop: 'k.A.!' is not a whole number"),
        (("--date", "yyyy"), "founded: 3 different cells are not of the form yyyy"),
        (("--list", "web=;"), "web: no cell has ';'"),
        (("--key", "web"), "cities.csv:4: web: is empty, and must not be"),
        (("--key", "area"), "cities.csv:4: area: '2.50' is already the key of line 3"),
    ],
)
def test_a_decision_that_cells_contradict_is_refused_with_the_cells(
    run: Run, folder: Path, options: tuple[str, str], line: str
) -> None:
    result = run("describe", folder / "cities.csv", *options)
    assert result.exit_code == 1
    assert line in result.stderr
    assert "nothing was written" in result.stderr
    assert not (folder / "cities.csv-metadata.json").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--key", "idd"), "there is no column 'idd'; did you mean 'id'?"),
        (("--property", "founded=scheam:foundingDate"), "scheam: is not a known prefix; did you mean schema:?"),
        (("--property", "founded=foundingDate"), "'foundingDate' is not an IRI"),
        (("--class", "https://e.org/{kind}"), "there is no column 'kind'"),
        (("--class", "https://e.org/a b<"), "is not an IRI"),
        (("--datatype", "founded=dates"), "'dates' is not a datatype; did you mean 'date'?"),
        (("--datatype", "area=decimal:0#0"), "0#0"),
        (("--date", "founded=DD.MM.YYYY"), "DD.MM.YYYY"),
        (("--lang", "name_de=German!"), "is not a language tag"),
        (("--lang", "web=de"), "anyURI has no language"),
        (("--null", "pop=n/a"), "no cell is 'n/a'"),
        (("--refers", "country=countries.code"), "the description has no table 'countries'"),
        (("--refers", "country=code"), "does not name a table and a column"),
        (("--accept", "name_de"), "name_de has no open decision"),
        (("--datatype", "founded"), "is not COLUMN=TYPE"),
        (("--drop", "web"), "web is still a column of the table"),
        (("--rename", "web=url"), "there is no header 'url'"),
        (("--datatype", "founded=date", "--datatype", "founded=gYear"), "keep one"),
        (("--text", "founded", "--datatype", "founded=gYear"), "is given two datatypes"),
    ],
)
def test_a_decision_that_names_what_does_not_exist_is_an_error(
    run: Run, folder: Path, options: tuple[str, ...], message: str
) -> None:
    result = run("describe", folder / "cities.csv", *options)
    assert result.exit_code == 2, result.stderr
    assert message in result.stderr
    assert not (folder / "cities.csv-metadata.json").exists()


HAND = """{
    "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
    "dc:title": "Cities",   "x:unknown": {"kept": true},
    "url": "cities.csv",
    "dialect": {"delimiter": ";"},
    "tableSchema": {"aboutUrl": "https://e.org/{id}", "columns": [
        {"titles": "id",   "name": "id"},
        {"titles": "name_de", "name": "name", "propertyUrl": "schema:name"},
        {"titles": "web", "name": "web", "propertyUrl": "schema:url", "myNote": 5}
    ]}
}
"""


def test_an_update_keeps_every_hand_edit_to_the_character(run: Run, folder: Path) -> None:
    path = folder / "cities.csv-metadata.json"
    path.write_text(HAND, encoding="utf-8")
    result = run("describe", folder / "cities.csv", "--property", "web=schema:sameAs")
    assert result.exit_code == 0, result.stderr
    assert "new columns: founded, area, networks, country, pop" in result.stderr
    written = path.read_text(encoding="utf-8")
    for line in HAND.splitlines()[:8]:
        assert line in written
    assert (
        '        {"titles": "web", "name": "web", "propertyUrl": "schema:sameAs", "myNote": 5}\n    ]},\n    "notes": ['
        in written
    )
    assert '        {"name": "founded", "titles": "founded"},\n' in written
    assert not [p for p in csvw.check(folder / "cities.csv") if p.level == "error"]


def test_a_schema_of_the_group_stays_there_until_a_table_needs_its_own(run: Run, folder: Path) -> None:
    (folder / "a.csv").write_text("id,n\nx,1\n")
    (folder / "b.csv").write_text("id,n\ny,2\n")
    columns = [{"name": "id", "titles": "id"}, {"name": "n", "titles": "n", "datatype": "integer"}]
    group = {
        "@context": "http://www.w3.org/ns/csvw",
        "tableSchema": {"columns": columns, "primaryKey": "id"},
        "tables": [{"url": "a.csv"}, {"url": "b.csv"}],
    }
    path = folder / "csv-metadata.json"
    path.write_text(json.dumps(group))
    before = path.read_bytes()
    assert run("describe", folder / "a.csv").exit_code == 0
    assert path.read_bytes() == before
    assert run("describe", folder / "a.csv", "--datatype", "n=decimal").exit_code == 0
    after = json.loads(path.read_text())
    assert after["tables"][0]["tableSchema"]["columns"][1]["datatype"] == "decimal"
    assert {**after, "tables": [{"url": "a.csv"}, after["tables"][1]]} == group


def test_columns_that_move_take_their_descriptions_and_questions_along(run: Run, folder: Path) -> None:
    path = folder / "t.csv"
    path.write_text("id,d,n\n1,01/02/2003,x\n2,03/04/2003,y\n")
    run("describe", path)
    path.write_text("n,id,new,d\nx,1,5,01/02/2003\ny,2,6,03/04/2003\n")
    result = run("describe", path)
    assert (result.exit_code, "another order" in result.stderr) == (0, True), result.stderr
    document = json.loads(Path(f"{path}-metadata.json").read_text())
    assert [c["name"] for c in document["tableSchema"]["columns"]] == ["n", "id", "new", "d"]
    [note] = [n for n in document["notes"] if "oa:hasTarget" in n]
    assert note["oa:hasTarget"] == {"@id": "t.csv#col=4", "csvw:name": "d"}
    assert run("csvw", "--check", path).exit_code == 0


def test_columns_that_are_gone_are_reported_and_nothing_is_lost_until_it_is_decided(run: Run, folder: Path) -> None:
    path, table = folder / "cities.csv-metadata.json", folder / "cities.csv"
    run("describe", table, *ALL)
    before = path.read_bytes()
    table.write_text(CITIES.replace("founded", "Founded on"), encoding="utf-8")
    result = run("describe", table)
    assert (result.exit_code, path.read_bytes()) == (1, before)
    assert "the column founded is gone from the table; if it is 'Founded on' now, say --rename" in result.stderr
    assert run("describe", table, "--rename", "founded=Founded on").exit_code == 0
    renamed = columns_of(path)["founded"]
    assert renamed["titles"] == ["Founded on", "founded"]
    assert renamed["propertyUrl"] == "schema:foundingDate"
    assert csvw.check(table) == ()
    table.write_text("id;web\nK1;https://a.example\n", encoding="utf-8")
    gone = ("name_de", "founded", "area", "networks", "country", "pop")
    assert run("describe", table).stderr.count(" is gone from the table") == len(gone)
    dropped = run("describe", table, *(o for name in gone for o in ("--drop", name)))
    assert (dropped.exit_code, list(columns_of(path))) == (0, ["id", "web", "class"]), dropped.stderr


def test_a_column_that_a_key_or_template_uses_is_not_dropped(run: Run, folder: Path) -> None:
    run("describe", folder / "cities.csv")
    (folder / "cities.csv").write_text("web\nhttps://a.example\n", encoding="utf-8")
    (folder / "cities.csv-metadata.json").write_text(
        (folder / "cities.csv-metadata.json").read_text().replace('"delimiter": ";"', '"delimiter": ","')
    )
    result = run("describe", folder / "cities.csv", "--drop", "id")
    assert result.exit_code == 2
    assert "id is used by primaryKey, aboutUrl; change that first" in result.stderr


def test_tables_of_one_description_refer_to_each_other(run: Run, folder: Path) -> None:
    group = folder / "csv-metadata.json"
    assert run("describe", folder / "cities.csv", "-o", group).exit_code == 0
    assert run("describe", folder / "countries.csv", "-o", group).exit_code == 0
    assert run("describe", folder / "cities.csv", "--refers", "country=countries.code").exit_code == 0
    cities, countries = json.loads(group.read_text())["tables"]
    assert cities["tableSchema"]["foreignKeys"] == [
        {"columnReference": "country", "reference": {"resource": "countries.csv", "columnReference": "code"}}
    ]
    country = next(c for c in cities["tableSchema"]["columns"] if c["name"] == "country")
    assert country["valueUrl"] == "countries.csv#{country}"
    assert countries["url"] == "countries.csv"
    assert not [p for p in csvw.check(group) if p.level == "error"]
    triple = ("<https://e.org/cities.csv#K1>", "<https://e.org/cities.csv#country>", "<https://e.org/countries.csv#DE>")
    assert triple in set(csvw.convert(group, base="https://e.org/csv-metadata.json").triples)


def test_a_reference_to_a_row_that_is_not_there_is_refused(run: Run, folder: Path) -> None:
    group = folder / "csv-metadata.json"
    (folder / "countries.csv").write_text(COUNTRIES.replace("IT;Italien\n", ""), encoding="utf-8")
    run("describe", folder / "cities.csv", "-o", group)
    run("describe", folder / "countries.csv", "-o", group)
    before = group.read_bytes()
    result = run("describe", folder / "cities.csv", "--refers", "country=countries.code")
    assert (result.exit_code, group.read_bytes()) == (1, before)
    assert "cities.csv:4: country: 'IT' is not a code in" in result.stderr


def test_a_table_may_refer_to_itself(run: Run, folder: Path) -> None:
    (folder / "units.csv").write_text("id,part_of\na,\nb,a\nc,b\n")
    assert run("describe", folder / "units.csv", "--refers", "part_of=units.id").exit_code == 0
    assert columns_of(folder / "units.csv-metadata.json")["part_of"]["valueUrl"] == "#{part_of}"
    (folder / "units.csv").write_text("id,part_of\na,\nb,x\nc,b\n")
    assert run("describe", folder / "units.csv", "--refers", "part_of=units.id").exit_code == 1


def test_one_format_is_for_all_doubtful_dates_that_are_written_in_it(run: Run, folder: Path) -> None:
    path = folder / "t.csv"
    path.write_text("id,a,b\nx,01/02/2003,01-02-2003\ny,03/04/2003,03-04-2003\n")
    result = run("describe", path, "--date", "dd/MM/yyyy")
    assert result.exit_code == 0
    found = columns_of(Path(f"{path}-metadata.json"))
    assert (found["a"]["datatype"]["format"], found["b"].get("datatype")) == ("dd/MM/yyyy", None)
    assert "b: 2 different cells are not of the form dd/MM/yyyy" in result.stderr
    assert [d.column for d in describe(path).decisions] == ["b"]
    refused = run("describe", path, "--date", "dd/MM/yyyy")
    assert (refused.exit_code, "b: 2 different cells" in refused.stderr) == (1, True)
    Path(f"{path}-metadata.json").unlink()
    assert run("describe", path, "--date", "d.M.yyyy").exit_code == 1


def test_what_was_guessed_is_accepted_by_a_note(run: Run, folder: Path) -> None:
    path = folder / "t.csv"
    path.write_text("Title of it all\n\nid,n,unit_it\na,1,x\nb,n/a,y\nc,3,z\n")
    description = Path(f"{path}-metadata.json")
    first = run("describe", path)
    assert "--accept-layout" in first.stderr
    result = run("describe", path, "--accept-layout", "--accept", "n", "--accept", "unit_it")
    assert (result.exit_code, "open decisions" in result.stderr) == (0, False), result.stderr
    notes = json.loads(description.read_text())["notes"]
    assert [n["oa:motivatedBy"] for n in notes if "oa:motivatedBy" in n] == [{"@id": "oa:assessing"}] * 3
    assert csvw.check(path) == ()


def test_cells_that_no_longer_fit_are_errors_and_the_description_stays(run: Run, folder: Path) -> None:
    run("describe", folder / "cities.csv", *ALL)
    path = folder / "cities.csv-metadata.json"
    before = path.read_bytes()
    (folder / "cities.csv").write_text(CITIES.replace("03.04.1960", "3 April 1960"), encoding="utf-8")
    result = run("describe", folder / "cities.csv")
    assert (result.exit_code, path.read_bytes()) == (1, before)
    assert "cities.csv:3: founded: '3 April 1960' is not of the form dd.MM.yyyy" in result.stderr


def test_the_description_goes_to_stdout_or_another_file_as_asked(run: Run, folder: Path) -> None:
    beside = folder / "cities.csv-metadata.json"
    printed = run("describe", folder / "cities.csv", "-o", "-")
    assert json.loads(printed.stdout)["url"] == "cities.csv"
    assert not beside.exists()
    assert run("csvw", "--describe", folder / "cities.csv").stdout == printed.stdout
    assert run("describe", folder / "cities.csv", "--dry-run").exit_code == 0
    assert not beside.exists()
    assert run("describe", folder / "cities.csv", "-o", folder / "other.json").exit_code == 0
    assert (folder / "other.json").read_text() == printed.stdout
    assert not beside.exists()


@pytest.mark.parametrize(
    ("name", "content", "force"),
    [
        ("cities.csv", CITIES, False),
        ("notes.txt", "x", False),
        ("package.json", '{"name": "x"}', False),
        ("broken.json", "{", False),
    ],
)
def test_a_file_that_is_not_a_description_is_not_overwritten(
    run: Run, folder: Path, name: str, content: str, force: bool
) -> None:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    result = run("describe", folder / "cities.csv", "-o", path)
    assert (result.exit_code, path.read_text(encoding="utf-8")) == (2, content)
    forced = run("describe", folder / "cities.csv", "-o", path, "--force")
    written = name.endswith(".json")
    assert (forced.exit_code, path.read_text(encoding="utf-8") != content) == (0 if written else 2, written)


def test_a_table_that_is_added_to_a_description_brings_its_own_along(run: Run, folder: Path) -> None:
    group = folder / "csv-metadata.json"
    run("describe", folder / "cities.csv", *ALL)
    run("describe", folder / "countries.csv", "-o", group)
    result = run("describe", folder / "cities.csv", "-o", group)
    assert (result.exit_code, "which is found first" in result.stderr) == (0, True)
    own = json.loads((folder / "cities.csv-metadata.json").read_text())
    assert json.loads(group.read_text())["tables"][1] == {k: v for k, v in own.items() if k != "@context"}


def test_force_describes_a_table_anew_and_leaves_the_other_tables(run: Run, folder: Path) -> None:
    group = folder / "csv-metadata.json"
    run("describe", folder / "cities.csv", "-o", group, *ALL)
    run("describe", folder / "countries.csv", "-o", group)
    countries = json.loads(group.read_text())["tables"][1]
    assert run("describe", folder / "cities.csv", "-o", group, "--force").exit_code == 0
    tables = json.loads(group.read_text())["tables"]
    assert tables[1] == countries
    assert not any(c.get("virtual") for c in tables[0]["tableSchema"]["columns"])


def test_a_table_in_a_subfolder_is_named_from_the_description(run: Run, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "my table.csv").write_text("id,d\n1,01/02/2003\n2,03/04/2003\n")
    assert run("describe", folder / "sub" / "my table.csv", "-o", folder / "csv-metadata.json").exit_code == 0
    document = json.loads((folder / "csv-metadata.json").read_text())
    assert document["url"] == "sub/my%20table.csv"
    assert document["notes"][1]["oa:hasTarget"]["@id"] == "sub/my%20table.csv#col=2"
    again = run("describe", folder / "sub" / "my table.csv", "-o", folder / "csv-metadata.json", "--date", "d/M/yyyy")
    assert (again.exit_code, "updated" in again.stderr) == (0, True), again.stderr


def test_a_description_may_be_in_another_folder(run: Run, folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    path = folder / "elsewhere" / "cities.json"
    assert run("describe", folder / "cities.csv", "-o", path).exit_code == 0
    assert run("describe", folder / "cities.csv", "-o", path, *ALL).exit_code == 0
    assert run("csvw", "--check", folder / "cities.csv", "-m", path).exit_code == 0
    before = path.read_bytes()
    assert run("describe", folder / "cities.csv", "-o", path).exit_code == 0
    assert path.read_bytes() == before
    missing = run("describe", folder / "cities.csv", "-o", folder / "missing" / "x.json")
    assert (missing.exit_code, "its folder does not exist" in missing.stderr) == (2, True)


def test_sheets_are_described_by_their_names(run: Run, folder: Path) -> None:
    with xlsxwriter.Workbook(folder / "book.xlsx") as book:
        for name in ("One", "Two"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Report of 2024"])
            sheet.write_row(2, 0, ["id", name])
            sheet.write_row(3, 0, [1, "x"])
            sheet.write_row(4, 0, [2, "y"])
    group = folder / "csv-metadata.json"
    for name in ("One", "Two"):
        result = run("describe", f"{folder / 'book.xlsx'}#sheet={name}", "-o", group)
        assert result.exit_code == 0, result.stderr
    assert [t["url"] for t in json.loads(group.read_text())["tables"]] == ["book.xlsx#sheet=One", "book.xlsx#sheet=Two"]
    assert run("describe", f"{folder / 'book.xlsx'}#sheet=Two", "--text", "Two").exit_code == 0
    assert json.loads(group.read_text())["tables"][1]["tableSchema"]["columns"][1]["datatype"] == "string"
    ambiguous = run("describe", folder / "book.xlsx", "-o", group)
    assert (ambiguous.exit_code, "has 2 sheets that are described" in ambiguous.stderr) == (2, True)


def test_prefixes_of_the_project_work_in_decisions(run: Run, small: Path) -> None:
    table = small / "data" / "cities.csv"
    assert run("describe", table, "--property", "country=ex:country").exit_code == 0
    assert '"propertyUrl": "ex:country"' in (small / "data" / "csv-metadata.json").read_text()
    wrong = run("describe", table, "--property", "country=exx:country")
    assert (wrong.exit_code, "did you mean ex:?" in wrong.stderr) == (2, True)


def test_a_datatype_is_suggested_where_a_description_has_none(run: Run, folder: Path) -> None:
    path = folder / "t.csv"
    path.write_text("id;n;d;area;t\na;1;13.02.2024;1.234.567,5;x\nb;2;3.4.2024;2,5;y\n")
    columns = [{"name": n, "titles": n} for n in ("id", "n", "d", "area", "t")]
    document = {"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "dialect": {"delimiter": ";"}}
    (folder / "t.csv-metadata.json").write_text(json.dumps({**document, "tableSchema": {"columns": columns}}))
    result = run("describe", path)
    options = [
        line.partition(": ")[2].partition(" or ")[0] for line in result.stderr.splitlines() if " all its " in line
    ]
    assert options == ["--datatype n=integer", "--datatype d=date:d.M.yyyy", "--datatype area=decimal:.,"]
    assert "is up to date" in result.stderr
    decided = run("describe", path, *(part for option in options for part in option.split()), "--text", "id")
    assert (decided.exit_code, " all its " in decided.stderr) == (0, False), decided.stderr
    assert csvw.check(path) == ()


def test_a_description_of_other_tables_in_the_folder_is_named(run: Run, small: Path) -> None:
    table, group = small / "data" / "new.csv", small / "data" / "csv-metadata.json"
    table.write_text("id,name\na,b\n")
    before = group.read_text()
    result = run("describe", table, "--dry-run")
    assert (result.exit_code, f"add it to them with -o {group}" in result.stderr) == (0, True)
    assert run("describe", table, "-o", group).exit_code == 0
    after = group.read_text()
    assert after.startswith(before[: before.index('"tables"')])
    assert [t["url"] for t in json.loads(after)["tables"]] == ["cities.csv", "new.csv"]


@pytest.fixture
def made(run: Run, folder: Path) -> Path:
    """A project that `init` made."""
    options = ("--from", folder / "cities.csv", "--from", folder / "countries.csv", "--base", "https://e.org/", "--yes")
    assert run("init", folder / "city", *options).exit_code == 0
    return folder / "city"


@pytest.mark.slow
def test_what_init_made_follows_the_decisions_and_the_project_builds(run: Run, made: Path) -> None:
    result = run("describe", made / "data" / "cities.csv", *ALL[:8])
    assert result.exit_code == 0, result.stderr
    assert result.stderr.count(", which is made of it\n") == 3
    assert "sh:datatype xsd:date" in (made / "shapes" / "city.ttl").read_text()
    built = run("build", "-p", made, "-o", made / "build")
    assert built.exit_code == 0, built.stdout + built.stderr
    found = Triples.read(made / "build" / "city.ttl")
    assert len([o for _, _, o in found if o.endswith("XMLSchema#date>") and o.startswith('"19')]) == 3
    again = run("init", made, "--from", made / "data" / "cities.csv", "--yes")
    assert again.exit_code == 0, again.stderr


def test_what_was_edited_in_a_project_is_named_and_left_alone(run: Run, made: Path) -> None:
    ontology, shapes = made / "ontology" / "city.ttl", made / "shapes" / "city.ttl"
    with shapes.open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    before = shapes.read_bytes(), ontology.read_bytes()
    result = run("describe", made / "data" / "cities.csv", *ALL[:8])
    assert (result.exit_code, shapes.read_bytes()) == (0, before[0])
    assert "shapes/city.ttl: was edited, or is made of earlier cells" in result.stderr
    assert ontology.read_bytes() != before[1]


def test_shapes_of_earlier_cells_are_not_made_of_new_ones(run: Run, made: Path) -> None:
    table, shapes = made / "data" / "cities.csv", made / "shapes" / "city.ttl"
    table.write_text(table.read_text().replace('"2,50"', '"-2,50"'))
    before = shapes.read_bytes()
    result = run("describe", table, *ALL[:2])
    assert (result.exit_code, shapes.read_bytes()) == (0, before), result.stderr
    assert "is made of earlier cells" in result.stderr


def test_accepting_the_layout_does_not_accept_that_there_is_no_licence(run: Run, made: Path) -> None:
    result = run("describe", made / "data" / "cities.csv", "--accept-layout")
    assert (result.exit_code, "the layout has no open decision" in result.stderr) == (2, True)
    assert "the data has no licence" in run("describe", made / "data" / "cities.csv").stderr


def test_the_ontology_and_shapes_of_a_table_use_what_was_decided(run: Run, folder: Path) -> None:
    result = run("describe", folder / "cities.csv", *ALL, "--ontology", "--shapes")
    assert result.exit_code == 0, result.stderr
    found = Triples.parse(result.stdout, "turtle")
    assert found.match(predicate="sh:targetClass", object="<http://schema.org/City>")
    datatypes = {o for _, _, o in found.match(predicate="sh:datatype")}
    assert "<http://www.w3.org/2001/XMLSchema#date>" in datatypes
    assert len(found.match(predicate="sh:path", object="<http://schema.org/foundingDate>")) == 1
    area = "<https://example.org/cities/ontology#area>"
    assert found.match(area, "rdf:type", "owl:DatatypeProperty")
    assert "no property for id, name_de, area" in result.stderr
    assert not (folder / "cities.csv-metadata.json").exists()
    shapes = run("describe", folder / "cities.csv", *ALL, "--shapes").stdout
    assert "owl:Ontology" not in shapes
    assert run("describe", folder / "cities.csv", "--shapes", "-f", "json").exit_code == 2


def test_the_library_describes_without_writing(folder: Path) -> None:
    found = describe(folder / "cities.csv", Decisions(dates={"founded": "dd.MM.yyyy"}, nulls={"pop": ["k.A.!"]}))
    assert not (folder / "cities.csv-metadata.json").exists()
    pop = next(c for c in found.columns if c.name == "pop")
    assert (pop.cells, pop.empty, pop.distinct, pop.examples) == (3, 1, 2, ("12", "15"))
    assert found.decided[:2] == (("pop", "no value: 'k.A.!'"), ("pop", "integer (a guess)"))
    with pytest.raises(InputError, match="there is no column"):
        describe(folder / "cities.csv", Decisions(texts=["nope"]))
    with pytest.raises(TableError, match="is not a year"):
        describe(folder / "cities.csv", Decisions(datatypes={"founded": "gYear"}))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_tables_in_other_encodings_are_described_and_updated(run: Run, folder: Path, encoding: str) -> None:
    (folder / "cities.csv").write_bytes(CITIES.encode(encoding))
    assert run("describe", folder / "cities.csv").exit_code == 0
    assert run("describe", folder / "cities.csv", *ALL).exit_code == 0
    values = csvw.convert(folder / "cities.csv").triples
    assert any(o == '"Köln"@de' for _, _, o in values)


def test_an_encoding_that_cannot_be_guessed_is_given(run: Run, folder: Path) -> None:
    table = folder / "城市.csv"
    table.write_bytes("編號,名稱\nA1,臺北市\nA2,高雄市\n".encode("big5"))
    assert run("describe", table, "--encoding", "big5").exit_code == 0
    assert json.loads(Path(f"{table}-metadata.json").read_text())["dialect"]["encoding"] == "big5"
    assert any(o == '"臺北市"' for _, _, o in csvw.convert(table).triples)
    assert run("describe", table).exit_code == 0
    wrong = run("describe", folder / "cities.csv", "--encoding", "big6")
    assert (wrong.exit_code, "is not an encoding" in wrong.stderr) == (2, True)
    refused = run("describe", folder / "cities.csv", "--encoding", "us-ascii", "--dry-run")
    assert refused.exit_code == 0  # by the Encoding Standard this is windows-1252, which has a letter for each byte
    assert run("describe", folder / "cities.csv", "--encoding", "utf-16").exit_code == 2


def test_spaces_that_a_separator_leaves_are_reported(run: Run, folder: Path) -> None:
    result = run("describe", folder / "cities.csv", "--list", "networks=,")
    assert result.exit_code == 0
    assert "networks: 2 items begin or end with a space" in result.stderr
