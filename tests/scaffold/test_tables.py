"""Tables of many kinds become projects whose cells are those of the source, and whose doubts are listed."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from workbooks import read_table

from glocal_rdf import InputError, Project, ProjectError, build, init_project, validate
from glocal_rdf.namespaces import SKOS, XSD
from glocal_rdf.operations.init_questions import Choice, Question
from glocal_rdf.scaffold.terms import well_known_terms

BASE = "https://data.example.org/x/"
Make = Callable[..., Path]

pytestmark = pytest.mark.rebuild


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make a project of the texts of files, by name; the bytes of a file are in UTF-8 unless they are given."""

    def makes(files: dict[str, str | bytes], **options: Any) -> Path:
        folder = tmp_path / "tables"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        target = tmp_path / "project"
        init_project(target, [folder], base=BASE, leave_open="answer" not in options, **options)
        built = build(Project.open(target))
        assert validate(built).conforms
        # What is not decided is a warning; nothing else that was made is.
        assert [one for one in built.problems if "to decide" not in str(one)] == []
        return target

    return makes


def document(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / "data" / "csv-metadata.json").read_text(encoding="utf-8"))
    return found


def columns(project: Path, table: int = 0) -> dict[str, dict[str, Any]]:
    listed = document(project)["tables"][table]["tableSchema"]["columns"]
    return {c["name"]: c for c in listed}


def triples(project: Path) -> set[tuple[str, str, str]]:
    return set(build(Project.open(project)).triples)


CELLS = (
    "Name;Gegründet;Beitrag;PLZ;Bemerkung\r\n"
    'Grüne Höfe;01.05.1978;12,50;01067;"mit ""Hof"""\r\n'
    'Radclub;17.09.2003;3,75;50667;"zwei\nZeilen"\r\n'
    '"Älter; werden";03.02.1999;;90762;\r\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_no_cell_is_altered(make: Make, encoding: str) -> None:
    project = make({"vereine.csv": CELLS.encode(encoding)})
    before = [row for row in csv.reader(CELLS.splitlines(keepends=True), delimiter=";") if row]
    after = read_table(project / "data" / "vereine.csv")
    assert [[cell.replace("\r\n", "\n") for cell in list(row.values())[1:]] for row in after] == before[1:]
    assert list(after[0]) == ["id", *before[0]]
    graph = triples(project)
    thing = f"<{BASE}id/vereine/gruene-hoefe>"
    assert (thing, f"<{SKOS}prefLabel>", '"Grüne Höfe"') in graph
    assert (thing, "<http://schema.org/foundingDate>", f'"1978-05-01"^^<{XSD}date>') in graph
    assert (thing, f"<{BASE}ontology#beitrag>", f'"12.50"^^<{XSD}decimal>') in graph
    assert (thing, "<http://schema.org/postalCode>", '"01067"') in graph
    assert (thing, "<" + SKOS + "note>", r'"mit \"Hof\""') in graph


def test_names_that_cannot_be_written_in_ascii_get_numbers(make: Make) -> None:
    project = make({"parks.csv": "名稱,面積\n蓮池公園,7\n砲臺山公園,48\nLotus 2,1\n"})
    assert [row["id"] for row in read_table(project / "data" / "parks.csv")] == ["1", "2", "lotus-2"]
    assert columns(project)["column2"]["rdfs:label"] == {"@value": "面積", "@language": "zh"}


def test_greek_and_cyrillic_names_are_transliterated(make: Make) -> None:
    project = make({"t.csv": "name,n\nАлматы,1\nΑθήνα,2\nŁódź,3\n"})
    assert [row["id"] for row in read_table(project / "data" / "t.csv")] == ["almaty", "athina", "lodz"]


def test_names_by_language(make: Make) -> None:
    text = "name,name_zh,description\nLotus Pond,蓮池公園,A pond\nFort Hill,砲臺山公園,A hill\n"
    project = make({"parks.csv": text}, languages=["en", "zh-Hant"])
    graph = triples(project)
    thing = f"<{BASE}id/park/lotus-pond>"
    assert (thing, f"<{SKOS}prefLabel>", '"Lotus Pond"@en') in graph
    assert (thing, f"<{SKOS}prefLabel>", '"蓮池公園"@zh-Hant') in graph
    shapes = (project / "shapes" / "project.ttl").read_text(encoding="utf-8")
    assert 'sh:languageIn ( "en" "zh-Hant" )' in shapes
    assert "sh:minCount 2" not in shapes  # two rows are too few to require anything


def test_a_reference_by_key_is_the_iri_of_the_other_thing(make: Make) -> None:
    project = make(
        {
            "cities.csv": "City,Country code\nTaipei,TW\nParis,FR\nLyon,FR\n",
            "countries.csv": "Code,Country\nTW,Taiwan\nFR,France\nJP,Japan\n",
        }
    )
    assert (f"<{BASE}id/city/lyon>", f"<{BASE}ontology#country>", f"<{BASE}id/country/FR>") in triples(project)


def test_an_item_of_wikidata_is_an_iri_in_whatever_the_column_is_called(make: Make) -> None:
    project = make({"cities.csv": "wikidata_id,name,QID\nQ1867,Taipei,Q1867\nQ90,Paris,Q90\n"})
    found = {o for _, p, o in triples(project) if p == "<http://www.w3.org/2004/02/skos/core#exactMatch>"}
    assert found == {"<http://www.wikidata.org/entity/Q1867>", "<http://www.wikidata.org/entity/Q90>"}


def test_every_template_of_the_terms_is_an_absolute_iri_of_the_web() -> None:
    templates = [term.value_url for term in well_known_terms() if term.value_url]
    assert templates
    assert [one for one in templates if not one.startswith(("http://", "https://")) or "{name}" not in one] == []


def test_items_of_lists_that_are_names_are_references(make: Make) -> None:
    project = make(
        {
            "networks.csv": "Network,Themes\nA,Water; Energy\nB,Energy\nC,Health; Water\n",
            "themes.csv": "Theme,Note\nWater,x\nEnergy,y\nHealth,z\nFood,\n",
        }
    )
    graph = triples(project)
    assert (f"<{BASE}id/network/c>", f"<{BASE}ontology#themes>", f"<{BASE}id/theme/water>") in graph
    assert [row["Themes"] for row in read_table(project / "data" / "networks.csv")] == [
        "Water; Energy",
        "Energy",
        "Health; Water",
    ]
    assert [row["themes_id"] for row in read_table(project / "data" / "networks.csv")] == [
        "water; energy",
        "energy",
        "health; water",
    ]


def test_a_parent_is_what_a_thing_is_part_of(make: Make) -> None:
    project = make({"offices.csv": "Name,Part of\nCity,\nParks,City\nTrees,Parks\n"})
    part = "<http://purl.org/dc/terms/isPartOf>"
    assert (f"<{BASE}id/office/trees>", part, f"<{BASE}id/office/parks>") in triples(project)


def test_a_column_most_of_whose_values_are_known_is_a_doubt(make: Make) -> None:
    made = make(
        {
            "parks.csv": "Park,District\nA,North\nB,South\nC,East\nD,West\nE,Nroth\nF,North\n",
            "districts.csv": "District,Residents\nNorth,1\nSouth,2\nEast,3\nWest,4\n",
        }
    )
    notes = document(made)["tables"][1]["notes"]
    assert [n["skos:example"] for n in notes if n.get("dc11:type") == "reference"] == [["Nroth"]]
    assert (f"<{BASE}id/park/e>", f"<{BASE}ontology#district>", '"Nroth"') in triples(made)


def test_numbers_that_happen_to_be_keys_are_no_references(make: Make) -> None:
    project = make({"a.csv": "id,name\n1,x\n2,y\n3,z\n", "b.csv": "id,rooms\n7,1\n8,2\n9,3\n"})
    assert all("foreignKeys" not in t["tableSchema"] for t in document(project)["tables"])


def test_a_database_keeps_its_keys_and_references(tmp_path: Path) -> None:
    path = tmp_path / "geo.db"
    with sqlite3.connect(path) as base:
        base.executescript(
            "create table country(code text primary key, name text);"
            "create table city(nr integer primary key, name text, land text references country(code), share real);"
            "insert into country values('TW', 'Taiwan'), ('FR', 'France');"
            "insert into city values(1, 'Taipei', 'TW', 0.1), (2, 'Paris', 'FR', null);"
        )
    base.close()
    init_project(tmp_path / "p", [path], base=BASE, leave_open=True)
    graph = triples(tmp_path / "p")
    assert (f"<{BASE}id/city/1>", f"<{BASE}ontology#land>", f"<{BASE}id/country/TW>") in graph
    assert (f"<{BASE}id/city/1>", f"<{BASE}ontology#share>", f'"0.1"^^<{XSD}decimal>') in graph


def test_parquet_keeps_its_types(make: Make, tmp_path: Path) -> None:
    frame = pl.DataFrame({"name": ["a", "b"], "size": [1.5, None], "open": [True, False], "code": ["01", "02"]})
    frame.write_parquet(tmp_path / "t.parquet")
    init_project(tmp_path / "p", [tmp_path / "t.parquet"], base=BASE, leave_open=True)
    found = columns(tmp_path / "p")
    assert (found["size"]["datatype"], found["open"]["datatype"]) == ("double", "boolean")
    assert "datatype" not in found["code"]


def test_answers_decide_doubts(make: Make) -> None:
    asked: list[Question] = []

    def answer(question: Question) -> Choice | str | None:
        asked.append(question)
        return question.choices[0]

    rows = ("A,03/04/2020,1.200,a;b,n/a", "B,05/06/2021,9.850,b;a,2020-01-01", "Total,,,,")
    text = "name,opened,visitors,equipment,closed\n" + "".join(f"{row}\n" for row in rows)
    project = make({"parks.csv": text}, answer=answer)
    found = columns(project)
    assert found["opened"]["datatype"] == {"base": "date", "format": "d/M/yyyy"}
    assert found["visitors"]["datatype"] == "decimal"
    assert found["equipment"]["separator"] == ";"
    assert found["closed"]["null"] == ["", "n/a"]
    assert {q.kind for q in asked} >= {"date", "number", "list", "total"}
    assert [c.label for c in next(q for q in asked if q.kind == "date").choices[:2]] == [
        "dates of the form d/M/yyyy (03/04/2020)",
        "dates of the form M/d/yyyy (03/04/2020)",
    ]
    assert len(read_table(project / "data" / "parks.csv")) == 2
    assert {"rdfs:comment": {"@value": "name: Total", "@language": "en"}} in document(project)["tables"][0]["notes"]


def test_dates_in_three_forms_stay_text_and_are_a_doubt(make: Make) -> None:
    project = make({"t.csv": "name,checked\nA,01.02.2023\nB,2023-05-17\nC,13.4.23\n"})
    assert "datatype" not in columns(project)["checked"]
    assert any(n.get("dc11:type") == "date" for n in document(project)["tables"][0]["notes"])


def test_a_key_that_does_not_identify_the_rows_is_refused(make: Make) -> None:
    with pytest.raises(InputError, match="'x' occurs more than once"):
        make({"t.csv": "code,name\nx,A\nx,B\n,C\n"}, keys=["code"])
    with pytest.raises(InputError, match="did you mean 'code'"):
        make({"t.csv": "code,name\nx,A\ny,B\n"}, keys=["cod"])


def test_the_key_is_what_the_user_says(make: Make) -> None:
    project = make({"t.csv": "name,short\nAlpha,a\nBeta,b\n"}, keys=["t.short"])
    assert document(project)["tables"][0]["tableSchema"]["aboutUrl"] == f"{BASE}id/t/{{short}}"


def test_doubts_may_not_stay_open_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("name,opened\nA,03/04/2020\nB,05/06/2021\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="day first or month first"):
        init_project(tmp_path / "p", [tmp_path / "t.csv"], base=BASE)
    assert not (tmp_path / "p").exists()


def test_names_that_no_file_or_term_can_have_are_written_otherwise(make: Make) -> None:
    text = '"class","rdf:type","id","","a\nb","{x}","id","=1+1"\nx,y,1,q,"1\n2",{y},2,=SUM(A1)\nz,y,2,r,c,}{,3,@x\n'
    project = make({"p a:r%k#s.csv".replace(":", ";"): text})
    assert [p.name for p in (project / "data").glob("*.csv")] == ["p-a-r-k-s.csv"]
    assert [row["=1+1"] for row in read_table(project / "data" / "p-a-r-k-s.csv")] == ["=SUM(A1)", "@x"]


def test_only_sheets_with_a_table_are_taken_and_the_others_are_named(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    with xlsxwriter.Workbook(path) as book:
        cover = book.add_worksheet("Read me")
        cover.write(0, 0, "This workbook holds the parks register.")
        parks = book.add_worksheet("Parks 2024")
        parks.write(0, 1, "Register of parks")
        parks.write_row(2, 1, ["Park", "Manager", "Manager e-mail"])
        parks.write_row(3, 1, ["Lotus", "Ann Lee", "ann@city.example"])
        parks.write_row(4, 1, ["Fort", "Bo Wu", "bo@city.example"])
        hidden = book.add_worksheet("Old")
        hidden.write_row(0, 0, ["a", "b"])
        hidden.write_row(1, 0, [1, 2])
        hidden.hide()
    made = init_project(tmp_path / "p", [path], base=BASE, leave_open=True)
    assert [(a.table, a.read, a.written, a.notes) for a in made.accounts] == [("parks", 2, 2, 1)]
    assert {p.what for p in made.problems} == {
        "the sheet 'Read me' is not a table, and is left out",
        "the sheet 'Old' is hidden, and is left out",
    }
    assert [row["Park"] for row in read_table(tmp_path / "p" / "data" / "parks.csv")] == ["Lotus", "Fort"]
    assert [t[1:3] for t in made.terms] == [("Park", "skos:prefLabel")]


def test_a_register_in_chinese(tmp_path: Path) -> None:
    path = tmp_path / "組織名冊.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("工作表1")
        sheet.merge_range(0, 0, 0, 6, "城市聯盟組織名冊（2024年）")
        sheet.write_row(1, 0, ["編號", "組織名稱", "英文名稱", "成立年份", "國家", "主題", "會員數"])
        for i in range(50):
            themes = ["氣候、水", "能源", "氣候、能源", "健康"][i % 4]
            english = f"City Organization {i}" if i % 5 else ""
            sheet.write_row(
                2 + i, 0, [f"{i + 1:03d}", f"城市組織{'甲乙丙丁戊'[i % 5]}{i}", english, 1950 + i, "TW", themes, i * 13]
            )
        sheet.write(53, 0, "資料來源：各組織網站")
    made = init_project(tmp_path / "p", [path], base=BASE, languages=["zh-Hant", "en"], license="cc0", leave_open=True)
    assert [(q.kind, q.column) for q in made.questions] == [("list", "主題")]
    graph = triples(tmp_path / "p")
    thing = f"<{BASE}id/organization/008>"
    assert (thing, f"<{SKOS}prefLabel>", '"城市組織丙7"@zh-Hant') in graph
    assert (thing, f"<{SKOS}prefLabel>", '"City Organization 7"@en') in graph
    assert (thing, "<http://schema.org/foundingDate>", f'"1957"^^<{XSD}gYear>') in graph
    assert validate(build(Project.open(tmp_path / "p"))).conforms


def test_big5_is_read(tmp_path: Path) -> None:
    text = "機關名稱,聯絡電話,備註\n臺北市政府,02-27208889,首都\n高雄市政府,07-3368333,港都\n臺中市政府,04-22289111,\n"
    (tmp_path / "offices.csv").write_bytes(text.encode("big5"))
    init_project(tmp_path / "p", [tmp_path / "offices.csv"], base=BASE, leave_open=True)
    rows = read_table(tmp_path / "p" / "data" / "offices.csv")
    assert [list(row.values())[1:] for row in rows] == [line.split(",") for line in text.splitlines()[1:]]


def test_settings_are_set_once(make: Make) -> None:
    project = make({"t.csv": "name,n\nA,1\nB,2\n"})
    init_project(project, [], base=BASE)
    with pytest.raises(ProjectError, match="is not what the project has"):
        init_project(project, [], base="https://other.example/")
    with pytest.raises(ProjectError, match="--title"):
        init_project(project, [], title="Another")
