"""Reads an ontology into the parts of its reference: header, parts, classes, properties, schemes and their values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from glocal_rdf import namespaces
from glocal_rdf.display import visible_lines
from glocal_rdf.errors import InputError
from glocal_rdf.namespaces import DC, DCTERMS, OWL, RDF, RDFS, SCHEMA, SKOS, VANN, XSD, local_name
from glocal_rdf.triples import Triples, terms

__all__ = ["KINDS", "MATCHES", "Ontology", "Part", "Scheme", "Term", "Text"]

KINDS = {"class": f"{OWL}Class", "object": f"{OWL}ObjectProperty", "datatype": f"{OWL}DatatypeProperty"}
TITLES = (f"{DCTERMS}title", f"{DC}title", f"{RDFS}label", f"{SKOS}prefLabel")
LABELS = (f"{RDFS}label", f"{SKOS}prefLabel", f"{DCTERMS}title")
DEFINITIONS = (f"{SKOS}definition", f"{RDFS}comment", f"{DCTERMS}description")
MATCHES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch")

Text = Mapping[str, tuple[str, ...]]
"""Texts by language tag, sorted."""


@dataclass(frozen=True)
class Term:
    """A class or property: what it is called and means, and how it stands to others (IRIs, sorted).

    `prefix` is the prefix of its namespace, `own` says whether the ontology itself defines it, `successors` take the
    place of a term that is `deprecated`.
    """

    iri: str
    prefix: str
    kind: str
    label: Text
    definition: Text
    note: Text
    parents: tuple[str, ...]
    domains: tuple[str, ...]
    ranges: tuple[str, ...]
    inverses: tuple[str, ...]
    symmetric: bool
    matches: tuple[tuple[str, str], ...]
    examples: tuple[str, ...]
    own: bool
    deprecated: bool
    successors: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A part of the ontology: its title, the classes at its head, and the properties that its picture draws."""

    iri: str
    title: Text
    members: tuple[str, ...]


@dataclass(frozen=True)
class Scheme:
    """A concept scheme that the ontology defines, with its fixed values: (IRI, label, definition, broader IRI)."""

    iri: str
    title: Text
    definition: Text
    values: tuple[tuple[str, Text, Text, str], ...]


class Ontology:
    """An ontology as its reference needs it, read once from its triples."""

    def __init__(self, triples: Triples, prefixes: Mapping[str, str]) -> None:
        self._said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, value in sorted(triples):
            self._said[subject][predicate[1:-1]].append(value)
        heads = [subject for subject in self._said if f"<{OWL}Ontology>" in self._said[subject][f"{RDF}type"]]
        if len(heads) > 1:
            raise InputError.at("ontology", f"has {len(heads)} headers", "keep one resource of type owl:Ontology")
        self.head = heads[0] if heads else ""
        self.iri = self.head[1:-1] if self.head.startswith("<") else ""
        own = {self.prefix: self.namespace} if self.prefix else {}
        self._prefixes = {prefix: space for prefix, space in {**prefixes, **own}.items() if prefix}

    @cached_property
    def namespace(self) -> str:
        """The namespace that the ontology prefers for its terms."""
        default = self.iri if self.iri.endswith(("#", "/")) or not self.iri else f"{self.iri}#"
        return next(iter(self.words(f"{VANN}preferredNamespaceUri")), default)

    @cached_property
    def title(self) -> Text:
        """What the ontology is called, or its IRI."""
        return self._first_of(self.head, TITLES) or {"": (self.iri or "Ontology",)}

    @cached_property
    def prefix(self) -> str:
        """The prefix that it prefers for them."""
        return next(iter(self.words(f"{VANN}preferredNamespacePrefix")), "")

    def words(self, predicate: str) -> tuple[str, ...]:
        """Return what the header says by a predicate: texts and IRIs, sorted."""
        return tuple(terms.unquote(value) for value in self._said[self.head][predicate])

    def texts(self, predicate: str) -> Text:
        """Return what the header says by a predicate, by language."""
        return self._texts(self.head, predicate)

    @cached_property
    def terms(self) -> dict[str, Term]:
        """The classes and properties that are declared, by IRI, sorted."""
        found = {}
        for subject in sorted(self._said):
            kind = self._kind(subject)
            if kind and subject.startswith("<"):
                found[subject[1:-1]] = self._term(subject, kind)
        return found

    def _kind(self, subject: str) -> str:
        """Return whether a class or property is declared; one of RDF Schema is what its range makes it."""
        types = self._said[subject].get(f"{RDF}type", [])
        for kind, iri in KINDS.items():
            if f"<{iri}>" in types:
                return kind
        if f"<{RDFS}Class>" in types:
            return "class"
        if f"<{RDF}Property>" not in types:
            return ""
        ranges = self._iris(subject, f"{RDFS}range", f"{SCHEMA}rangeIncludes")
        texts = [one for one in ranges if one.startswith((XSD, f"{RDFS}Literal", f"{RDF}langString"))]
        return "object" if ranges and not texts else "datatype"

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts (SKOS collections), sorted by IRI."""
        title, member = f"{DCTERMS}title", f"{SKOS}member"
        return tuple(
            Part(subject[1:-1], self._texts(subject, title), self._iris(subject, member))
            for subject in self._typed(f"{SKOS}Collection")
        )

    @cached_property
    def schemes(self) -> tuple[Scheme, ...]:
        """The concept schemes with the values that the ontology fixes, each branch after its top, sorted."""
        label, definition = f"{SKOS}prefLabel", f"{SKOS}definition"
        found = []
        for scheme in self._typed(f"{SKOS}ConceptScheme"):
            members = [one for one in sorted(self._said) if scheme in self._said[one].get(f"{SKOS}inScheme", [])]
            broader = {one: next(iter(self._iris(one, f"{SKOS}broader")), "") for one in members}
            ordered = sorted(members, key=lambda one: (broader[one] or one[1:-1], bool(broader[one]), one))
            values = [
                (one[1:-1], self._texts(one, label), self._texts(one, definition), broader[one]) for one in ordered
            ]
            texts = self._texts(scheme, f"{DCTERMS}title"), self._texts(scheme, definition)
            found.append(Scheme(scheme[1:-1], *texts, tuple(values)))
        return tuple(found)

    def shorten(self, iri: str) -> str:
        """Write an IRI with the prefix of its namespace, where it has one."""
        return namespaces.shorten(iri, self._prefixes, names_only=True)

    def children(self, iri: str) -> list[Term]:
        """List the terms right under a term, sorted."""
        return [term for term in self.terms.values() if iri in term.parents]

    def above(self, iri: str) -> Iterator[str]:
        """Go from a term up to all above it, the nearest first."""
        line, seen = [iri], {iri}
        while line:
            one = line.pop(0)
            yield one
            term = self.terms.get(one)
            line += [up for up in (term.parents if term else ()) if up not in seen]
            seen.update(line)

    def part_of(self, term: Term) -> Part | None:
        """Find the part that a class or one above it is listed in; of a property, where most of its domain is."""
        classes = [term.iri] if term.kind == "class" else list(term.domains)
        votes = [part for part in map(self._part_of_class, classes) if part]
        if not votes:
            return self.parts[0] if self.parts else None
        return max(self.parts, key=lambda part: (votes.count(part), -self.parts.index(part)))

    def _part_of_class(self, iri: str) -> Part | None:
        for one in self.above(iri):
            for part in self.parts:
                if one in part.members:
                    return part
        return None

    def _term(self, subject: str, kind: str) -> Term:
        """Read a class or property from its triples."""
        definers = self._iris(subject, f"{RDFS}isDefinedBy")
        own = self.iri in definers or (not definers and subject not in self._foreign)
        parent = "subClassOf" if kind == "class" else "subPropertyOf"
        inverse = f"{OWL}inverseOf"
        inverses = [
            *self._iris(subject, inverse),
            *(other[1:-1] for other in self._said if subject in self._said[other].get(inverse, [])),
        ]
        return Term(
            iri=subject[1:-1],
            prefix=self.shorten(subject[1:-1]).partition(":")[0],
            kind=kind,
            label=self._first_of(subject, LABELS) or {"": (local_name(subject),)},
            definition=self._first_of(subject, DEFINITIONS),
            note=self._texts(subject, f"{SKOS}scopeNote"),
            parents=self._iris(subject, f"{RDFS}{parent}"),
            domains=self._iris(subject, f"{RDFS}domain", f"{SCHEMA}domainIncludes"),
            ranges=self._iris(subject, f"{RDFS}range", f"{SCHEMA}rangeIncludes"),
            inverses=tuple(sorted(set(inverses))),
            symmetric=f"<{OWL}SymmetricProperty>" in self._said[subject][f"{RDF}type"],
            matches=tuple((name, one) for name in MATCHES for one in self._iris(subject, f"{SKOS}{name}")),
            examples=tuple(terms.unquote(value) for value in self._said[subject].get(f"{SKOS}example", [])),
            own=own,
            deprecated=any(terms.unquote(value) == "true" for value in self._said[subject].get(f"{OWL}deprecated", [])),
            successors=self._iris(subject, f"{DCTERMS}isReplacedBy"),
        )

    @cached_property
    def _foreign(self) -> set[str]:
        """The terms that the ontology declares outside its namespace, if any is inside."""
        subjects = {subject for subject in self._said if self._kind(subject)}
        inside = {one for one in subjects if self.namespace and one[1:].startswith(self.namespace)}
        return subjects - inside if inside else set()

    def _first_of(self, subject: str, predicates: Iterable[str]) -> Text:
        """Return the texts of the first predicate that has any."""
        return next(filter(None, (self._texts(subject, predicate) for predicate in predicates)), {})

    def _typed(self, iri: str) -> list[str]:
        return [one for one in sorted(self._said) if f"<{iri}>" in self._said[one].get(f"{RDF}type", [])]

    def _iris(self, subject: str, *predicates: str) -> tuple[str, ...]:
        values = (value for name in predicates for value in self._said[subject].get(name, []))
        return tuple(sorted({value[1:-1] for value in values if value.startswith("<")}))

    def _texts(self, subject: str, predicate: str) -> Text:
        return _by_language(self._said[subject].get(predicate, []))


def _by_language(values: Iterable[str]) -> Text:
    found: dict[str, list[str]] = defaultdict(list)
    for value in values:
        if value.startswith('"'):
            tag = value.rpartition('"')[2]
            found[tag[1:] if tag.startswith("@") else ""].append(_as_text(value))
    return {tag: tuple(sorted(texts)) for tag, texts in sorted(found.items())}


def _as_text(literal: str) -> str:
    """Read a literal as text for a page: no markup of HTML in it, and no control characters."""
    return visible_lines(terms.unquote(literal)).replace("<", "&lt;")
