"""`glocal validate --max-memory` writes the report that it writes without, and says what does not fit."""

from __future__ import annotations

import gzip
from pathlib import Path

import click
import pytest
from conftest import Run

from glocal_rdf import validate
from glocal_rdf.cli.options import MemorySize
from glocal_rdf.triples import Triples

SHAPES = """
@prefix : <https://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:CityShape a sh:NodeShape ; sh:name "city"@en, "城市"@zh-Hant ; sh:targetClass :City ; sh:property :CityCountry, :Part .
:CityCountry sh:path :country ; sh:minCount 1 ; sh:class :Country ; sh:severity sh:Warning ; sh:message "Give it"@en .
:Part sh:path :part ; sh:node [ sh:property [ sh:path :name ; sh:minCount 1 ; sh:maxLength 4 ] ] .
:Gone sh:targetNode :nowhere ; sh:property [ sh:path :name ; sh:minCount 1 ] .
:Town rdfs:subClassOf :City .
"""
ROOT = Path(__file__).parents[2]
PREFIXES = {
    "parks:": "https://data.willowbay.example/ontology#",
    "schema:": "http://schema.org/",
    "skos:": "http://www.w3.org/2004/02/skos/core#",
}
ONE = """@prefix : <https://example.org/> .
:Taipei a :City ; :country :Taiwan, :Atlantis ; :part _:x, _:y . :Taiwan a :Country .
_:x :name "Da'an" . _:y :name "Beitou"@en .
"""
TWO = """@prefix : <https://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:Lyon a :Town ; :part _:x . _:x :name "Vaise", "La" .
:Town rdfs:subClassOf :City . :Rome :part [ :name "Prati" ] ; a :City .
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("files")
    for name, text in {"one": ONE, "two": TWO}.items():
        data = Triples.parse(text, "turtle").serialize("ntriples")
        (folder / f"{name}.ttl").write_text(text, encoding="utf-8")
        (folder / f"{name}.nt").write_bytes(
            data + b'  <https://example.org/Taipei>\t<urn:x>  "odd" . # not canonical\n'
        )
        (folder / f"{name}.nt.gz").write_bytes(gzip.compress(data))
    (folder / "shapes.ttl").write_text(SHAPES, encoding="utf-8")
    (folder / "broken.nt").write_bytes(b"<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> .\n\n<urn:a> 'x' <urn:c> .\n")
    (folder / "empty.nt").write_bytes(b"# nothing\n")
    return {path.name: path for path in folder.iterdir()}


@pytest.mark.parametrize("form", ["text", "json", "turtle", "sarif", "html"])
def test_every_form_is_the_same_to_the_byte(run: Run, files: dict[str, Path], form: str) -> None:
    words = ("validate", files["one.nt"], "-s", files["shapes.ttl"], "-f", form, "--reached")
    plain, bounded = run(*words), run(*words, "--max-memory", "1G")
    assert plain.exit_code == 1
    assert "Taipei" in plain.stdout
    assert (bounded.exit_code, bounded.stdout, bounded.stderr) == (plain.exit_code, plain.stdout, plain.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ["one.nt", "two.nt", "empty.nt"],
        ["two.ttl", "one.nt.gz"],
        ["one.nt", "two.nt", "-e", "two.ttl"],
        ["one.nt", "two.nt", "--severity", "violation", "-n", "2"],
        ["one.nt", "two.nt", "--shape", "CityShape", "--focus", "https://example.org/Lyon"],
        ["empty.nt"],
    ],
    ids=" ".join,
)
def test_files_are_one_graph_and_results_lead_to_them(run: Run, files: dict[str, Path], arguments: list[str]) -> None:
    words = ["validate", *(files.get(word, word) for word in arguments), "-s", files["shapes.ttl"], "--json"]
    plain, bounded = run(*words), run(*words, "--max-memory", "9GiB")
    assert (bounded.exit_code, bounded.stdout, bounded.stderr) == (plain.exit_code, plain.stdout, plain.stderr)


def test_shapes_of_the_project_look_up_its_ontology(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.nt"
    text = (
        "<urn:a> a parks:Park ; schema:containedInPlace <urn:d> ; parks:facility <urn:f> . <urn:d> a parks:District ."
        "<https://data.willowbay.example/ontology#Park> skos:prefLabel 'park'@en ."
    )
    prefixes = "".join(f"PREFIX {prefix} <{iri}> " for prefix, iri in PREFIXES.items())
    own.write_bytes(Triples.parse(prefixes + text, "turtle").serialize("ntriples"))
    words = ("validate", own, "--project", ROOT / "examples" / "city-spreadsheet", "--json", "--reached")
    plain, bounded = run(*words), run(*words, "--max-memory", "1G")
    assert plain.exit_code == 1
    assert (bounded.exit_code, bounded.stdout, bounded.stderr) == (plain.exit_code, plain.stdout, plain.stderr)


def test_a_query_that_may_look_anywhere_is_refused_by_name(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    query = 'sh:sparql [ sh:select "SELECT $this { ?any <urn:p> ?thing }" ]'
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(f"{SHAPES} :CityShape {query} .", encoding="utf-8")
    result = run("validate", files["one.nt"], "-s", shapes, "--max-memory", "1G")
    assert result.exit_code == 2
    assert result.stderr.startswith("<https://example.org/CityShape> / sh:sparql: its query may look at any triple: ")
    assert result.stderr.endswith("or validate without --max-memory\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["one.nt", "--max-memory", "9M"], "9 MiB is too little to validate with these shapes; give 300M or more"),
        (["one.nt", "--max-memory", "much"], "'much' is not an amount of memory; write it as 500M or 1.5G"),
        (["one.nt", "--max-memory", "1G", "--engine", "both"], "--max-memory goes with --engine columns"),
        (["-", "--max-memory", "1G"], "--max-memory goes with files of DATA"),
        (["missing.nt", "--max-memory", "1G"], "missing.nt: no such file"),
        (["broken.nt", "--max-memory", "1G"], "broken.nt:4:"),
    ],
)
def test_what_cannot_be_done_is_an_error(run: Run, files: dict[str, Path], arguments: list[str], said: str) -> None:
    result = run("validate", *(files.get(word, word) for word in arguments), "-s", files["shapes.ttl"])
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_mistakes_are_reported_as_when_the_file_is_read_whole(run: Run, files: dict[str, Path]) -> None:
    words = ("validate", files["broken.nt"], "-s", files["shapes.ttl"])
    assert run(*words, "--max-memory", "1G").stderr == run(*words).stderr


def test_a_file_that_is_read_whole_and_does_not_fit_is_an_error(
    run: Run, tmp_path: Path, files: dict[str, Path]
) -> None:
    big = tmp_path / "big.jsonld"
    big.write_text("[" + " " * 8_000_000 + "]", encoding="utf-8")
    result = run("validate", big, "-s", files["shapes.ttl"], "--max-memory", "300M")
    assert result.exit_code == 2
    assert "JSON-LD is read whole, which takes about 379 MiB of memory; convert it to N-Triples" in result.stderr


def test_python_validates_within_an_amount_of_memory(files: dict[str, Path]) -> None:
    both = [files["one.nt"], files["two.nt"]]
    bounded = validate(both, shapes=files["shapes.ttl"], max_memory=9 << 30)
    assert bounded == validate(both, shapes=files["shapes.ttl"])
    assert not bounded.conforms
    with pytest.raises(TypeError, match="paths of files"):
        validate(Triples.empty(), shapes=files["shapes.ttl"], max_memory=1 << 30)


@pytest.mark.parametrize(
    ("text", "size"),
    [("1024", 1024), ("500M", 500 << 20), ("1G", 1 << 30), ("1GiB", 1 << 30), ("1.5g", 3 << 29), ("2 GB", 2 * 10**9)],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert MemorySize().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "0", "-1G", "1GX", "1e3", "G", "9" * 40])
def test_what_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        MemorySize().convert(text, None, None)
