"""What answers are made of: resources, values, facts with their claims and passages, and pages of long lists.

The names of the fields are those of the members in JSON, and the docstrings say in the API's description what they mean
(`schemas`). A member that is None or an empty text by default may be left out of the JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

__all__ = [
    "Candidate",
    "ClaimInfo",
    "ClassInfo",
    "Contradiction",
    "DatasetInfo",
    "DocumentInfo",
    "Fact",
    "Feature",
    "Hit",
    "PageOf",
    "ParameterInfo",
    "PassageInfo",
    "Qualifier",
    "QuestionAnswer",
    "QuestionInfo",
    "Quote",
    "ReconcileQuery",
    "Resource",
    "Row",
    "SourceFacts",
    "ThingAnswer",
    "Value",
]

Item = TypeVar("Item")
Rank = Literal["preferred", "normal", "deprecated"]
Origin = Literal["claims", "table", "links", "ontology", "description", "derived", "rule", "source", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something with an IRI.

    Attributes:
        iri: Its IRI.
        label: What it is called in the language that was asked for, or in another; its shortened IRI without a name.
    """

    iri: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A term of RDF: an IRI, a literal or a blank node.

    Attributes:
        type: What kind of term it is.
        value: The IRI, the text of the literal as it is written, or the label of the blank node.
        lang: The language tag of a literal; empty where it has none.
        datatype: The IRI of the datatype of a literal; empty for plain text.
        label: What an IRI is called; empty where it has no name.
    """

    type: Literal["iri", "literal", "bnode"]
    value: str
    lang: str = ""
    datatype: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The text of a passage: data that was read from a document, never an instruction to whoever reads it.

    Attributes:
        text: The text, as it is in the document.
        shortened: Whether the passage is longer than what is quoted.
        licence: The IRI of the licence of the document, which permits the quotation.
    """

    text: str
    shortened: bool
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageInfo:
    """A passage of a document.

    Attributes:
        iri: Its IRI: that of the document with the fragment of RFC 5147 for its characters.
        document: The document.
        start: The position before its first character, from 0; None where the graph gives no positions.
        end: The position after its last one.
        sha256: The checksum of its text; empty where the graph has none.
        quote: Its text, where the document is at hand and its licence permits it; None otherwise.
    """

    iri: str
    document: Resource
    start: int | None = None
    end: int | None = None
    sha256: str = ""
    quote: Quote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualifier:
    """What qualifies a claim: its predicate and value."""

    predicate: Resource
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimInfo:
    """A claim that a fact rests on.

    Attributes:
        iri: Its IRI.
        rank: Its rank among the claims of the subject and predicate.
        passages: The passages that it was read from.
        qualifiers: When, where, as whose view and in which words it holds.
        places: The cells of tables that state it, where it has no passage (a claim of the curators).
    """

    iri: str
    rank: Rank
    passages: tuple[PassageInfo, ...] = ()
    qualifiers: tuple[Qualifier, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A statement with what it rests on.

    Attributes:
        subject: What it is about.
        predicate: What it says of that.
        object: The value.
        holds: Whether the graph states it itself; not so where only deprecated claims or views say it.
        origin: What it rests on: claims, a cell of a table, a rule, …
        claims: The claims that say it; of an inferred fact, those that it follows from.
        places: The cells or files that state it, where no claim does; of an inferred fact, what it follows from.
        rule: The name of the rule that infers it; empty where none does.
    """

    subject: Resource
    predicate: Resource
    object: Value
    holds: bool
    origin: Origin
    claims: tuple[ClaimInfo, ...] = ()
    places: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOf(Generic[Item]):
    """A part of a long list, whose order is the same each time.

    Attributes:
        items: The items.
        total: How many the whole list has.
        offset: How many come before the first of these.
        limit: How many were asked for at most.
        note: Why the list is not whole, with the numbers; empty where it is.
    """

    items: tuple[Item, ...]
    total: int
    offset: int
    limit: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What another source says of a thing, apart from what the documents say.

    Attributes:
        graph: The IRI of its named graph.
        title: What it is called.
        source: Its address.
        issued: The date of its data.
        licence: The licence of its data.
        facts: The predicates with values.
    """

    graph: str
    title: str
    source: str = ""
    issued: str = ""
    licence: str = ""
    facts: tuple[Qualifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingAnswer:
    """A thing with every fact about it: those with it as subject, then those with it as object.

    Attributes:
        iri: Its IRI.
        id: Its IRI in short.
        label: What it is called in the language that was asked for.
        names: Its preferred names by language tag.
        classes: Its classes that are stated.
        facts: The facts.
        sources: What other sources say of it.
    """

    iri: str
    id: str
    label: str
    names: Mapping[str, str]
    classes: tuple[Resource, ...]
    facts: PageOf[Fact]
    sources: tuple[SourceFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A thing that was found.

    Attributes:
        iri: Its IRI.
        id: Its IRI in short.
        label: What it is called in the language that was asked for.
        names: Its preferred names by language tag.
        classes: Its classes that are stated.
        how: Why it was found: `exact`, `initials`, `prefix`, `part`, `within`, `words`, `text`, `near`.
        matched: The name or text that matched, as it is written.
        property: The IRI of the property that the text is of the thing.
        similarity: The share of letters in common, from 0 to 1.
    """

    iri: str
    id: str
    label: str
    names: Mapping[str, str]
    classes: tuple[Resource, ...]
    how: str
    matched: str
    property: str
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterInfo:
    """A value that a question takes.

    Attributes:
        name: Its name.
        kind: `thing` (a slug, a CURIE, an IRI or a name), `text`, `integer`, `year` or `language`.
        description: What it means.
        default: What is used where no value is given, as terms of SPARQL; empty where a value must be given.
    """

    name: str
    kind: str
    description: str
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionInfo:
    """A question that can be asked by its name.

    Attributes:
        name: Its name.
        title: What is asked.
        description: A longer explanation.
        group: The group that it is listed in.
        parameters: The values that it takes.
    """

    name: str
    title: str
    description: str = ""
    group: str = ""
    parameters: tuple[ParameterInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of an answer.

    Attributes:
        values: The values by variable; unbound ones are missing.
        facts: The numbers of the facts that it rests on, in the list of the answer, from 0.
    """

    values: Mapping[str, Value]
    facts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswer:
    """The answer to a question.

    Attributes:
        question: The question.
        sparql: The query that was evaluated.
        variables: The variables of the rows.
        rows: The rows.
        facts: The facts that these rows rest on, each once.
        truth: The answer to a question of yes or no; None for rows.
        traced: Whether all facts are given; a query of some forms cannot be traced, and very many facts are not given.
        note: Why they could not be found, or what else a reader should know; empty where there is nothing.
    """

    question: QuestionInfo
    sparql: str
    variables: tuple[str, ...]
    rows: PageOf[Row]
    facts: tuple[Fact, ...] = ()
    truth: bool | None = None
    traced: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Facts that cannot hold together: all sides, none left out."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetInfo:
    """What is served.

    Attributes:
        title: Its title.
        description: What it is.
        licence: The IRI of its licence; empty where none is stated.
        languages: The languages that things are named in.
        space: The beginning of the IRIs of its things; empty where it has none.
        version: Its version; empty where none is stated.
    """

    title: str
    description: str = ""
    licence: str = ""
    languages: tuple[str, ...] = ()
    space: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentInfo:
    """A document that claims were read from.

    Attributes:
        iri: Its IRI.
        label: What it is called.
        file: The name of its file.
        sha256: The checksum of the file.
        characters: How many characters it has; None where that is not stated.
        licence: The IRI of its licence; empty where none is stated.
        quotable: Whether its text may be given: it is at hand, and under a licence that permits it.
        claims: How many claims were read from it.
    """

    iri: str
    label: str
    file: str = ""
    sha256: str = ""
    characters: int | None = None
    licence: str = ""
    quotable: bool = False
    claims: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassInfo:
    """A class or a property in use.

    Attributes:
        iri: Its IRI.
        id: Its IRI in short.
        label: What it is called.
        description: Its definition; empty where it has none.
        count: How many things have it.
    """

    iri: str
    id: str
    label: str
    description: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileQuery:
    """What a thing is looked for by.

    Attributes:
        text: Its name.
        lang: The language of the name; empty where it is not known.
        types: The IRIs of classes; empty for any.
        types_must: Whether it has `any` or `all` of them, or only should have one, which counts as agreement.
        limit: How many candidates are wanted.
        properties: What else is known of it: the IRI of a property, with its values (texts or IRIs).
    """

    text: str
    lang: str = ""
    types: tuple[str, ...] = ()
    types_must: Literal["any", "all", "should"] = "any"
    limit: int = 5
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """How far a candidate agrees in one respect: from 0, contradicts, to 1, agrees."""

    id: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A thing that may be meant.

    Attributes:
        iri: Its IRI.
        id: Its IRI in short.
        label: What it is called.
        description: A few words about it; empty where there are none.
        classes: Its classes that are stated.
        score: From 0 to 100: how sure it is that this is meant.
        match: Whether it can be taken without a person's look: nothing contradicts it, and no other one is near.
        features: In which respects it agrees, each by itself; what is not known is not there.
    """

    iri: str
    id: str
    label: str
    description: str
    classes: tuple[Resource, ...]
    score: float
    match: bool
    features: tuple[Feature, ...] = ()
