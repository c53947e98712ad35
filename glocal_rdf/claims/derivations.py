"""Traces inferred triples to the triples that they follow from, by the rules that made them.

1. A rule can have made a triple if one of the triples of its template fits it. Its pattern is then evaluated for the
   values of the triple, which gives the triples that it would follow from.
2. Those of them that are inferred too are traced in the same way, until none is left.
3. Of the ways to derive a triple one is kept of which all premises are stated, or derived in fewer steps: no triple
   follows from itself, though a symmetric property leads both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.tracing.patterns import Scope, read_scope
from glocal_rdf.sparql.tracing.solutions import Row, Solution, Tracer

__all__ = ["Derivation", "find_derivations"]

Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Derivation:
    """How a triple follows by a rule.

    Attributes:
        rule: The name of the rule.
        conclusion: The triple of its template, each part a term or a variable with its mark.
        solution: The solution of its pattern, with the triples that it matched.
    """

    rule: str
    conclusion: Triple
    solution: Solution

    def premises(self) -> list[Triple]:
        """Return the triples that the conclusion follows from."""
        return [edge[:3] for match in self.solution.matches for edge in match.edges] + [
            edge[:3] for part in self.solution.parts for match in part.matches for edge in match.edges
        ]


def find_derivations(
    statements: Iterable[Triple],
    is_inferred: Callable[[Iterable[Triple]], set[Triple]],
    rules: Mapping[str, str],
    tracer: Tracer,
) -> dict[Triple, Derivation]:
    """Trace inferred triples to stated ones.

    Args:
        statements: The inferred triples.
        is_inferred: Returns those of some triples that are inferred.
        rules: The texts of the rules by name.
        tracer: What finds the solutions of the rules' patterns.

    Returns:
        A derivation for each triple, and for each inferred triple that it follows from. A triple that no rule makes is
        missing.
    """
    read = {name: _read_rule(text) for name, text in rules.items()}
    ways: dict[Triple, list[Derivation]] = {}
    new = set(statements)
    while new:
        for triple in new:
            ways[triple] = []
        for name, (scope, template) in read.items():
            for conclusion in template:
                for triple, derivation in _derive(name, scope, conclusion, sorted(new), tracer):
                    ways[triple].append(derivation)
        needed = {premise for triple in new for way in ways[triple] for premise in way.premises()}
        new = is_inferred(needed - ways.keys())
    return _choose(ways)


def _read_rule(text: str) -> tuple[Scope, list[Triple]]:
    rule = parse_query(text)
    triples = rule.template.triples if rule.template is not None else ()
    template = []
    for triple in triples:
        parts = (triple.subject, triple.predicate, triple.object)
        if all(isinstance(part, tree.Var | tree.Iri) for part in parts):
            subject, predicate, value = (
                f"?{part.name}" if isinstance(part, tree.Var) else f"<{getattr(part, 'value', '')}>" for part in parts
            )
            template.append((subject, predicate, value))
    return read_scope(replace(rule, form="SELECT", star=True, template=None)), template


def _derive(
    name: str, scope: Scope, conclusion: Triple, triples: Iterable[Triple], tracer: Tracer
) -> list[tuple[Triple, Derivation]]:
    """Return each way in which a triple of a rule's template gives one of some triples."""
    variables = list(dict.fromkeys(part[1:] for part in conclusion if part.startswith("?")))
    rows: dict[Row, Triple] = {}
    for triple in triples:
        values = _unify(conclusion, triple)
        if values is not None:
            rows[tuple(values[variable] for variable in variables)] = triple
    solutions = tracer.all_solutions(scope, variables, list(rows))
    return [
        (rows[row], Derivation(name, conclusion, solution)) for row, found in solutions.items() for solution in found
    ]


def _unify(conclusion: Triple, triple: Triple) -> dict[str, str] | None:
    """Return the values of variables for which a triple of a template is a triple; None if it never is."""
    values: dict[str, str] = {}
    for part, term in zip(conclusion, triple, strict=True):
        if part.startswith("?"):
            if values.setdefault(part[1:], term) != term:
                return None
        elif part != term:
            return None
    return values


def _choose(ways: Mapping[Triple, list[Derivation]]) -> dict[Triple, Derivation]:
    """Choose for each triple a derivation whose premises are stated, or derived in fewer steps."""
    chosen: dict[Triple, Derivation] = {}
    while True:
        found = {}
        for triple, those in ways.items():
            if triple in chosen:
                continue
            grounded = (way for way in those if all(one not in ways or one in chosen for one in way.premises()))
            if (way := next(grounded, None)) is not None:
                found[triple] = way
        if not found:
            return chosen
        chosen |= found
