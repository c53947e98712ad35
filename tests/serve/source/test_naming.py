"""Names in other languages, and inverse properties: none is cut off without a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from glocal_rdf.errors import QueryError
from glocal_rdf.namespaces import OWL, RDFS_LABEL, term
from glocal_rdf.serve.source import layout, naming
from glocal_rdf.serve.source.asking import Row, Select, Session
from glocal_rdf.serve.source.layout import Layout, explore
from glocal_rdf.serve.source.naming import describe_terms
from glocal_rdf.sparql.execution.process import StoreProcess
from glocal_rdf.triples import Triples

THINGS = [f"<urn:thing{number}>" for number in range(5)]


@pytest.fixture
def ask() -> Iterator[Select]:
    """A store of things with a name in German, one of which has five names, and of three inverse properties."""
    store = StoreProcess()
    names = [(thing, RDFS_LABEL, f'"Ding {number}"@de') for number, thing in enumerate(THINGS)]
    more = [(THINGS[2], RDFS_LABEL, f'"Name {number}"@fr') for number in range(4)]
    inverse = [(f"<urn:p{number}>", term(OWL, "inverseOf"), f"<urn:q{number}>") for number in range(3)]
    store.load(Triples.from_terms([*names, *more, *inverse]).frame)

    def select(query: str, seconds: float) -> Sequence[Row]:
        return store.query(query, limit=seconds, graphs=None).rows()

    yield select
    store.close()


@pytest.mark.parametrize("most", [2, 20_000])
def test_everything_has_a_name_however_few_are_looked_at_at_once(
    ask: Select, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "MOST_NAMES", most)
    described, names = describe_terms(Session(ask, 20), Layout(), THINGS, ("en", "zh-Hant"))
    assert described == {*THINGS}
    assert {thing for thing, _, _ in names} == {*THINGS}


def test_more_inverse_properties_than_are_read_are_an_error(ask: Select, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(explore(Session(ask, 20), "", ()).inverses) == 6
    monkeypatch.setattr(layout, "_MOST_INVERSES", 2)
    with pytest.raises(QueryError, match="more than 2 inverse or symmetric properties"):
        explore(Session(ask, 20), "", ())
