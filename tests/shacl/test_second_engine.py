"""The second engine ends, also where a query of the shapes does not."""

from __future__ import annotations

import pytest
from shacl_checks import check, found

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl import pyshacl_engine

pytestmark = pytest.mark.peer

# Every pair of pairs of pairs of things: more than anyone waits for.
ENDLESS = """ex:S sh:targetNode ex:n1 ; sh:sparql [ sh:select '''SELECT $this WHERE {
    ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h . ?i ?t ?j . FILTER (?a = ?z) }''' ] ."""
SOON = """ex:S sh:targetNode ex:n1, ex:n2 ; sh:sparql [
    sh:select 'SELECT $this ?value WHERE { $this <http://example.org/p> ?value . FILTER (?value > 1) }' ] ."""
DATA = " ".join(f"ex:n{i} ex:p {i} ." for i in range(60))


@pytest.mark.slow
def test_a_query_that_would_not_end_is_stopped_and_the_next_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyshacl_engine, "MIN_SECONDS", 2.0)
    with pytest.raises(ShapesError, match=r"pySHACL: it took longer than [0-9]+ seconds"):
        check(DATA, ENDLESS, engine="pyshacl", time_limit=1)
    monkeypatch.undo()
    for _ in range(2):
        assert found(check(DATA, SOON, engine="pyshacl")) == found(check(DATA, SOON)) != []


@pytest.mark.slow
def test_what_stops_it_is_reported() -> None:
    broken = "ex:S sh:targetNode ex:n1 ; sh:sparql [ sh:select 'SELECT $this WHERE { $this a ?c . $this a ?d }' ] ."
    data = '_:b ex:p "1"^^xsd:integer, "é\\n"@en . ' + DATA
    assert check(data, broken, engine="pyshacl").conforms
