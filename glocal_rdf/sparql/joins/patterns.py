"""Matches triple patterns by joins: rows of solutions, in which each variable is a column of terms (`graphs`).

A triple matches a pattern where the terms are the same, so that the values of columns are all that is compared.
Patterns are joined in an order of their own: each time the one that is expected to add the fewest rows.

https://www.w3.org/TR/sparql11-query/#BasicGraphPatternMatching
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from glocal_rdf.lazy import pl
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.joins.graphs import TermGraph
from glocal_rdf.sparql.joins.unsupported import UnsupportedError
from glocal_rdf.triples.terms import quote

__all__ = ["MAX_ROWS", "Pattern", "PatternMatcher", "keep_rows", "list_patterns", "write_term"]

MAX_ROWS: Final = 20_000_000
"""How many rows a join may have; a query that would have more is evaluated by the store."""

_CHEAP: Final = 1_000_000
"""Up to how many rows are expected without being counted first."""

_FEW: Final = 4.0
"""How many values a node may have in the mean for its patterns to be joined with each other first."""

Constant = tree.Iri | tree.Literal
End = str | Constant
"""An end of a pattern: the name of a variable, an IRI, or a literal."""


@dataclass(frozen=True)
class Pattern:
    """A triple pattern whose predicate is a variable, an IRI, or a path that returns each pair of nodes once.

    Attributes:
        subject: A variable or an IRI.
        predicate: The name of a variable, an IRI, or a path.
        object: A variable, an IRI or a literal.
    """

    subject: End
    predicate: str | tree.Iri | tree.Path
    object: End

    @property
    def variables(self) -> frozenset[str]:
        """The variables of the pattern."""
        return frozenset(end for end in (self.subject, self.predicate, self.object) if isinstance(end, str))


def write_term(constant: Constant) -> str:
    """Write an IRI or a literal of a query as a term.

    Args:
        constant: The IRI or the literal.
    """
    if isinstance(constant, tree.Iri):
        return f"<{constant.value}>"
    return quote(constant.value, constant.language or None, constant.datatype or None)


def list_patterns(triples: Sequence[tree.Triple], names: Iterator[int] | None = None) -> list[Pattern]:
    """Return the patterns of triples: blank nodes become variables, sequences and inverse paths several patterns.

    Args:
        triples: The triple patterns of one block.
        names: Numbers for the variables that are added.
    """
    fresh = count() if names is None else names
    blank: dict[str, str] = {}

    def end(term: tree.Node) -> End:
        match term:
            case tree.Var(name=name):
                return name
            case tree.Iri() | tree.Literal():
                return term
            case tree.BlankNode(label=label):
                return blank.setdefault(label, f"_:{label}") if label else f"[]{next(fresh)}"
        raise UnsupportedError

    def expand(subject: End, predicate: tree.Node, object_: End) -> Iterator[Pattern]:
        match predicate:
            case tree.Var(name=name):
                yield Pattern(subject, name, object_)
            case tree.Iri():
                yield Pattern(subject, predicate, object_)
            case tree.Path(operator="/", parts=parts):
                at = subject
                for place, part in enumerate(parts):
                    after = object_ if place == len(parts) - 1 else f"[]{next(fresh)}"
                    yield from expand(at, part, after)
                    at = after
            case tree.Path(operator="^", parts=(inner,)):
                yield from expand(object_, inner, subject)
            case tree.Path(operator="*" | "+"):
                yield Pattern(subject, predicate, object_)
            case _:
                raise UnsupportedError

    return [one for triple in triples for one in expand(end(triple.subject), triple.predicate, end(triple.object))]


class PatternMatcher:
    """Matches patterns in one graph."""

    def __init__(self, graph: TermGraph) -> None:
        """Take the graph; what is known of its predicates is kept."""
        self._graph = graph
        self._growth: dict[tuple[str, str], float] = {}

    def join(self, rows: pl.DataFrame, patterns: Sequence[Pattern], local: str = "") -> pl.DataFrame:
        """Return the rows extended by each way in which patterns match.

        Args:
            rows: The solutions so far.
            patterns: One pattern, or several that share a variable and are joined with each other first.
            local: A variable that no other pattern has, and whose values are not needed.

        Raises:
            UnsupportedError: A variable of a pattern has no value in some row, or there would be too many rows.
        """
        bound = frozenset(rows.columns)
        matches = None
        for pattern in patterns:
            frame, columns = self._matches(pattern, rows)
            if not columns:
                return rows if frame.height else rows.clear()
            frame = pl.DataFrame({name: frame[column] for name, column in columns.items()})
            matches = frame if matches is None else _join(matches, frame)
        if matches is None:
            return rows
        if local:
            if matches.columns == [local]:
                return rows if matches.height else rows.clear()
            matches = matches.drop(local).unique()
        return _join(rows, matches, count=self._expect(patterns[0], bound) * rows.height > _CHEAP)

    def join_values(self, rows: pl.DataFrame, values: tree.Values) -> pl.DataFrame:
        """Return the rows that agree with one of some solutions that the query writes out, extended by it.

        Args:
            rows: The solutions so far.
            values: The solutions.

        Raises:
            UnsupportedError: One has no value for a variable, or one that is not an IRI.
        """
        if not all(isinstance(term, tree.Iri) for row in values.rows for term in row):
            raise UnsupportedError
        written = [[self._graph.id(write_term(term)) for term in row] for row in values.rows]  # type: ignore[arg-type]
        names = dict.fromkeys((variable.name for variable in values.variables), self._graph.kind)
        return _join(rows, pl.DataFrame(written, schema=names, orient="row"))

    def choose(
        self, patterns: Sequence[Pattern], rows: pl.DataFrame, needed: frozenset[str] | None = None
    ) -> tuple[list[Pattern], str]:
        """Return the pattern to match next: the one that adds the fewest rows, as far as that is known.

        Where it would add more rows than its predicate has triples, others come with it, so that rows are joined by all
        of them at once:

        - Where the values of the variable that it binds are not needed, all patterns that have this variable, if its
          nodes have few values in each. What the roles of one claim are translated to is needed, and not which claims
          these are: pairs of claims with one role are many, and pairs of roles few.
        - Else those that bind the same variable to nodes with few values. Two claims of one passage are many; two of
          one passage, subject, predicate and object are few.

        Args:
            patterns: The patterns that are left.
            rows: The solutions so far.
            needed: The variables whose values are needed later, where it makes no difference how many rows have the
                same; None where it does.

        Returns:
            The patterns, and the variable whose values are not needed, if there is one.
        """
        bound = frozenset(rows.columns)
        best = min(patterns, key=lambda pattern: self._cost(pattern, bound))
        fresh = best.variables - bound
        if len(fresh) != 1 or not isinstance(best.predicate, tree.Iri) or not self._is_large(best, rows):
            return [best], ""
        (name,) = fresh
        others = [one for one in patterns if one is not best]
        if needed is not None and name not in needed:
            those = [one for one in others if name in one.variables]
            if all(self._has_few(one, name) for one in (best, *those)):
                return [best, *those], name
        return [best, *(one for one in others if one.variables - bound == fresh and self._has_few(one, name))], ""

    def _is_large(self, pattern: Pattern, rows: pl.DataFrame) -> bool:
        """Return whether a pattern is expected to make more rows than its predicate has triples."""
        if not isinstance(pattern.predicate, tree.Iri):
            return False
        return self._expect(pattern, frozenset(rows.columns)) * rows.height > self._edges_of(pattern.predicate).height

    def _has_few(self, pattern: Pattern, name: str) -> bool:
        """Return whether the nodes that a variable stands for have few values in a pattern."""
        if not isinstance(pattern.predicate, tree.Iri) or pattern.subject == pattern.object:
            return False
        return self._growth_of(pattern.predicate, "s" if pattern.subject == name else "o") <= _FEW

    def _cost(self, pattern: Pattern, bound: frozenset[str]) -> tuple[float, float]:
        """Return how many matches are expected for one row, and without a bound variable how many there are in all."""
        expected = self._expect(pattern, bound)
        if expected != float("inf") or not isinstance(pattern.predicate, tree.Iri):
            return expected, float("inf")
        return expected, self._edges_of(pattern.predicate).height

    def _expect(self, pattern: Pattern, bound: frozenset[str]) -> float:
        """Return how many matches are expected for one row."""
        ends = [end for end in (pattern.subject, pattern.object) if isinstance(end, str)]
        known = [end for end in ends if end in bound]
        if not pattern.variables & bound:
            return float("inf") if ends else 0.0
        if isinstance(pattern.predicate, tree.Path):
            return 1.0 if len(known) == len(ends) else 1e6
        if isinstance(pattern.predicate, str):
            return 1.0 if len(known) == 2 else 50.0 if known else 1e7
        if len(known) == len(ends):
            return 0.5
        return self._growth_of(pattern.predicate, "s" if known == [pattern.subject] else "o")

    def _growth_of(self, predicate: tree.Iri, side: str) -> float:
        """Return how many triples of a predicate share the subject, or the object, of a triple in the mean."""
        key = (predicate.value, side)
        if key not in self._growth:
            sizes = self._edges_of(predicate).group_by(side).len("size")["size"].cast(pl.Float64)
            self._growth[key] = float(sizes.dot(sizes) or 0.0) / max(1.0, float(sizes.sum()))
        return self._growth[key]

    def _matches(self, pattern: Pattern, rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
        """Return the triples that a pattern matches in the whole graph, and the column of each of its variables."""
        columns: list[tuple[End | str, str]] = [(pattern.subject, "s"), (pattern.object, "o")]
        match pattern.predicate:
            case tree.Iri():
                frame = self._edges_of(pattern.predicate)
            case tree.Path():
                frame = self._follow(pattern, pattern.predicate, rows)
            case _:
                columns.append((pattern.predicate, "p"))
                frame = self._narrow(pattern, rows)
        named: dict[str, str] = {}
        for end, column in columns:
            if not isinstance(end, str):
                frame = keep_rows(frame, frame[column] == self._value_of(end))
            elif end in named:
                frame = keep_rows(frame, frame[named[end]] == frame[column])
            else:
                named[end] = column
        return frame, named

    def _narrow(self, pattern: Pattern, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the triples that a bound end of a pattern with a variable as predicate can match."""
        if isinstance(pattern.predicate, str) and pattern.predicate in rows.columns:
            return self._graph.triples(rows[pattern.predicate].unique().drop_nulls())
        frame = self._graph.triples()
        for end, column in ((pattern.subject, "s"), (pattern.object, "o")):
            if isinstance(end, str) and end in rows.columns:
                return frame.join(rows.select(pl.col(end).alias(column)).unique(), on=column, how="semi")
        return frame

    def _edges_of(self, predicate: tree.Iri) -> pl.DataFrame:
        """Return the triples of a predicate as `s` and `o`."""
        return self._graph.edges(f"<{predicate.value}>")

    def _value_of(self, constant: Constant) -> int | str:
        return self._graph.id(write_term(constant))

    def _follow(self, pattern: Pattern, path: tree.Path, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the pairs of nodes that a path connects, of which one end is bound."""
        steps = self._relation(path.parts[0])
        subject, object_ = pattern.subject, pattern.object
        if isinstance(subject, str) and subject in rows.columns:
            return _close(steps, rows[subject].unique(), zero=path.operator == "*")
        if not isinstance(subject, str):
            start = self._only(subject)
            return _close(steps, start, zero=path.operator == "*")
        if isinstance(object_, str) and object_ in rows.columns:
            starts = rows[object_].unique()
        elif not isinstance(object_, str):
            starts = self._only(object_)
        else:
            raise UnsupportedError
        back = steps.select(s="o", o="s")
        return _close(back, starts, zero=path.operator == "*").select(s="o", o="s")

    def _only(self, constant: Constant) -> pl.Series:
        return pl.Series("s", [self._value_of(constant)], dtype=self._graph.kind)

    def _relation(self, path: tree.Node) -> pl.DataFrame:
        """Return all pairs that one step of a repeated path connects, each once."""
        match path:
            case tree.Iri():
                return self._edges_of(path)
            case tree.Path(operator="^", parts=(inner,)):
                return self._relation(inner).select(s="o", o="s")
            case tree.Path(operator="|", parts=parts):
                return pl.concat([self._relation(part) for part in parts]).unique()
        raise UnsupportedError


def keep_rows(frame: pl.DataFrame, mask: pl.Series) -> pl.DataFrame:
    """Return the rows that a mask selects, null selecting none, without a query plan, which takes longer."""
    return pl.DataFrame([column.filter(mask) for column in frame.get_columns()])


def _join(rows: pl.DataFrame, matches: pl.DataFrame, *, count: bool = True) -> pl.DataFrame:
    """Join rows with those of patterns by the columns that they share.

    Args:
        rows: The rows.
        matches: The rows of the patterns.
        count: Whether the rows are counted first.

    Raises:
        UnsupportedError: A shared column has no value in some row, or there would be too many rows.
    """
    shared = [name for name in matches.columns if name in rows.columns]
    # What has another type is a text that was computed, which may be that of a literal.
    if any(rows[name].null_count() or rows[name].dtype != matches[name].dtype for name in shared):
        raise UnsupportedError
    if not shared:
        if rows.height * matches.height > MAX_ROWS:
            raise UnsupportedError
        return rows.join(matches, how="cross")
    if count:
        sizes = matches.group_by(shared).len("size")
        if rows.select(shared).join(sizes, on=shared)["size"].cast(pl.Int64).sum() > MAX_ROWS:
            raise UnsupportedError
    return rows.join(matches, on=shared)


def _close(steps: pl.DataFrame, starts: pl.Series, *, zero: bool) -> pl.DataFrame:
    """Follow steps once or more often from some nodes, and stay there where `zero` says so; each pair once."""
    if starts.null_count():
        raise UnsupportedError
    here = pl.DataFrame({"s": starts.rename("s"), "o": starts.rename("o")})
    found = here if zero else here.clear()
    fresh = here
    onward = steps.rename({"s": "o", "o": "next"})
    while fresh.height:
        reached = fresh.join(onward, on="o").select("s", o="next").unique()
        fresh = reached.join(found, on=["s", "o"], how="anti")
        found = pl.concat([found, fresh])
        if found.height > MAX_ROWS:
            raise UnsupportedError
    return found
