"""`glocal release` freezes a version, and refuses whatever would break a released IRI."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT, Run, edit
from json_schemas import find_faults

from glocal_rdf import Project, Triples, diff, release
from glocal_rdf.errors import InputError

pytestmark = pytest.mark.slow

ID = "https://data.example/id/"
DATASET = "https://data.example/dataset/cities"


@pytest.fixture
def project(small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project, the working directory, on a fixed day; its dataset has an IRI."""
    edit(small / "data" / "csv-metadata.json", '"dc:title"', f'"@id": "{DATASET}", "dc:title"')
    edit(small / "data" / "cities.csv", "id,name,country\n", "id,name,country\nlyon,Lyon,France\n")
    monkeypatch.chdir(small)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    return small


def cells(project: Path, old: str, new: str) -> None:
    edit(project / "data" / "cities.csv", old, new)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_has_its_graph_description_and_checksums(run: Run, project: Path) -> None:
    result = run("release", "1.0.0")
    assert result.exit_code == 0, result.stderr
    folder = project / "releases" / "1.0.0"
    assert sorted(files(folder)) == [
        "SHA256SUMS",
        "changes.md",
        "dataset.ttl",
        "ontology.ttl",
        "shapes.ttl",
        "small.nt.gz",
        "small.ttl.gz",
    ]
    dump = Triples.read(folder / "small.nt.gz")
    assert dump == Triples.read(folder / "small.ttl.gz")
    about = {p: o for _, p, o in dump.match(subject=DATASET)}
    assert about["<http://www.w3.org/ns/dcat#version>"] == '"1.0.0"'
    assert about["<http://www.w3.org/2002/07/owl#versionInfo>"] == '"1.0.0"'
    assert about["<http://purl.org/dc/terms/issued>"] == '"2023-11-14"^^<http://www.w3.org/2001/XMLSchema#date>'
    assert about["<http://purl.org/dc/terms/title>"] == '"Cities of Example"@en'
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert (folder / "small.nt.gz").read_bytes()[4:8] == bytes(4), "the gzip file holds a time"
    assert list((project / "releases").iterdir()) == [folder]
    assert "The first release." in (folder / "changes.md").read_text(encoding="utf-8")


def test_the_same_project_gives_the_same_bytes(run: Run, project: Path) -> None:
    run("release", "1.0.0")
    first = files(project / "releases")
    shutil.rmtree(project / "releases")
    run("release", "1.0.0")
    assert files(project / "releases") == first


def test_nothing_of_releases_is_read_by_other_commands(run: Run, project: Path) -> None:
    before = run("build", "-o", "one")
    run("release", "1.0.0")
    after = run("build", "-o", "two")
    assert (before.exit_code, after.exit_code) == (0, 0)
    assert before.stderr.replace("one/", "two/") == after.stderr
    assert files(project / "one") == files(project / "two")
    assert "small.ttl" in files(project / "one")
    assert run("validate").exit_code == 0


def test_the_next_release_names_what_has_changed(run: Run, project: Path) -> None:
    run("release", "1.0.0")
    same = run("diff", "1.0.0")
    assert (same.exit_code, same.stdout) == (0, "1.0.0 and now: no differences\n")
    assert same.stderr == "not compared: version and date of the dataset, which a release sets\n"
    cells(project, "taipei,Taipei,Taiwan", "taipei,Taipei,China")
    assert "Taipei: country China, was Taiwan" in run("diff", "1.0.0").stdout
    assert run("release", "1.1.0").exit_code == 0
    folder = project / "releases" / "1.1.0"
    assert "- **Taipei**: country China, was Taiwan\n" in (folder / "changes.md").read_text(encoding="utf-8")
    record = json.loads(gzip.decompress((folder / "changes.json.gz").read_bytes()))
    assert find_faults("diff", record) == []
    assert (record["old"]["name"], record["new"]["name"]) == ("1.0.0", "1.1.0")
    dump = Triples.read(folder / "small.nt.gz")
    previous = dump.match(predicate="dcat:previousVersion")
    assert list(previous) == [(f"<{DATASET}>", "<http://www.w3.org/ns/dcat#previousVersion>", f"<{DATASET}/1.0.0>")]
    compared = run("diff", "1.0.0", "1.1.0", "-f", "json")
    assert json.loads(compared.stdout)["graphs"] == record["graphs"]
    assert run("diff", "1.1.0").exit_code == 0


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("1.1.0", "is released already"),
        ("1.0.9", "1.0.9 is not later than 1.1.0"),
        ("1.1.0-rc.1", "is not later than 1.1.0"),
        ("1.1.0+build", "is not later than 1.1.0"),
        ("../1.2.0", "is not the name of a version"),
        ("redirects.csv", "is not the name of a version"),
    ],
)
def test_a_version_that_is_not_later_is_refused(run: Run, project: Path, version: str, message: str) -> None:
    assert [run("release", one).exit_code for one in ("1.0.0", "1.1.0")] == [0, 0]
    result = run("release", version)
    assert (result.exit_code, message in result.stderr) == (2, True)
    assert sorted(path.name for path in (project / "releases").iterdir()) == ["1.0.0", "1.1.0"]


class TestReleasedIris:
    """A released IRI stays what it was."""

    @pytest.fixture(autouse=True)
    def _release(self, run: Run, project: Path) -> None:
        assert run("release", "1.0.0").exit_code == 0

    def test_a_thing_that_is_gone_needs_a_redirect_or_a_withdrawal(self, run: Run, project: Path) -> None:
        cells(project, "lyon,Lyon,France\n", "")
        result = run("release", "1.1.0")
        assert result.exit_code == 1
        assert f"{ID}lyon: was released in 1.0.0, and is gone; withdraw it (--withdrawn, --reason)" in result.stderr
        assert not (project / "releases" / "1.1.0").exists()
        result = run("release", "1.1.0", "--withdrawn", f"{ID}lyon", "--reason", "a mistake, sorry")
        assert result.exit_code == 0
        table = (project / "releases" / "redirects.csv").read_text(encoding="utf-8")
        assert table == f'old,new,since,reason\n{ID}lyon,,1.1.0,"a mistake, sorry"\n'
        assert (project / "releases" / "1.1.0" / "redirects.csv").read_text(encoding="utf-8") == table
        assert run("release", "1.2.0").exit_code == 0, "it is withdrawn once"

    def test_a_renamed_thing_is_proposed_and_redirected(self, run: Run, project: Path) -> None:
        cells(project, "lyon,", "lugdunum,")
        result = run("release", "1.1.0")
        assert result.exit_code == 1
        assert f"--renamed {ID}lyon={ID}lugdunum" in result.stderr
        assert run("release", "1.1.0", "--renamed", f"{ID}lyon={ID}lugdunum", "--dry-run").exit_code == 0
        assert sorted(path.name for path in (project / "releases").iterdir()) == ["1.0.0"]
        assert run("release", "1.1.0", "--accept-renames").exit_code == 0
        cells(project, "lugdunum,", "lyons,")
        assert run("release", "1.2.0", "--renamed", f"{ID}lugdunum={ID}lyons").exit_code == 0
        rows = (project / "releases" / "redirects.csv").read_text(encoding="utf-8").splitlines()[1:]
        assert rows == [f"{ID}lugdunum,{ID}lyons,1.2.0,", f"{ID}lyon,{ID}lyons,1.1.0,"]

    def test_a_row_written_by_hand_gets_its_version(self, run: Run, project: Path) -> None:
        cells(project, "lyon,", "lugdunum,")
        (project / "releases" / "redirects.csv").write_text(
            f"old,new,since,reason\n{ID}lyon,{ID}lugdunum,,by hand\n", encoding="utf-8"
        )
        assert run("release", "1.1.0").exit_code == 0
        assert f"{ID}lyon,{ID}lugdunum,1.1.0,by hand" in (project / "releases" / "redirects.csv").read_text()

    def test_back_to_a_former_iri_is_a_circle(self, run: Run, project: Path) -> None:
        cells(project, "lyon,", "lugdunum,")
        run("release", "1.1.0", "--accept-renames")
        cells(project, "lugdunum,", "lyon,")
        result = run("release", "1.2.0", "--renamed", f"{ID}lugdunum={ID}lyon")
        assert (result.exit_code, "leads in a circle" in result.stderr) == (2, True)
        result = run("release", "1.2.0", "--withdrawn", f"{ID}lugdunum", "--reason", "x")
        assert result.exit_code == 1
        assert f"{ID}lyon: was renamed {ID}lugdunum in 1.1.0, and is in use again" in result.stderr

    def test_an_iri_is_not_reused_for_another_thing(self, run: Run, project: Path) -> None:
        edit(
            project / "data" / "csv-metadata.json",
            '"valueUrl": "https://data.example/ontology#City"',
            '"valueUrl": "https://data.example/ontology#{kind}"',
        )
        edit(
            project / "data" / "csv-metadata.json",
            '"suppressOutput": true},',
            '"suppressOutput": true}, {"name": "kind", "suppressOutput": true},',
        )
        text = "id,kind,name,country\nlyon,Bridge,Long Bridge,France\ntaipei,City,Taipei,Taiwan\n"
        text += "barcelona,City,Barcino,Spain\n"
        (project / "data" / "cities.csv").write_text(text, encoding="utf-8")
        result = run("release", "1.1.0")
        assert result.exit_code == 1
        assert f"{ID}lyon: was released as 'Lyon', and now is 'Long Bridge', of another class" in result.stderr
        assert "barcelona" not in result.stderr, "another name alone is not another thing"

    def test_a_term_of_the_ontology_stays_too(self, run: Run, project: Path) -> None:
        edit(project / "ontology" / "city.ttl", "ex:country a owl:DatatypeProperty ; rdfs:label", "ex:state rdfs:label")
        result = run("release", "1.1.0")
        assert result.exit_code == 1
        assert "https://data.example/ontology#country: was released" in result.stderr

    def test_things_are_withdrawn_together(self, run: Run, project: Path) -> None:
        (project / "data" / "cities.csv").write_text("id,name,country\ntaipei,Taipei,Taiwan\n", encoding="utf-8")
        assert run("release", "1.1.0", "--withdrawn", f"{ID}x*", "--reason", "x").exit_code == 2
        assert run("release", "1.1.0", "--withdrawn", f"{ID}*", "--reason", "x").exit_code == 0
        assert (project / "releases" / "redirects.csv").read_text().count(",,1.1.0,x") == 2

    def test_a_pattern_takes_what_no_renaming_explains(self, run: Run, project: Path) -> None:
        cells(project, "lyon,", "lugdunum,")
        cells(project, "barcelona,Barcelona,Spain\n", "")
        result = run("release", "1.1.0", "--accept-renames", "--withdrawn", f"{ID}*", "--reason", "x")
        assert result.exit_code == 0, result.stderr
        rows = (project / "releases" / "redirects.csv").read_text(encoding="utf-8").splitlines()[1:]
        assert rows == [f"{ID}barcelona,,1.1.0,x", f"{ID}lyon,{ID}lugdunum,1.1.0,x"]

    @pytest.mark.parametrize(
        ("words", "message", "code"),
        [
            (["--renamed", f"{ID}taipei={ID}lyon"], "is still in the data", 1),
            (["--renamed", f"{ID}no={ID}lyon"], "was not released", 1),
            (["--withdrawn", f"{ID}taipei", "--reason", "x"], "is still in the data", 1),
            (["--withdrawn", f"{ID}taipei"], "needs --reason", 2),
            (["--reason", "x"], "--reason goes with", 2),
            (["--renamed", "nonsense"], "is not OLD=NEW", 2),
        ],
    )
    def test_a_redirect_that_makes_no_sense_is_refused(
        self, run: Run, project: Path, words: list[str], message: str, code: int
    ) -> None:
        result = run("release", "1.1.0", *words)
        assert (result.exit_code, message in result.stderr) == (code, True), result.stderr
        assert not (project / "releases" / "redirects.csv").exists()

    def test_a_redirect_to_what_is_not_there_is_refused(self, run: Run, project: Path) -> None:
        cells(project, "lyon,Lyon,France\n", "")
        result = run("release", "1.1.0", "--renamed", f"{ID}lyon={ID}lugdunum")
        assert (result.exit_code, "is not in the data" in result.stderr) == (1, True)

    def test_a_release_that_was_altered_is_refused(self, run: Run, project: Path) -> None:
        dump = project / "releases" / "1.0.0" / "small.nt.gz"
        dump.write_bytes(gzip.compress(b""))
        (project / "releases" / "1.0.0" / "changes.md").unlink()
        for words in (["release", "1.1.0"], ["diff", "1.0.0"]):
            result = run(*words)
            assert result.exit_code == 2
            assert "small.nt.gz: is not what was released as 1.0.0" in result.stderr
            assert "changes.md: is missing from the release" in result.stderr


def test_a_graph_that_does_not_conform_is_not_released(run: Run, project: Path) -> None:
    cells(project, "lyon,Lyon,France", "lyon,Lyon,")
    result = run("release", "1.0.0")
    assert result.exit_code == 1
    assert "the graph does not conform" in result.stderr
    assert not (project / "releases").exists()


def test_a_project_that_does_not_build_is_not_released(run: Run, project: Path) -> None:
    edit(project / "data" / "csv-metadata.json", '"propertyUrl": "rdfs:label"', '"datatype": "gYear"')
    result = run("release", "1.0.0")
    assert (result.exit_code, result.stderr.startswith("data/cities.csv:2")) == (2, True)


def test_a_version_in_the_description_is_replaced_with_a_warning(run: Run, project: Path) -> None:
    edit(
        project / "data" / "csv-metadata.json", '"dc:title"', '"dcat:version": "0.2.0", "dc:issued": "2020", "dc:title"'
    )
    result = run("release", "1.0.0")
    assert (result.exit_code, "states version 0.2.0; the release has 1.0.0" in result.stderr) == (0, True)
    dump = Triples.read(project / "releases" / "1.0.0" / "small.nt.gz")
    assert [o for _, _, o in dump.match(predicate="dcat:version")] == ['"1.0.0"']
    assert len(dump.match(predicate="dcterms:issued")) == 1
    assert run("diff", "1.0.0").exit_code == 0


def test_the_bundled_dataset_is_not_released_by_accident(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = Project.bundled().root / "releases"
    before = files(releases)  # of the checkout; an installed package has none
    monkeypatch.chdir(tmp_path)
    result = run("release", "9.0.0")
    assert (result.exit_code, "is not in a project" in result.stderr) == (2, True)
    assert files(releases) == before
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_leaves_nothing(run: Run, project: Path) -> None:
    (project / "releases").write_text("a file", encoding="utf-8")
    result = run("release", "1.0.0")
    assert result.exit_code == 2
    assert (project / "releases").read_text(encoding="utf-8") == "a file"


def test_a_date_that_is_none_is_refused(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    result = run("release", "1.0.0")
    assert (result.exit_code, result.stderr.startswith("SOURCE_DATE_EPOCH: 'yesterday' is not")) == (2, True)


def test_the_checksums_are_those_of_sha256sum(run: Run, project: Path) -> None:
    program = shutil.which("sha256sum")
    if program is None:
        pytest.skip("there is no sha256sum")
    run("release", "1.0.0")
    folder = project / "releases" / "1.0.0"
    done = subprocess.run([program, "--check", "--strict", "SHA256SUMS"], cwd=folder, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_rules_and_other_sources_are_released_and_compared(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "examples" / "document-claims", tmp_path / "league")
    monkeypatch.chdir(tmp_path / "league")
    folder = release(Project.open("."), "1.0.0", date(2026, 1, 2))
    assert {"inferred.nt.gz", "rules/inverse.rq"} <= files(folder).keys()
    assert run("diff", "1.0.0").exit_code == 0
    rule = Path("ontology/rules/inverse.rq")
    rule.write_text(rule.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    result = run("diff", "1.0.0")
    assert (result.exit_code, "Rules:\n  Changed: inverse\n" in result.stdout) == (1, True)
    with pytest.raises(InputError, match="not later"):
        release(Project.open("."), "1.0", date(2026, 1, 2))
    assert not diff(folder, Project.open(".")).graphs
