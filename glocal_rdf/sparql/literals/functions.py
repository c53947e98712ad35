"""Functions that queries call where literals are kept as they are written, and exact numbers beyond the store's range.

A literal that the store would rewrite is in it under a private datatype: `"007"^^<urn:x-written:…#integer>`. What asks
for its value (`plain`) gets the store's own literal; what asks for the term gets it as it is written. Numbers that the
store cannot compute with stand in it as they are; operators on them are evaluated here, exactly. All other operands
are left to the engine, once for each distinct pair.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from typing import Protocol, cast

import pyoxigraph as ox

from glocal_rdf.namespaces import RDF_LANG_STRING, XSD, iri_of
from glocal_rdf.sparql.literals import exact_numbers
from glocal_rdf.xsd.lexical_spaces import INTEGERS, LEXICAL_SPACES

__all__ = ["FUNCTION", "WRITTEN", "Accumulator", "Aggregates", "Functions", "aggregates", "functions", "restore_term"]

WRITTEN = "urn:x-written:"
"""What the private datatype of a literal begins with; its own datatype follows, or its language tag after `@`."""

FUNCTION = "urn:x-written-function:"
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Functions = dict[ox.NamedNode, Callable[..., Term | None]]


class Accumulator(Protocol):
    """What gathers the members of a group."""

    def accumulate(self, term: Term) -> None:
        """Take a member."""

    def finish(self) -> Term | None:
        """Return the result; none is an error of the query."""


Aggregates = dict[ox.NamedNode, Callable[[], Accumulator]]

_ZONE = re.compile(r"(?:Z|[+-][0-9]{2}:[0-9]{2})?$")
_DATED = frozenset({"dateTime", "dateTimeStamp", "date", "time", "gYear", "gYearMonth", "gMonthDay", "gMonth", "gDay"})
_STRING = ox.NamedNode(XSD + "string")
_LANG_STRING = iri_of(RDF_LANG_STRING)


def _in_range(value: str, datatype: str) -> bool:
    """Return whether the text of a whole number is a value of its datatype."""
    form = _form_of(datatype)
    return form is None or form.fullmatch(value.strip(" \t\r\n")) is not None


@cache
def _form_of(datatype: str) -> re.Pattern[str] | None:
    name = datatype.removeprefix(XSD)
    return re.compile(LEXICAL_SPACES[name]) if name in INTEGERS - {"integer"} else None


_START = len(WRITTEN)


@cache
def _named(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


def _written(literal: ox.Literal) -> tuple[str, str] | None:
    """Return the datatype as written (after `@` the tag) and the text, for a literal under a private datatype."""
    datatype = literal.datatype.value
    return (datatype[_START:], literal.value) if datatype.startswith(WRITTEN) else None


def plain(term: Term) -> Term:
    """Return the store's own literal for one that is kept as it is written; any other term as it is."""
    own = _written(term) if isinstance(term, ox.Literal) else None
    if own is None:
        return term
    datatype, value = own
    if datatype.startswith("@"):
        return ox.Literal(value, language=datatype[1:])
    # What is out of the range of its datatype has no value: it stays a literal that nothing can be computed with.
    return ox.Literal(value, datatype=_named(datatype)) if _in_range(value, datatype) else term


def restore_term(term: Term) -> Term:
    """Return a term as it is written. A Literal of pyoxigraph keeps its form outside of a store."""
    if isinstance(term, ox.Literal) and (own := _written(term)) is not None:
        datatype, value = own
        if datatype.startswith("@"):
            return ox.Literal(value, language=datatype[1:])
        return ox.Literal(value, datatype=ox.NamedNode(datatype))
    return term


def _datatype_of(term: Term) -> Term | None:
    if not isinstance(term, ox.Literal):
        return None
    own = _written(term)
    if own is None:
        return term.datatype
    return ox.NamedNode(_LANG_STRING if own[0].startswith("@") else own[0])


def _lang_of(tags: Mapping[str, str], term: Term) -> Term | None:
    if not isinstance(term, ox.Literal):
        return None
    own = _written(term)
    if own is not None:
        return ox.Literal(own[0][1:] if own[0].startswith("@") else "")
    tag = term.language or ""
    return ox.Literal(tags.get(tag, tag))


def _zone_of(term: Term) -> Term | None:
    if not isinstance(term, ox.Literal):
        return None
    datatype, value = _written(term) or (term.datatype.value, term.value)
    match = _ZONE.search(value)
    known = datatype.startswith(XSD) and datatype[len(XSD) :] in _DATED
    return ox.Literal(match[0]) if known and match else None


@lru_cache(maxsize=65536)
def _stored(literal: ox.Literal) -> ox.Literal:
    """Return what a store makes of a literal, by asking one."""
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:a"), literal))
    return cast("ox.Literal", next(iter(store)).object)


def is_kept(literal: ox.Literal) -> bool:
    """Return whether the store keeps a literal as it is written."""
    return _stored(literal) == literal


def keep(literal: ox.Literal) -> ox.Literal:
    """Put a literal under its private datatype, if the store would rewrite it; language tags are left as they are."""
    datatype = literal.datatype.value
    if literal.language or (is_kept(literal) and not datatype.startswith(WRITTEN)):
        return literal
    return ox.Literal(literal.value, datatype=ox.NamedNode(WRITTEN + datatype))


def _make_typed(text: Term, datatype: Term) -> Term | None:
    """STRDT: the literal as it is written."""
    if not isinstance(text, ox.Literal) or text.datatype != _STRING or not isinstance(datatype, ox.NamedNode):
        return None
    if datatype.value == _LANG_STRING:
        return None
    return keep(ox.Literal(text.value, datatype=datatype))


def _pick(found: Term, forms: Term) -> Term:
    """Return the form as written of what MIN or MAX found."""
    by_value = json.loads(forms.value) if isinstance(forms, ox.Literal) else {}
    form = by_value.get(str(found))
    return ox.Literal(form[0], datatype=ox.NamedNode(form[1])) if form else found


class _Forms:
    """Gathers the forms as written of the members of a group, by the literal that the store makes of them."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, str]] = {}

    def accumulate(self, term: Term) -> None:
        if isinstance(term, ox.Literal) and _written(term) is not None:
            form = (term.value, term.datatype.value)
            value = _value_of(cast("ox.Literal", plain(term)))
            self._forms[value] = min(form, self._forms.get(value, form))

    def finish(self) -> Term:
        return ox.Literal(json.dumps(self._forms))


def _value_of(literal: ox.Literal) -> str:
    """Return what a store makes of a literal, as text; without the store for whole numbers, of which there are many."""
    text, datatype = literal.value, literal.datatype.value
    if len(text) < 19 and text.isdigit() and (datatype == f"{XSD}integer" or _form_of(datatype)):
        return f'"{int(text)}"^^<{XSD}integer>'
    return str(_stored(literal))


class _Numbers:
    """Computes sum, mean, least or greatest exactly; an error where a member is not a number."""

    def __init__(self, name: str, *, distinct: bool) -> None:
        self._name = name
        self._seen: set[Term] | None = set() if distinct else None
        self._count = 0
        self._total: Term | None = ox.Literal("0", datatype=ox.NamedNode(XSD + "integer"))

    def accumulate(self, term: Term) -> None:
        if self._seen is not None:
            if term in self._seen:
                return
            self._seen.add(term)
        self._count += 1
        if self._name in {"min", "max"}:
            best = self._total if self._count > 1 else term
            if self._count > 1 and best is not None:
                sooner = _operate("<" if self._name == "min" else ">", term, best)
                best = None if sooner is None else term if _is_true(sooner) else best
            self._total = best
        elif self._total is not None:
            self._total = _operate("+", self._total, term)

    def finish(self) -> Term | None:
        if self._name in {"min", "max"}:
            return self._total if self._count else None
        if self._name == "avg" and self._count and self._total is not None:
            return _operate("/", self._total, ox.Literal(str(self._count), datatype=ox.NamedNode(XSD + "integer")))
        return self._total


def _is_true(term: Term) -> bool:
    return isinstance(term, ox.Literal) and term.value == "true"


@lru_cache(maxsize=65536)
def _operate(operator: str, left: Term, right: Term) -> Term | None:
    """Evaluate `left operator right`, exactly where the engine cannot."""
    numbers = exact_numbers.read_number(plain(left)), exact_numbers.read_number(plain(right))
    if numbers[0] is not None and numbers[1] is not None and (numbers[0].big or numbers[1].big):
        return exact_numbers.operate(operator, numbers[0], numbers[1])
    found = _ask(f"?a {operator} ?b", a=plain(left), b=plain(right))
    if found is None and numbers[0] is not None and numbers[1] is not None:
        return exact_numbers.operate(operator, numbers[0], numbers[1])
    return found


@lru_cache(maxsize=65536)
def _apply(function: str, term: Term) -> Term | None:
    """Evaluate a function of one number, or a cast, exactly where the engine cannot."""
    number = exact_numbers.read_number(plain(term))
    if number is not None and number.big:
        return exact_numbers.apply(function, number)
    if number is None and isinstance(term, ox.Literal) and term.datatype == _STRING and function.startswith("cast:"):
        number = exact_numbers.read_number(ox.Literal(term.value, datatype=ox.NamedNode(XSD + function[5:])))
        if number is not None and number.big:
            return exact_numbers.apply(function, number)
    return _ask(exact_numbers.EXPRESSIONS[function], a=plain(term))


def _ask(expression: str, **values: Term) -> Term | None:
    """Evaluate an expression by the engine alone; none where it is an error."""
    store = ox.Store()
    name = ox.NamedNode("urn:a")
    for variable, term in values.items():
        store.add(ox.Quad(name, ox.NamedNode(f"urn:{variable}"), term))
    pattern = " ".join(f"<urn:a> <urn:{variable}> ?{variable} ." for variable in values)
    found = cast("ox.QuerySolutions", store.query(f"SELECT ({expression} AS ?r) {{ {pattern} }}"))
    return cast("Term | None", next(iter(found))["r"])


def functions(tags: Mapping[str, str]) -> Functions:
    """List the functions that a store is given, by IRI.

    Args:
        tags: The language tags as written, by their small letters.
    """
    named: dict[str, Callable[..., Term | None]] = {
        "plain": plain,
        "datatype": _datatype_of,
        "lang": partial(_lang_of, tags),
        "zone": _zone_of,
        "typed": _make_typed,
        "pick": _pick,
        "class": exact_numbers.order_class,
        "order": lambda term: exact_numbers.order_key(plain(term)),
    }
    named |= {f"operate:{name}": partial(_operate, sign) for name, sign in exact_numbers.OPERATORS.items()}
    named |= {f"apply:{name}": partial(_apply, name) for name in exact_numbers.EXPRESSIONS}
    return {ox.NamedNode(FUNCTION + name): function for name, function in named.items()}


def aggregates() -> Aggregates:
    """List the aggregates."""
    found: Aggregates = {ox.NamedNode(FUNCTION + "forms"): _Forms}
    for name in ("sum", "avg", "min", "max"):
        found[ox.NamedNode(FUNCTION + name)] = partial(_Numbers, name, distinct=False)
        found[ox.NamedNode(f"{FUNCTION}{name}-distinct")] = partial(_Numbers, name, distinct=True)
    return found
