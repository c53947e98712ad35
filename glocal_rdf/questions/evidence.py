"""An answer with its evidence: for each row the statements that it rests on, and the claims and passages behind these.

Everything is numbered once, in the order in which the rows need it, so that the same answer has the same bytes. Terms
are in N-Triples syntax. The checksum guards what a document and a dump cannot show (the query, the cells of tables).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from glocal_rdf.claim_record import ClaimRecord

__all__ = [
    "AnswerEvidence",
    "DocumentEvidence",
    "MatchEvidence",
    "PassageEvidence",
    "PatternEvidence",
    "RowEvidence",
    "SolutionEvidence",
    "StatementEvidence",
    "checksum",
]


@dataclass(frozen=True)
class PatternEvidence:
    """A triple pattern of the query, of a subquery or of a rule.

    Attributes:
        subject: A term, or a variable with its mark.
        predicate: The same; empty for a path that repeats.
        object: A term or a variable.
        path: The predicates of a path that repeats.
        graph: The graph that it is matched in; empty for the default graph.
    """

    subject: str
    predicate: str
    object: str
    path: tuple[str, ...] = ()
    graph: str = ""


@dataclass(frozen=True)
class MatchEvidence:
    """A pattern with the statements that it matched, both by their numbers."""

    pattern: int
    statements: tuple[int, ...]


@dataclass(frozen=True)
class SolutionEvidence:
    """A solution that a row rests on.

    Attributes:
        scope: 0 for the query itself; another number for a subquery or an EXISTS.
        bindings: The values of variables.
        matches: The patterns with their statements.
    """

    scope: int
    bindings: Mapping[str, str]
    matches: tuple[MatchEvidence, ...]


@dataclass(frozen=True)
class RowEvidence:
    """A row of the answer with the solutions behind it; none where the row says that nothing was found.

    Attributes:
        values: The values by variable; unbound ones are missing.
        solutions: The solutions.
    """

    values: Mapping[str, str]
    solutions: tuple[SolutionEvidence, ...]

    def statements(self) -> tuple[int, ...]:
        """Return the numbers of its statements, each once."""
        return tuple(dict.fromkeys(n for one in self.solutions for match in one.matches for n in match.statements))


@dataclass(frozen=True)
class StatementEvidence:
    """A triple that rows rest on, and where it is from.

    Attributes:
        subject: Its subject.
        predicate: Its predicate.
        object: Its object.
        graph: The graph of another source that has it; empty for the default graph.
        origin: `claims`, `table`, `links`, `ontology`, `description` (of the dataset), `derived` (made for claims, such
            as the interval of a membership), `rule`, `source` (the graph of another one) or `file`.
        claims: The claims that it is derived from, or that it describes.
        passages: The passages that its subject was read from, where no claim states it.
        places: Cells and files, such as `data/places.csv:9 (country)`.
        rule: The name of the rule by which it is inferred.
        conclusion: The number of the rule's pattern that it fits.
        premises: The solution of the rule's pattern.
    """

    subject: str
    predicate: str
    object: str
    graph: str = ""
    origin: str = "file"
    claims: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    rule: str = ""
    conclusion: int | None = None
    premises: tuple[SolutionEvidence, ...] = ()


@dataclass(frozen=True)
class PassageEvidence:
    """A passage, with its text where the document is at hand.

    Attributes:
        passage: Its IRI.
        document: The IRI of its document.
        start: The position before its first character; None where the graph gives no positions.
        end: The position after its last one.
        sha256: The checksum of its text.
        text: Its text; None without the document.
    """

    passage: str
    document: str
    start: int | None
    end: int | None
    sha256: str
    text: str | None = None


@dataclass(frozen=True)
class DocumentEvidence:
    """A document: its IRI, the name of its file, and the file's checksum."""

    document: str
    file: str
    sha256: str


@dataclass(frozen=True)
class AnswerEvidence:
    """An answer with its evidence.

    Attributes:
        query: The text of the query.
        variables: The variables of the rows.
        computed: What gives the values of variables that are not those of a pattern: the text of the expression.
        rows: The rows.
        patterns: The triple patterns.
        statements: The statements that the rows rest on.
        claims: The claims behind them, by IRI.
        passages: The passages, by IRI.
        documents: The documents, by IRI.
        absent: The texts of the patterns that must not match (MINUS, NOT EXISTS), which no statement shows.
        question: The name of the question; empty for a query of one's own.
        truth: The answer of an ASK; None for rows.
    """

    query: str
    variables: tuple[str, ...]
    computed: Mapping[str, str]
    rows: tuple[RowEvidence, ...]
    patterns: tuple[PatternEvidence, ...]
    statements: tuple[StatementEvidence, ...]
    claims: Mapping[str, ClaimRecord]
    passages: Mapping[str, PassageEvidence]
    documents: Mapping[str, DocumentEvidence]
    absent: tuple[str, ...] = ()
    question: str = ""
    truth: bool | None = None
    _needed: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.rows)

    def grounds(self, number: int) -> tuple[int, ...]:
        """Return the numbers of the statements that a statement rests on in the end: itself, or those it follows from.

        Args:
            number: The number of the statement.
        """
        if number not in self._needed:
            premises = [n for one in self.statements[number].premises for m in one.matches for n in m.statements]
            found = [base for premise in premises for base in self.grounds(premise)]
            self._needed[number] = tuple(dict.fromkeys(found)) if premises else (number,)
        return self._needed[number]

    def row_grounds(self, row: RowEvidence) -> tuple[int, ...]:
        """Return the numbers of the statements that a row rests on in the end, each once."""
        return tuple(dict.fromkeys(base for number in row.statements() for base in self.grounds(number)))

    def described_claim(self, number: int) -> ClaimRecord | None:
        """Return the claim that a statement describes, which is its subject; None for any other statement.

        Args:
            number: The number of the statement.
        """
        statement = self.statements[number]
        iri = statement.subject[1:-1]
        return self.claims[iri] if iri in statement.claims else None

    def listed_passages(self, number: int) -> Iterator[tuple[ClaimRecord | None, PassageEvidence | None]]:
        """Yield each claim of a statement with each of its passages.

        Args:
            number: The number of the statement.
        """
        statement = self.statements[number]
        for claim in map(self.claims.__getitem__, statement.claims):
            yield from ((claim, self.passages[iri]) for iri in claim.passages)
            if not claim.passages:
                yield claim, None
        if not statement.claims:
            yield from ((None, self.passages[iri]) for iri in statement.passages)

    def to_record(self) -> dict[str, Any]:
        """Return the answer as a JSON object, with the checksum of its content."""
        record = {
            "query": self.query,
            "question": self.question,
            "truth": self.truth,
            "variables": list(self.variables),
            "computed": dict(self.computed),
            "rows": [asdict(row) for row in self.rows],
            "patterns": [asdict(pattern) for pattern in self.patterns],
            "statements": [asdict(statement) for statement in self.statements],
            "claims": [asdict(claim) for claim in self.claims.values()],
            "passages": [asdict(passage) for passage in self.passages.values()],
            "documents": [asdict(document) for document in self.documents.values()],
            "absent": list(self.absent),
        }
        plain: dict[str, Any] = json.loads(json.dumps(record))
        return {"checksum": checksum(plain), **plain}


def checksum(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a JSON object without its own checksum, with sorted keys and no white space.

    Examples:
        >>> checksum({"checksum": "", "a": 1}) == checksum({"a": 1})
        True
    """
    content = {key: value for key, value in record.items() if key != "checksum"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
