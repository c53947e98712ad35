"""Reads things from tables: those to link, whose columns the user names, and snapshots, whose columns are guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import open_input
from glocal_rdf.lazy import pl
from glocal_rdf.linking.countries import find_countries
from glocal_rdf.linking.things import LIST_SEPARATOR, Things, finish_things
from glocal_rdf.spelling import did_you_mean

__all__ = ["BATCH", "Columns", "guess_columns", "read_header", "read_table", "things_of_rows"]

BATCH: Final = 50_000
"""How many rows of a snapshot are in memory at a time."""

_ID: Final = ("id", "qid", "item", "wikidata_id", "wikidata", "iri", "uri", "ror", "ror_id", "geonames_id", "geonameid")
_NAME: Final = re.compile(r"(?:label|labels|name|names|title|alias|aliases|other_names|altlabel|former_names?|abbr|"
                          r"acronyms?|short_name)(?:[_@:](?P<lang>[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*))?")  # fmt: skip
_SINGLE: Final = {
    "country": ("country", "country_code", "countries", "countrycode", "p17"),
    "type": ("type", "types", "class", "instance_of", "kind", "p31"),
    "broader": ("subclass_of", "broader", "p279"),
    "site": ("website", "url", "homepage", "site", "official_website", "p856"),
    "year": ("year", "inception", "founded", "established", "p571"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "lng", "long", "longitude"),
    "coordinates": ("coordinates", "coordinate", "coord", "p625"),
}
_IDENTIFIERS: Final = {
    "geonames": "P1566", "geonames_id": "P1566", "ror": "P6782", "ror_id": "P6782", "lei": "P1278", "isni": "P213",
    "viaf": "P214", "grid": "P2427", "un_locode": "P1937", "iso_3166_2": "P300", "gnd": "P227", "lcnaf": "P244",
}  # fmt: skip
_PROPERTY: Final = re.compile(r"P[1-9]\d*")
_PREFIXES_OF_VALUES: Final = r"^https?://(?:www\.)?(?:ror\.org|sws\.geonames\.org|isni\.org/isni|viaf\.org/viaf)/"


@dataclass(frozen=True)
class Columns:
    """What the columns of a table hold.

    Attributes:
        id: The column of the identifier; empty where rows are named by their number.
        names: The columns of names, each with the language tag and the kind (`label`, `alias`, `former`, `acronym`).
        country: That of the country.
        type: That of the type.
        broader: That of the broader classes, where the row is a class.
        site: That of the web site.
        year: That of the year or date of the beginning.
        lat: That of the latitude.
        lon: That of the longitude.
        coordinates: That of both, as `Point(lon lat)` or `lat,lon`.
        identifiers: Those of external identifiers, with the Wikidata property.
    """

    id: str = ""
    names: tuple[tuple[str, str, str], ...] = ()
    country: str = ""
    type: str = ""
    broader: str = ""
    site: str = ""
    year: str = ""
    lat: str = ""
    lon: str = ""
    coordinates: str = ""
    identifiers: tuple[tuple[str, str], ...] = field(default=())

    @property
    def used(self) -> tuple[str, ...]:
        """The names of all columns that are read."""
        single = (
            self.id,
            self.country,
            self.type,
            self.broader,
            self.site,
            self.year,
            self.lat,
            self.lon,
            self.coordinates,
        )
        many = (*(name for name, *_ in self.names), *(name for name, _ in self.identifiers))
        return tuple(dict.fromkeys(name for name in (*single, *many) if name))

    def check(self, header: Sequence[str], where: str) -> None:
        """Raise where a column is missing.

        Raises:
            InputError: With each that is.
        """
        problems = [
            Problem(where, f"has no column {name!r}", did_you_mean(name, header, f"it has {', '.join(header)}"))
            for name in self.used
            if name not in header
        ]
        if problems:
            raise InputError.of(problems)


def guess_columns(header: Sequence[str]) -> Columns:
    """Guess what columns hold by their usual names.

    Examples:
        >>> guess_columns(["id", "label_en", "label_zh", "country", "P1566"]).names
        (('label_en', 'en', 'label'), ('label_zh', 'zh', 'label'))
    """
    lower = {name.strip().casefold(): name for name in reversed(header)}
    key = next((lower[name] for name in _ID if name in lower), "")
    single = {part: next((lower[name] for name in names if name in lower), "") for part, names in _SINGLE.items()}
    names = tuple(
        (name, (found["lang"] or "").replace("_", "-"), _kind_of(name.casefold()))
        for name in header
        if (found := _NAME.fullmatch(name.strip().casefold()))
    )
    identifiers = [(name, _IDENTIFIERS[name.casefold()]) for name in header if name.casefold() in _IDENTIFIERS]
    identifiers += [(n, n) for n in header if _PROPERTY.fullmatch(n) and n not in single.values()]
    identifiers += [(n, "") for n in header if n.casefold() == "identifiers"]
    others = tuple(pair for pair in identifiers if pair[0] != key)
    return Columns(id=key, names=names, identifiers=others, **single)


def _kind_of(column: str) -> str:
    if column.startswith(("abbr", "acronym", "short")):
        return "acronym"
    if column.startswith("former"):
        return "former"
    return "alias" if column.startswith(("alias", "other", "altlabel")) else "label"


def read_header(path: Path) -> list[str]:
    """Read the names of the columns of a table.

    Raises:
        InputError: Where the file cannot be read, or is not a table.
    """
    open_input(path).close()
    try:
        return pl.read_csv(path, infer_schema=False, n_rows=1, separator=_separator(path)).columns
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise _not_a_table(path, error) from error


def _separator(path: Path) -> str:
    return "\t" if path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")) else ","


def _not_a_table(path: Path, error: Exception) -> InputError:
    return InputError.at(path, f"is not a table: {error}".splitlines()[0], "save it as CSV in UTF-8")


def read_table(path: Path, columns: Columns, *, snapshot: bool = True) -> Iterator[tuple[Things, list[Problem]]]:
    """Read a table, some rows at a time.

    Args:
        path: The table, CSV or TSV, which may be packed with gzip.
        columns: What its columns hold.
        snapshot: Whether it is linked to; else its rows are to be linked.

    Yields:
        The things of some rows, and what could not be read in them.

    Raises:
        InputError: Where the file cannot be read, is not a table, or lacks a column.
    """
    columns.check(read_header(path), str(path))
    lazy = pl.scan_csv(path, infer_schema=False, separator=_separator(path)).select(columns.used)
    first = 0
    try:
        for rows in lazy.collect_batches(chunk_size=BATCH, maintain_order=True):
            yield things_of_rows(rows, columns, str(path), first, snapshot=snapshot)
            first += rows.height
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise _not_a_table(path, error) from error


def things_of_rows(
    rows: pl.DataFrame, columns: Columns, where: str, first: int = 0, *, snapshot: bool = False
) -> tuple[Things, list[Problem]]:
    """Make things of the rows of a table.

    Args:
        rows: The rows, all texts.
        columns: What the columns hold.
        where: The name of the table.
        first: The number of the first row, from 0.
        snapshot: Whether it is linked to: its gaps are counted, and not listed one by one.

    Returns:
        The things, and the values that were left out, with their rows.
    """
    rows = rows.with_row_index("row", offset=first).with_columns(pl.col(pl.String).str.strip_chars().replace("", None))
    problems: list[Problem] = []
    many = [name for name, *_ in columns.names]
    named = pl.any_horizontal(pl.col(many).is_not_null()) if many else pl.lit(False)
    keyed = pl.col(columns.id).is_not_null() if columns.id else pl.lit(True)
    for fine, what in ((keyed, f"{columns.id} is empty"), (named, f"has no name ({', '.join(many)})")):
        lost = [row + 2 for row in rows.filter(~fine)["row"]]
        if snapshot and lost:
            counted = f"{what} ({len(lost):,} {'row' if len(lost) == 1 else 'rows'})"
            hint = "they are left out"
            problems.append(Problem(f"{where}:{lost[0]}", counted, hint, what, "error", where, lost[0]))
        elif not snapshot:
            hint = "the row is left out"
            problems += [Problem(f"{where}:{row}", what, hint, what, "error", where, row) for row in lost]
    rows = rows.filter(keyed & named)

    def cells(name: str) -> pl.Expr:
        return pl.col(name) if name else pl.lit(None, pl.String)

    def values(name: str) -> pl.Expr:
        return cells(name).str.split(LIST_SEPARATOR).list.eval(pl.element().str.strip_chars())

    place = cells(columns.coordinates)
    point, pair = r"(?i)point *\( *(\S+) +(\S+) *\)", r"^([^,\s]+)[,\s]+([^,\s]+)$"
    lat = pl.coalesce(cells(columns.lat), place.str.extract(point, 2), place.str.extract(pair, 1))
    lon = pl.coalesce(cells(columns.lon), place.str.extract(point, 1), place.str.extract(pair, 2))
    frame = rows.select(
        "row",
        id=cells(columns.id).fill_null((pl.col("row") + 2).cast(pl.String)) if columns.id else _number(),
        label=pl.coalesce(many),
        countries=values(columns.country),
        types=values(columns.type).list.eval(pl.element().str.replace(r"^https?://.*[/#]", "")),
        sites=values(columns.site),
        identifiers=_identifiers(columns),
        year=_number_of(cells(columns.year).str.extract(r"(?:^|\D)(\d{4})(?:\D|$)"), pl.Int32),
        lat=_number_of(lat, pl.Float64),
        lon=_number_of(lon, pl.Float64),
    )
    on_earth = pl.col("lat").is_between(-90, 90) & pl.col("lon").is_between(-180, 180)
    frame = frame.with_columns(pl.when(on_earth).then(pl.col("lat", "lon")))
    written = rows.select(
        "row",
        year=cells(columns.year),
        lat=pl.coalesce(cells(columns.lat), place),
        lon=pl.coalesce(cells(columns.lon), place),
    )
    for name in ("year", "lat", "lon"):
        wrong = written.filter(pl.col(name).is_not_null() & frame[name].is_null())
        for row, value in wrong.select("row", name).iter_rows():
            what = f"{value!r} is not a {'year' if name == 'year' else 'coordinate'}"
            hint = "it is taken for unknown"
            level: Literal["error", "warning"] = "warning" if snapshot else "error"
            problems.append(Problem(f"{where}:{row + 2}", what, hint, name, level, where, row + 2, "", value))
    if not snapshot and columns.country:
        problems += _list_unknown_countries(rows, columns.country, where)
    names = [
        rows.select("row", name=cells(name).str.split(LIST_SEPARATOR), lang=pl.lit(lang), kind=pl.lit(kind))
        for name, lang, kind in columns.names
    ]
    things = finish_things(frame, pl.concat(names).explode("name").drop_nulls("name"))
    if columns.broader:
        pairs = rows.select(frame["id"], broader=values(columns.broader)).explode("broader").drop_nulls()
        things = things.with_classes(_local_names(pairs).iter_rows())
    return things, problems


def _local_names(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.with_columns(pl.all().str.extract(r"([^/#]+)$"))


def _list_unknown_countries(rows: pl.DataFrame, column: str, where: str) -> list[Problem]:
    """List the values of a column of countries that are not one: they agree with nothing, and contradict nothing."""
    values = rows.select(pl.col(column).str.split(LIST_SEPARATOR)).explode(column).drop_nulls()
    counted = values.group_by(column, maintain_order=True).len()
    found = counted.with_columns(code=find_countries(counted[column])).filter(
        pl.col("code").is_not_null() & ~pl.col("code").str.contains(r"^(?:[A-Z]{2}|q\d+)$")
    )
    return [
        Problem(
            where,
            f"{value!r} is not a country ({count:,} {'row' if count == 1 else 'rows'})",
            "write an ISO 3166-1 code or a name",
            "country",
            "error",
            where,
            column=column,
            value=value,
        )
        for value, count in counted.filter(pl.col(column).is_in(found[column].implode())).iter_rows()
    ]


def _number() -> pl.Expr:
    return (pl.col("row") + 2).cast(pl.String)


def _number_of(text: pl.Expr, kind: type[pl.Int32 | pl.Float64]) -> pl.Expr:
    return text.cast(kind, strict=False)


def _identifiers(columns: Columns) -> pl.Expr:
    """Return the identifiers of each row, as `P1566:1668341`; a column without a property has them so already."""
    parts = []
    for name, scheme in columns.identifiers:
        cell = pl.col(name).str.split(LIST_SEPARATOR).list.eval(pl.element().str.strip_chars())
        if scheme:
            plain = pl.element().str.replace(_PREFIXES_OF_VALUES, "")
            cell = cell.list.eval(pl.when(plain != "").then(pl.concat_str(pl.lit(f"{scheme}:"), plain)))
        parts.append(cell.fill_null(pl.lit([], pl.List(pl.String))))
    return pl.concat_list(parts).list.drop_nulls() if parts else pl.lit([], pl.List(pl.String))
