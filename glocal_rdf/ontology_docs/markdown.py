"""Writes the reference of an ontology in Markdown, in one language with the other beside.

First the header, then pictures, then each term by parts, the terms of others, the schemes with their fixed values, and
last the questions that use the terms. What is named can be linked to: `#seat`, `#schema-founder`, `#q-oldest-network`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from glocal_rdf.errors import InputError
from glocal_rdf.namespaces import DCTERMS, OWL, SKOS, VANN
from glocal_rdf.ontology_docs.diagram import draw_kinds, draw_relations
from glocal_rdf.ontology_docs.examples import read_example
from glocal_rdf.ontology_docs.ontology import Ontology, Part, Scheme, Term, Text
from glocal_rdf.ontology_docs.questions import AskedQuestion
from glocal_rdf.ontology_docs.words import join_texts, pick_text, translate_words
from glocal_rdf.triples import Triples

__all__ = ["write_reference"]

KINDS = ("class", "object", "datatype")


def write_reference(
    ontology: Triples,
    questions: Sequence[AskedQuestion],
    prefixes: Mapping[str, str],
    lang: str = "en",
    command: str = "",
) -> str:
    """Write the reference of an ontology, and the questions that use its terms.

    Args:
        ontology: The ontology.
        questions: The questions; those that use none of its terms are left out.
        prefixes: Namespaces by prefix, by which the IRIs of others are shortened.
        lang: The language that comes first (`en`, `zh-Hant`).
        command: What readers run to write it anew; the empty text for nothing.

    Returns:
        The reference in Markdown.

    Raises:
        InputError: Where the ontology declares no term, or has more than one header.
    """
    read = Ontology(ontology, prefixes)
    if not read.terms:
        raise InputError.at("ontology", "declares no class and no property", "declare them (owl:Class, rdf:Property)")
    used = [
        question for question in questions if any(iri in read.terms and read.terms[iri].own for iri in question.terms)
    ]
    return (
        "\n".join(line for block in _Writer(read, used, lang).blocks(command) for line in (*block, "")).rstrip() + "\n"
    )


class _Writer:
    """Writes the blocks of one reference."""

    def __init__(self, ontology: Ontology, questions: Sequence[AskedQuestion], lang: str) -> None:
        self.ontology, self.questions, self.lang = ontology, questions, lang
        self.words = translate_words(lang)

    def blocks(self, command: str) -> Iterator[list[str]]:
        """Write all blocks of lines, in their order."""
        own = [term for term in self.ontology.terms.values() if term.own and not term.deprecated]
        yield from self._header(command)
        yield [f"## {self.words['contents']}"]
        for kind in KINDS:
            links = self._links(term.iri for term in own if term.kind == kind)
            if links:
                yield [f"**{self.words[kind]}**{self.words['colon']}{links}"]
        if self.ontology.parts:
            yield [f"## {self.words['pictures']}"]
        for pictured in self.ontology.parts:
            yield [f"### {join_texts(pictured.title, self.lang)}"]
            yield ["```mermaid", draw_relations(self.ontology, pictured, self.lang), "```"]
            for iri in pictured.members:
                term = self.ontology.terms.get(iri)
                top = term and term.kind == "class" and not {*self.ontology.above(iri)} & {*pictured.members} - {iri}
                drawn = draw_kinds(self.ontology, iri, self.lang) if top else ""
                if drawn:
                    yield ["```mermaid", drawn, "```"]
        for kind in KINDS:
            if any(term.kind == kind for term in own):
                yield [f"## {self.words[kind]}"]
            parts: Sequence[Part | None] = self.ontology.parts or (None,)
            for part in parts:
                terms = [term for term in own if term.kind == kind and self.ontology.part_of(term) == part]
                if terms and part:
                    yield [f"### {join_texts(part.title, self.lang)}"]
                for term in terms:
                    yield from self._term(term)
        yield from self._retired()
        yield from self._reused()
        if self.ontology.schemes:
            yield [f"## {self.words['schemes']}"]
        for scheme in self.ontology.schemes:
            yield from self._scheme(scheme)
        yield from self._asked()

    def _header(self, command: str) -> Iterator[list[str]]:
        """Yield the title of the ontology, its description and the facts of its header."""
        head, words = self.ontology, self.words
        yield [f"# {join_texts(head.title, self.lang)}"]
        if command:
            yield [f"<!-- {words['generated'].format(command=command)} -->"]
        yield from ([text] for text in _each(head.texts(f"{DCTERMS}description"), self.lang))
        yield from ([text] for text in _each(head.texts(f"{SKOS}scopeNote"), self.lang))
        info, iri = _first(head.words(f"{OWL}versionInfo")), _first(head.words(f"{OWL}versionIRI"))
        version = ", ".join(filter(None, (info and f"`{info}`", iri and f"<{iri}>")))
        prior = [f"{words['before']}{words['colon']}<{iri}>" for iri in head.words(f"{OWL}priorVersion")]
        space = _first(head.words(f"{VANN}preferredNamespaceUri")) or head.namespace
        cite = [text for texts in self._ordered(head.texts(f"{DCTERMS}bibliographicCitation")) for text in texts]
        rows = [
            (words["version"], words["and"].join(filter(None, [version, *prior]))),
            (words["namespace"], " ".join(filter(None, (head.prefix and f"`{head.prefix}:`", space and f"<{space}>")))),
            (words["licence"], _link(_first(head.words(f"{DCTERMS}license")))),
            (words["modified"], _first(head.words(f"{DCTERMS}modified"))[:10]),
            (words["cite"], "<br>".join(cite)),
        ]
        lines = [f"| {name} | {_cell(value)} |" for name, value in rows if value]
        if lines:
            yield ["| | |", "| --- | --- |", *lines]
        for title, predicate in (("notes", "editorialNote"), ("history", "historyNote")):
            texts = head.texts(f"{SKOS}{predicate}")
            if texts:
                yield [f"## {words[title]}"]
                yield [f"- {text}" for one in self._ordered(texts) for text in one]

    def _term(self, term: Term) -> Iterator[list[str]]:
        yield [f'<a id="{self._anchor(term.iri)}"></a>', "", f"#### {join_texts(term.label, self.lang)}"]
        yield [f"`{self.ontology.shorten(term.iri)}`"]
        yield from ([text] for text in _each(term.definition, self.lang))
        yield [f"- {self.words[name]}{self.words['colon']}{texts}" for name, texts in self._facts(term) if texts]

    def _facts(self, term: Term) -> Iterator[tuple[str, str]]:
        yield "note", "<br>".join(_each(term.note, self.lang))
        yield "under", self._links(term.parents)
        yield "over", self._links(child.iri for child in self.ontology.children(term.iri))
        yield "of", self._links(term.domains)
        yield "to", self._links(term.ranges)
        yield "inverse", self._links(term.inverses) + (self.words["symmetric"] if term.symmetric else "")
        yield "match", self._matches(term)
        yield "example", "<br>".join(f"`{example}`" for example in term.examples)
        examples = filter(None, map(read_example, term.examples))
        queries = (example.find_others(self.ontology.shorten(term.iri)) for example in examples)
        yield "found", "<br>".join(f"`{query}`" for query in dict.fromkeys(filter(None, queries)))
        asking = [question for question in self.questions if term.iri in question.terms]
        yield (
            "asked",
            self.words["and"].join(
                f"[{question.title.get(self.lang, question.name)}](#q-{question.name})" for question in asking
            ),
        )

    def _retired(self) -> Iterator[list[str]]:
        terms = [term for term in self.ontology.terms.values() if term.own and term.deprecated]
        if not terms:
            return
        yield [f"## {self.words['retired']}"]
        rows = [
            (
                f'<a id="{self._anchor(term.iri)}"></a>`{self.ontology.shorten(term.iri)}`',
                join_texts(term.label, self.lang, "<br>"),
                "<br>".join(_each(term.definition, self.lang)),
                self._links(term.successors),
            )
            for term in terms
        ]
        yield self._table(("term", "label", "definition", "instead"), rows)

    def _reused(self) -> Iterator[list[str]]:
        terms = [term for term in self.ontology.terms.values() if not term.own]
        if not terms:
            return
        heads = ("term", "label", "use", "match")
        yield [f"## {self.words['reused']}"]
        rows = [
            (
                f'<a id="{self._anchor(term.iri)}"></a>[`{self.ontology.shorten(term.iri)}`]({term.iri})',
                join_texts(term.label, self.lang, "<br>"),
                "<br>".join(_each(term.note, self.lang)),
                self._matches(term),
            )
            for term in terms
        ]
        yield self._table(heads, rows)

    def _scheme(self, scheme: Scheme) -> Iterator[list[str]]:
        yield [f"### {join_texts(scheme.title, self.lang)}"]
        yield [f"`{scheme.iri}`"]
        yield from ([text] for text in _each(scheme.definition, self.lang))
        rows = [
            (
                f"{'&emsp;' if broader else ''}`{iri.rpartition('/')[2]}`",
                join_texts(label, self.lang, "<br>"),
                "<br>".join(_each(definition, self.lang)),
            )
            for iri, label, definition, broader in scheme.values
        ]
        if rows:
            yield self._table(("value", "label", "definition"), rows)

    def _asked(self) -> Iterator[list[str]]:
        if not self.questions:
            return
        yield [f"## {self.words['questions']}"]
        rows = []
        for question in self.questions:
            titles = {tag: (title,) for tag, title in question.title.items()}
            terms = (iri for iri in sorted(question.terms) if iri in self.ontology.terms)
            name = f'<a id="q-{question.name}"></a>`{question.name}`'
            rows.append((name, join_texts(titles, self.lang, "<br>"), self._links(terms)))
        yield self._table(("question", "label", "terms"), rows)

    def _table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
        head = f"| {' | '.join(self.words[name] for name in heads)} |"
        return [head, "|" + " --- |" * len(heads), *(f"| {' | '.join(map(_cell, row))} |" for row in rows)]

    def _matches(self, term: Term) -> str:
        texts = [f"{self.words[name]} [`{self.ontology.shorten(iri)}`]({iri})" for name, iri in term.matches]
        return self.words["and"].join(texts)

    def _links(self, iris: Iterable[str]) -> str:
        return self.words["comma"].join(
            f"[{pick_text(self.ontology.terms[iri].label, self.lang)}](#{self._anchor(iri)})"
            if iri in self.ontology.terms
            else f"`{self.ontology.shorten(iri)}`"
            for iri in iris
        )

    def _anchor(self, iri: str) -> str:
        short = self.ontology.shorten(iri)
        if short == iri:
            return re.sub(r"\W+", "-", iri.removeprefix(self.ontology.namespace)).strip("-")
        return short.replace(":", "-").removeprefix(f"{self.ontology.prefix}-")

    def _ordered(self, texts: Text) -> list[tuple[str, ...]]:
        return [texts[tag] for tag in sorted(texts, key=lambda tag: (tag != self.lang, tag))]


def _each(text: Text, lang: str) -> list[str]:
    """Each text, those in the language first."""
    return [one for tag in sorted(text, key=lambda tag: (tag != lang, tag)) for one in text[tag]]


def _link(text: str) -> str:
    return f"<{text}>" if "://" in text else text


def _first(texts: Sequence[str]) -> str:
    return texts[0] if texts else ""


def _cell(text: str) -> str:
    """Write a text as a cell of a table, which ends at a bar or at the end of the line."""
    return " ".join(text.split()).replace("|", "\\|")
