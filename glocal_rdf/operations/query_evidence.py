"""Answers a query with its evidence: the statements that each row rests on, their claims, passages, cells and rules.

1. The query is asked, and then its pattern, with all that a solution shows (`sparql.tracing`).
2. A statement is looked up among the claims that truthy statements are derived from, then among the inferred triples,
   which are traced to what they follow from, then in cells of tables, in files of links, and in the ontology.
3. The passages of claims are found with positions and checksums, and their text where the documents are at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from glocal_rdf.claim_record import ClaimRecord
from glocal_rdf.claims.explanation import SOURCE
from glocal_rdf.claims.grounds import find_claims, read_claims
from glocal_rdf.dataset import Build, label_terms
from glocal_rdf.documents import list_documents, list_passages, read_passages
from glocal_rdf.errors import Problem, QueryError
from glocal_rdf.lazy import pl
from glocal_rdf.operations.query import ask, list_prefixes
from glocal_rdf.operations.statement_origins import AskedGraphs
from glocal_rdf.questions.evidence import (
    AnswerEvidence,
    DocumentEvidence,
    MatchEvidence,
    PassageEvidence,
    PatternEvidence,
    RowEvidence,
    SolutionEvidence,
    StatementEvidence,
)
from glocal_rdf.search.labels import preferred_labels
from glocal_rdf.sparql.execution.process import TIMEOUT
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.grammar.scope import visible_variables
from glocal_rdf.sparql.tracing.patterns import Pattern, Scope, read_scope
from glocal_rdf.sparql.tracing.solutions import Edge, Row, Solution, Tracer
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset

if TYPE_CHECKING:
    from glocal_rdf.claims.derivations import Derivation

__all__ = ["ask_with_evidence", "list_missing_texts", "name_documents"]


def ask_with_evidence(
    source: Build | Triples | Dataset | str,
    text: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
    documents: Path | None = None,
    question: str = "",
    part: slice = slice(None),
    most: int | None = None,
) -> AnswerEvidence:
    """Evaluate a SELECT or ASK query, and find what each row of its answer rests on.

    Args:
        source: What is queried: a build, a graph or a dataset. Rules and cells are known of a build alone.
        text: The query.
        prefixes: Prefixes that the query need not declare; by default those of the source and the well-known ones.
        timeout: The seconds that each query may take: the query, and those that trace it.
        documents: The folder of the source documents, from which passages are quoted; by default that of the project.
        question: The name of the question that the query is of.
        part: The rows that are wanted; by default all.
        most: How many solutions are looked at where there is a limit: an answer that rests on more is not traced.

    Returns:
        The answer with its evidence. The rows are those of `ask`, in the same order.

    Raises:
        QueryError: Where the query has a mistake, takes too long or rests on too much, and, with its name and place,
            for what cannot be traced: an endpoint, SERVICE, FROM, CONSTRUCT, DESCRIBE, triple terms, and values that
            change each time.

    Examples:
        >>> graph = Triples.parse("<urn:a> <urn:p> <urn:b> . <urn:b> <urn:p> <urn:c> .", "turtle")
        >>> found = ask_with_evidence(graph, "SELECT ?end { <urn:a> <urn:p>/<urn:p> ?end }")
        >>> [found.statements[number].object for number in found.rows[0].statements()]
        ['<urn:b>', '<urn:c>']
    """
    if isinstance(source, str):
        raise QueryError.at("source", "the answer of an endpoint cannot be traced", "ask a project or a file")
    if prefixes is None:
        prefixes = list_prefixes(source)
    query = parse_query(text, prefixes)
    scope = read_scope(query)
    answer = ask(source, text, prefixes=prefixes, timeout=timeout)
    graphs = AskedGraphs(source)

    def evaluate(written: str) -> list[Row]:
        found = ask(source, written, prefixes={}, timeout=timeout).bindings
        if most is not None and len(found) > most:
            raise QueryError.at("query", f"the answer rests on more than {most:,} statements", "ask for fewer rows")
        return list(found)

    tracer = Tracer(evaluate, graphs.find_ways)
    variables, rows = answer.variables, list(answer.bindings[part])
    if query.form == "ASK":
        variables = tuple(visible_variables(query))
        names = " ".join(f"?{name}" for name in variables) or "(true AS ?traced)"
        rows = [row[: len(variables)] for row in evaluate(f"SELECT {names} WHERE {scope.group} LIMIT 1")]
    traced = tracer.rows(scope, variables, rows)
    writer = _Writer(graphs, tracer, scope)
    found = writer.write(variables, rows, traced)
    folder = documents
    if folder is None and isinstance(source, Build):
        folder = source.project.documents
    claims, passages, cited = _find_passages(graphs.stated, found.statements, folder)
    return replace(
        found,
        query=text,
        computed=_list_computed(query, variables),
        claims=claims,
        passages=passages,
        documents=cited,
        absent=tuple(dict.fromkeys(writer.absent)),
        question=question,
        truth=answer.truth,
    )


def list_missing_texts(found: AnswerEvidence, folder: Path) -> tuple[Problem, ...]:
    """Return a warning for each document of an answer whose passages could not be read from a folder.

    Args:
        found: The answer.
        folder: The folder of the documents.
    """
    missing = dict.fromkeys(one.document for one in found.passages.values() if one.text is None)
    return tuple(
        Problem(
            str(folder / found.documents[iri].file) if iri in found.documents else iri,
            "is not there, or is not the document that was cited: its passages are not quoted",
            "get that version of the document",
            level="warning",
        )
        for iri in missing
    )


def name_documents(source: Build | Triples | Dataset | str, lang: str) -> dict[str, str]:
    """Return the names of documents and ranks by their terms, in a language where they have one in it.

    Args:
        source: What was queried.
        lang: The language.
    """
    if isinstance(source, Build):
        return label_terms(source.project, lang) | preferred_labels(source.with_ontology, lang)
    if isinstance(source, str):
        return {}
    return dict(preferred_labels(source if isinstance(source, Triples) else source.default, lang))


class _Writer:
    """Numbers what rows rest on, in the order in which they need it."""

    def __init__(self, graphs: AskedGraphs, tracer: Tracer, scope: Scope) -> None:
        self._graphs = graphs
        self._tracer = tracer
        self._scopes: dict[int, int] = {id(scope): 0}
        self._kept: list[object] = [scope]
        self._patterns: dict[int, int] = {}
        self._listed: list[PatternEvidence] = []
        self._numbers: dict[Edge, int] = {}
        self._written: dict[Edge, Edge] = {}
        self.absent: list[str] = []

    def write(
        self, variables: Sequence[str], rows: Sequence[Row], traced: Sequence[tuple[Solution, ...]]
    ) -> AnswerEvidence:
        """Write the rows with numbers for their statements, and find where each of these is from."""
        self._look_up(solution for solutions in traced for solution in solutions)
        written = tuple(
            RowEvidence(
                {name: term for name, term in zip(variables, row, strict=True) if term is not None},
                self._solutions(solutions),
            )
            for row, solutions in zip(rows, traced, strict=True)
        )
        statements = self._find_statements()
        return AnswerEvidence("", tuple(variables), {}, written, tuple(self._listed), statements, {}, {}, {})

    def _look_up(self, solutions: Iterable[Solution]) -> None:
        edges = {edge for one in _flatten(solutions) for match in one.matches for edge in match.edges}
        self._written |= self._graphs.find_written(edges - self._written.keys())

    def _solutions(self, solutions: Iterable[Solution]) -> tuple[SolutionEvidence, ...]:
        """Write solutions and those within them; one that several need stands once."""
        found: dict[int, SolutionEvidence] = {}
        for one in _flatten(solutions):
            if id(one) in found:
                continue
            if id(one.scope) not in self._scopes:
                self._scopes[id(one.scope)] = len(self._scopes)
                self._kept.append(one.scope)
            self.absent += one.scope.absent
            matches = tuple(
                MatchEvidence(self._pattern(match.pattern), tuple(self._number(edge) for edge in match.edges))
                for match in one.matches
            )
            used = {part[1:] for pattern in one.scope.patterns for part in _parts(pattern) if part.startswith("?")}
            hidden = {marker for pattern in one.scope.patterns for marker in pattern.markers} - used
            bindings = {name: term for name, term in sorted(one.bindings.items()) if name not in hidden}
            found[id(one)] = SolutionEvidence(self._scopes[id(one.scope)], bindings, matches)
        return tuple(found.values())

    def _pattern(self, pattern: Pattern) -> int:
        if id(pattern) not in self._patterns:
            self._patterns[id(pattern)] = len(self._listed)
            self._kept.append(pattern)
            self._listed.append(PatternEvidence(*_parts(pattern)[:3], pattern.predicates(), pattern.graph))
        return self._patterns[id(pattern)]

    def _number(self, edge: Edge) -> int:
        return self._numbers.setdefault(self._written[edge], len(self._numbers))

    def _find_statements(self) -> tuple[StatementEvidence, ...]:
        """Find where each numbered statement is from; those that inferred ones follow from are numbered on the way."""
        graphs = self._graphs
        claims: dict[tuple[str, str, str], tuple[str, ...]] = {}
        derivations: dict[tuple[str, str, str], Derivation] = {}
        premises: dict[Edge, tuple[int | None, tuple[SolutionEvidence, ...]]] = {}
        all_inferred: set[tuple[str, str, str]] = set()
        done = 0
        while done < len(self._numbers):
            new = list(self._numbers)[done:]
            done = len(self._numbers)
            local = [edge[:3] for edge in new if not edge[3]]
            claims |= find_claims(graphs.default, local, graphs.narrowing)
            inferred = graphs.select_inferred(set(local) - claims.keys() - derivations.keys())
            all_inferred |= inferred
            if inferred and graphs.built:
                from glocal_rdf.claims.derivations import find_derivations  # noqa: PLC0415 - only inferred triples

                derivations |= find_derivations(
                    inferred, graphs.select_inferred, graphs.built.project.rules, self._tracer
                )
            self._look_up(derivations[edge[:3]].solution for edge in new if self._follows(edge, claims, derivations))
            for edge in new:
                if self._follows(edge, claims, derivations):
                    way = derivations[edge[:3]]
                    pattern = Pattern(*way.conclusion, markers=())
                    premises[edge] = self._pattern(pattern), self._solutions([way.solution])
        found = []
        passages = self._subject_passages(claims)
        named = {claim for those in claims.values() for claim in those}
        cited = set(
            graphs.default.frame.filter(pl.col("predicate") == SOURCE, pl.col("subject").is_in(named))["subject"]
        )
        graphs.gather(self._numbers.keys())
        for edge in self._numbers:
            statement = StatementEvidence(*edge)
            if not edge[3] and (those := claims.get(edge[:3])):
                # What the curators say has no passage, but a cell.
                origin, places = ("", ()) if cited.intersection(those) else graphs.locate(edge)
                places = () if origin in {"description", "derived"} else places
                iris = tuple(claim[1:-1] for claim in those)
                found.append(replace(statement, origin="claims", claims=iris, places=places))
            elif edge in premises:
                conclusion, because = premises[edge]
                name = derivations[edge[:3]].rule
                found.append(replace(statement, origin="rule", rule=name, conclusion=conclusion, premises=because))
            elif not edge[3] and edge[:3] in all_inferred:
                what = f"{' '.join(edge[:3])[:300]} is inferred, and no rule is found that infers it"
                raise QueryError.at("query", what, "build the project again")
            else:
                origin, places = graphs.locate(edge)
                read = passages.get(edge[0], ()) if not edge[3] else ()
                if origin == "derived":
                    made_for = read_claims(graphs.stated, graphs.find_describing_claims(edge[0])).values()
                    read = tuple(dict.fromkeys(passage for claim in made_for for passage in claim.passages))
                found.append(replace(statement, origin=origin, places=places, passages=read))
        return tuple(found)

    @staticmethod
    def _follows(
        edge: Edge,
        claims: Mapping[tuple[str, str, str], object],
        derivations: Mapping[tuple[str, str, str], Derivation],
    ) -> bool:
        return not edge[3] and edge[:3] not in claims and edge[:3] in derivations

    def _subject_passages(self, claims: Mapping[tuple[str, str, str], object]) -> dict[str, tuple[str, ...]]:
        """Return the passages that subjects without a claim were read from; a passage is its own."""
        subjects = sorted({edge[0] for edge in self._numbers if not edge[3] and edge[:3] not in claims})
        stated = self._graphs.stated
        known = set(list_passages(stated)["passage"])
        derived = stated.frame.filter(pl.col("predicate") == SOURCE, pl.col("subject").is_in(subjects))
        found: dict[str, list[str]] = {one: [one[1:-1]] for one in subjects if one[1:-1] in known}
        for subject, passage in derived.select("subject", "object").sort("subject", "object").iter_rows():
            if passage[1:-1] in known:
                found.setdefault(subject, []).append(passage[1:-1])
        return {subject: tuple(those) for subject, those in found.items()}


def _parts(pattern: Pattern) -> tuple[str, str, str, str]:
    return pattern.subject, pattern.predicate, pattern.object, pattern.graph


def _flatten(solutions: Iterable[Solution]) -> Iterable[Solution]:
    for one in solutions:
        yield one
        yield from _flatten(one.parts)


def _find_passages(
    stated: Triples, statements: Sequence[StatementEvidence], folder: Path | None
) -> tuple[dict[str, ClaimRecord], dict[str, PassageEvidence], dict[str, DocumentEvidence]]:
    """Return the claims of statements, their passages and the documents of these, each by IRI."""
    named = list(dict.fromkeys(claim for one in statements for claim in one.claims))
    records = read_claims(stated, [f"<{claim}>" for claim in named])
    claims = {iri: records[f"<{iri}>"] for iri in named}
    wanted = [iri for claim in claims.values() for iri in claim.passages]
    wanted += [iri for one in statements for iri in one.passages]
    known = {row[0]: row[1:] for row in list_passages(stated).iter_rows()}
    texts = read_passages(stated, folder) if folder is not None else {}
    passages = {}
    for iri in dict.fromkeys(wanted):
        document, checksum, start, end = known.get(iri, ("", "", None, None))
        text = texts[iri].text if iri in texts else None
        passages[iri] = PassageEvidence(iri, document, start, end, checksum or "", text)
    cited = {passage.document for passage in passages.values()}
    documents = {
        iri: DocumentEvidence(iri, file, checksum)
        for iri, file, _, checksum in list_documents(stated).iter_rows()
        if iri in cited
    }
    return claims, passages, documents


def _list_computed(query: tree.Query, variables: Sequence[str]) -> dict[str, str]:
    """Return the expressions that give variables their values; VALUES for those that the query gives itself."""
    computed: dict[str, str] = {}
    inner = {id(node) for part in tree.walk(query) if isinstance(part, tree.SubSelect) for node in tree.walk(part)}
    for node in tree.walk(query):
        if isinstance(node, tree.Bind | tree.Alias):
            written = " ".join(query.text[node.expression.start : node.expression.end].split())
            computed.setdefault(node.variable.name, f"subquery: {written}" if id(node) in inner else written)
        elif isinstance(node, tree.Values):
            computed |= {variable.name: "VALUES" for variable in node.variables if variable.name not in computed}
    matched = {part[1:] for part in _pattern_variables(query)}
    return {name: text for name, text in computed.items() if name in variables and name not in matched}


def _pattern_variables(query: tree.Query) -> Iterable[str]:
    for node in tree.walk(query):
        if isinstance(node, tree.Triple):
            for part in (node.subject, node.predicate, node.object):
                if isinstance(part, tree.Var):
                    yield f"?{part.name}"
        elif isinstance(node, tree.Graph) and isinstance(node.name, tree.Var):
            yield f"?{node.name.name}"
