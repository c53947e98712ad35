"""Draws an ontology in the language Mermaid: the kinds of a class, and what joins the classes of a part.

Sites that host code draw Mermaid where it stands in Markdown, in the colours of the reader's page.

- Kinds are a class diagram: a class, what is right above it, and every class under it that the ontology defines.
- What joins the classes is a flow chart: each property that the part lists is one arrow, from its domain to its range.
  A domain or range of several classes is one box that names them all, so no property is drawn twice, and properties
  between the same two boxes share an arrow. An arrow that would lead back leads to a second box of the same name.

https://mermaid.js.org/syntax/classDiagram.html, https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from glocal_rdf.namespaces import local_name
from glocal_rdf.ontology_docs.ontology import Ontology, Part, Term
from glocal_rdf.ontology_docs.words import pick_text

__all__ = ["draw_kinds", "draw_relations"]


def draw_kinds(ontology: Ontology, head: str, lang: str) -> str:
    """Draw a class, what is right above it, and every class of ours under it; the empty text where nothing is.

    Args:
        ontology: The ontology.
        head: The IRI of the class.
        lang: The language of the labels.

    https://mermaid.js.org/syntax/flowchart.html
    """
    lines, names = [], [head]
    for one in names:
        below = [term.iri for term in ontology.children(one) if term.own]
        lines += [f"{_id(ontology, one)} <|-- {_id(ontology, under)}" for under in below]
        names += [under for under in below if under not in names]
    if not lines:
        return ""
    above = [parent for parent in ontology.terms[head].parents if parent in ontology.terms]
    lines = [f"{_id(ontology, parent)} <|-- {_id(ontology, head)}" for parent in above] + lines
    boxes = []
    for term in (ontology.terms[iri] for iri in (*above, *names)):
        boxes.append(f'class {_id(ontology, term.iri)}["{_say(term, lang)}"]')
        if not term.own:
            boxes.append(f"<<{term.prefix}>> {_id(ontology, term.iri)}")
    setup = _configure("class", hideEmptyMembersBox="true")
    return "\n".join([*setup, "classDiagram", "  direction RL", *(f"  {line}" for line in (*boxes, *lines))])


def draw_relations(ontology: Ontology, part: Part, lang: str) -> str:
    """Draw what joins the classes of a part: the properties that it lists, one arrow from domain to range each.

    Args:
        ontology: The ontology.
        part: The part.
        lang: The language of the labels.
    """
    arrows: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Term]] = defaultdict(list)
    for iri in part.members:
        term = ontology.terms.get(iri)
        if term and term.kind == "object" and term.domains and term.ranges:
            arrows[term.domains, term.ranges].append(term)
    ends = {(classes, _side(pair, side)) for pair in arrows for side, classes in enumerate(pair)}
    order = {iri: number for number, iri in enumerate(part.members)}
    boxes = sorted(ends, key=lambda end: (len(end[0]), [order.get(iri, len(order)) for iri in end[0]], end))
    lines = [f'{_box(ontology, *end)}["{_say_all(ontology, end[0], lang)}"]' for end in boxes]
    for pair, terms in arrows.items():
        label = "<br>".join(_say(term, lang) + (" ↔" if term.symmetric else "") for term in terms)
        start, end = (_box(ontology, classes, _side(pair, side)) for side, classes in enumerate(pair))
        lines.append(f'{start} -->|"{label}"| {end}')
    setup = _configure("flowchart", nodeSpacing="20", wrappingWidth="300")
    return "\n".join([*setup, "flowchart LR", *(f"  {line}" for line in lines)])


def _configure(kind: str, **settings: str) -> list[str]:
    """Write how the drawing is to be laid out, close enough to fit on a screen."""
    return ["---", "config:", f"  {kind}:", *(f"    {name}: {value}" for name, value in settings.items()), "---"]


def _side(pair: tuple[tuple[str, ...], tuple[str, ...]], side: int) -> bool:
    """Return whether an end of an arrow is a second box: that of one that would lead back into its own."""
    return side == 1 and pair[0] == pair[1]


def _box(ontology: Ontology, classes: Iterable[str], again: bool = False) -> str:
    return "__".join(_id(ontology, iri) for iri in classes) + ("__again" if again else "")


def _id(ontology: Ontology, iri: str) -> str:
    """Name a class as Mermaid takes it."""
    return "_".join(re.findall(r"[A-Za-z0-9]+", ontology.shorten(iri)))


def _say_all(ontology: Ontology, classes: Iterable[str], lang: str) -> str:
    """Name the classes of a box; Mermaid breaks the line where it is long."""
    return "\N{NO-BREAK SPACE}· ".join(
        _say(ontology.terms[iri], lang) if iri in ontology.terms else "…" for iri in classes
    )


def _say(term: Term, lang: str) -> str:
    """Name a term without what Mermaid would read as its own."""
    return " ".join(re.sub(r'["<>{}|#;\[\]~`]', " ", pick_text(term.label, lang)).split()) or local_name(term.iri)
