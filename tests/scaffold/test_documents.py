"""The template of projects with documents: it builds and conforms in any language, and finds what is wrong in it."""

from __future__ import annotations

import csv
import io
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Run
from example_project import EXAMPLE, make_example

from glocal_rdf import Project, build, validate
from glocal_rdf.dataset import Build
from glocal_rdf.documents import list_documents, list_passages, verify_passages
from glocal_rdf.errors import InputError
from glocal_rdf.operations.completion import list_question_names
from glocal_rdf.operations.coverage import coverage
from glocal_rdf.scaffold.documents import make_documents_project
from glocal_rdf.triples import Triples

pytestmark = pytest.mark.slow

BASE = "https://example.org/league/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
CITED = "signed the Alder Declaration"

LAST = '#char=718,794",document/short-history,718,794,'
VIEW = (
    "claim/view-1,organization/harbour-league,foundingLocation,place/saltmouth,,,,,place/port-alder,,"
    '"document/short-history#char=106,142",\n'
)

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a project into a folder of its own, and return the folder."""

    def write(base: str = BASE, languages: tuple[str, ...] = ("en",), title: str = "The League") -> Path:
        project = make_documents_project(base=base, title=title, languages=languages, name="league")
        for name, text in project.items():
            file = tmp_path / "league" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        return tmp_path / "league"

    return write


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The project in English, built."""
    folder = tmp_path_factory.mktemp("league")
    for name, text in make_documents_project(base=BASE, title="The League", name="league").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return build(Project.open(folder))


def replace_in(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def read_rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))


def test_the_example_is_the_template_with_its_base() -> None:
    files = {
        file.relative_to(EXAMPLE).as_posix(): file.read_bytes()
        for file in EXAMPLE.rglob("*")
        if file.is_file() and file.name != "README.md" and "build" not in file.relative_to(EXAMPLE).parts
    }
    made = {name: text.encode() for name, text in make_example().items()}
    assert sorted(files) == sorted(made)
    assert [name for name in files if files[name] != made[name]] == [], "run: python tests/example_project.py"


@pytest.mark.parametrize(
    ("base", "languages", "start", "columns"),
    [
        ("https://example.org/league", ("en",), "https://example.org/league/", ["name_en"]),
        ("https://example.org/league/", ("zh-Hant",), "https://example.org/league/", ["name_zh"]),
        ("https://example.org/league#", ("en", "zh-hant"), "https://example.org/league/", ["name_en", "name_zh"]),
        ("urn:example:league", ("de", "fr"), "urn:example:league/", ["name_de", "name_fr", "name_en"]),
        ("tag:me@example.org,2026:x/", ("mi",), "tag:me@example.org,2026:x/", ["name_mi", "name_en"]),
        ("https://例え.jp/文書", ("en",), "https://xn--r8jz45g.jp/%E6%96%87%E6%9B%B8/", ["name_en"]),
        (
            "https://example.org/a%20b/~me(1)*'$/",
            ("zh-Hant", "zh-Hans", "pt-BR"),
            "https://example.org/a%20b/~me(1)*'$/",
            ["name_zh_hant", "name_zh_hans", "name_pt"],
        ),
    ],
)
def test_it_builds_and_conforms_whatever_the_base_and_the_languages(
    make: Make, base: str, languages: tuple[str, ...], start: str, columns: list[str]
) -> None:
    folder = make(base, languages)
    built = build(Project.open(folder))
    assert built.problems == ()
    report = validate(built)
    assert report.conforms
    assert report.warnings == ()
    assert all(report.reached.values())
    assert built.project.space == f"{start}id/"
    header = next(csv.reader(io.StringIO((folder / "data/things.csv").read_text(encoding="utf-8"))))
    assert [name for name in header if name.startswith("name")] == columns
    # Every subject is of the project, and every term of the project that the data use is declared.
    declared = set(built.project.ontology.frame["subject"])
    used = {term for triple in built.stated for term in triple if term.startswith(f"<{start}ontology#")}
    assert used
    assert used <= declared
    assert {s for s in built.stated.frame["subject"] if not s.startswith(f"<{start}")} == set()
    assert verify_passages(built.stated, folder / "documents") == ()
    assert len(list_documents(built.stated)) == 1
    assert len(list_passages(built.stated)) == 12


@pytest.mark.parametrize("languages", [("en",), ("zh-Hant",), ("en", "zh-Hant"), ("fr",)])
def test_nothing_of_ours_and_no_mark_is_left(languages: tuple[str, ...]) -> None:
    project = make_documents_project(base=BASE, title="A", languages=languages)
    text = "\n".join([*project, *project.values()])
    assert "w3id.org/glocal" not in text
    assert re.findall(r"\{\{(?!\+)", text) == []
    data = "".join(text for name, text in project.items() if not name.startswith(("shapes/", "documents/")))
    assert ("文件" in data) == ("zh-Hant" in languages)
    assert ('"document"@en' in data) == ("zh-Hant" not in languages or "en" in languages)


def test_the_documents_own_text_is_the_same_in_every_project() -> None:
    text = (EXAMPLE / "documents/harbour-league.txt").read_text(encoding="utf-8")
    assert make_documents_project(base=BASE, title="A")["documents/harbour-league.txt"] == text


def test_titles_are_written_as_they_are(make: Make) -> None:
    title = 'A "title" \\ of {{base}},\n<b> | 標題'
    folder = make(title=title)
    project = Project.open(folder)
    plain = 'A "title" \\ of {{base}}, <b> | 標題'
    assert project.description["dc:title"] == {"@value": plain, "@language": "en"}
    titles = [v for s, _, v in project.ontology.match(predicate="dcterms:title") if s == f"<{BASE}ontology>"]
    assert titles == ['"A \\"title\\" \\\\ of {{base}}, <b> | 標題"@en']
    assert (
        (folder / "README.md").read_text(encoding="utf-8").startswith('# A "title" \\\\ of {{base}}, &lt;b> \\| 標題\n')
    )


def test_a_licence_is_part_of_the_dataset() -> None:
    iri = "https://creativecommons.org/publicdomain/zero/1.0/"
    chosen = make_documents_project(base=BASE, title="A", licence=iri)["data/csv-metadata.json"]
    assert f'"dc:license": {{"@id": "{iri}"}}' in chosen
    assert "license" not in make_documents_project(base=BASE, title="A")["data/csv-metadata.json"]


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("", "project"), ("Docs 2026!", "docs-2026"), ("臺北", "project"), ("skos", "project"), ("2026-x", "x")],
)
def test_a_name_becomes_a_prefix_that_no_vocabulary_has(name: str, prefix: str) -> None:
    assert f"ontology/{prefix}.ttl" in make_documents_project(base=BASE, title="A", name=name)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base": "league"}, "base: 'league' is not an absolute IRI"),
        ({"base": "https://"}, "base: 'https://' is not an absolute IRI"),
        ({"base": "https://example.org/{x}/"}, "is not an absolute IRI"),
        ({"base": "https://example.org/?x="}, "has a query or a fragment"),
        ({"base": "https://example.org/#a"}, "has a query or a fragment"),
        ({"base": "file:///tmp/x/"}, "is a file of this machine"),
        ({"title": " \n"}, "title: is empty"),
        ({"languages": ()}, "lang: no language is given"),
        ({"languages": ("en", "EN")}, "lang: 'EN' is given twice"),
        ({"languages": ("english language",)}, "is not a language tag"),
        ({"licence": "CC0"}, "licence: 'CC0' is not an IRI"),
    ],
)
def test_what_cannot_be_used_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        make_documents_project(**({"base": BASE, "title": "A"} | options))  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("curation.csv", "PreferredRank", "BestRank", "rank: 'BestRank'"),
        ("curation.csv", ",DeprecatedRank,reason/misprint,", ",DeprecatedRank,,", "Say why the claim is deprecated"),
        ("claims.csv", '"document/short-history#char=106,142"', "", "passage: is empty"),
        ("claims.csv", '"document/short-history#char=106,142"', '"document/short-history#char=1,2"', "char=1,2"),
        ("predicates.csv", "schema:foundingLocation", "schema:founder", "List the predicate with a label"),
        ("predicates.csv", "league:memberCount", "leage:memberCount", "leage: is not a known prefix"),
        ("claims.csv", "foundingLocation", "foundingPlace", "'foundingPlace' is not a name in predicates.csv"),
        ("claims.csv", ",,1987,,", ",,'87,,", "value: ''87' is not a date (EDTF)"),
        ("claims.csv", ",foundingLocation,place/port-alder,", ",foundingLocation,,1987", "has no range"),
        ("curation.csv", "claim/league-founded-1,,", "claim/league-founded-9,,", "founded-9' is not an id in"),
        ("claims.csv", ",1999,", ",1999/1998,", "time: '1999/1998' ends before it starts"),
        ("claims.csv", ",,1987,,,,", ",place/saltmouth,1987,,,,", "Fill exactly one value"),
        ("claims.csv", ",,1987,,,,", ",,,,,,", "Fill one of the columns for a value"),
        ("curation.csv", ",claim/league-founded-2", ",", "Name the contradiction in the rows of both claims"),
        ("claims.csv", ",2015/,", ",2015/2014,", "ends before it starts"),
        ("claims.csv", "organization/harbour-league,location", "organization/nobody,location", "nobody"),
        ("passages.csv", ",718,794,", ",718,795,", "short-history#char=718,795"),
        ("passages.csv", LAST, LAST.replace("794", "796"), "ends at 796, past the end"),
        ("passages.csv", ",106,142,", ",142,106,", "a whole number smaller than the end"),
        ("things.csv", ",City,", ",Town,", "List the class of the thing"),
        ("things.csv", "Theme,clean ports", "Theme,", "one preferred name in each language: en"),
        ("names.csv", "prefLabel,Saltmouth", "prefLabel,Salt", "one preferred name in each language: en"),
        ("documents.csv", ",795,", ",0,", "'0' is not"),
    ],
)  # fmt: skip
def test_mistakes_are_found(make: Make, run: Run, file: str, old: str, new: str, message: str) -> None:
    folder = make()
    replace_in(folder / "data" / file, old, new)
    result = run("validate", "--project", folder)
    assert result.exit_code in {1, 2}
    assert message in " ".join((result.stdout + result.stderr).split())


def with_changes(built: Build, remove: tuple[str, ...], *add: tuple[str, str, str]) -> Triples:
    """The data without triples of a subject and predicate, and with others."""
    gone = built.triples.match(subject=remove[0], predicate=remove[1]) if remove else Triples.empty()
    return built.triples.difference(gone).union(Triples.from_terms(add))


CLAIM = f"{BASE}id/claim/league-founded-in"
DOCUMENT = f"{BASE}id/document/short-history"
PASSAGE = f"{DOCUMENT}#char=106,142"


@pytest.mark.parametrize(
    ("remove", "add", "focus"),
    [
        ((CLAIM, "prov:wasDerivedFrom"), (), CLAIM),
        ((CLAIM, "prov:wasDerivedFrom"), ((CLAIM, "prov:wasDerivedFrom", f"{BASE}id/place/saltmouth"),), CLAIM),
        ((CLAIM, "http://wikiba.se/ontology#rank"), (), CLAIM),
        (
            (CLAIM, "http://wikiba.se/ontology#rank"),
            ((CLAIM, "http://wikiba.se/ontology#rank", f"{BASE}ontology#Best"),),
            CLAIM,
        ),
        ((CLAIM, f"{RDF}subject"), (), CLAIM),
        ((PASSAGE, "http://www.w3.org/ns/oa#hasSelector"), (), PASSAGE),
        ((PASSAGE, f"{BASE}ontology#sha256"), (), PASSAGE),
        ((DOCUMENT, f"{BASE}ontology#characters"), (), DOCUMENT),
        ((), ((f"{BASE}id/place/saltmouth", f"{SKOS}prefLabel", '"Salzmund"@de'),), f"{BASE}id/place/saltmouth"),
    ],
)
def test_shapes_find_mistakes_that_no_table_can_make(
    built: Build, remove: tuple[str, ...], add: tuple[tuple[str, str, str], ...], focus: str
) -> None:
    def term(text: str) -> str:
        if text.startswith('"'):
            return text
        return f"<{text.replace('prov:', 'http://www.w3.org/ns/prov#')}>"

    triples = with_changes(built, remove, *[(term(s), term(p), term(o)) for s, p, o in add])
    assert validate(built.triples, project=built.project).conforms
    report = validate(triples, project=built.project)
    assert not report.conforms
    assert {result.focus for result in report.results} == {term(focus)}


def test_the_steps_of_the_readme(make: Make, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that README tells, in order: each command ends well, and the claim that it adds is in the graph."""
    folder = make()
    readme = (folder / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(folder)
    added = False
    outputs: dict[str, str] = {}
    for kind, block in re.findall(r"^```(sh|csv)\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL):
        if kind == "csv":
            with (folder / "data/claims.csv").open("a", encoding="utf-8") as file:
                file.write(block)
            added = True
            continue
        for line in block.splitlines():
            program, *arguments = shlex.split(line)
            assert program == "glocal"
            target = arguments[arguments.index(">>") + 1] if ">>" in arguments else ""
            result = run(*(arguments[: arguments.index(">>")] if target else arguments))
            assert result.exit_code == 0, (line, result.output)
            outputs[line] = result.stdout
            if target:
                with (folder / target).open("ab") as file:
                    file.write(result.stdout_bytes)
    assert added
    assert CITED in outputs["glocal explain harbour-league"]
    assert "Port Alder" in outputs["glocal query said-of thing=harbour-league"]
    assert len(outputs) == 10
    assert validate(build(Project.open(folder))).conforms
    for name in re.findall(r"`((?:data|documents|ontology|shapes|queries)/[^`…F]*)`", readme):
        assert (folder / name).exists(), name


def test_a_row_of_cite_has_the_columns_of_the_projects_table(make: Make, run: Run) -> None:
    folder = make(languages=("en", "zh-Hant", "de"))
    row = run("cite", "short-history", CITED, "--project", folder, "--format", "csv").stdout
    table = folder / "data/passages.csv"
    table.write_text(table.read_text(encoding="utf-8") + row, encoding="utf-8")
    last = read_rows(table)[-1]
    assert last["id"] == "document/short-history#char=175,203"
    assert last["document"] == "document/short-history"
    assert (last["start"], last["end"], last["note_de"]) == ("175", "203", "")
    assert validate(build(Project.open(folder))).conforms
    replace_in(table, "id,document,start", "id,text,start")
    result = run("cite", "short-history", CITED, "--project", folder, "--format", "csv")
    assert result.exit_code == 2


def test_a_result_leads_to_the_cell_and_to_the_passage(make: Make, run: Run) -> None:
    folder = make()
    replace_in(folder / "data/predicates.csv", "schema:foundingLocation", "schema:founder")
    result = run("validate", "--project", folder)
    assert re.search(
        r"data/claims\.csv:4 \(\w+\).*document/short-history#char=106,142", " ".join(result.stdout.split())
    )


def test_coverage_counts_what_is_cited_in_terms_of_the_project(built: Build) -> None:
    (measured,) = coverage(built.project)
    assert 0 < measured.cited < measured.characters
    assert measured.judged > 0


def test_a_checksum_may_be_in_capitals_and_stated_twice(make: Make) -> None:
    folder = make()
    for name in ("documents.csv", "passages.csv"):
        table = folder / "data" / name
        for row in read_rows(table):
            replace_in(table, row["sha256"], row["sha256"].upper())
    built = build(Project.open(folder))
    assert verify_passages(built.stated, folder / "documents") == ()
    assert len(coverage(built.project)) == 1
    again = [
        (s, "<http://schema.org/sha256>", f'"{o.split(chr(34))[1].lower()}"')
        for s, _, o in built.stated.match(predicate=f"{BASE}ontology#sha256")
    ]
    twice = built.stated.union(Triples.from_terms(again))
    assert list_documents(twice).equals(list_documents(built.stated))
    assert list_passages(twice).equals(list_passages(built.stated))


def test_a_view_gives_no_truthy_statement(make: Make) -> None:
    folder = make()
    with (folder / "data/claims.csv").open("a", encoding="utf-8") as file:
        file.write(VIEW)
    built = build(Project.open(folder))
    league = f"{BASE}id/organization/harbour-league"
    founded = {o for _, _, o in built.triples.match(subject=league, predicate="http://schema.org/foundingLocation")}
    assert founded == {f"<{BASE}id/place/port-alder>"}
    assert len(built.stated.match(predicate=f"{BASE}ontology#heldBy")) == 1


def test_bundled_questions_on_claims_can_be_asked(make: Make, run: Run) -> None:
    folder = make()
    asked = run(
        "query", "evidence-for", "thing=harbour-league", "property=schema:foundingDate", "-p", folder, "-f", "csv"
    )
    assert [line.split(",")[:3] for line in asked.stdout.splitlines()[1:]] == [
        ["1987", "in 1987", "normal"],
        ["1989", "in 1989", "normal"],
    ]
    listed = run("query", "--list", "--project", folder, "-f", "csv").stdout
    assert "most-cited-passages" in listed
    assert "cities-by-networks" not in listed
    # The shell completes the same names.
    names = [row["name"] for row in csv.DictReader(io.StringIO(listed))]
    assert sorted(list_question_names(Project.open(folder))) == sorted(names)


@pytest.mark.parametrize("languages", [("en",), ("zh-Hant", "en"), ("de",)])
def test_every_question_of_the_template_is_answered(make: Make, run: Run, languages: tuple[str, ...]) -> None:
    folder = make(languages=languages)
    empty = []
    for file in sorted((folder / "queries").glob("*.rq")):
        result = run("query", file.stem, "--project", folder, "-f", "csv")
        assert result.exit_code == 0, result.output
        if len(result.stdout.splitlines()) < 2:
            empty.append(file.stem)
    # Only a project whose example lacks names in its first language has things without one.
    assert empty == ([] if languages == ("de",) else ["without-name"])


def test_the_files_of_the_template_are_part_of_the_package() -> None:
    folder = ROOT / "glocal_rdf/scaffold/documents/template"
    names = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    made = make_documents_project(base=BASE, title="A", name="league")
    assert {name.replace("{{prefix}}", "league") for name in names} == set(made)
