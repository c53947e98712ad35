"""A folder is a project, or it is said what it lacks; the bundled dataset is never taken for it without a word."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run

from glocal_rdf import Project, Triples, build, validate
from glocal_rdf.errors import InputError, ProjectError

DATASET = "<http://www.w3.org/ns/dcat#Dataset>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DCTERMS = "http://purl.org/dc/terms/"
COMMANDS = [
    ["validate"],
    ["build", "-o", "out"],
    ["query", "--text", "ASK {}"],
    ["find", "x"],
    ["explain", "x"],
    ["export"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("part", ["ontology", "shapes", "data"])
def test_a_folder_that_lacks_a_part_is_an_error(
    run: Run, small: Path, monkeypatch: pytest.MonkeyPatch, part: str, words: list[str]
) -> None:
    shutil.rmtree(small / part)
    monkeypatch.chdir(small)
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith(part)
    assert "is missing, so this is not a project" in result.stderr
    assert not (small / "out").exists()


@pytest.mark.parametrize("part", ["ontology", "shapes", "data"])
def test_one_part_alone_is_meant_as_a_project(small: Path, part: str) -> None:
    for other in {"ontology", "shapes", "data"} - {part}:
        shutil.rmtree(small / other)
    for start in (small, small / part):
        with pytest.raises(ProjectError, match="is missing"):
            Project.find(start)


def test_a_folder_in_a_project_belongs_to_it_and_one_beside_it_does_not(small: Path) -> None:
    (small / "notes" / "deep").mkdir(parents=True)
    (small.parent / "beside").mkdir()
    assert Project.find(small / "notes" / "deep").root == small
    assert Project.find(small / "data").root == small
    assert Project.find(small.parent / "beside") == Project.bundled()


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="is not a folder"):
        Project.find(tmp_path / "none")


@pytest.mark.slow
def test_the_bundled_dataset_is_named_where_it_is_used(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("find", "uclg")
    assert result.exit_code == 0
    assert result.stderr == "there is no project here: using the bundled dataset (name a project with --project)\n"


@pytest.mark.parametrize("file", ["cities.csv", "cities.XLSX", "shapes.ttl"])
@pytest.mark.parametrize("words", [["build"], ["validate"]], ids=" ".join)
def test_a_folder_that_is_no_project_yet_gets_no_bundled_data(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, words: list[str]
) -> None:
    (tmp_path / file).write_text("a,b\n1,2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert result.exit_code == 2
    assert f"is not a project: it has '{file}'" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [file]


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("data/stray.csv", "is not described, so nothing of it is read; describe it in data/csv-metadata.json"),
        ("data/deep/Stray.XLSX", "is not described"),
        ("data/external/x.csv", "is not described"),
        ("data/links/x.tsv", "is not read"),
        ("ontology/more.owl", "is not read; save it as Turtle in ontology/"),
        ("ontology/more.ttl.gz", "is not read"),
        ("ontology/deep/more.ttl", "is not read"),
        ("ontology/rules/x.sparql", "is not read; put it into ontology/rules/"),
        ("ontology/x.rq", ""),
        ("shapes/more.jsonld", "is not read"),
        ("shapes/TOP.TTL", "is not read"),
        ("ontology/examples/x.ttl", ""),
        ("data/notes.md", ""),
        ("data/.hidden.csv", ""),
    ],
)
def test_a_file_that_looks_like_a_part_and_is_not_read_is_named(run: Run, small: Path, file: str, told: str) -> None:
    path = small / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x", encoding="utf-8")
    result = run("build", "-p", small, "-o", small / "out")
    assert result.exit_code == 0
    warned = [line for line in result.stderr.splitlines() if line.startswith("warning: ")]
    assert [line for line in warned if told in line and path.name in line] == warned
    assert bool(warned) is bool(told)


def test_a_project_that_reads_all_its_files_is_warned_of_nothing(project: Project) -> None:
    assert build(project).problems == ()


def edit(small: Path, old: str, new: str) -> None:
    path = small / "data" / "csv-metadata.json"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_title_and_licence_are_in_what_is_built_and_exported(run: Run, small: Path) -> None:
    edit(
        small,
        '"dc:title"',
        '"@id": "https://data.example/dataset", "dc:publisher": {"@id": "https://data.example/me"}, "dc:title"',
    )
    assert run("build", "-p", small, "-o", small / "out").exit_code == 0
    built = Triples.read(small / "out" / "small.ttl")
    node = "<https://data.example/dataset>"
    assert (node, TYPE, DATASET) in built
    assert (node, f"<{DCTERMS}title>", '"Cities of Example"@en') in built
    assert (node, f"<{DCTERMS}license>", "<https://creativecommons.org/licenses/by/4.0/>") in built
    assert (node, f"<{DCTERMS}publisher>", "<https://data.example/me>") in built
    for form in ("turtle", "nquads", "trig", "jsonld", "rdfxml"):
        assert "https://creativecommons.org/licenses/by/4.0/" in run("export", "-p", small, "-f", form).stdout


def test_a_dataset_without_a_name_is_a_blank_node_and_one_that_says_nothing_is_not_there(small: Path) -> None:
    found = build(Project.open(small)).triples.match(predicate=TYPE, object=DATASET)
    assert [subject[:2] for subject, _, _ in found] == ["_:"]
    edit(
        small,
        '"dc:title": "Cities of Example", "dc:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},',
        "",
    )
    assert not len(build(Project.open(small)).triples.match(object=DATASET))


def test_a_name_or_licence_that_is_a_file_of_this_machine_is_warned_of(run: Run, small: Path) -> None:
    edit(small, '"https://creativecommons.org/licenses/by/4.0/"', '"LICENSE"')
    edit(small, '"dc:title"', '"@id": "#me", "dc:title"')
    result = run("export", "-p", small)
    assert result.exit_code == 0
    assert "@id: " in result.stderr
    assert "is a file of this machine" in result.stderr


@pytest.mark.slow
def test_the_bundled_dataset_says_its_licence(built: object, project: Project) -> None:
    triples = build(project).triples
    (dataset,) = [s for s, _, _ in triples.match(predicate=TYPE, object=DATASET)]
    assert len(triples.match(dataset, f"<{DCTERMS}license>")) == 1
    assert dataset == "<https://w3id.org/glocal/graph/glocal>"
    assert len(triples.match(subject=dataset)) == 27


def test_build_writes_over_no_file_of_the_project(run: Run, small: Path) -> None:
    (small / "ontology" / "small.ttl").write_bytes((small / "ontology" / "city.ttl").read_bytes())
    (small / "ontology" / "city.ttl").unlink()
    before = (small / "ontology" / "small.ttl").read_bytes()
    outputs = (small / "ontology" / "small.ttl", small / "data" / "cities.csv")
    for words in (["build", "-o", small / "ontology"], *(["export", "-o", output] for output in outputs)):
        result = run(*words, "-p", small)
        assert result.exit_code == 2
        assert "would be overwritten" in result.stderr
    assert (small / "ontology" / "small.ttl").read_bytes() == before


@pytest.mark.parametrize("prefix", ["../../evil", "/tmp/evil", "a/b", ".hidden", ""])
def test_an_ontology_cannot_choose_where_the_graph_is_written(small: Path, prefix: str) -> None:
    header = '<https://data.example/ontology> <http://purl.org/vocab/vann/preferredNamespacePrefix> "{}" ;'
    header += '<http://purl.org/vocab/vann/preferredNamespaceUri> "https://data.example/ontology#" .'
    (small / "ontology" / "head.ttl").write_text(header.format(prefix), encoding="utf-8")
    assert Project.open(small).name == "small"


def test_the_reference_of_any_ontology_lists_its_terms_and_nothing_that_is_missing(run: Run, small: Path) -> None:
    result = run("export", "-p", small, "--ontology-only", "-f", "markdown", "--lang", "en")
    assert result.exit_code == 0
    assert result.stdout.startswith("# Cities\n")
    assert "#### City" in result.stdout
    assert "#### country" in result.stdout
    assert "``" not in result.stdout
    assert "<>" not in result.stdout


def test_terms_of_rdf_schema_are_listed_too_and_their_texts_hold_no_html(run: Run, small: Path) -> None:
    (small / "ontology" / "city.ttl").write_text(
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix e: <https://e.org/v/> . "
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . "
        'e:Town a rdfs:Class ; rdfs:comment "a <script>town" . e:size a rdf:Property ; rdfs:domain e:Town .',
        encoding="utf-8",
    )
    text = run("export", "-p", small, "--ontology-only", "-f", "markdown").stdout
    assert "#### Town" in text
    assert "#### size" in text
    assert "a &lt;script>town" in text


def test_terms_match_with_and_without_brackets_and_what_is_no_term_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_text("<http://e.org/a> <http://e.org/b> <urn:x:c> .\n", encoding="utf-8")
    triples = Triples.read(tmp_path / "a.nt")
    assert len(triples.match(predicate="http://e.org/b")) == len(triples.match(predicate="<http://e.org/b>")) == 1
    assert len(triples.match(object="urn:x:c")) == 1
    for odd in ("b", "unknown:b", "http://e.org/b b", ""):
        with pytest.raises(InputError, match="is not a term"):
            triples.match(predicate=odd)


def test_triples_match_curies_with_known_or_given_prefixes() -> None:
    triples = Triples.parse('<urn:x:a> <http://www.w3.org/2004/02/skos/core#prefLabel> "A"@en .', "turtle")
    assert len(triples.match(predicate="skos:prefLabel")) == 1
    assert len(triples.match(subject="x:a", prefixes={"x": "urn:x:"})) == 1
    assert len(triples.match(object='"A"@en')) == 1


@pytest.mark.parametrize(
    ("column", "text", "told"),
    [
        ("subject", '"A"@en', "is a literal"),
        ("predicate", '"A"', "is a literal"),
        ("predicate", "_:b", "is a blank node"),
        ("predicate", "unknown:b", "the prefix 'unknown' is not known"),
        ("object", '"A', "is not an object in canonical"),
        ("object", '"1"^^xsd:integer', "is not an object in canonical"),
        ("object", "<a b>", "is not an object in canonical"),
        ("subject", "<relative>", "is not a subject in canonical"),
    ],
)
def test_what_no_triple_can_have_is_refused(column: str, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        Triples.empty().match(**{column: text})


def test_a_build_is_told_in_one_line_and_validate_says_what_it_takes(small: Path) -> None:
    built = build(Project.open(small))
    assert len(repr(built)) < 100
    assert validate(built).conforms
    assert validate(built.triples, shapes=built.project.shapes).conforms
    with pytest.raises(TypeError, match="validate takes a Build, or RDF with shapes=… or project=…"):
        validate(built.triples)


SCRIPT = """
from glocal_rdf import Build, Problem, Project, Triples, ask, build, explain, export, find, validate

built: Build = build(Project.find("."))
problems: tuple[Problem, ...] = built.problems
reveal_type(built.triples)
graph: Triples = built.triples.match(predicate="http://schema.org/founder")
for thing, statements in explain(built, "x").items():
    reveal_type(statements)
data: bytes = export(built, "turtle")
names: list[str] = [found.thing for found in find(built, "x")]
rows = ask(graph, "SELECT * {}").rows()
if validate(built).conforms:
    print(len(graph), data, names, rows, problems)
"""
WRONG = "from glocal_rdf import Project, build\nbuild(Project.bundled()).triples.match(predicate=1)\n"


@pytest.mark.slow
def test_the_types_reach_a_script_of_a_user(tmp_path: Path) -> None:
    import glocal_rdf

    assert (Path(glocal_rdf.__file__).parent / "py.typed").is_file()
    for name, script in (("right.py", SCRIPT), ("wrong.py", WRONG)):
        (tmp_path / name).write_text(script, encoding="utf-8")

    def check(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "/dev/null", name]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False)

    right = check("right.py")
    assert right.returncode == 0, right.stdout
    assert "glocal_rdf.triples.graph.Triples" in right.stdout
    assert "glocal_rdf.claims.explanation.Statement" in right.stdout
    assert "incompatible type" in check("wrong.py").stdout
