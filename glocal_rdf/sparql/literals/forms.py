"""Keeps literals as they are written through a store that rewrites them: what to load, what to ask, what came out.

Oxigraph's store makes `7` of `007`, an xsd:integer of an xsd:byte, and small letters of a language tag. So:

1. `Forms.extended` looks at a column of what is to be loaded: which literals would be rewritten, and which language
   tags there are. Most forms are known to be kept; the rest is loaded into a store, once for each distinct literal.
2. `Forms.encode` puts the literals that would be rewritten under private datatypes, so that the store keeps them. A tag
   that has one form in the data is only noted: tags are the same whatever their case (RDF 1.1 Concepts, section 3.3),
   and only LANG and the results show it.
3. `rewriting.rewrite_query` rewrites a query so that it sees values where it asks for values.
4. `Forms.decode` gives the terms of an answer the form in which they are written.

Where nothing would be rewritten, nothing of this is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import XSD

__all__ = ["Forms", "forms_from_json", "forms_to_json"]

WRITTEN = "urn:x-written:"
_DERIVED = (
    "byte|short|int|long|unsignedByte|unsignedShort|unsignedInt|unsignedLong|nonNegativeInteger|positiveInteger|"
    "nonPositiveInteger|negativeInteger"
)
_AFFECTED = (
    f"string|boolean|integer|{_DERIVED}|decimal|double|float|dateTime|dateTimeStamp|date|time|gYear|gYearMonth|"
    "gMonthDay|gMonth|gDay|duration|dayTimeDuration|yearMonthDuration"
)
_DATE, _TIME = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])", r"(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}"
_ZONE = r"(?:Z|[+-](?:0[1-9]|1[0-3]):[0-5][0-9])?"
_KEPT = "|".join(
    rf'(?:{form})"\^\^<{XSD}(?:{names})>$'
    for form, names in (
        (r"0|-?[1-9][0-9]{0,17}", "integer"),
        (r"0|-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]{0,14})\.[0-9]{0,14}[1-9]", "decimal"),
        (r"-?(?:0|[1-9][0-9]{0,6})(?:\.[0-9]{0,6}[1-9])?", "double"),
        (r"-?(?:0|[1-9][0-9]{0,2})(?:\.[0-9]{0,1}[1-9])?", "float"),
        ("true|false", "boolean"),
        (rf"{_DATE}{_ZONE}", "date"),
        (rf"{_DATE}T{_TIME}(?:\.[0-9]{{0,8}}[1-9])?{_ZONE}", "dateTime"),
        (rf"{_TIME}(?:\.[0-9]{{0,8}}[1-9])?{_ZONE}", "time"),
        (rf"[0-9]{{4}}{_ZONE}", "gYear"),
        (rf"[0-9]{{4}}-(?:0[1-9]|1[0-2]){_ZONE}", "gYearMonth"),
    )
)
_DATATYPE = rf'"\^\^<(?:{XSD}(?:{_AFFECTED})|{WRITTEN}[^<>]*)>$'
_SURELY_REWRITTEN = "|".join(
    rf'^"(?:{form})"\^\^<{XSD}(?:{names})>$'
    for form, names in (
        (r"-?[0-9]{1,18}", _DERIVED),
        (r"[+-]?0[0-9]{1,17}|\+[0-9]{1,18}|-0", "integer"),
        (r"[+-]?[0-9]{1,15}\.[0-9]{0,15}0|[0-9]{1,15}\.|0[0-9]{1,14}|\+[0-9]{1,15}", "decimal"),
        (r"-?[0-9]{1,15}\.[0-9]{0,15}0", "double|float"),
        ("0|1", "boolean"),
        (rf"{_DATE}T{_TIME}(?:\.[0-9]{{0,8}}[0-9])?{_ZONE}", "dateTimeStamp"),
        (rf"{_DATE}T{_TIME}\.[0-9]{{0,8}}0{_ZONE}|{_DATE}T{_TIME}(?:\.[0-9]{{1,9}})?[+-]00:00", "dateTime"),
        (rf"{_DATE}[+-]00:00", "date"),
    )
)
"""Forms that a store always rewrites, so that none need be tried: data can be full of them."""

_TAG = r'"@([A-Za-z0-9-]+)$'
_BIG = re.compile(
    rf'"[ \t]*[+-]?(?:[0-9]+"\^\^<{XSD}(?:integer|{_DERIVED})|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"\^\^<{XSD}decimal)>'
)
_LONG = rf'^"[+-]?[0-9]{{10,}}(?:\.[0-9]*)?"\^\^<{XSD}(?:integer|decimal|{_DERIVED})>$'
_PRIVATE = re.compile(rf'"(\^\^<{WRITTEN}(@?)([^<>]*)>)$')


@dataclass(frozen=True, slots=True)
class Forms:
    """What is known of the literals that were loaded: how language tags are written, and what a store would rewrite.

    Attributes:
        odd: Whether there are literals that a store would rewrite.
        big: Whether there are numbers that it cannot compute with.
        long: Whether there are numbers of which sums and products may be beyond what the store computes with.
        first: All language tags as first written, by their small letters.
        tags: Those of them that have capitals.
        mixed: Tags of which another form came first.
        changed: Literals of what was read last that a store rewrites, besides those of forms that it always rewrites.
        affected: Whether what was read last holds literals that are rewritten.
    """

    odd: bool = False
    big: bool = False
    long: bool = False
    first: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    mixed: frozenset[str] = frozenset()
    changed: frozenset[str] = field(default=frozenset(), compare=False)
    affected: bool = field(default=False, compare=False)

    def extended(self, column: pl.Series) -> Forms:
        """Read how the literals of one more column of terms, in N-Triples, are written."""
        literals = column.filter(column.str.starts_with('"') & ~column.str.ends_with('"'))
        if literals.is_empty():
            return replace(self, changed=frozenset(), affected=False)
        typed = literals.filter(literals.str.ends_with(">"))
        unsure = typed.filter(~typed.str.contains(f'^"(?:{_KEPT})'))
        unsure = unsure.filter(unsure.str.contains(_DATATYPE))
        sure = unsure.str.contains(_SURELY_REWRITTEN)
        terms = unsure.filter(~sure).unique().to_list()
        changed = _find_changed(terms) if terms else frozenset[str]()
        affected = bool(sure.any()) or bool(changed)
        long = self.long or bool(typed.str.contains(_LONG).any())
        big = self.big or any(_BIG.fullmatch(term) for term in terms if term not in changed)
        counted = (
            literals.str.extract(_TAG)
            .drop_nulls()
            .rename("tag")
            .value_counts()
            .sort("count", "tag", descending=[True, False])
        )
        read = counted["tag"].to_list()
        odd = self.odd or affected
        return replace(self.noting(read), odd=odd, big=big, long=long, changed=changed, affected=affected)

    def noting(self, tags: Iterable[str]) -> Forms:
        """Note language tags as they are written; of the forms of one tag the first is its main form."""
        known = set(self.first.values()) | self.mixed
        new = [tag for tag in tags if tag not in known]
        if not new:
            return self
        first = dict(self.first)
        for tag in new:
            first.setdefault(tag.lower(), tag)
        mixed = self.mixed | {tag for tag in new if first[tag.lower()] != tag}
        return replace(self, first=first, tags={s: t for s, t in first.items() if s != t}, mixed=mixed)

    def encode(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Put the literals that a store would rewrite, in the third column, under private datatypes."""
        if not self.affected and not self.mixed:
            return frame
        column = frame.to_series(2)
        if self.affected:
            at = (column.str.starts_with('"') & column.str.ends_with(">")).arg_true()
            typed = column.gather(at)
            odd = typed.str.contains(_SURELY_REWRITTEN) | typed.is_in(sorted(self.changed))
            written = typed.filter(odd).str.replace(r'"\^\^<([^<>]*)>$', f'"^^<{WRITTEN}$1>')
            column = column.scatter(at.filter(odd), written)
        if self.mixed:
            other = column.str.extract(_TAG).is_in(sorted(self.mixed)).fill_null(value=False)
            tagged = column.filter(other).str.replace(_TAG, f'"^^<{WRITTEN}@$1>')
            column = column.scatter(other.arg_true(), tagged)
        return frame.with_columns(column)

    def decode(self, term: str) -> str:
        """Return a term of an answer, in N-Triples, as it is written in the data."""
        if not term.startswith('"') or term.endswith('"'):
            return term
        if term.endswith(">"):
            match = _PRIVATE.search(term) if WRITTEN in term else None
            if match is None:
                return term
            return term[: match.start(1)] + (f"@{match[3]}" if match[2] else f"^^<{match[3]}>")
        text, _, tag = term.rpartition("@")
        return f"{text}@{self.tags.get(tag, tag)}"

    def decode_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the terms of the third column as they are written in the data."""
        name = frame.columns[2]
        text = pl.col(name)
        column = text.str.replace(rf'"\^\^<{WRITTEN}@([^<>]*)>$', '"@$1')
        column = column.str.replace(rf'"\^\^<{WRITTEN}([^<>]*)>$', '"^^<$1>')
        if self.tags:
            tag = text.str.extract(_TAG)
            known = tag.replace_strict(list(self.tags), list(self.tags.values()), default=None)
            whole = pl.concat_str(text.str.replace(r"[A-Za-z0-9-]+$", ""), known)
            column = pl.when(known.is_not_null()).then(whole).otherwise(column)
        return frame.with_columns(column.alias(name))


def _find_changed(terms: list[str]) -> frozenset[str]:
    """Find the literals that a store rewrites, by loading them into one."""
    import pyoxigraph  # noqa: PLC0415 - only odd literals need it

    store = pyoxigraph.Store()
    lines = "".join(f"<urn:n:{number}> <urn:p> {term} .\n" for number, term in enumerate(terms))
    store.bulk_load(lines.encode(), pyoxigraph.RdfFormat.N_TRIPLES, lenient=True)
    # Terms are compared as a parser gives them, since a term can be escaped in several ways.
    given = {
        quad.subject: quad.object
        for quad in pyoxigraph.parse(lines.encode(), pyoxigraph.RdfFormat.N_TRIPLES, lenient=True)
    }
    found: set[str] = set()
    for quad in store:
        literal = given[quad.subject]
        private = isinstance(literal, pyoxigraph.Literal) and literal.datatype.value.startswith(WRITTEN)
        if private or literal != quad.object:
            found.add(terms[int(str(quad.subject)[7:-1])])
    return frozenset(found)


def forms_to_json(forms: Forms) -> dict[str, Any]:
    """Return the forms of literals as a JSON object."""
    return {
        "odd": forms.odd,
        "big": forms.big,
        "long": forms.long,
        "first": dict(forms.first),
        "mixed": sorted(forms.mixed),
    }


def forms_from_json(record: Mapping[str, Any]) -> Forms:
    """Return the forms of literals that `forms_to_json` gave."""
    first = {str(small): str(tag) for small, tag in record["first"].items()}
    return Forms(
        bool(record["odd"]),
        bool(record["big"]),
        bool(record["long"]),
        first,
        {small: tag for small, tag in first.items() if small != tag},
        frozenset(map(str, record["mixed"])),
    )
