"""Generates queries over a graph, of every kind that can be traced, so that most of them have results."""

from __future__ import annotations

import random
from collections.abc import Iterator

import polars as pl

from glocal_rdf import Triples

__all__ = ["KINDS", "generate_queries"]


def generate_queries(graph: Triples, number: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield queries with the names of their kinds, the same for the same graph and seed.

    Args:
        graph: The graph that is to be asked.
        number: How many queries.
        seed: The seed of the choices.
    """
    source = _Source(graph, random.Random(seed))
    kinds = list(KINDS)
    for at in range(number):
        kind = kinds[at % len(kinds)]
        yield kind, KINDS[kind](source)


class _Source:
    """Draws triples that hang together."""

    def __init__(self, graph: Triples, chance: random.Random) -> None:
        frame = graph.frame.filter(~pl.col("subject").str.starts_with("_:"), ~pl.col("object").str.starts_with("_:"))
        self._frame = frame.sort("subject", "predicate", "object")
        # Each predicate is as likely as any other, or nearly all queries would be about claims and passages.
        self._by_predicate = {
            str(name): part for (name,), part in self._frame.group_by("predicate", maintain_order=True)
        }
        self._predicates = sorted(self._by_predicate)
        self._by_subject = self._frame.partition_by("subject", as_dict=True)
        self.chance = chance

    def triple(self, *, link: bool = False) -> tuple[str, str, str]:
        """Draw a triple; with `link`, one whose object is the subject of others."""
        for _ in range(200):
            part = self._by_predicate[self.chance.choice(self._predicates)]
            triple = part.row(self.chance.randrange(len(part)))
            if not link or (triple[2],) in self._by_subject:
                return triple
        raise AssertionError("no such triple")

    def about(self, subject: str) -> tuple[str, str, str]:
        """Draw a triple about a subject."""
        part = self._by_subject[subject,]
        return part.row(self.chance.randrange(len(part)))


def _star(source: _Source) -> str:
    s, p, _ = source.triple()
    _, q, _ = source.about(s)
    return f"SELECT ?s ?o ?v {{ ?s {p} ?o ; {q} ?v }} ORDER BY ?s ?o ?v LIMIT 10"


def _alike(source: _Source) -> str:
    s, p, _ = source.triple()
    _, q, _ = source.about(s)
    return f"SELECT ?o {{ ?s {p} ?o ; {q} [] }} ORDER BY ?o LIMIT 10"


def _chain(source: _Source) -> str:
    _, p, o = source.triple(link=True)
    _, q, _ = source.about(o)
    return f"SELECT DISTINCT ?a ?c {{ ?a {p} ?b . ?b {q} ?c }} ORDER BY ?a ?c LIMIT 10"


def _all(source: _Source) -> str:
    s, _, _ = source.triple()
    return f"SELECT * {{ {s} ?p ?o }} ORDER BY ?p ?o LIMIT 12"


def _incoming(source: _Source) -> str:
    _, _, o = source.triple(link=True)
    return f"SELECT ?s ?p {{ ?s ?p {o} }} ORDER BY ?s ?p LIMIT 12"


def _optional(source: _Source) -> str:
    s, p, _ = source.triple()
    _, q, _ = source.about(s)
    _, r, _ = source.triple()
    return f"SELECT * {{ ?s {p} ?o OPTIONAL {{ ?s {q} ?v . OPTIONAL {{ ?v {r} ?w }} }} }} ORDER BY ?s ?o ?v LIMIT 10"


def _union(source: _Source) -> str:
    s, p, _ = source.triple()
    _, q, _ = source.about(s)
    return f"SELECT ?s ?v {{ {{ ?s {p} ?v }} UNION {{ ?s {q} ?v FILTER (ISIRI(?v)) }} }} ORDER BY ?s ?v LIMIT 10"


def _absent(source: _Source) -> str:
    s, p, _ = source.triple()
    _, q, _ = source.about(s)
    way = source.chance.choice(("FILTER NOT EXISTS", "MINUS"))
    return f"SELECT ?s ?o {{ ?s {p} ?o {way} {{ ?s {q} ?no . FILTER (?no = ?s) }} }} ORDER BY ?s ?o LIMIT 10"


def _exists(source: _Source) -> str:
    s, p, _ = source.triple()
    _, q, _ = source.about(s)
    return (
        f"SELECT ?s ?o {{ ?s {p} ?o FILTER EXISTS {{ ?s {q} ?some . FILTER (?some != ?s) }} }} ORDER BY ?s ?o LIMIT 10"
    )


def _count(source: _Source) -> str:
    _, p, _ = source.triple()
    form = source.chance.choice(("COUNT(DISTINCT ?s)", "COUNT(?s)", "COUNT(*)", "MIN(?s)", "SAMPLE(?s)"))
    _, _, kind = source.triple()
    limit = f"FILTER (?o != {kind})" if kind.startswith("<") else ""
    return f"SELECT ?o ({form} AS ?n) {{ ?s {p} ?o {limit} }} GROUP BY ?o ORDER BY DESC(?n) ?o LIMIT 3"


def _count_of_all(source: _Source) -> str:
    s, p, _ = source.triple()
    return f"SELECT (COUNT(?o) AS ?n) {{ {s} {p} ?o }}"


def _group(source: _Source) -> str:
    _, p, o = source.triple(link=True)
    _, q, _ = source.about(o)
    return f"SELECT (COUNT(*) AS ?n) {{ ?a {p} ?b . ?b {q} ?c }} GROUP BY ?b HAVING (COUNT(*) < 30) ORDER BY ?n LIMIT 3"


def _steps(source: _Source) -> str:
    a, p, o = source.triple(link=True)
    _, q, _ = source.about(o)
    return f"SELECT ?c ?d {{ {a} {p}/{q} ?c . ?c ^{q}/^{p} ?d }} ORDER BY ?c ?d LIMIT 10"


def _either(source: _Source) -> str:
    s, p, _ = source.triple()
    _, q, _ = source.about(s)
    return f"SELECT ?v {{ {s} ({p}|{q}|!({p}|^{q})) ?v }} ORDER BY ?v LIMIT 10"


def _repeat(source: _Source) -> str:
    s, p, o = source.triple(link=True)
    _, q, _ = source.about(o)
    mark = source.chance.choice("*+?")
    return f"SELECT ?end {{ {s} ({p}|{q}){mark} ?end }} ORDER BY ?end LIMIT 10"


def _subquery(source: _Source) -> str:
    s, p, _ = source.triple()
    _, q, _ = source.about(s)
    inner = f"SELECT ?s (COUNT(?o) AS ?n) {{ ?s {p} ?o }} GROUP BY ?s ORDER BY DESC(?n) ?s LIMIT 3"
    return f"SELECT ?s ?n ?v {{ {{ {inner} }} ?s {q} ?v }} ORDER BY ?s ?v LIMIT 10"


def _values(source: _Source) -> str:
    s, p, _ = source.triple()
    t, _, _ = source.triple()
    return f'SELECT ?s ?text {{ VALUES ?s {{ {s} {t} }} ?s {p} ?o BIND (CONCAT(STR(?o), "") AS ?text) }} ORDER BY ?text'


def _described(source: _Source) -> str:
    s, p, o = source.triple()
    _, q, _ = source.about(s)
    return f"SELECT ?v {{ [ {p} {o} ; {q} ?v ] . }} ORDER BY ?v LIMIT 5"


def _yes(source: _Source) -> str:
    s, p, _ = source.triple()
    return f"ASK {{ {s} {p} ?o }}"


KINDS = {
    function.__name__.removeprefix("_"): function
    for function in (
        *(_star, _alike, _chain, _all, _incoming, _optional, _union, _absent, _exists, _count, _count_of_all, _group),
        *(_steps, _either, _repeat, _subquery, _values, _described, _yes),
    )
}
"""What makes a query, by the name of its kind."""
