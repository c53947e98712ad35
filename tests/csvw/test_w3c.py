"""The W3C's own cases for CSV on the Web: validation, and conversion to RDF in the mode that each case names.

The cases stand in ../shared/suites/csvw, or in the folder that GLOCAL_SUITES names. What they fetch is answered from
that folder: the files, the Link headers that the manifest states, and the site's `.well-known/csvm`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
import rdflib
from conftest import ROOT
from rdflib import RDF, Namespace
from rdflib.compare import graph_diff

from glocal_rdf import csvw
from glocal_rdf.errors import GlocalError
from glocal_rdf.triples import Triples

SUITE = Path(os.environ.get("GLOCAL_SUITES", ROOT.parent / "shared" / "suites")) / "csvw"
BASE = "http://www.w3.org/2013/csvw/tests/"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
CSVT = Namespace("http://www.w3.org/2013/csvw/tests/vocab#")
# What the test suite's README says that its site answers to /.well-known/csvm.
WELL_KNOWN = b"{+url}-metadata.json\ncsv-metadata.json\n{+url}.json\ncsvm.json\n"


class Case:
    """One entry of a manifest."""

    def __init__(self, graph: rdflib.Graph, node: rdflib.term.Node) -> None:
        option = graph.value(node, CSVT.option)
        self.name = str(node).rpartition("#")[2]
        self.kind = str(graph.value(node, RDF.type)).rpartition("#")[2]
        self.action = str(graph.value(node, MF.action))
        self.result = graph.value(node, MF.result)
        self.link = graph.value(node, CSVT.httpLink)
        self.content_type = graph.value(node, CSVT.contentType)
        self.minimal = str(graph.value(option, CSVT.minimal)) == "true" if option else False
        metadata = graph.value(option, CSVT.metadata) if option else None
        self.metadata = str(metadata) if metadata else None

    def fetch(self, url: str) -> csvw.Fetched | None:
        """Answer a request as the suite's site does."""
        if url.endswith("/.well-known/csvm"):
            return csvw.Fetched(url, WELL_KNOWN)
        is_action = url == urldefrag(self.action).url
        path, _, query = url.partition("?")
        if not path.startswith(BASE) or (query and not is_action):
            return None
        file = SUITE / unquote(path.removeprefix(BASE))
        if not file.is_file():
            return None
        links = (str(self.link),) if self.link and is_action else ()
        kind = str(self.content_type) if self.content_type and is_action else ""
        return csvw.Fetched(url, file.read_bytes(), kind, links)


def read_cases(manifest: str) -> Iterator[object]:
    """Yield the cases of a manifest, with ids that tell suite and case."""
    if not (SUITE / manifest).is_file():
        return
    graph = rdflib.Graph()
    graph.parse(SUITE / manifest, publicID=BASE + manifest)
    for node in sorted(graph.subjects(MF.action), key=str):
        case = Case(graph, node)
        yield pytest.param(case, id=f"w3c-csvw-{manifest.removeprefix('manifest-').removesuffix('.ttl')}-{case.name}")


def read_expected(case: Case) -> Triples:
    path = SUITE / str(case.result).removeprefix(BASE)
    return Triples.parse(path.read_bytes(), "turtle", base=str(case.result))


def test_w3c_csvw_suite_is_present() -> None:
    if not (SUITE / "manifest-rdf.ttl").is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the W3C suite is not at {SUITE}")
        pytest.skip(f"the W3C suite is not at {SUITE}; GLOCAL_SUITES names its folder")
    assert list(read_cases("manifest-rdf.ttl"))
    assert list(read_cases("manifest-validation.ttl"))


@pytest.mark.parametrize("case", list(read_cases("manifest-validation.ttl")))
def test_validation(case: Case) -> None:
    problems = csvw.check(case.action, metadata=case.metadata, fetch=case.fetch, strict=True)
    told = "\n".join(f"{p.level}: {p}" for p in problems)
    levels = {p.level for p in problems}
    match case.kind:
        case "PositiveValidationTest":
            assert not levels, told
        case "WarningValidationTest":
            assert levels == {"warning"}, told or "no warning was given"
        case "NegativeValidationTest":
            assert "error" in levels, told or "nothing was found"
        case _:
            pytest.fail(f"a kind of case that is not known: {case.kind}")


@pytest.mark.parametrize("case", list(read_cases("manifest-rdf.ttl")))
def test_rdf(case: Case) -> None:
    mode = "minimal" if case.minimal else "standard"
    if case.kind == "NegativeRdfTest":
        with pytest.raises(GlocalError):
            csvw.convert(case.action, mode=mode, lists="joined", strict=True, metadata=case.metadata, fetch=case.fetch)
        return
    conversion = csvw.convert(
        case.action, mode=mode, lists="joined", strict=True, metadata=case.metadata, fetch=case.fetch
    )
    expected = read_expected(case)
    if not conversion.triples.is_isomorphic(expected):
        _, extra, missing = graph_diff(conversion.triples.to_rdflib(), expected.to_rdflib())
        pytest.fail(f"not expected:\n{extra.serialize(format='nt')}\nmissing:\n{missing.serialize(format='nt')}")
    if case.kind == "ToRdfTestWithWarnings":
        assert conversion.problems, "no warning was given"
    else:
        assert case.kind == "ToRdfTest"
