"""Pages made from Virtuoso say what those made from a file say, though it has no default graph and rewrites values."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT, Run
from stores import PASSWORD, run_virtuoso

from glocal_rdf import Project, build
from glocal_rdf.namespaces import RDF, RDF_TYPE, term
from glocal_rdf.operations.serve_source import Source, open_source
from glocal_rdf.operations.serve_source_site import make_thing_site
from glocal_rdf.serve.source import neighbourhood, selecting
from glocal_rdf.serve.source.asking import Session
from glocal_rdf.serve.source.neighbourhood import fetch_data, fetch_neighbourhood

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
        with monkeypatch.context() as counting:
            counting.setattr(selecting, "SURE", 0)  # Every answer is counted, and is found to be whole.
            for thing in sorted(things)[::9]:
                for source in (own, other):
                    session = Session(source.ask, 60)
                    near = fetch_neighbourhood(session, source.layout, thing)
                    data = fetch_data(session, source.layout, thing)
                    assert (near.cuts, data.cuts) == ([], []), thing
                    assert len(data.statements) == len(near.statements) > 1
        monkeypatch.setattr(neighbourhood, "MOST_CLAIMS", 20)
        claimed = sorted(set(built.triples.match(predicate=term(RDF, "subject")).frame["object"]))
        cuts = [
            {thing: fetch_neighbourhood(Session(one.ask, 60), one.layout, thing).cuts for thing in claimed[:6]}
            for one in (own, other)
        ]
        assert cuts[0] == cuts[1]
        assert any(cut.part == "claims" and cut.total for several in cuts[0].values() for cut in several)
    own.close()
