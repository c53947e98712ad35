"""`glocal init` makes a project that builds and conforms at once, or says what to decide and writes nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, Run
from json_schemas import find_faults
from workbooks import DISTRICTS, PARKS, PARKS_HEAD, read_sheet, read_table, write_city

from glocal_rdf import Project, build
from glocal_rdf.namespaces import SKOS, XSD

BASE = "https://data.willowbay.example/"
ID = f"{BASE}id/"

pytestmark = [pytest.mark.rebuild, pytest.mark.slow]


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write_city(tmp_path / "city.xlsx")


@pytest.fixture
def project(run: Run, city: Path, tmp_path: Path) -> Path:
    result = run("init", tmp_path / "mycity", "--from", city, "--base", BASE, "--license", "cc0", "--yes")
    assert result.exit_code == 0, result.stderr
    return tmp_path / "mycity"


def test_it_builds_and_conforms_at_once(run: Run, project: Path, tmp_path: Path) -> None:
    result = run("build", "--project", project, "-o", tmp_path / "out", "--lang", "en")
    assert result.exit_code == 0
    assert "rows: 7 read, 7 converted" in result.stderr
    assert run("validate", "--project", project).exit_code == 0
    assert {path.name for path in (project / "queries").iterdir()} == {
        "about-thing.rq",
        "how-many.rq",
        "referring-to.rq",
        "without-name.rq",
    }


def test_the_graph_has_the_cells_row_by_row(project: Path, city: Path) -> None:
    graph = set(build(Project.open(project)).triples)
    rows = read_sheet(city, "xl/worksheets/sheet1.xml")
    head, body = rows[3], rows[4:8]
    assert head == list(PARKS_HEAD)
    own = f"{BASE}ontology#"
    for number, name, district, opened, area, lat, lon, facilities, lit, website in (
        r + [""] * (10 - len(r)) for r in body
    ):
        park = f"<{ID}park/{number}>"
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(opened))
        assert (park, f"<{SKOS}prefLabel>", f'"{name}"') in graph
        assert (park, f"<{own}opened>", f'"{day.isoformat()}"^^<{XSD}date>') in graph
        assert (park, f"<{own}district>", f"<{ID}district/{district.lower().replace(' ', '-')}>") in graph
        assert (park, f"<{own}lit>", f'"{"true" if lit == "yes" else "false"}"^^<{XSD}boolean>') in graph
        values = {float(o.partition('"^^')[0][1:]) for s, p, o in graph if s == park and p == f"<{own}areaHa>"}
        assert values == {float(area)}
        places = {float(o.partition('"^^')[0][1:]) for s, p, o in graph if s == park and "wgs84_pos#" in p}
        assert places == {float(lat), float(lon)}
        assert ((park, "<http://schema.org/url>", f'"{website}"^^<{XSD}anyURI>') in graph) == bool(website)
        assert ((park, f"<{own}facilities>", f'"{facilities}"') in graph) == bool(facilities)
    for name, residents in DISTRICTS:
        thing = f"<{ID}district/{name.lower().replace(' ', '-')}>"
        assert (thing, "<http://dbpedia.org/ontology/populationTotal>", f'"{residents}"^^<{XSD}integer>') in graph


def test_title_rows_and_footnotes_become_notes(project: Path) -> None:
    document = json.loads((project / "data" / "csv-metadata.json").read_text(encoding="utf-8"))
    notes = [n["rdfs:comment"]["@value"] for n in document["tables"][0]["notes"] if "rdfs:comment" in n]
    assert notes == [
        "Parks of Willow Bay, 2025",
        "Source: parks department",
        "* Areas are measured from the cadastral map.",
    ]
    assert len(read_table(project / "data" / "parks.csv")) == len(PARKS)
    assert [row["Location Lat"] for row in read_table(project / "data" / "parks.csv")] == [
        "25.01",
        "25.02",
        "25.03",
        "25.05",
    ]


def test_what_is_open_is_listed_until_it_is_decided(run: Run, project: Path, tmp_path: Path) -> None:
    metadata = project / "data" / "csv-metadata.json"
    command = ("build", "--project", project, "-o", tmp_path / "out")
    assert "facilities: to decide: looks like lists separated by ';'" in run(*command).stderr
    document = json.loads(metadata.read_text(encoding="utf-8"))
    [column] = [c for c in document["tables"][0]["tableSchema"]["columns"] if c["name"] == "facilities"]
    column["separator"] = ";"
    metadata.write_text(json.dumps(document), encoding="utf-8")
    result = run(*command)
    assert result.exit_code == 0
    assert "to decide" not in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1936-10-10", "10 October 1936", "'10 October 1936' is not a date"),
        (",old-harbour,1978", ",new-harbour,1978", "'new-harbour' is not an id in districts.csv"),
        ("yes,https", "maybe,https", "'maybe' is not"),
        ("007,", "7,", "pattern"),
        (",25.01,", ",250.1,", "90"),
        (",7.05,", ",-7.05,", "0"),
        ("Fort Hill,", ",", "Name"),
    ],
)
def test_a_later_slip_is_found(run: Run, project: Path, old: str, new: str, message: str) -> None:
    table = project / "data" / "parks.csv"
    text = table.read_text(encoding="utf-8")
    assert text.count(old) == 1
    table.write_text(text.replace(old, new), encoding="utf-8")
    result = run("validate", "--project", project)
    assert result.exit_code in {1, 2}
    assert message in result.output


def test_an_area_in_another_unit_is_a_warning(run: Run, project: Path) -> None:
    table = project / "data" / "parks.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",7.05,", ",70500,"), encoding="utf-8")
    result = run("validate", "--project", project)
    assert result.exit_code == 1
    assert "warning: Area (ha)" in result.stdout
    assert "parks.csv:2 (area_ha)" in result.stdout


def test_doubts_without_a_terminal_write_nothing(run: Run, city: Path, tmp_path: Path) -> None:
    result = run("init", tmp_path / "x", "--from", city, "--base", BASE)
    assert result.exit_code == 2
    assert "looks like lists separated by ';'" in result.stderr
    assert "leave it open with --yes" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["city.xlsx"]


def test_a_folder_that_is_something_else_is_left_alone(run: Run, city: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("Dear", encoding="utf-8")
    result = run("init", other, "--from", city, "--base", BASE, "--yes")
    assert result.exit_code == 2
    assert "neither empty nor a project" in result.stderr
    assert [path.name for path in other.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("content", ["", "name\n", "\0\1\2"])
def test_what_is_not_a_table_writes_nothing(run: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "t.csv").write_text(content, encoding="utf-8")
    result = run("init", tmp_path / "x", "--from", tmp_path / "t.csv", "--base", BASE, "--yes")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.parametrize(
    "base", ["mycity", "file:///tmp/", "https://", "https://x.example/a b/", "https://x.example/?q="]
)
def test_a_base_that_others_cannot_use_is_refused(run: Run, city: Path, tmp_path: Path, base: str) -> None:
    result = run("init", tmp_path / "x", "--from", city, "--base", base, "--yes")
    assert result.exit_code == 2
    assert "--base" in result.stderr
    assert not (tmp_path / "x").exists()


def test_a_base_beyond_ascii_is_written_as_a_uri_in_every_file(run: Run, city: Path, tmp_path: Path) -> None:
    result = run("init", tmp_path / "p", "--from", city, "--base", "https://例え.jp/公園", "--license", "cc0", "--yes")
    assert result.exit_code == 0, result.stderr
    project = Project.open(tmp_path / "p")
    start = "https://xn--r8jz45g.jp/%E5%85%AC%E5%9C%92/"
    assert project.space == f"{start}id/"
    assert run("validate", "--project", project.root).exit_code == 0
    used = {term for triple in build(project).stated for term in triple if term.startswith(f"<{start}ontology#")}
    assert used
    assert used <= set(project.ontology.frame["subject"])


def test_a_template_for_documents_builds_at_once(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    arguments = ("init", folder, "--template", "documents", "--base", BASE, "--lang", "en,zh-Hant", "--license", "cc0")
    result = run(*arguments, "--title", "An archive", "--json")
    assert result.exit_code == 0, result.stderr
    record = json.loads(result.stdout)
    assert find_faults("init", record) == []
    assert record["decisions"] == []
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert sorted(record["written"]) == sorted(files)
    project = Project.open(folder)
    assert project.space == ID
    assert project.name == "archive"
    assert project.description["dc:title"] == {"@value": "An archive", "@language": "en"}
    assert run("build", "--project", folder, "-o", tmp_path / "out").exit_code == 0
    assert run("validate", "--project", folder).exit_code == 0
    assert "short-history" in run("coverage", "--project", folder).stdout


def test_a_template_without_a_base_asks_for_it(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    result = run("init", folder, "--template", "documents")
    assert result.exit_code == 2
    assert "not written: 1 decision is open; answer on a terminal, or leave it open with --yes" in result.stderr
    assert not folder.exists()
    assert run("init", folder, "--template", "documents", "--yes").exit_code == 0
    built = run("build", "--project", folder, "-o", tmp_path / "out")
    assert built.exit_code == 0
    assert "to decide: the base IRI is a placeholder" in built.stderr
    assert "to decide: the data has no licence" in built.stderr
    again = run("init", folder, "--template", "documents", "--yes")
    assert again.exit_code == 2
    assert "is a project already; name another folder" in again.stderr


def test_a_template_takes_no_tables(run: Run, city: Path, tmp_path: Path) -> None:
    result = run("init", tmp_path / "p", "--template", "documents", "--from", city)
    assert result.exit_code == 2
    assert "--from has no effect with --template documents" in result.stderr
    assert not (tmp_path / "p").exists()


def test_json_follows_its_schema(run: Run, city: Path, tmp_path: Path) -> None:
    result = run("init", tmp_path / "x", "--from", city, "--base", BASE, "--yes", "--json")
    assert find_faults("init", made := json.loads(result.stdout)) == []
    assert [(t["table"], t["read"], t["written"]) for t in made["tables"]] == [("parks", 4, 4), ("districts", 3, 3)]
    assert {"table": "parks", "column": "District", "target": "districts", "byKey": False} in [
        one | {"column": "District"} for one in made["references"]
    ]


def test_a_second_run_without_changes_changes_no_byte(run: Run, project: Path, city: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    result = run("init", project, "--from", city, "--yes")
    assert result.exit_code == 0
    assert "nothing has changed" in result.stderr
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def newer_city(path: Path) -> Path:
    """A newer workbook: a park gone and one new; a district changed and one new; a column new and one renamed."""
    head = [("Lit at night" if h == "Lit" else h) for h in PARKS_HEAD] + ["Trees"]
    rows = [(*row, trees) for row, trees in zip(PARKS[:3], (12, 44, 17), strict=True)]
    rows.append(("022", "Hill Park", "Hill Side", dt.date(2022, 12, 1), 5.3, 25.05, 121.54, "playground", "yes", "", 7))
    return write_city(
        path, rows, [("North Gate", 41820), ("Old Harbour", 27999), ("Riverside", 36507), ("Hill Side", 120)], head
    )


def test_a_second_run_brings_tables_up_to_date(run: Run, project: Path, city: Path) -> None:
    result = run("init", project, "--from", newer_city(city), "--yes", "--lang", "en")
    assert result.exit_code == 0, result.stderr
    for line in (
        "data/parks.csv: column 'Trees' is new",
        "data/parks.csv: column 'Lit' is called 'Lit at night' now",
        "data/parks.csv: 1 row is new (022)",
        "data/parks.csv: 1 row is gone (021)",
        "data/districts.csv: 1 row is new (hill-side)",
        "data/districts.csv: 1 row is changed (old-harbour)",
        "data/districts.csv: old-harbour: Residents is '27999' now, was '27315'",
    ):
        assert line in result.stderr
    assert run("validate", "--project", project).exit_code == 0
    graph = set(build(Project.open(project)).triples)
    assert (f"<{ID}park/022>", f"<{BASE}ontology#trees>", f'"7"^^<{XSD}integer>') in graph
    assert "mycity:trees" in (project / "ontology" / "mycity.ttl").read_text(encoding="utf-8")
    assert "shapes:Park-trees" in (project / "shapes" / "mycity.ttl").read_text(encoding="utf-8")


def test_what_was_edited_is_left_alone(run: Run, project: Path, city: Path) -> None:
    edited = {}
    for name, old, new in (
        ("ontology/mycity.ttl", '"park"@en', '"public park"@en'),
        ("shapes/mycity.ttl", "sh:maxInclusive 500", "sh:maxInclusive 300"),
        ("queries/how-many.rq", "ORDER BY", "# most first\nORDER BY"),
        ("README.md", "# Mycity", "# Our parks"),
        ("data/csv-metadata.json", '"titles": "Opened",', '"titles": "Opened", "dc:description": "By the mayor.",'),
    ):
        path = project / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        edited[name] = (old, new)
    result = run("init", project, "--from", newer_city(city), "--yes")
    assert result.exit_code == 0, result.stderr
    for name, (_, new) in edited.items():
        assert new in (project / name).read_text(encoding="utf-8"), name
    ontology = (project / "ontology" / "mycity.ttl").read_text(encoding="utf-8")
    assert ontology.count("mycity:trees a ") == 1
    assert run("validate", "--project", project).exit_code == 0


def test_a_decision_and_rows_of_ones_own(run: Run, project: Path) -> None:
    assert run("describe", project / "data" / "parks.csv", "--list", "Facilities=;").exit_code == 0
    with (project / "data" / "districts.csv").open("a", encoding="utf-8") as file:
        file.write(",New Hill,12\n")
    with (project / "data" / "parks.csv").open("a", encoding="utf-8") as file:
        file.write("033,Hilly,New Hill,,2020-01-01,3,25.0,121.5,toilets,yes,\n")
    result = run("init", project)
    assert result.exit_code == 0
    assert "data/districts.csv: 1 row is new (new-hill)" in result.stderr
    assert read_table(project / "data" / "parks.csv")[-1]["district_id"] == "new-hill"
    graph = set(build(Project.open(project)).triples)
    facilities = {o for s, p, o in graph if p == f"<{BASE}ontology#facilities>"}
    assert facilities == {'"playground"', '"toilets"', '"viewpoint"'}
    assert run("validate", "--project", project).exit_code == 0
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert "nothing has changed" in run("init", project).stderr
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_a_slip_in_a_newer_workbook_writes_nothing(run: Run, project: Path, city: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    rows = [list(row) for row in PARKS]
    rows[1][5] = 250.2
    result = run("init", project, "--from", write_city(city, rows), "--yes")
    assert result.exit_code == 1
    assert "not updated" in result.stderr
    assert "250.2" in result.stderr
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_a_project_made_by_hand_is_brought_up_to_date(run: Run, tmp_path: Path) -> None:
    project = tmp_path / "parks"
    shutil.copytree(ROOT / "examples" / "city-spreadsheet", project)
    text = (project / "data" / "parks.csv").read_text(encoding="utf-8")
    newer = (
        text.replace("Camphor Park", "Camphor Grove") + "new-park,New Park,新公園,riverside,1.5,2025,toilets,true,\n"
    )
    (tmp_path / "parks.csv").write_text(newer, encoding="utf-8")
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    result = run("init", project, "--from", tmp_path / "parks.csv")
    assert result.exit_code == 0, result.stderr
    assert "data/parks.csv: 1 row is new (new-park)" in result.stderr
    assert "camphor-park: name_en is 'Camphor Grove' now, was 'Camphor Park'" in result.stderr
    changed = {path.name for path, data in before.items() if path.read_bytes() != data}
    assert changed == {"parks.csv"}
    assert (project / "data" / "parks.csv").read_text(encoding="utf-8") == newer
    assert "nothing has changed" in run("init", project).stderr


def test_identifiers_never_change_and_are_never_used_again(run: Run, project: Path, city: Path) -> None:
    def slugs() -> dict[str, str]:
        return {row["District"]: row["id"] for row in read_table(project / "data" / "districts.csv")}

    renamed = [("Northern Gate", 41820), ("Old Harbour", 27315), ("Riverside", 36507)]
    parks = [tuple("Northern Gate" if v == "North Gate" else v for v in row) for row in PARKS]
    assert run("init", project, "--from", write_city(city, parks, renamed), "--yes").exit_code == 0
    assert slugs()["Northern Gate"] == "north-gate"
    fewer = renamed[:2]
    parks = [tuple("Old Harbour" if v == "Riverside" else v for v in row) for row in parks]
    assert run("init", project, "--from", write_city(city, parks, fewer), "--yes").exit_code == 0
    assert "riverside" not in slugs().values()
    again = [*fewer, ("Riverside", 5)]
    assert run("init", project, "--from", write_city(city, parks, again), "--yes").exit_code == 0
    assert slugs()["Riverside"] == "riverside-2"


def read_terminal(fd: int, process: subprocess.Popen[bytes], wanted: str, seconds: float = 60) -> str:
    """Read what a program writes to its terminal until it has written a text."""
    shown = b""
    end = time.monotonic() + seconds
    while wanted.encode() not in shown and time.monotonic() < end:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                shown += os.read(fd, 65536)
            except OSError:
                break
        elif process.poll() is not None:
            break
    text = shown.decode("utf-8", "replace")
    assert wanted in text, text
    return text


def test_on_a_terminal_doubts_are_asked_with_examples(city: Path, tmp_path: Path) -> None:
    here, there = pty.openpty()
    command = [sys.executable, "-m", "glocal_rdf", "init", str(tmp_path / "asked"), "--from", str(city)]
    process = subprocess.Popen(command, stdin=there, stdout=there, stderr=there, close_fds=True)
    try:
        shown = read_terminal(here, process, "]: ")
        assert "https://example.org/asked/" in shown
        os.write(here, f"{BASE}\n".encode())
        shown = read_terminal(here, process, "Which?")
        assert "Facilities" in shown
        assert "toilets;viewpoint" in shown
        os.write(here, b"1\n")
        read_terminal(here, process, "run glocal build")
        assert process.wait(60) == 0
    finally:
        process.kill()
        os.close(here)
        os.close(there)
    graph = set(build(Project.open(tmp_path / "asked")).triples)
    assert (f"<{ID}park/012>", f"<{BASE}ontology#facilities>", '"viewpoint"') in graph


def test_a_slip_of_a_newer_table_is_told_with_the_row_of_its_key(run: Run, project: Path, tmp_path: Path) -> None:
    rows = [(*PARKS[0][:2], "Nowhere", *PARKS[0][3:]), (*PARKS[1][:3], "10 October 1936", *PARKS[1][4:]), *PARKS[2:]]
    result = run("init", project, "--from", write_city(tmp_path / "newer.xlsx", rows), "--yes")
    assert result.exit_code == 1
    assert "is not a date (xsd:date) (in newer.xlsx, Parks, in the row of 012)" in result.stderr.replace(
        "city", "newer"
    )


def test_what_a_person_has_to_check_stays_in_the_readme(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Name;Area\nOne;2,5\nTwo;–\nThree|3;4,25\n", encoding="utf-8")
    assert run("init", tmp_path / "p", "--from", tmp_path / "t.csv", "--base", BASE, "--yes").exit_code == 0
    readme = (tmp_path / "p" / "README.md").read_bytes()
    assert "counts as no value" in readme.decode()
    assert run("init", tmp_path / "p", "--yes").exit_code == 0
    assert (tmp_path / "p" / "README.md").read_bytes() == readme


def test_a_code_of_few_values_that_begin_with_zero_keeps_its_width(run: Run, tmp_path: Path) -> None:
    table = "Name,PLZ\nA,09599\nB,09599\nC,09600\nD,09601\n"
    (tmp_path / "t.csv").write_text(table, encoding="utf-8")
    assert run("init", tmp_path / "p", "--from", tmp_path / "t.csv", "--base", BASE, "--yes").exit_code == 0
    (tmp_path / "t.csv").write_text(table.replace("09600", "9600"), encoding="utf-8")
    result = run("init", tmp_path / "p", "--from", tmp_path / "t.csv", "--yes")
    assert result.exit_code == 1
    assert "“9600” does not match the pattern ^[0-9]{5}$" in result.output


def test_names_in_a_script_of_their_own_are_found_and_questions_repeat_no_open_decision(
    run: Run, tmp_path: Path
) -> None:
    table = tmp_path / "networks.csv"
    table.write_text(
        "code,name,名稱,topics\nn1,Harbours,港灣城市聯盟,a; b\nn2,Rivers,河川城市聯盟,b; c\n", encoding="utf-8"
    )
    made = tmp_path / "made"
    assert run("init", made, "--from", table, "--base", "https://d.example/", "--lang", "en", "-y").exit_code == 0
    assert '"lang": "zh-Hant", "propertyUrl": "skos:prefLabel"' in (made / "data/csv-metadata.json").read_text("utf-8")
    built = run("build", "--project", made, "-o", tmp_path / "out")
    assert built.stderr.count("to decide: looks like lists") == 1
    found = run("find", "港灣", "--project", made)
    assert "港灣城市聯盟" in found.stdout
    asked = (found, run("explain", "n1", "--project", made), run("query", "things-by-class", "--project", made))
    assert [(one.exit_code, "to decide" in one.stderr) for one in asked] == [(0, False)] * 3
