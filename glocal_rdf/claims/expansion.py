"""Expands claims as people write them in tables into claims as the graph has them.

A table can write a claim shorter than CSV on the Web can turn into RDF, because there the form of a value cannot depend
on another cell:

1. A predicate is a short name, which stands in a table of predicates: each is an `rdf:Property` that is the same
   (owl:sameAs) as the property that is meant, with the range of its values where these are not things or texts.
   The property takes its place, and the names leave the graph.
2. A value is a plain text. It gets the datatype of the predicate's range. A number may have a bound before it, by its
   notation (`>=20`), which becomes the claim's bound.
3. A date is written in EDTF. The claim keeps the EDTF literal (`edtf`); its object is a typed literal where the date is
   exact, else the EDTF literal, with the years that it can lie in (`earliestYear`, `latestYear`).
4. When a claim holds (`time`) is a date or an interval in EDTF, and is kept. What is exact in it becomes the point in
   time, or the start and the end; where something is not, the years follow, unless the object has such years already.
5. A claim without a rank has the normal one.

All of it is about claims, which are what has an rdf:predicate: a graph without claims stays as it is, whatever its
properties are called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from glocal_rdf import edtf
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import EDTF, OWL, RDF, RDF_TYPE, RDFS, WIKIBASE, XSD, Term, term
from glocal_rdf.triples import Triples, terms
from glocal_rdf.vocabulary import glocal
from glocal_rdf.xsd.datatypes import is_valid
from glocal_rdf.xsd.lexical_spaces import LEXICAL_SPACES

__all__ = ["TERMS", "Expansion", "expand_claims"]

TERMS: Final = (
    "bound",
    "earliestYear",
    "edtf",
    "end",
    "latestYear",
    "pointInTime",
    "start",
    "time",
)
"""The names of the properties that claims are expanded by and into."""

SUBJECT, PREDICATE, OBJECT = term(RDF, "subject"), term(RDF, "predicate"), term(RDF, "object")
RANK, NORMAL = term(WIKIBASE, "rank"), term(WIKIBASE, "NormalRank")
SAME, PROPERTY, RANGE = term(OWL, "sameAs"), term(RDF, "Property"), term(RDFS, "range")
DATE = term(EDTF, "EDTF")
INTEGER, DECIMAL, STRING = (f"{XSD}{name}" for name in ("integer", "decimal", "string"))
_NUMBER = "^(?<mark>[^0-9-]*)(?<number>-?[0-9]+(?:[.][0-9]+)?)$"
_SPACE = "^(.*[/#:])"
_TRIPLE = ("subject", "predicate", "object")


@dataclass(frozen=True, eq=False)
class Expansion:
    """What claims were expanded to.

    Attributes:
        triples: The graph with the claims expanded.
        origins: The triples that took the place of others or were derived, in the columns `subject`, `predicate` and
            `object`, and what each was made from, in `from_predicate` and `from_object` (of the same subject).
        faults: The triples that cannot be expanded, in the same three columns, with `what` is wrong and a `hint`.
    """

    triples: Triples
    origins: pl.DataFrame
    faults: pl.DataFrame


def expand_claims(
    triples: Triples, names: Mapping[str, Term] | None = None, bounds: Mapping[str, Term] = {}
) -> Expansion:
    """Expand the claims of a graph.

    Args:
        triples: The graph, as tables state it.
        names: The properties by their names in `TERMS`; by default those of the Glocal ontology.
        bounds: What may stand before a number, and the bound that it means: `{">=": <…/at-least>}`.
    """
    known = {name: glocal(name) for name in TERMS} | dict(names or {})
    frame = triples.frame
    properties = _list_properties(frame)
    claims = frame.filter(pl.col("predicate") == PREDICATE).select("subject").unique()
    timed = frame.filter((pl.col("predicate") == known["time"]) & pl.col("object").str.starts_with('"'))
    timed = timed.join(claims, on="subject", how="semi", maintain_order="left")
    if not properties.height and not timed.height:
        return Expansion(triples, _no_origins(), _no_faults())
    parts: list[pl.DataFrame] = []
    faults: list[pl.DataFrame] = []
    replaced: list[pl.DataFrame] = []
    if properties.height:
        used = frame.filter(pl.col("predicate") == PREDICATE)
        named = used.join(properties, left_on="object", right_on="name")
        parts.append(_origins(named, pl.lit(PREDICATE), "iri"))
        texts = frame.filter((pl.col("predicate") == OBJECT) & pl.col("object").str.ends_with('"'))
        values = texts.join(named.select("subject", "iri", "range"), on="subject")
        values = values.with_columns(text=terms.value(pl.col("object")).str.strip_chars())
        for expand in (_expand_dates, _expand_numbers, _expand_others):
            made, wrong = expand(values, known, bounds)
            parts.append(made)
            faults.append(wrong)
        replaced = [named.select(_TRIPLE), values.select(_TRIPLE)]
    made, wrong = _expand_times(timed, known)
    years = [known["earliestYear"], known["latestYear"]]
    of_values = pl.concat([_no_origins(), *parts]).filter(pl.col("predicate").is_in(years)).select("subject")
    twice = pl.col("predicate").is_in(years) & pl.col("subject").is_in(of_values["subject"].implode())
    parts.append(made.filter(~twice))
    faults.append(wrong)
    origins = pl.concat([_no_origins(), *parts])
    kept = frame
    if properties.height:
        gone = pl.concat(replaced)
        kept = kept.join(gone, on=_TRIPLE, how="anti", maintain_order="left")
        is_name = pl.col("subject").is_in(properties["name"].implode())
        kept = kept.filter(~(is_name & pl.col("predicate").is_in([RDF_TYPE, SAME, RANGE])))
    expanded = pl.concat([kept, origins.select(_TRIPLE)])
    if properties.height:
        claims = expanded.filter(pl.col("predicate") == PREDICATE).select("subject")
        ranked = expanded.filter(pl.col("predicate") == RANK).select("subject")
        unranked = claims.join(ranked, on="subject", how="anti").unique(maintain_order=True)
        expanded = pl.concat([expanded, unranked.with_columns(predicate=pl.lit(RANK), object=pl.lit(NORMAL))])
    return Expansion(Triples(expanded).distinct(), origins, pl.concat([_no_faults(), *faults]))


def _list_properties(frame: pl.DataFrame) -> pl.DataFrame:
    """List the short names of predicates: `name`, `iri` (what each is the same as) and `range` (or null).

    They are in the namespace of one that a claim uses: any other rdf:Property is what the data are about.
    """
    used = frame.filter(pl.col("predicate") == PREDICATE).select(subject="object").unique()
    names = frame.filter((pl.col("predicate") == RDF_TYPE) & (pl.col("object") == PROPERTY)).select("subject").unique()
    space = pl.col("subject").str.extract(_SPACE)
    spaces = names.join(used, on="subject", how="semi").select(space).to_series()
    names = names.filter(space.is_in(spaces.implode()))
    if not names.height:
        return pl.DataFrame(schema=dict.fromkeys(("name", "iri", "range"), pl.String()))
    of_names = frame.join(names, on="subject", how="semi")
    same, ranges = (
        of_names.filter(pl.col("predicate") == predicate).select("subject", "object") for predicate in (SAME, RANGE)
    )
    found = same.join(ranges, on="subject", how="left", suffix="_range")
    return found.select(name="subject", iri="object", range="object_range").unique("name", maintain_order=True)


def _expand_dates(
    values: pl.DataFrame, known: Mapping[str, Term], _bounds: Mapping[str, Term]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Expand values that are dates; one that is an interval is kept as such, and is not exact."""
    dated = values.filter(pl.col("range") == DATE)
    dated = dated.hstack(edtf.read_dates(dated["text"]))
    good = dated.filter(pl.col("form").is_not_null())
    literal = _typed("text", DATE)
    inexact = good.filter(pl.col("exact").is_null())
    made = [
        _origins(good.with_columns(term=pl.coalesce("exact", literal)), pl.lit(OBJECT), "term"),
        _origins(good.with_columns(term=literal), pl.lit(known["edtf"]), "term"),
        *_years(inexact, known["earliestYear"], known["latestYear"]),
    ]
    wrong = dated.filter(pl.col("form").is_null())
    return pl.concat(made), _faults(wrong, _shown("text") + " " + pl.col("fault"), pl.lit(edtf.HINT))


def _expand_numbers(
    values: pl.DataFrame, known: Mapping[str, Term], bounds: Mapping[str, Term]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Expand values that are numbers, with the bounds that stand before them."""
    integer, decimal = f"<{INTEGER}>", f"<{DECIMAL}>"
    numbers = values.filter(pl.col("range").is_in([integer, decimal]))
    numbers = numbers.with_columns(pl.col("text").str.extract_groups(_NUMBER).alias("g")).unnest("g")
    mark = pl.col("mark").str.strip_chars()
    bound = mark.replace_strict(list(bounds), list(bounds.values()), default=None, return_dtype=pl.String)
    whole = (pl.col("range") == decimal) | ~pl.col("number").str.contains(".", literal=True)
    numbers = numbers.with_columns(mark=mark, bound=bound)
    good = pl.col("number").is_not_null() & whole & ((pl.col("mark") == "") | pl.col("bound").is_not_null())
    good = good.fill_null(value=False)
    read = numbers.filter(good)
    typed = pl.concat_str(pl.lit('"'), pl.col("number"), pl.lit('"^^'), pl.col("range"))
    made = [
        _origins(read.with_columns(term=typed), pl.lit(OBJECT), "term"),
        _origins(read.filter(pl.col("bound").is_not_null()), pl.lit(known["bound"]), "bound"),
    ]
    marks = ", ".join(bounds)
    hint = "write digits alone" + (f", with one of {marks} before them where the number is not exact" if marks else "")
    kind = (
        pl.when(pl.col("range") == integer).then(pl.lit(" is not a whole number")).otherwise(pl.lit(" is not a number"))
    )
    return pl.concat(made), _faults(numbers.filter(~good), _shown("text") + kind, pl.lit(hint))


def _expand_others(
    values: pl.DataFrame, _known: Mapping[str, Term], _bounds: Mapping[str, Term]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Expand values of other datatypes; a predicate without a range takes no value."""
    handled = [DATE, f"<{INTEGER}>", f"<{DECIMAL}>"]
    others = values.filter(~pl.col("range").is_in(handled))
    made, wrong = [_no_origins()], []
    for (datatype,), part in others.group_by("range", maintain_order=True):
        iri = str(datatype)[1:-1]
        name = iri.removeprefix(XSD)
        good = is_valid(part["text"], name) if name in LEXICAL_SPACES else pl.repeat(True, part.height, eager=True)
        literal = pl.col("object") if iri == STRING else _typed("text", str(datatype))
        made.append(_origins(part.filter(good).with_columns(term=literal), pl.lit(OBJECT), "term"))
        what = _shown("text") + pl.lit(f" is not a value of xsd:{name}")
        wrong.append(_faults(part.filter(~good), what, pl.lit("correct it as the document writes it")))
    none = values.filter(pl.col("range").is_null())
    hint = "put a thing into the column of things and words into that of their language, or give the predicate a range"
    wrong.append(_faults(none, _shown("text") + " is the value of a predicate that has no range", pl.lit(hint)))
    return pl.concat(made), pl.concat(wrong)


def _expand_times(timed: pl.DataFrame, known: Mapping[str, Term]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Expand when claims hold: a point in time, or a start and an end."""
    timed = timed.with_columns(text=terms.value(pl.col("object")))
    timed = timed.hstack(edtf.read_dates(timed["text"]))
    pairs = (("pointInTime", "exact"), ("start", "start"), ("end", "end"))
    made = [_origins(timed.filter(pl.col(column).is_not_null()), pl.lit(known[name]), column) for name, column in pairs]
    made += _years(timed.filter("inexact"), known["earliestYear"], known["latestYear"])
    wrong = timed.filter(pl.col("form").is_null())
    return pl.concat(made), _faults(wrong, _shown("text") + " " + pl.col("fault"), pl.lit(edtf.HINT))


def _years(frame: pl.DataFrame, first: Term, last: Term) -> list[pl.DataFrame]:
    """Return the years that dates which are not exact can lie in, as far as they are known."""
    found = []
    for predicate, column in ((first, "first_year"), (last, "last_year")):
        year = pl.col(column)
        padded = pl.when(year < 0).then(pl.lit("-")).otherwise(pl.lit("")) + year.abs().cast(pl.String).str.zfill(4)
        literal = pl.concat_str(pl.lit('"'), padded, pl.lit(f'"^^<{XSD}gYear>'))
        found.append(_origins(frame.filter(year.is_not_null()).with_columns(term=literal), pl.lit(predicate), "term"))
    return found


def _typed(column: str, datatype: str) -> pl.Expr:
    return pl.concat_str(pl.lit('"'), terms.escape(pl.col(column)), pl.lit(f'"^^{datatype}'))


def _shown(column: str) -> pl.Expr:
    return pl.concat_str(pl.lit("'"), pl.col(column).str.slice(0, 80), pl.lit("'"))


def _origins(frame: pl.DataFrame, predicate: pl.Expr, value: str) -> pl.DataFrame:
    """Return what the triples of a frame become: a predicate, and the terms in a column."""
    return frame.select(
        "subject",
        predicate=predicate,
        object=pl.col(value),
        from_predicate=pl.col("predicate"),
        from_object=pl.col("object"),
    )


def _faults(frame: pl.DataFrame, what: pl.Expr, hint: pl.Expr) -> pl.DataFrame:
    return frame.select(*_TRIPLE, what=what, hint=hint)


def _no_origins() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys((*_TRIPLE, "from_predicate", "from_object"), pl.String()))


def _no_faults() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys((*_TRIPLE, "what", "hint"), pl.String()))
