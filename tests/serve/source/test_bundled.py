"""The bundled dataset through a source has the facts that it has as a project."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from glocal_rdf.dataset import Build
from glocal_rdf.operations.publish import make_site
from glocal_rdf.operations.serve_source import open_source
from glocal_rdf.operations.serve_source_site import make_thing_site
from glocal_rdf.publish.statements.facts import Facts, list_facts
from glocal_rdf.serve.source.asking import Session
from glocal_rdf.serve.source.neighbourhood import MOST_LISTED, fetch_neighbourhood
from glocal_rdf.triples.datasets import serialize_dataset

NUMBER = 25
ALWAYS = {f"<https://w3id.org/glocal/{name}>" for name in ("id/place/taipei", "graph/glocal", "ontology")}


def facts_of(facts: Facts) -> set[tuple[object, ...]]:
    return {
        (predicate, one.value, one.plain, frozenset(claim.term for claim in one.claims), one.mappings)
        for predicate, several in facts.stated.items()
        for one in several
        if not one.value.startswith("_:")
    }


@pytest.mark.slow
def test_a_page_of_a_source_has_the_facts_of_the_page_of_the_project(built: Build, tmp_path: Path) -> None:
    site = make_site(built, formats=["turtle"])
    own, kinds = {}, {}
    for some, found in list_facts(site, 2000, MOST_LISTED):
        own |= found
        kinds |= dict(some.iter_rows())
    file = tmp_path / "glocal.nq"
    file.write_bytes(serialize_dataset(built.with_ontology, built.named_graphs, "nquads"))
    source = open_source(str(file))
    frame = source.make_frame()
    every = sorted(one for one in own if kinds[one] != "source")
    for thing in {*ALWAYS, *random.Random(7).sample(every, NUMBER)}:
        near = fetch_neighbourhood(Session(source.ask, 60), source.layout, thing, ("en", "zh-Hant"))
        made = make_thing_site(frame, near)
        facts = own[thing]
        assert facts_of(made.facts) == facts_of(facts), thing
        assert made.facts.counts == facts.counts, thing
        assert made.facts.incoming == facts.incoming, thing
        assert {graph: sorted(rows) for graph, rows in made.facts.external.items()} == {
            graph: sorted(rows) for graph, rows in facts.external.items()
        }
        assert made.page.kind == kinds[thing]
        assert [site.name_of(thing, lang) for lang in site.languages] == list(made.page.titles.values())
        named = ~(pl.col("subject").str.starts_with("_:") | pl.col("object").str.starts_with("_:"))
        data = site.statements.filter(named & (pl.col("group") == site.addresses[thing]))
        theirs = made.site.statements.filter(named & (pl.col("group") == made.page.path))
        assert set(data.select(data.columns[:3]).iter_rows()) == set(theirs.select(data.columns[:3]).iter_rows()), thing
    source.close()
