"""Reads the W3C's cases for CSV on the Web and for SHACL, which are not part of this repository.

They stand in ../shared/suites, or in the folder that GLOCAL_SUITES names. What the cases of CSV on the Web fetch is
answered from that folder: the files, the Link headers that the manifest states, and the site's `.well-known/csvm`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote as unquote_path
from urllib.parse import urldefrag

import pytest
import rdflib
from conftest import ROOT
from rdflib import RDF, Namespace

from glocal_rdf import csvw
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.shacl.terms import sh
from glocal_rdf.shacl.triple_index import TripleIndex
from glocal_rdf.triples import Triples
from glocal_rdf.triples.terms import unquote

SUITES = Path(os.environ.get("GLOCAL_SUITES", ROOT.parent / "shared" / "suites"))
CSVW = SUITES / "csvw"
CSVW_BASE = "http://www.w3.org/2013/csvw/tests/"
SHACL = SUITES / "shacl"
_manifest = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_terms = Namespace("http://www.w3.org/2013/csvw/tests/vocab#")
# What the test suite's README says that its site answers to /.well-known/csvm.
_WELL_KNOWN = b"{+url}-metadata.json\ncsv-metadata.json\n{+url}.json\ncsvm.json\n"
_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
_MF = "<http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_SHT = "<http://www.w3.org/ns/shacl-test#"


class CsvwCase:
    """One entry of a manifest."""

    def __init__(self, graph: rdflib.Graph, node: rdflib.term.Node) -> None:
        option = graph.value(node, _terms.option)
        self.iri = str(node)
        self.title = str(graph.value(node, _manifest.name))
        self.name = self.iri.rpartition("#")[2]
        self.kind = str(graph.value(node, RDF.type)).rpartition("#")[2]
        self.action = str(graph.value(node, _manifest.action))
        self.result = graph.value(node, _manifest.result)
        self.link = graph.value(node, _terms.httpLink)
        self.content_type = graph.value(node, _terms.contentType)
        self.minimal = str(graph.value(option, _terms.minimal)) == "true" if option else False
        metadata = graph.value(option, _terms.metadata) if option else None
        self.metadata = str(metadata) if metadata else None

    def fetch(self, url: str) -> csvw.Fetched | None:
        """Answer a request as the suite's site does."""
        if url.endswith("/.well-known/csvm"):
            return csvw.Fetched(url, _WELL_KNOWN)
        is_action = url == urldefrag(self.action).url
        path, _, query = url.partition("?")
        if not path.startswith(CSVW_BASE) or (query and not is_action):
            return None
        file = CSVW / unquote_path(path.removeprefix(CSVW_BASE))
        if not file.is_file():
            return None
        links = (str(self.link),) if self.link and is_action else ()
        kind = str(self.content_type) if self.content_type and is_action else ""
        return csvw.Fetched(url, file.read_bytes(), kind, links)


def read_csvw_cases(manifest: str) -> Iterator[CsvwCase]:
    """Yield the cases of a manifest, sorted by their IRIs; none where the suite is not there."""
    if not (CSVW / manifest).is_file():
        return
    graph = rdflib.Graph()
    graph.parse(CSVW / manifest, publicID=CSVW_BASE + manifest)
    for node in sorted(graph.subjects(_manifest.action), key=str):
        yield CsvwCase(graph, node)


def list_shacl_files() -> list[Path]:
    """List the files of the suite that hold a case, sorted; none where the suite is not there."""
    return [file for file in sorted(SHACL.rglob("*.ttl")) if b"Validate" in file.read_bytes()]


@dataclass(frozen=True)
class ShaclCase:
    """One W3C case: data, shapes, and the report that is expected, or none where a failure is."""

    iri: str
    title: str
    data: Triples
    shapes: Triples
    expected: Triples | None


def _read(file: Path) -> Triples:
    return Triples.read(file, base=file.as_uri())


def load_shacl_cases(file: Path) -> list[ShaclCase]:
    """Read the cases of a file; a file that only holds data or shapes has none."""
    graph = _read(file)
    nodes = TripleIndex(graph)
    here = f"<{file.as_uri()}>"
    cases = []
    for test in nodes.subjects(RDF_TYPE, f"{_SHT}Validate>"):
        (action,) = nodes.values(test, f"{_MF}action>")
        (data,) = nodes.values(action, f"{_SHT}dataGraph>")
        (shapes,) = nodes.values(action, f"{_SHT}shapesGraph>")
        (result,) = nodes.values(test, f"{_MF}result>")

        def fetch(iri: str) -> Triples:
            return graph if iri == here else _read(file.parent / iri[1:-1].rsplit("/", 1)[-1])

        title = unquote(next(iter(nodes.values(test, _LABEL)), '""'))
        expected = None if result == f"{_SHT}Failure>" else _cut_report(nodes, result)
        name = f"{file.relative_to(SHACL).parent.as_posix()}/{test[1:-1].rpartition('/')[2]}"
        cases.append(ShaclCase(f"urn:x-shacl-test:/{name}", title, fetch(data), fetch(shapes), expected))
    return cases


def _cut_report(nodes: TripleIndex, root: str) -> Triples:
    """Cut the report out of the file: what its node leads to, without going on into the shapes."""
    out, todo, seen = [], [root], set()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        for p in nodes.predicates_of(node):
            for o in nodes.values(node, p):
                out.append((node, p, o))
                if o.startswith("_:") and p not in {
                    sh("focusNode"),
                    sh("value"),
                    sh("sourceShape"),
                    sh("sourceConstraint"),
                }:
                    todo.append(o)
    return Triples.from_terms(out)


def shacl_parameters() -> list[object]:
    """Return a parameter for each file of the suite for SHACL, or one that is skipped where the suite is not there."""
    if not SHACL.is_dir():
        reason = f"the suite is not at {SHACL}; set GLOCAL_SUITES"
        marks = () if os.environ.get("CI") == "true" else (pytest.mark.skip(reason=reason),)
        return [pytest.param(None, id="w3c-shacl-suite-absent", marks=marks)]
    return [
        pytest.param(file, id=f"w3c-shacl-{file.relative_to(SHACL).with_suffix('').as_posix().replace('/', '-')}")
        for file in list_shacl_files()
    ]
