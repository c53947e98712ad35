"""Applies the rules of `ontology/rules`, SPARQL CONSTRUCT queries, until they add nothing new.

1. A rule whose patterns are joins is evaluated on columns (`sparql.joins`), another in a store, which starts then.
2. What all rules make is added, and those are applied again of which a pattern can match a triple that is new.
3. Rules make triples of IRIs only, because a store rewrites literals. A rule that runs in a store ends at its time
   limit, and reaches no other server.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from glocal_rdf.errors import InputError, Problem, QueryError
from glocal_rdf.lazy import pl
from glocal_rdf.sparql.execution.process import TIMEOUT, Pending, StoreProcess
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.joins.graphs import WrittenGraph
from glocal_rdf.sparql.joins.groups import JoinEngine
from glocal_rdf.sparql.joins.scan import fits_construction
from glocal_rdf.sparql.joins.unsupported import UnsupportedError
from glocal_rdf.sparql.matching import Pattern, find_patterns, may_match
from glocal_rdf.sparql.policy import check_form, check_graphs
from glocal_rdf.triples import Triples
from glocal_rdf.triples.formats.ntriples import split_lines

__all__ = ["MAX_ROUNDS", "apply_once", "apply_rules", "infer_triples"]

MAX_ROUNDS = 10
"""How many times all rules are applied at most."""


def apply_rules(
    triples: Triples, rules: Mapping[str, str], store: StoreProcess | None = None, *, timeout: float = TIMEOUT
) -> Triples:
    """Return the triples that follow by rules and are not in `triples`.

    Args:
        triples: The graph.
        rules: The texts of the rules by name, a SPARQL CONSTRUCT query each.
        store: A store that holds `triples`; what follows is added to it, so that it need not be loaded again.
        timeout: The seconds that one rule may take in one round, where it runs in a store.

    Raises:
        QueryError: With the name of the rule, where one is not SPARQL, would call another server, or takes too long.
        InputError: Where one is not a CONSTRUCT query, makes a literal or a blank node, or where they still add triples
            after ten rounds.
    """
    return infer_triples(triples, rules, store, timeout=timeout)[0]


def infer_triples(
    triples: Triples, rules: Mapping[str, str], store: StoreProcess | None = None, *, timeout: float = TIMEOUT
) -> tuple[Triples, StoreProcess | None]:
    """Return what `apply_rules` does, and the store that then holds all triples, where there is one.

    Args:
        triples: The graph.
        rules: The texts of the rules by name.
        store: A store that holds `triples`; None starts one where a rule needs it.
        timeout: The seconds that one rule may take in one round, where it runs in a store.

    Raises:
        QueryError: As `apply_rules` does.
        InputError: As `apply_rules` does.
    """
    followed = Triples.empty()
    if not rules:
        return followed, store
    engine = _RuleEngine(triples, rules, store, timeout)
    wanted: Collection[str] = rules
    for _ in range(MAX_ROUNDS):
        new = engine.leave_known(_join(engine.apply(wanted)))
        if not len(new):
            return followed, engine.store
        followed = followed.union_disjoint(new)
        engine.add(new.frame)
        wanted = [name for name in rules if may_match(engine.patterns[name], new.frame)]
        if not wanted:
            return followed, engine.store
    raise InputError.at(
        "ontology/rules", f"the rules still add triples after {MAX_ROUNDS} rounds", "break their circle"
    )


def apply_once(triples: Triples, rules: Mapping[str, str], *, timeout: float = TIMEOUT) -> Triples:
    """Return what rules make of a graph when each is applied once, also what the graph has already.

    Args:
        triples: The graph.
        rules: The texts of the rules by name.
        timeout: The seconds that one rule may take, where it runs in a store.

    Raises:
        QueryError: As `apply_rules` does.
        InputError: As `apply_rules` does.
    """
    engine = _RuleEngine(triples, rules, None, timeout)
    try:
        return _join(engine.apply(rules))
    finally:
        if engine.store is not None:
            engine.store.close()


def _join(made: Mapping[str, pl.DataFrame]) -> Triples:
    """Return what rules made, each triple once.

    Raises:
        InputError: One makes a literal or a blank node.
    """
    everything = pl.concat(made.values())
    if not all(everything[column].str.starts_with("<").all() for column in ("subject", "object")):
        raise InputError.of(problem for name, frame in made.items() for problem in _find_odd(name, frame))
    return Triples(everything).distinct()


class _RuleEngine:
    """What rules are evaluated on: columns, and a store for those that need it."""

    def __init__(self, triples: Triples, rules: Mapping[str, str], store: StoreProcess | None, timeout: float) -> None:
        self.store = store
        self._rules = rules
        self._timeout = timeout
        self._frames = [triples.distinct().frame]
        self._graph = WrittenGraph(self._frames[0])
        self._joins = JoinEngine(self._graph)
        read = {name: _read_rule(text) for name, text in rules.items()}
        # The engine of the store may read what we do not; that rule is applied in every round.
        self.patterns = {name: [Pattern(None)] if one is None else find_patterns(one) for name, one in read.items()}
        self._joined = {name: one for name, one in read.items() if one is not None and fits_construction(one)}

    def add(self, frame: pl.DataFrame) -> None:
        """Add triples that are new."""
        self._graph.add(frame)
        self._frames.append(frame)
        if self.store is not None:
            self.store.load(frame)

    def leave_known(self, made: Triples) -> Triples:
        """Return the triples that are not known yet."""
        known = self._graph.triples(made.frame["predicate"].unique())
        return made.difference(Triples(known.select(subject="s", predicate="p", object="o")))

    def apply(self, names: Collection[str]) -> dict[str, pl.DataFrame]:
        """Return what rules make, by name, as the columns `subject`, `predicate` and `object`."""
        stored = {name: self._submit(name) for name in names if name not in self._joined}
        made = {}
        for name in names:
            try:
                if name in self._joined:
                    made[name] = self._joins.construct(self._joined[name])
            except UnsupportedError:
                del self._joined[name]
                stored[name] = self._submit(name)
        return made | {name: _read_lines(_wait(name, self._rules[name], answer)) for name, answer in stored.items()}

    def _submit(self, name: str) -> Pending:
        """Have a rule evaluated in the store."""
        text = self._rules[name]
        with _naming(name):
            check_graphs(text, ())
            if self.store is None:
                self.store = StoreProcess()
                for frame in self._frames:
                    self.store.load(frame)
            return self.store.submit(text, limit=self._timeout)


def _read_rule(text: str) -> tree.Query | None:
    """Read a rule; None where it is not SPARQL, or more than we read."""
    try:
        return parse_query(text)
    except QueryError:
        return None


def _wait(name: str, text: str, answer: Pending) -> bytes:
    """Return what a rule makes in a store as N-Triples, which are read in columns."""
    with _naming(name):
        try:
            made = answer.wait()
        except QueryError:
            check_form(text)  # An update is reported as one.
            raise
        # The engine gives triples for DESCRIBE too; only a text with this word need be looked at.
        certain = made.form == "CONSTRUCT" and "describe" not in text.lower()
        form = made.form if certain else check_form(text)
    if form != "CONSTRUCT":
        what = f"is not a CONSTRUCT query, but {form}"
        raise InputError.at(_place(name), what, "write CONSTRUCT { … } WHERE { … }")
    return made.data


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


def _find_odd(name: str, made: pl.DataFrame) -> Iterator[Problem]:
    """Find what a rule makes and may not: a literal, or a blank node."""
    for column in made.select("subject", "object"):
        for odd in column.filter(~column.str.starts_with("<")).head(1):
            yield Problem(_place(name), f"makes {odd}, which is not an IRI", "make triples of IRIs only")
