"""Things to link, and things to link to: a table of what is known of each, and a table of their names.

The columns of `frame`: `row`, `id`, `label`; `countries` (ISO codes), `types`, `hosts` (of web sites), `pages` (hosts
with the path, where that is not the front page's) and `identifiers` (`P1566:1668341`), each a list; `year`, `lat`,
`lon`. The columns of `names`: `row`, `name`, `lang`, `kind`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from glocal_rdf.lazy import pl
from glocal_rdf.linking.countries import find_countries

__all__ = ["KINDS", "LIST_SEPARATOR", "Things", "host_of", "make_things", "page_of"]

KINDS: Final = ("label", "alias", "former", "acronym")
"""What a name may be."""

LIST_SEPARATOR: Final = "|"
"""What stands between the values of one cell."""


@dataclass(frozen=True)
class Things:
    """Things with their names.

    Attributes:
        frame: A row for each thing.
        names: A row for each name.
        classes: Which classes are subclasses of which, as far as it is known: pairs of a class and a broader one.
    """

    frame: pl.DataFrame
    names: pl.DataFrame
    classes: tuple[tuple[str, str], ...] = ()

    def with_classes(self, classes: Iterable[tuple[str, str]]) -> Things:
        """Return the things with further pairs of a class and a broader one."""
        return replace(self, classes=(*self.classes, *classes))

    def with_broader_types(self, classes: Iterable[tuple[str, str]]) -> Things:
        """Return the things with all types that follow from pairs of a class and a broader one.

        Args:
            classes: The pairs.
        """
        above: dict[str, set[str]] = {}
        for one, other in classes:
            above.setdefault(one, set()).add(other)

        def climb(kind: str) -> list[str]:
            found, left = {kind}, [kind]
            while left:
                new = above.get(left.pop(), set()) - found
                found |= new
                left += new
            return sorted(found)

        kinds = self.frame.select("types").explode("types").drop_nulls().unique()["types"]
        known = {kind: climb(kind) for kind in kinds if kind in above}
        if not known:
            return self
        table = pl.DataFrame({"types": list(known), "broader": list(known.values())})
        each = self.frame.select("row", "types").explode("types").join(table, on="types", how="left")
        each = each.with_columns(broader=pl.coalesce("broader", pl.concat_list("types"))).explode("broader")
        lists = each.drop_nulls("broader").group_by("row").agg(types=pl.col("broader").unique().sort())
        frame = self.frame.drop("types").join(lists, on="row", how="left", maintain_order="left")
        frame = frame.with_columns(pl.col("types").fill_null(pl.lit([], pl.List(pl.String))))
        return replace(self, frame=frame.select(self.frame.columns))

    @staticmethod
    def schema() -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the columns of `frame` and of `names`, with their types."""
        many = pl.List(pl.String)
        return (
            {
                "row": pl.UInt32, "id": pl.String, "label": pl.String, "countries": many, "types": many, "hosts": many,
                "pages": many, "identifiers": many, "year": pl.Int32, "lat": pl.Float64, "lon": pl.Float64,
            },
            {"row": pl.UInt32, "name": pl.String, "lang": pl.String, "kind": pl.String},
        )  # fmt: skip

    @classmethod
    def empty(cls) -> Things:
        """Return no things."""
        frame, names = cls.schema()
        return cls(pl.DataFrame(schema=frame), pl.DataFrame(schema=names))

    def __len__(self) -> int:
        return self.frame.height


def host_of(address: pl.Expr) -> pl.Expr:
    """Return the host of a web address in lower case, without `www.`; null where there is none."""
    rest = address.str.strip_chars().str.to_lowercase().str.replace(r"^[a-z][a-z0-9+.\-]*://", "")
    host = rest.str.extract(r"^(?:[^/?#@]*@)?([^/?#:]+)").str.replace(r"^www\d?\.", "").str.strip_chars_end(".")
    return pl.when(host.str.contains(r"^[^\s.]+(?:\.[^\s.]+)+$")).then(host).otherwise(None)


_FRONT: Final = (
    r"/(?:index|default|home|main|welcome)(?:\.\w+)?$",
    r"^/(?:[a-z]{2}(?:[-_][a-z]{2,4})?|eng|english|fra|deu|home|web)(?:/|$)",
)
"""What a path ends or begins with where it is that of the front page, perhaps in one of several languages."""


def page_of(address: pl.Expr) -> pl.Expr:
    """Return the host of a web address with its path, which is left out where it is that of the front page."""
    rest = address.str.strip_chars().str.to_lowercase().str.replace(r"^[a-z][a-z0-9+.\-]*://", "")
    path = rest.str.replace(r"#.*$", "").str.replace(r"^[^/?]*", "").str.strip_chars_end("/")
    for pattern in _FRONT:
        path = path.str.replace(pattern, "/")
    path = path.str.strip_chars("/")
    tail = pl.when(path != "").then(pl.concat_str(pl.lit("/"), path)).otherwise(pl.lit(""))
    return pl.concat_str(host_of(address), tail)


def make_things(records: Iterable[Mapping[str, Any]], first: int = 0) -> Things:
    """Make things of records, as readers of JSON and RDF find them.

    Args:
        records: Each with `id`, `label`, `names` (triples of name, language and kind), and what is known of
            `countries`, `types`, `sites`, `identifiers`, `year`, `lat` and `lon`; for a class, its `broader` ones.
        first: The number of the first row.
    """
    rows: list[dict[str, Any]] = []
    names: list[tuple[int, str, str, str]] = []
    for row, record in enumerate(records, first):
        rows.append({"row": row, **record})
        names += [(row, *name) for name in record["names"]]
    frame_schema, names_schema = Things.schema()
    kinds = {**frame_schema, "sites": pl.List(pl.String)}
    frame = pl.DataFrame([{name: one.get(name) for name in kinds} for one in rows], schema=kinds)
    classes = [(row["id"], one) for row in rows for one in row.get("broader", ())]
    return finish_things(frame, pl.DataFrame(names, schema=names_schema, orient="row")).with_classes(classes)


def finish_things(frame: pl.DataFrame, names: pl.DataFrame) -> Things:
    """Normalize countries and web sites, and leave out names that are empty or occur twice.

    Args:
        frame: The columns of `Things.frame`, but `countries` as they are written, and `sites` instead of `hosts`.
        names: The columns of `Things.names`.
    """
    wanted, _ = Things.schema()
    countries = frame.select("row", "countries").explode("countries").drop_nulls()
    countries = countries.with_columns(find_countries(countries["countries"]).alias("countries")).drop_nulls()
    sites = frame.select("row", "sites").explode("sites")
    sites = sites.select("row", hosts=host_of(pl.col("sites")), pages=page_of(pl.col("sites"))).drop_nulls()
    frame = frame.drop("countries", "sites", "hosts", "pages", strict=False)
    for part, name in ((countries, "countries"), (sites, "hosts"), (sites, "pages")):
        lists = part.group_by("row").agg(pl.col(name).unique().sort())
        frame = frame.join(lists, on="row", how="left", maintain_order="left")
    empty = pl.lit([], pl.List(pl.String))
    lists_of_none = [pl.col(n).fill_null(empty) for n in ("countries", "types", "hosts", "pages", "identifiers")]
    # UN/LOCODE and ISNI are written with and without spaces.
    frame = frame.with_columns(pl.col("identifiers").list.eval(pl.element().str.replace_all(r"\s+", "")))
    names = names.with_columns(pl.col("name").str.strip_chars()).filter(pl.col("name") != "")
    return Things(
        frame.with_columns(lists_of_none).select([pl.col(n).cast(kind) for n, kind in wanted.items()]),
        names.unique(["row", "name"], maintain_order=True),
    )
