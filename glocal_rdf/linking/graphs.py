"""Reads things from RDF: the graph of a project, or a snapshot in N-Triples whose triples are grouped by subject."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import open_input
from glocal_rdf.lazy import pl
from glocal_rdf.linking.records import IDENTIFIERS
from glocal_rdf.linking.things import Things, finish_things
from glocal_rdf.namespaces import (
    FOAF,
    RDF_TYPE,
    RDFS_LABEL,
    RDFS_SUBCLASS_OF,
    SCHEMA,
    SCHEMA_HTTPS,
    SKOS,
    WD,
    WDT,
    WGS84,
    term,
)
from glocal_rdf.triples import Triples, terms

__all__ = ["Vocabulary", "read_facts_of", "read_ntriples", "things_of_triples"]

_BLOCK: Final = 64 * 1024 * 1024

_SCHEMES: Final[Mapping[str, str]] = {
    r"^https?://(?:sws|www)\.geonames\.org/(\d+)/?": "P1566",
    r"^http://www\.wikidata\.org/entity/(Q\d+)$": "wikidata",
    r"^https?://ror\.org/(0[a-z0-9]{8})$": "P6782",
    r"^https?://www\.iso\.org/obp/ui/#iso:code:3166:([A-Z]{2}-[A-Z0-9]{1,3})$": "P300",
}
"""Addresses of other datasets, and the property that Wikidata has for what is in them."""


def _schema(*names: str) -> frozenset[str]:
    return frozenset(term(space, name) for space in (SCHEMA, SCHEMA_HTTPS) for name in names)


@dataclass(frozen=True)
class Vocabulary:
    """The predicates (terms) that state what is compared; those of a project are added to the usual ones.

    Attributes:
        labels: Names that a thing is called by first.
        aliases: Its other names.
        countries: The country.
        sites: The web site.
        years: The year or date of the beginning.
    """

    labels: frozenset[str] = frozenset({term(SKOS, "prefLabel"), RDFS_LABEL, term(WDT, "P1448"), *_schema("name")})
    aliases: frozenset[str] = frozenset({term(SKOS, "altLabel"), term(WDT, "P1705"), *_schema("alternateName")})
    countries: frozenset[str] = frozenset({term(WDT, "P17"), *_schema("addressCountry")})
    sites: frozenset[str] = frozenset({term(WDT, "P856"), term(FOAF, "homepage"), *_schema("url")})
    years: frozenset[str] = frozenset({term(WDT, "P571"), *_schema("foundingDate")})


_TYPES: Final = frozenset({RDF_TYPE, term(WDT, "P31")})
_BROADER: Final = frozenset({term(WDT, "P279"), RDFS_SUBCLASS_OF})
_POINTS: Final = frozenset({term(WDT, "P625")})
_LAT: Final = frozenset({term(WGS84, "lat"), *_schema("latitude")})
_LON: Final = frozenset({term(WGS84, "long"), *_schema("longitude")})
_SAME: Final = frozenset({term(SKOS, "exactMatch")})
_CODES: Final[Mapping[str, str]] = {term(WDT, name): name for name in IDENTIFIERS}


def things_of_triples(
    triples: Triples,
    vocabulary: Vocabulary | None = None,
    *,
    only: Collection[str] | None = None,
    names: Mapping[str, str] | None = None,
    first: int = 0,
) -> Things:
    """Make things of the subjects that have a name.

    Args:
        triples: The graph.
        vocabulary: The predicates; by default the usual ones.
        only: The subjects (terms) to read; by default all IRIs.
        names: Names of things of the graph by their terms, such as of countries, which stand for the things.
        first: The number of the first row.

    Returns:
        The things; their identifiers are IRIs, those of Wikidata without its namespace.
    """
    words = vocabulary or Vocabulary()
    frame = triples.frame.filter(pl.col("subject").str.starts_with("<"))
    if only is not None:
        frame = frame.filter(pl.col("subject").is_in(list(only)))
    frame = frame.select("subject", "predicate", value="object")
    names_frame = frame.filter(pl.col("predicate").is_in(list(words.labels | words.aliases)))
    subjects = names_frame.select("subject").unique(maintain_order=True).sort("subject").with_row_index("row", first)
    plain = terms.value(pl.col("value"))
    found = names_frame.join(subjects, on="subject").select(
        "row",
        name=plain,
        lang=terms.language(pl.col("value")).fill_null(""),
        kind=pl.when(pl.col("predicate").is_in(list(words.labels))).then(pl.lit("label")).otherwise(pl.lit("alias")),
    )
    found = found.sort("row", pl.col("kind") != "label", ~pl.col("lang").is_in(["en", "mul"]), "lang", "name")
    known = frame.join(subjects, on="subject")

    def gather(predicates: Collection[str], name: str, value: pl.Expr = plain) -> pl.DataFrame:
        part = known.filter(pl.col("predicate").is_in(list(predicates))).select("row", value.alias(name))
        return part.drop_nulls().group_by("row").agg(pl.col(name).unique().sort())

    local = plain.str.extract(r"([^/#]+)$")
    country = plain.str.strip_prefix(WD)
    if names:
        country = pl.col("value").replace_strict(dict(names), default=country, return_dtype=pl.String)
    codes = pl.concat_str(
        pl.col("predicate").replace_strict(_CODES, default=None, return_dtype=pl.String), pl.lit(":"), plain
    )
    elsewhere = pl.lit(None, pl.String)
    for pattern, scheme in _SCHEMES.items():
        elsewhere = pl.coalesce(elsewhere, pl.concat_str(pl.lit(f"{scheme}:"), plain.str.extract(pattern)))
    identifiers = [gather(_CODES, "identifiers", codes), gather(_SAME, "identifiers", elsewhere)]
    both = pl.concat(identifiers).explode("identifiers").group_by("row").agg(pl.col("identifiers").unique().sort())
    point = plain.str.extract(r"(?i)point *\( *([-+0-9.eE]+ +[-+0-9.eE]+) *\)").str.split(" ")
    firsts = {
        "year": gather(words.years, "year", plain.str.extract(r"^(-?\d{4,5})(?:-|$)").cast(pl.Int32, strict=False)),
        "lat": gather(_LAT, "lat", plain.cast(pl.Float64, strict=False)),
        "lon": gather(_LON, "lon", plain.cast(pl.Float64, strict=False)),
        "x": gather(_POINTS, "x", point.list.first().cast(pl.Float64, strict=False)),
        "y": gather(_POINTS, "y", point.list.last().cast(pl.Float64, strict=False)),
    }
    things = subjects.select("row", id=terms.value(pl.col("subject")).str.strip_prefix(WD))
    things = things.join(
        found.group_by("row", maintain_order=True).agg(label=pl.col("name").first()),
        on="row",
        how="left",
        maintain_order="left",
    )
    for part in (
        gather(words.countries, "countries", country),
        gather(_TYPES, "types", local),
        gather(words.sites, "sites"),
        both,
    ):
        things = things.join(part, on="row", how="left", maintain_order="left")
    for name, part in firsts.items():
        things = things.join(part.with_columns(pl.col(name).list.first()), on="row", how="left", maintain_order="left")
    things = things.with_columns(lat=pl.coalesce("lat", "y"), lon=pl.coalesce("lon", "x")).drop("x", "y")
    below = triples.frame.filter(pl.col("predicate").is_in(list(_BROADER)))
    classes = below.select(*(terms.value(pl.col(name)).str.extract(r"([^/#]+)$") for name in ("subject", "object")))
    return finish_things(things, found).with_classes(classes.drop_nulls().iter_rows())


def read_facts_of(
    facts: Iterable[tuple[str, str]], vocabulary: Vocabulary | None = None, names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Read what somebody else says of one thing, as the columns of `things.make_things` have it.

    Args:
        facts: Predicates (terms) with values, as texts or IRIs; other predicates are not compared.
        vocabulary: The predicates; by default the usual ones.
        names: Names of things by their terms, such as of countries, which stand for the things.

    Examples:
        >>> read_facts_of([("<http://schema.org/foundingDate>", "1990-05"), ("<http://schema.org/url>", "http://a.org")])
        {'countries': [], 'sites': ['http://a.org'], 'identifiers': [], 'year': 1990, 'lat': None, 'lon': None}
    """
    words = vocabulary or Vocabulary()
    given = list(facts)

    def values(predicates: Collection[str]) -> list[str]:
        return [value for predicate, value in given if predicate in predicates]

    countries = [(names or {}).get(f"<{value}>", value.removeprefix(WD)) for value in values(words.countries)]
    identifiers = [f"{_CODES[predicate]}:{value}" for predicate, value in given if predicate in _CODES]
    identifiers += [
        f"{scheme}:{found[1]}"
        for value in values(_SAME)
        for pattern, scheme in _SCHEMES.items()
        if (found := re.search(pattern, value))
    ]
    years = [int(found[1]) for value in values(words.years) if (found := re.match(r"(-?\d{4,5})(?:-|$)", value))]
    return {
        "countries": countries,
        "sites": values(words.sites),
        "identifiers": identifiers,
        "year": next(iter(years), None),
        "lat": _degrees(values(_LAT)),
        "lon": _degrees(values(_LON)),
    }


def _degrees(texts: Iterable[str]) -> float | None:
    return next((float(text) for text in texts if re.fullmatch(r"[-+]?[0-9]{1,3}(?:\.[0-9]{1,20})?", text)), None)


def read_ntriples(path: Path) -> Iterator[tuple[Things, list[Problem]]]:
    """Read a snapshot in N-Triples, some subjects at a time.

    Args:
        path: The file, which may be packed with gzip; the triples of a subject stand together.

    Yields:
        The things of some lines, and nothing that was left out.

    Raises:
        InputError: Where the file cannot be read, is not N-Triples, or has the triples of a subject in two places.
    """
    import gzip  # noqa: PLC0415 - rarely used

    seen: set[int] = set()
    first, left, number = 0, b"", 0
    with open_input(path) as raw, gzip.open(raw) if path.suffix.lower() == ".gz" else raw as file:
        while True:
            try:
                block = file.read(_BLOCK)
            except (OSError, EOFError) as error:
                raise InputError.at(path, f"cannot be read ({error})", "fetch the file again") from error
            data = left + block
            data, left = _part_at_subject(data) if block else (data, b"")
            if data:
                try:
                    triples = Triples.parse(data, "ntriples")
                except InputError as error:
                    raise InputError.at(path, f"after line {number}: {error}", "") from error
                number += data.count(b"\n")
                _check_grouped(path, triples, seen)
                things = things_of_triples(triples, first=first)
                first += len(things)
                yield things, []
            if not block:
                return


def _part_at_subject(data: bytes) -> tuple[bytes, bytes]:
    """Part lines where the last subject begins, so that it is read with the lines that follow."""
    end = data.rfind(b"\n") + 1
    start = data.rfind(b"\n", 0, max(end - 1, 0)) + 1
    subject = data[start:end].split(b" ", 1)[0] + b" "
    while start > 0:
        before = data.rfind(b"\n", 0, start - 1) + 1
        if not data.startswith(subject, before):
            return data[:start], data[start:]
        start = before
    return b"", data


def _check_grouped(path: Path, triples: Triples, seen: set[int]) -> None:
    hashes = set(triples.frame["subject"].unique().hash(1).to_list())
    if seen & hashes:
        raise InputError.at(path, "has the triples of one subject in several places", "sort it: LC_ALL=C sort FILE")
    seen |= hashes
