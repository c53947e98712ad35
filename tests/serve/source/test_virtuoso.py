"""Pages made from Virtuoso say what those made from a file say, though it has no default graph and rewrites values."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT, Run
from stores import PASSWORD, run_virtuoso

from glocal_rdf import Project, build
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.operations.serve_source import Source, open_source
from glocal_rdf.operations.serve_source_site import make_thing_site
from glocal_rdf.serve.source.asking import Session
from glocal_rdf.serve.source.neighbourhood import fetch_neighbourhood

EXAMPLE = ROOT / "examples" / "document-claims"


def read_facts(source: Source, thing: str) -> set[tuple[object, ...]]:
    near = fetch_neighbourhood(Session(source.ask, 60), source.layout, thing, ("en", "zh-Hant"))
    facts = make_thing_site(source.make_frame(), near).facts
    return {
        (predicate, one.value, one.plain, frozenset(claim.term for claim in one.claims))
        for predicate, several in facts.stated.items()
        for one in several
    }


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_each_thing_has_the_facts_that_it_has_in_a_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "example.nt"
    built = build(Project.open(EXAMPLE))
    file.write_bytes(built.with_ontology.serialize("ntriples"))
    monkeypatch.setenv("GLOCAL_LOAD_USER", "dba")
    monkeypatch.setenv("GLOCAL_LOAD_PASSWORD", PASSWORD)
    folder = tmp_path / "virtuoso"
    folder.mkdir()
    own = open_source(str(file))
    with run_virtuoso(folder) as server:
        loaded = run("load", f"{server}/sparql", file, "--graph", "https://data.example.org/graph")
        assert loaded.exit_code == 0, loaded.stderr
        other = open_source(f"{server}/sparql")
        space = built.project.space
        things = {
            one for one in built.triples.match(predicate=RDF_TYPE).frame["subject"] if one.startswith(f"<{space}")
        }
        assert len(things) > 20
        for thing in sorted(things)[::3]:
            assert read_facts(other, thing) == read_facts(own, thing), thing
    own.close()
