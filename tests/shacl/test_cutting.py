"""A graph that is cut by focus nodes is validated alike, piece by piece."""

from __future__ import annotations

import zlib
from pathlib import Path

import polars as pl
import pytest
from shacl_checks import list_results
from w3c_suites import load_shacl_cases, shacl_parameters

from glocal_rdf.errors import ShapesError
from glocal_rdf.namespaces import RDFS_SUBCLASS_OF
from glocal_rdf.shacl import PreparedShapes, prepare, validate
from glocal_rdf.shacl.cutting import (
    around_of,
    bucket_of,
    cross,
    find_targets,
    hash_of,
    list_requests,
    start_requests,
)
from glocal_rdf.shacl.cutting.buckets import HASHES
from glocal_rdf.shacl.reach import find_reach
from glocal_rdf.triples import Triples


def cut(data: Triples, shapes: PreparedShapes, buckets: int) -> dict[int, tuple[Triples, list[str]]]:
    """Cut a graph in memory: a piece and its focus nodes by bucket."""
    reach = find_reach(shapes)
    around = around_of(reach)
    hierarchy = data.match(predicate=RDFS_SUBCLASS_OF).frame
    targets = find_targets(shapes, hierarchy)
    kept = {back: around.keep(data.frame, backward=back) for back in (False, True)}
    named = pl.Series(sorted(targets.nodes), dtype=pl.String)
    nodes = pl.concat([targets.find_subjects(kept[False]), targets.find_objects(kept[True]), named]).unique()
    requests = start_requests(nodes, bucket_of(nodes, buckets))
    pieces, seen = [], requests
    while requests.height:
        crossed = {back: cross(requests, kept[back], reach, backward=back) for back in kept}
        pieces += [found.drop("state") for found in crossed.values()]
        asked = [list_requests(found, reach, backward=back) for back, found in crossed.items()]
        requests = pl.concat(asked).unique().join(seen, on=seen.columns, how="anti")
        seen = pl.concat([seen, requests])
    found = pl.concat(pieces).partition_by("group", as_dict=True, include_key=False) if pieces else {}
    owned = pl.DataFrame({"node": nodes, "group": bucket_of(nodes, buckets)})
    return {
        key[0]: (Triples(pl.concat([found.get(key, hierarchy.clear()), hierarchy])).distinct(), own["node"].to_list())
        for key, own in owned.partition_by("group", as_dict=True).items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("buckets", [3, HASHES - 1])
@pytest.mark.parametrize("file", shacl_parameters())
def test_pieces_give_the_results_of_the_whole(file: Path, buckets: int) -> None:
    for case in load_shacl_cases(file):
        if case.expected is None:
            continue
        shapes = prepare(case.shapes)
        try:
            whole = validate(case.data, shapes)
            reach = find_reach(shapes)
        except ShapesError:
            continue
        if reach.refused:
            continue
        pieces = cut(case.data, shapes, buckets).values()
        reports = [validate(piece, shapes, only_focus=focus) for piece, focus in pieces]
        assert list_results([result for report in reports for result in report.results]) == list_results(whole.results)
        for shape, count in whole.reached.items():
            assert sum(report.reached[shape] for report in reports) == count


def test_a_bucket_is_a_checksum_of_the_text() -> None:
    terms = ["<http://example.org/a>", "<http://example.org/a>", '"臺北"@zh-Hant', "_:b0", ""]
    assert hash_of(pl.Series(terms)).to_list() == [zlib.crc32(term.encode()) for term in terms]
    assert bucket_of(pl.Series(terms), 7).to_list() == [zlib.crc32(term.encode()) % 7 for term in terms]
    assert bucket_of(pl.Series([], dtype=pl.String), 7).to_list() == []


def test_nothing_is_asked_of_nodes_from_which_nothing_is_looked_at() -> None:
    shapes = prepare(
        Triples.parse(
            """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX ex: <http://e.org/>
            ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:class ex:C ] .""",
            "turtle",
        )
    )
    data = Triples.parse("PREFIX ex: <http://e.org/> ex:a ex:p ex:b, 1 ; ex:q ex:c .", "turtle")
    reach = find_reach(shapes)
    nodes = pl.Series(["<http://e.org/a>"])
    crossed = cross(start_requests(nodes, bucket_of(nodes, 2)), data.frame, reach, backward=False)
    assert crossed["object"].to_list() == ["<http://e.org/b>", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>']
    asked = list_requests(crossed, reach, backward=False)
    assert asked["node"].to_list() == ["<http://e.org/b>"]
    again = cross(asked, data.frame, reach, backward=False)
    assert list_requests(again, reach, backward=False).is_empty()
    assert around_of(reach).backward == frozenset()
