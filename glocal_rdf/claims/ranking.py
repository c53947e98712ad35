"""Ranks claims, derives the plain triples from the best of them, and applies the rules of `ontology/rules`.

1. A claim states a subject, a predicate and an object (`rdf:Statement`'s terms), and has a rank as in Wikidata.
2. Of the claims on one subject and predicate the preferred ones count; where none is preferred, the normal ones do;
   deprecated ones never.
3. Some qualifiers narrow what a claim says: it is somebody's view, holds for a part of its subject only, has a bound
   (more than, at most), or is a number of something. Without the qualifier its statement would say more than its
   source, so no truthy statement follows from it, and it puts no other claim aside.
4. The plain triple of a claim that counts is its subject, predicate and object, term by term: literals keep their form.
5. The rules then run over everything until they add nothing new; they make triples of IRIs only, because the store
   that they run on rewrites literals. A rule ends at its time limit, and reaches no other server. One is applied again
   only where a pattern of it can match a triple that is new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from glocal_rdf.errors import InputError, Problem, QueryError
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import RDF, WIKIBASE, Term, term
from glocal_rdf.sparql.execution.process import TIMEOUT, StoreProcess
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.matching import Pattern, find_patterns, may_match
from glocal_rdf.sparql.policy import check_form, check_graphs
from glocal_rdf.triples import Triples
from glocal_rdf.triples.formats.ntriples import split_lines
from glocal_rdf.vocabulary import NARROWING, glocal

__all__ = ["apply_rules", "derive_truthy", "find_truthy_claims", "list_claims"]

MAX_ROUNDS = 10
"""How many times all rules are applied at most."""

SUBJECT, PREDICATE, OBJECT = term(RDF, "subject"), term(RDF, "predicate"), term(RDF, "object")
RANK = term(WIKIBASE, "rank")
_NARROWING = tuple(map(glocal, NARROWING))
PREFERRED, NORMAL, DEPRECATED = (term(WIKIBASE, f"{rank}Rank") for rank in ("Preferred", "Normal", "Deprecated"))


def list_claims(triples: Triples, narrowing: Collection[Term] = _NARROWING) -> pl.DataFrame:
    """Lay the claims out, one a row.

    A claim that lacks subject, predicate or object is left out (validation reports it); one without a rank is normal.

    Args:
        triples: The graph.
        narrowing: The qualifiers that narrow what a claim says.

    Returns:
        The columns `claim`, `subject`, `predicate`, `object` and `rank` (terms), and `narrowed` (whether it has one of
        these qualifiers).
    """
    frame = triples.frame

    def column(name: str, predicate: str) -> pl.DataFrame:
        one = frame.filter(pl.col("predicate") == predicate)
        return one.select(pl.col("subject").alias("claim"), pl.col("object").alias(name))

    claims = column("subject", SUBJECT)
    for name, predicate in (("predicate", PREDICATE), ("object", OBJECT)):
        claims = claims.join(column(name, predicate), on="claim")
    narrowed = frame.filter(pl.col("predicate").is_in(narrowing)).select(claim="subject").unique()
    return claims.join(column("rank", RANK), on="claim", how="left").with_columns(
        pl.col("rank").fill_null(NORMAL), pl.col("claim").is_in(narrowed["claim"].implode()).alias("narrowed")
    )


def derive_truthy(triples: Triples, narrowing: Collection[Term] = _NARROWING) -> Triples:
    """Derive the truthy statements from the best-ranked claims; those that `triples` states already are among them.

    Of the claims with one subject and predicate the preferred ones count, or, where there are none, the normal ones.

    Args:
        triples: The graph.
        narrowing: The qualifiers that narrow what a claim says: no truthy statement follows from one that has any.
    """
    claims = find_truthy_claims(triples, narrowing)
    return Triples(claims.select(pl.col("subject", "predicate", "object"))).distinct()


def find_truthy_claims(triples: Triples, narrowing: Collection[Term] = _NARROWING) -> pl.DataFrame:
    """Find the claims that truthy statements are derived from, in the columns of `list_claims`.

    Args:
        triples: The graph.
        narrowing: The qualifiers that narrow what a claim says.
    """
    claims = list_claims(triples, narrowing).filter(~pl.col("narrowed") & (pl.col("rank") != DEPRECATED))
    preferred = pl.col("rank") == PREFERRED
    best = claims.filter(preferred | ~preferred.any().over("subject", "predicate"))
    return best.filter(pl.col("predicate").str.starts_with("<"))


def apply_rules(
    triples: Triples, rules: Mapping[str, str], store: StoreProcess | None = None, *, timeout: float = TIMEOUT
) -> Triples:
    """Return the triples that follow by rules and are not in `triples`.

    Args:
        triples: The graph.
        rules: The texts of the rules by name, a SPARQL CONSTRUCT query each.
        store: A store that holds `triples`; what follows is added to it, so that it need not be loaded again.
        timeout: The seconds that one rule may take in one round.

    Raises:
        QueryError: With the name of the rule, where one is not SPARQL, would call another server, or takes too long.
        InputError: Where one is not a CONSTRUCT query, makes a literal or a blank node, or where they still add triples
            after ten rounds.
    """
    if not rules:
        return Triples.empty()
    if store is None:
        store = StoreProcess()
        store.load(triples.frame)
    followed = Triples.empty()
    patterns: dict[str, list[Pattern]] = {}
    wanted = rules
    for _ in range(MAX_ROUNDS):
        lines = _apply_all(store, wanted, timeout)
        made = _read_lines(b"".join(lines.values()))
        if not all(made[column].str.starts_with("<").all() for column in ("subject", "object")):
            raise InputError.of(problem for name, text in lines.items() for problem in _find_odd(name, text))
        new = Triples(made).distinct().difference(followed).difference(triples)
        if not len(new):
            return followed
        followed = followed.union(new)
        store.load(new.frame)
        patterns = patterns or {name: _find_patterns(text) for name, text in rules.items()}
        wanted = {name: text for name, text in rules.items() if may_match(patterns[name], new.frame)}
        if not wanted:
            return followed
    raise InputError.at(
        "ontology/rules", f"the rules still add triples after {MAX_ROUNDS} rounds", "break their circle"
    )


def _find_patterns(rule: str) -> list[Pattern]:
    try:
        return find_patterns(parse_query(rule))
    except QueryError:
        return [Pattern(None)]  # The engine can read it, so that it is applied in every round.


def _apply_all(store: StoreProcess, rules: Mapping[str, str], timeout: float) -> dict[str, bytes]:
    """Write what each rule makes as N-Triples, which are read in columns."""
    pending = {}
    lines = {}
    for name, text in rules.items():
        with _naming(name):
            check_graphs(text, ())
            pending[name] = store.submit(text, limit=timeout)
    for name, answer in pending.items():
        with _naming(name):
            try:
                made = answer.wait()
            except QueryError:
                check_form(rules[name])  # An update is reported as one.
                raise
            # The engine gives triples for DESCRIBE too; only a text with this word need be looked at.
            certain = made.form == "CONSTRUCT" and "describe" not in rules[name].lower()
            form = made.form if certain else check_form(rules[name])
        if form != "CONSTRUCT":
            what = f"is not a CONSTRUCT query, but {form}"
            raise InputError.at(_place(name), what, "write CONSTRUCT { … } WHERE { … }")
        lines[name] = made.data
    return lines


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Name the rule in the errors of its query."""
    try:
        yield
    except QueryError as error:
        raise QueryError.of(
            replace(problem, where=_place(name) + problem.where.removeprefix("query")) for problem in error.problems
        ) from error


def _place(name: str) -> str:
    return f"ontology/rules/{name}.rq"


def _read_lines(lines: bytes) -> pl.DataFrame:
    frame = split_lines(lines, trusted=True)
    return Triples.parse(lines, "ntriples").frame if frame is None else frame


def _find_odd(name: str, lines: bytes) -> Iterator[Problem]:
    """Find what a rule makes and may not: a literal, or a blank node."""
    for column in _read_lines(lines).select("subject", "object"):
        for odd in column.filter(~column.str.starts_with("<")).head(1):
            yield Problem(_place(name), f"makes {odd}, which is not an IRI", "make triples of IRIs only")
