"""The dumps and descriptions of a published dataset: true numbers, whole graphs, and what their standards ask."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyoxigraph
import pytest
import rdflib
import yaml
from conftest import ROOT
from w3c_suites import SUITES

from glocal_rdf.dataset import Build
from glocal_rdf.namespaces import DCAT, DCTERMS, FOAF, PROV, RDF, RDF_TYPE, SH, SPDX, VOID, term
from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import make_site
from glocal_rdf.operations.publish_catalogue import contribute, describe_catalogue, write_descriptions
from glocal_rdf.operations.publish_dumps import split_graphs
from glocal_rdf.operations.publish_requirements import find_missing
from glocal_rdf.project import WIKIBASE_TABLE, Project
from glocal_rdf.publish.catalogue.model import Catalogue, Dump
from glocal_rdf.shacl import validate
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset

from .conftest import copy_parks

pytestmark = pytest.mark.slow

BASE = "https://data.example.org/glocal/"


@dataclass
class Described:
    """A dataset with its descriptions, as bytes by path."""

    built: Build
    catalogue: Catalogue
    files: dict[str, bytes]

    def read(self, path: str) -> Triples:
        return Triples.parse(self.files[path], "jsonld" if path.endswith("jsonld") else "turtle", BASE + path)

    def dump(self, name: str) -> Dump:
        return next(dump for dump in self.catalogue.dumps if dump.name == name)

    def unpack(self, name: str) -> bytes:
        return gzip.decompress(self.dump(name).content)


def describe(built: Build, base: str = BASE) -> Described:
    catalogue, dumps = describe_catalogue(make_site(built, base_url=base))
    return Described(built, catalogue, {**write_descriptions(catalogue, built.prefixes), **dumps.others})


@pytest.fixture(scope="module")
def described(built: Build) -> Described:
    return describe(built)


@pytest.fixture(scope="module")
def parks_described() -> Described:
    return describe(build(Project.open(ROOT / "examples" / "city-spreadsheet")))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["turtle", "ntriples", "jsonld"])
def test_each_dump_is_the_whole_graph(described: Described, name: str) -> None:
    assert Triples.parse(described.unpack(name), name) == described.built.triples.distinct()


def test_the_table_of_triples_is_the_whole_graph(described: Described) -> None:
    frame = pl.read_parquet(described.dump("parquet").content)
    assert frame.columns == ["subject", "predicate", "object"]
    assert Triples(frame) == described.built.triples.distinct()


def test_the_graphs_together_are_data_ontology_and_sources(described: Described) -> None:
    read = Dataset.parse(described.unpack("trig"), "trig")
    sources = {source.iri: source.triples for source in described.built.source_graphs}
    ontology = read.named[f"{described.catalogue.iri}#ontology"]
    assert ontology.is_isomorphic(described.built.project.ontology)
    own = [graph for name, graph in read.named.items() if name not in sources and graph is not ontology]
    assert read.default.union(*own) == described.built.triples.distinct()
    assert {name: read.named[name] for name in sources} == {name: graph.distinct() for name, graph in sources.items()}
    claims = {name for name in read.named if "#claims/" in name}
    assert len(claims) == 4
    for name in claims:
        document = name.partition("#claims/")[2]
        passages = read.named[name].match(predicate=term(PROV, "wasDerivedFrom")).frame["object"]
        assert passages.str.contains(f"/id/{document}#", literal=True).any()
    claims_of = described.built.triples.match(predicate=term(RDF, "predicate")).frame
    derived = described.built.triples.match(predicate=term(PROV, "wasDerivedFrom")).frame
    without = set(claims_of.join(derived, on="subject", how="anti")["subject"])
    assert set(read.default.match(predicate=term(RDF, "predicate")).frame["subject"]) == without


def test_claims_of_rdf_1_2_are_in_a_dump(described: Described) -> None:
    store = pyoxigraph.Store()
    store.load(described.unpack("turtle-1.2"), pyoxigraph.RdfFormat.TURTLE)
    reifies = pyoxigraph.NamedNode(f"{RDF}reifies")
    found = {quad.subject for quad in store.quads_for_pattern(None, reifies, None)}
    assert len(found) == described.catalogue.statistics.claims > 0


def test_a_project_without_claims_or_coordinates_has_no_dump_of_them_and_a_note(parks_described: Described) -> None:
    names = {dump.name for dump in parks_described.catalogue.dumps}
    assert "turtle-1.2" not in names
    notes = contribute(make_site(parks_described.built)).find().notes
    assert any("no claims" in note for note in notes)


def test_sizes_and_checksums_are_those_of_the_files(described: Described) -> None:
    graph = described.read("data/catalogue.ttl")
    listed = dict(line.split("  ")[::-1] for line in described.files["data/SHA256SUMS"].decode().splitlines())
    for dump in described.catalogue.dumps:
        this = f"<{described.catalogue.part(dump.name)}>"
        told = {predicate: value for _, predicate, value in graph.match(subject=this)}
        assert told[term(DCAT, "byteSize")].startswith(f'"{len(dump.content)}"')
        assert told[term(DCAT, "downloadURL")] == f"<{BASE}{dump.path}>"
        checksum = graph.match(subject=told[term(SPDX, "checksum")], predicate=term(SPDX, "checksumValue"))
        assert checksum.frame["object"][0].startswith(f'"{hashlib.sha256(dump.content).hexdigest()}"')
        assert listed[dump.path.removeprefix("data/")] == dump.sha256
    assert len(listed) == len(described.catalogue.dumps) + len(described.catalogue.tables)


def test_packed_files_have_neither_name_nor_time(described: Described) -> None:
    for dump in described.catalogue.dumps:
        if dump.packed == "application/gzip":
            assert dump.content[3:8] == bytes(5)


@pytest.mark.slow
def test_numbers_of_void_are_those_that_sparql_counts(described: Described) -> None:
    store = described.built.triples.to_store()
    void = described.read("data/void.ttl")
    dataset = f"<{described.catalogue.iri}>"

    def count(query: str) -> int:
        return int(next(iter(store.query(query)))[0].value)  # type: ignore[index, union-attr, call-overload]

    def told(subject: str, name: str) -> int:
        (value,) = void.match(subject=subject, predicate=term(VOID, name)).frame["object"]
        return int(value.split('"')[1])

    assert told(dataset, "triples") == count("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    # The store reads literals by their values, "12.50" as "12.5": what is distinct is counted in the lines of the dump.
    lines = [line[:-2].split(" ", 2) for line in described.unpack("ntriples").decode().splitlines()]
    assert told(dataset, "distinctSubjects") == len({subject for subject, _, _ in lines})
    assert told(dataset, "distinctObjects") == len({value for _, _, value in lines})
    assert told(dataset, "properties") == count("SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }")
    assert told(dataset, "classes") == count("SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }")
    parts = void.match(subject=dataset, predicate=term(VOID, "propertyPartition")).frame["object"]
    assert sum(told(part, "triples") for part in parts) == told(dataset, "triples")
    for part in list(parts)[:5]:
        (one,) = void.match(subject=part, predicate=term(VOID, "property")).frame["object"]
        assert told(part, "triples") == count(f"SELECT (COUNT(*) AS ?n) {{ ?s {one} ?o }}")
    linksets = void.match(predicate=RDF_TYPE, object=term(VOID, "Linkset")).frame["subject"]
    wikidata = sum(
        told(one, "triples")
        for one in linksets
        if any(
            '"Wikidata"' in value
            for target in void.match(subject=one, predicate=term(VOID, "objectsTarget")).frame["object"]
            for value in void.match(subject=target, predicate=term(DCTERMS, "title")).frame["object"]
        )
    )
    assert wikidata == count(
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT (COUNT(*) AS ?n) { ?s ?p ?o . "
        "VALUES ?p { skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch skos:relatedMatch } "
        'FILTER(STRSTARTS(STR(?o), "http://www.wikidata.org/entity/")) '
        'FILTER(STRSTARTS(STR(?s), "https://w3id.org/glocal/id/")) }'
    )


def test_the_description_stands_where_void_is_looked_for_and_is_the_same(described: Described) -> None:
    here, there = described.read("data/void.ttl"), described.read(".well-known/void")
    topic = term(FOAF, "primaryTopic")
    assert len(here.match(predicate=topic)) == 1
    assert here.match(subject=f"<{described.catalogue.iri}>") == there.match(subject=f"<{described.catalogue.iri}>")


PROFILE = (
    "dcat-ap-SHACL",
    "shapes",
    "range",
    "ranges",
    "deprecateduris",
    "shapes_recommended",
    "mdr-vocabularies.shape",
)


def read_profile(name: str) -> Triples:
    folder = SUITES / "dcat-ap-3.0.1"
    if not folder.is_dir() and os.environ.get("CI") != "true":
        pytest.skip(f"the shapes are not at {folder}; set GLOCAL_SUITES")
    return Triples.read(folder / f"{name}.ttl")


UNKNOWN = {
    # Nobody states the kind of the publisher, and it is not one of the EU's corporate bodies.
    f"<{DCTERMS}publisher>",
    f"<{DCTERMS}type>",
    # GeoNames' Earth has neither.
    f"<{DCAT}bbox>",
    f"<{DCAT}centroid>",
}
"""The paths of the recommendations of DCAT-AP that the bundled dataset does not follow, as nobody knows the values."""


@pytest.mark.parametrize("name", PROFILE)
def test_the_catalogue_conforms_to_dcat_ap(described: Described, name: str) -> None:
    report = validate(described.read("data/catalogue.ttl"), read_profile(name))
    assert sum(report.reached.values()) > 0
    assert [result for result in report.results if result.severity == term(SH, "Violation")] == []
    assert {str(result.path) for result in report.results} <= UNKNOWN


@pytest.mark.peer
def test_pyshacl_agrees_that_the_catalogue_conforms(described: Described) -> None:
    report = validate(described.read("data/catalogue.ttl"), read_profile("dcat-ap-SHACL"), engine="pyshacl")
    assert report.conforms


def test_the_catalogue_in_json_is_the_same(described: Described) -> None:
    assert described.read("data/catalogue.ttl").is_isomorphic(described.read("data/catalogue.jsonld"))


def test_a_file_with_several_licences_names_each(described: Described) -> None:
    graph = described.read("data/catalogue.ttl")
    licence = term(DCTERMS, "license")
    (own,) = graph.match(subject=f"<{described.catalogue.part('turtle')}>", predicate=licence).frame["object"]
    assert own == "<https://creativecommons.org/publicdomain/zero/1.0/>"
    (each,) = graph.match(subject=f"<{described.catalogue.part('trig')}>", predicate=licence).frame["object"]
    parts = set(graph.match(subject=each, predicate=term(DCTERMS, "hasPart")).frame["object"])
    assert parts == {own, *(f"<{source.describe('license')}>" for source in described.built.source_graphs)}


def test_provenance_names_every_table_with_its_checksum(described: Described) -> None:
    told = {one.path: one.sha256 for one in described.catalogue.inputs}
    mapping = WIKIBASE_TABLE.as_posix()  # how terms correspond to those of a Wikibase: nothing is built from it
    assert {f"data/{path.name}" for path in (ROOT / "data").glob("*.csv")} - {mapping} <= told.keys()
    assert mapping not in told
    assert told["data/claims.csv"] == hashlib.sha256((ROOT / "data/claims.csv").read_bytes()).hexdigest()


def test_data_json_has_what_its_schema_requires_but_an_address_that_nobody_gives(described: Described) -> None:
    catalogue = json.loads(described.files["data.json"])
    (dataset,) = catalogue["dataset"]
    assert catalogue["@type"] == "Catalog"
    assert {"title", "description", "publisher", "contactPoint", "identifier"} <= dataset.keys()
    assert dataset["publisher"]["name"] == "Glocal RDF"
    for one in dataset["distribution"]:
        assert one["downloadURL"].startswith(BASE)
        assert isinstance(one["byteSize"], str)
    missing = find_missing(described.catalogue, "en").required
    assert missing["dcat"] == missing["void"] == ()
    assert len(missing["dcat-us"]) == 1
    assert "vcard:hasEmail" in missing["dcat-us"][0]


@pytest.mark.slow
def test_no_description_is_written_as_one_that_its_catalogue_would_refuse(described: Described, tmp_path: Path) -> None:
    site = make_site(described.built, base_url=BASE)
    part = contribute(site)
    paths = {file.path for file in part.write(replace(site, contributions={"catalogue": part}))}
    assert "data.json" not in paths
    assert any("data.json is not written" in note for note in part.find().notes)
    assert part.find().problems == ()
    metadata = copy_parks(tmp_path / "parks") / "data" / "csv-metadata.json"
    known = json.loads(metadata.read_text(encoding="utf-8"))
    metadata.write_text(json.dumps({**known, "dcat:contactPoint": {"@id": "mailto:parks@willowbay.example"}}), "utf-8")
    site = make_site(build(Project.open(tmp_path / "parks")), base_url=BASE)
    part = contribute(site)
    files = {file.path: file.content for file in part.write(replace(site, contributions={"catalogue": part}))}
    assert "data.json" in files
    assert part.find().problems == ()
    assert "DCAT-AP 3.0.1" in bytes(files["data/index.html"]).decode()  # type: ignore[arg-type]
    del known["dc:publisher"]
    metadata.write_text(json.dumps(known), "utf-8")
    site = make_site(build(Project.open(tmp_path / "parks")), base_url=BASE)
    part = contribute(site)
    assert [problem.what for problem in part.find().problems] == ["DCAT-AP requires a publisher"]
    files = {file.path: file.content for file in part.write(replace(site, contributions={"catalogue": part}))}
    page = bytes(files["data/index.html"]).decode()  # type: ignore[arg-type]
    assert "DCAT-AP" not in page
    assert "DCAT 3, PROV (Turtle)" in page


def test_every_missing_property_is_reported_once_and_nothing_is_made_up(tmp_path: Path) -> None:
    metadata = copy_parks(tmp_path / "little") / "data" / "csv-metadata.json"
    described = json.loads(metadata.read_text(encoding="utf-8"))
    kept = {name: value for name, value in described.items() if ":" not in name or name == "dc:title"}
    metadata.write_text(json.dumps(kept), encoding="utf-8")
    built = build(Project.open(tmp_path / "little"))
    found = describe(built)
    missing = every_line(found, "en")
    for name in ("description", "publisher", "license", "issued", "modified", "temporal", "spatial"):
        assert len([line for line in missing if f'"dc:{name}"' in line and "DCAT-US" not in line]) == 1, name
    graph = found.read("data/catalogue.ttl")
    for name in ("description", "publisher", "license", "issued", "modified", "temporal", "spatial"):
        assert graph.match(subject=f"<{found.catalogue.iri}>", predicate=term(DCTERMS, name)).frame.is_empty()
    assert all(re.search("[\u4e00-\u9fff]", line) for line in every_line(found, "zh-Hant"))


def every_line(found: Described, lang: str) -> list[str]:
    """All lines about what is missing."""
    missing = find_missing(found.catalogue, lang)
    return [*missing.recommended, *(line for lines in missing.required.values() for line in lines)]


def test_without_an_address_of_the_site_addresses_are_relative(parks_described: Described) -> None:
    found = describe(parks_described.built, "")
    for path, content in found.files.items():
        assert b".invalid" not in content, path
    assert b"<parks.ttl.gz>" in found.files["data/catalogue.ttl"] or b"../data/" in found.files["data/catalogue.ttl"]
    here = found.read("data/catalogue.ttl").match(predicate=term(DCAT, "downloadURL")).frame["object"]
    there = parks_described.read("data/catalogue.ttl").match(predicate=term(DCAT, "downloadURL")).frame["object"]
    assert sorted(here) == sorted(there)


@pytest.mark.slow
def test_croissant_loads(described: Described, tmp_path: Path) -> None:
    pytest.importorskip("mlcroissant", reason="needs the extra 'test'")
    for table in described.catalogue.tables:
        file = tmp_path / table.dump.path.removeprefix("data/")
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(table.dump.content)
    text = described.files["data/croissant.json"].decode().replace(f"{BASE}data/", "")
    (tmp_path / "croissant.json").write_text(text, encoding="utf-8")
    program = (
        "import json, sys, mlcroissant\n"
        "dataset = mlcroissant.Dataset(sys.argv[1])\n"
        "rows = list(dataset.records('table-City-records'))\n"
        "print(json.dumps([len(dataset.metadata.record_sets), len(rows), sorted(rows[0])]))\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", program, str(tmp_path / "croissant.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    sets, rows, names = json.loads(done.stdout.splitlines()[-1])
    city = next(table for table in described.catalogue.tables if table.dump.name == "table-City")
    assert sets == len(described.catalogue.tables)
    assert rows == pl.read_csv(city.dump.content, infer_schema=False).height > 0
    assert len(names) == len(city.columns)


def test_the_archive_has_the_tables_and_their_description(described: Described) -> None:
    with zipfile.ZipFile(io.BytesIO(described.dump("csv").content)) as archive:
        packed = {f"data/tables/{name}": archive.read(name) for name in archive.namelist()}
    tables = {table.dump.path: table.dump.content for table in described.catalogue.tables}
    assert packed == {**tables, **{path: data for path, data in described.files.items() if "/tables/" in path}}


def test_citation_has_what_the_format_requires(described: Described) -> None:
    cited = yaml.safe_load(described.files["data/CITATION.cff"])
    assert cited["cff-version"] == "1.2.0"
    assert cited["title"] == "The glocalization graph"
    assert cited["authors"] == [{"name": "Glocal RDF"}]
    assert cited["license"] == "CC0-1.0"


def test_questions_are_executables_that_run(described: Described) -> None:
    graph = described.read("data/questions.ttl")
    executables = graph.match(predicate=RDF_TYPE, object=term(SH, "SPARQLSelectExecutable")).frame["subject"]
    assert executables.len() == len(described.catalogue.questions) > 30
    loaded = rdflib.Graph().parse(data=described.files["data/questions.ttl"], format="turtle")
    query = loaded.value(rdflib.URIRef(f"{BASE}data/questions#oldest-network"), rdflib.SH.select)
    store = described.built.with_ontology.to_store()
    assert len(list(store.query(str(query)))) > 0  # type: ignore[arg-type]


def test_llms_txt_says_what_it_is_and_how_to_cite(described: Described) -> None:
    text = described.files["llms.txt"].decode()
    assert text.startswith("# The glocalization graph\n\n> ")
    assert described.catalogue.cite("en") in text
    assert f"{described.catalogue.statistics.claims:,} claims" in text
    assert "oldest-network" in text


@pytest.mark.parametrize("name", [pytest.param("site", marks=pytest.mark.slow), "parks"])
def test_the_page_has_every_file_and_is_in_the_menu(name: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(name)
    text = (folder / "data/index.html").read_text(encoding="utf-8")
    for file in sorted((folder / "data").glob("*.*")):
        if file.suffix in {".gz", ".zip", ".parquet"}:
            assert f'href="../data/{file.name}"' in text
    assert 'href="data/index.html"' in (folder / "index.html").read_text(encoding="utf-8")
    assert '"@type":"Dataset"' in text


def test_parts_of_the_graph_do_not_overlap(built: Build) -> None:
    default, named = split_graphs(built, "https://e.org/d")
    assert sum(map(len, (default, named["https://e.org/d#links"], named["https://e.org/d#inferred"]))) < len(
        built.triples
    )
    assert default.intersection(named["https://e.org/d#links"]).frame.is_empty()


def test_a_question_that_is_not_sparql_is_reported_and_left_out(tmp_path: Path) -> None:
    folder = copy_parks(tmp_path / "parks")
    (folder / "queries").mkdir(exist_ok=True)
    head = "# title: Broken\n# description: It is.\n# group: test\n"
    (folder / "queries" / "broken.rq").write_text(f"{head}SELECT * {{ ?s ?p }}\n", encoding="utf-8")
    (folder / "queries" / "describe.rq").write_text(f"{head}DESCRIBE <https://e.org/a>\n", encoding="utf-8")
    contribution = contribute(make_site(build(Project.open(folder))))
    assert sorted(Path(problem.where).name for problem in contribution.find().problems) == ["broken.rq", "describe.rq"]
