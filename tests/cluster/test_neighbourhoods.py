"""A graph is cut by focus nodes in packed rows: what is put where, and how much of it is looked at together."""

from __future__ import annotations

import polars as pl
import pytest

from glocal_rdf.cluster import packing
from glocal_rdf.cluster.packing import unpack_each
from glocal_rdf.errors import ShapesError
from glocal_rdf.operations import cluster_neighbourhoods as cutting
from glocal_rdf.shacl import prepare
from glocal_rdf.shacl.cutting import bucket_of, find_targets
from glocal_rdf.shacl.reach import Reach, find_reach
from glocal_rdf.triples import Triples

pytest.importorskip("pyarrow")  # of the extra `cluster`

PREFIXES = "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX ex: <http://example.org/> "
SHAPES = """ex:S sh:targetSubjectsOf ex:country ;
    sh:property [ sh:path ( ex:country [ sh:inversePath ex:country ] ) ; sh:maxCount 1 ] ."""
HUB = "<http://example.org/tw>"


@pytest.fixture(scope="module")
def shapes() -> Triples:
    return Triples.parse(PREFIXES + SHAPES, "turtle")


@pytest.fixture(scope="module")
def reach(shapes: Triples) -> Reach:
    return find_reach(prepare(shapes))


@pytest.fixture(scope="module")
def placed(reach: Reach) -> pl.DataFrame:
    """Forty cities of one country, in eight buckets."""
    graph = Triples.parse(PREFIXES + " ".join(f"ex:c{n} ex:country ex:tw ." for n in range(40)), "turtle").frame
    flags = {"given": pl.lit(value=True), "near": pl.lit(value=False)}
    return cutting.place_triples(reach, [("<http://example.org/country>", False)], 8, graph.with_columns(**flags))


def ask(shapes: Triples, reach: Reach, placed: pl.DataFrame) -> pl.DataFrame:
    """Return what the hub's bucket has and is asked for."""
    targets = find_targets(prepare(shapes), pl.DataFrame(schema=dict.fromkeys(cutting.GRAPH, pl.String)))
    asking = placed.filter(pl.col("kind") & cutting.ASKING > 0).partition_by("bucket")
    requests = pl.concat([cutting.ask_first(reach, targets, None, 8, rows) for rows in asking])
    home = bucket_of(pl.Series([HUB]), 8)[0]
    assert requests["bucket"].unique().to_list() == [home]
    answering = placed.filter((pl.col("kind") & cutting.ANSWERING > 0) & (pl.col("bucket") == home))
    return pl.concat([answering, requests])


def read(packed: pl.DataFrame) -> list[tuple[str, ...]]:
    return sorted(pl.concat(list(unpack_each(packed))).rows())


def test_triples_are_in_the_bucket_of_their_node_however_many_there_are(reach: Reach, placed: pl.DataFrame) -> None:
    again = pl.concat(list(cutting.divide_again(24, placed)))
    for kind, bucket in again.select("kind", "bucket").unique().iter_rows():
        node = 2 if kind & cutting.BACKWARD else 0
        rows = read(again.filter((pl.col("kind") == kind) & (pl.col("bucket") == bucket)))
        assert set(bucket_of(pl.Series([row[node] for row in rows]), 24)) == {bucket}
    assert read(again) == read(placed)
    assert again["rows"].sum() == placed["rows"].sum()


def test_a_bucket_answers_each_that_asks(shapes: Triples, reach: Reach, placed: pl.DataFrame) -> None:
    rows = ask(shapes, reach, placed)
    asking = set(bucket_of(pl.Series([f"<http://example.org/c{n}>" for n in range(40)]), 8))
    answered = cutting.answer_requests(reach, 8, 0, 1000, rows)
    sizes = answered.filter(kind=cutting.OWN).group_by("bucket").agg(pl.col("rows").sum())
    assert dict(sizes.iter_rows()) == dict.fromkeys(asking, 40)
    # What was asked in a round before is not answered again.
    later = rows.with_columns(kind=pl.when(pl.col("kind") >= 1000).then(pl.col("kind") + 1).otherwise("kind"))
    assert cutting.answer_requests(reach, 8, 1, 1000, pl.concat([rows, later]).unique()).is_empty()


def test_what_is_looked_at_together_is_bounded(
    shapes: Triples, reach: Reach, placed: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ask(shapes, reach, placed)
    whole = cutting.answer_requests(reach, 8, 0, 1000, rows)
    monkeypatch.setattr(cutting, "_CROSSED", 90)
    heights = []
    cross = cutting.cross
    monkeypatch.setattr(cutting, "cross", lambda *a, **k: heights.append(cross(*a, **k)) or heights[-1])
    cut = cutting.answer_requests(reach, 8, 0, 1000, rows)
    assert max(found.height for found in heights) <= 90
    assert read(cut) == read(whole)


def test_a_bucket_that_is_too_large_is_not_answered_to_the_end(
    shapes: Triples, reach: Reach, placed: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_ROWS", 10)
    monkeypatch.setattr(cutting, "_BATCH", 10)
    rows = ask(shapes, reach, pl.concat(list(cutting.divide_again(8, placed))))
    answered = cutting.answer_requests(reach, 8, 0, 15, rows).filter(kind=cutting.OWN)
    assert set(answered.group_by("bucket").agg(pl.col("rows").sum())["rows"]) == {20}


def test_a_node_that_too_many_look_at_is_refused_by_name(
    shapes: Triples, reach: Reach, placed: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "_ANSWERED", 1)
    with pytest.raises(ShapesError, match=r"<http://example\.org/tw>: has 40 triples around it that 8 pieces look at"):
        cutting.answer_requests(reach, 8, 0, 1000, ask(shapes, reach, placed))
