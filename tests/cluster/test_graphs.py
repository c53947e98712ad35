"""Graphs in sorted parts: joined, they are the bytes of one machine, for any number of parts."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import polars as pl
import pytest
from cluster.conftest import read_joined

from glocal_rdf.cluster import Cluster
from glocal_rdf.cluster.parts import check_output, stage
from glocal_rdf.cluster.spill import choose_borders
from glocal_rdf.cluster.storage import read_lines
from glocal_rdf.errors import GlocalError, InputError, OutputError
from glocal_rdf.operations.cluster_graphs import Written, plan_ranges, read_graph, write_graph
from glocal_rdf.triples import Triples

SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"


def make_lines(count: int) -> str:
    """Make N-Triples with a hub of a fifth of them, repeated triples, long texts, prefixes and line breaks."""
    rnd = random.Random(7)
    predicates = [f"{SKOS}prefLabel", "https://example.org/p", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"]
    lines = []
    for number in range(count):
        subject = 0 if rnd.random() < 0.2 else rnd.randrange(count // 8 + 1)
        objects = (f'"n {number} é\\n漢"@en', f'"{number}"^^<{XSD}integer>', f"<https://example.org/o{number % 99}>")
        lines.append(f"<https://example.org/id/{subject}> <{rnd.choice(predicates)}> {rnd.choice(objects)} .\n")
    return "".join(lines)


def convert(
    cluster: Cluster, source: Path, out: Path, form: str, partitions: int | None = None, size: int = 300_000
) -> Written:
    with stage(str(out)) as staging:
        graph = read_graph(cluster, plan_ranges(str(source), size=size), staging)
        return write_graph(cluster, graph, staging, form, partitions=partitions)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes]:
    """100,000 triples, and what one machine writes of them."""
    path = tmp_path_factory.mktemp("large") / "large.nt"
    path.write_text(make_lines(100_000))
    graph = Triples.read(path)
    return path, graph.sort().serialize("ntriples"), graph.serialize("turtle")


@pytest.mark.slow
@pytest.mark.parametrize("partitions", [1, 7, 64])
@pytest.mark.parametrize("form", ["ntriples", "turtle"])
def test_parts_joined_are_the_bytes_of_one_machine(
    cluster: Cluster, large: tuple[Path, bytes, bytes], tmp_path: Path, form: str, partitions: int
) -> None:
    source, ntriples, turtle = large
    written = convert(cluster, source, tmp_path / "out", form, partitions)
    assert read_joined(tmp_path / "out") == (ntriples if form == "ntriples" else turtle)
    assert len(written.names) > partitions // 2
    marker = json.loads((tmp_path / "out" / "_SUCCESS").read_text())
    assert marker["triples"] == written.triples == len(ntriples.splitlines())
    assert marker["bytes"] == sum(path.stat().st_size for path in (tmp_path / "out").glob("part-*"))


def test_a_small_graph_is_the_same_in_every_format_and_read_again(cluster: Cluster, tmp_path: Path) -> None:
    source = tmp_path / "small.nt"
    source.write_text(make_lines(300))
    graph = Triples.read(source)
    convert(cluster, source, tmp_path / "ttl", "turtle", 3, size=2_000)
    assert read_joined(tmp_path / "ttl") == graph.serialize("turtle")
    convert(cluster, source, tmp_path / "parquet", "parquet", 3, size=2_000)
    frame = pl.read_parquet(tmp_path / "parquet" / "*.parquet")
    assert frame.rows() == graph.sort().frame.rows()
    convert(cluster, tmp_path / "parquet", tmp_path / "nt", "ntriples", 2)
    assert read_joined(tmp_path / "nt") == graph.sort().serialize("ntriples")
    # What was written before is replaced, with nothing left of it.
    convert(cluster, source, tmp_path / "nt", "ntriples", 1)
    assert sorted(path.name for path in (tmp_path / "nt").iterdir()) == ["_SUCCESS", "part-00000.nt"]


def test_what_cannot_be_done_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    source = tmp_path / "blank.nt"
    source.write_text("<urn:a> <urn:p> _:b .\n")
    with pytest.raises(OutputError, match=r"turtle: 1 triple has blank nodes, .*; write ntriples"):
        convert(cluster, source, tmp_path / "out", "turtle")
    source.write_text(make_lines(50) + "no triple\n" + make_lines(50))
    with pytest.raises(InputError, match=r"blank\.nt:51:1: "):
        convert(cluster, source, tmp_path / "out", "ntriples", size=500)
    with pytest.raises(InputError, match="no such file"):
        convert(cluster, tmp_path / "missing.nt", tmp_path / "out", "ntriples")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blank.nt"]


@pytest.mark.usefixtures("cluster")  # which is skipped where the extra is not there
@pytest.mark.parametrize(
    ("entries", "shown"),
    [
        (["mine.txt"], "mine.txt"),
        ([".env"], ".env"),
        (["sub/deep.txt"], "sub/"),
        (["_SUCCESS", "mine.txt"], "_SUCCESS and 1 more"),
        (["part-00000.nt"], "part-00000.nt"),
    ],
    ids=["a-file", "a-hidden-file", "a-folder", "the-marker-of-another-engine", "a-part-without-a-marker"],
)
def test_what_a_cluster_has_not_written_is_never_removed(tmp_path: Path, entries: list[str], shown: str) -> None:
    for name in entries:
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_text("")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputError, match=rf"not written by a cluster: {re.escape(shown)}; name another folder"):
        check_output(str(tmp_path / "out"))
    assert sorted(tmp_path.rglob("*")) == before


def test_what_was_put_into_an_output_meanwhile_is_kept(cluster: Cluster, tmp_path: Path) -> None:
    source = tmp_path / "a.nt"
    source.write_text("<urn:a> <urn:p> <urn:b> .\n")
    out = tmp_path / "out"
    convert(cluster, source, out, "ntriples")
    with stage(str(out)) as staging:
        graph = read_graph(cluster, plan_ranges(str(source)), staging)
        (out / "mine.txt").write_text("x")
        with pytest.raises(OutputError, match=r"not written by a cluster: mine\.txt"):
            write_graph(cluster, graph, staging, "ntriples")
    assert sorted(path.name for path in out.iterdir()) == ["_SUCCESS", "mine.txt", "part-00000.nt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nt", "out"]


@pytest.mark.usefixtures("cluster")  # which is skipped where the extra is not there
@pytest.mark.parametrize(
    ("name", "reported"),
    [
        ("_b.nt", "has a file, _b.nt, whose name engines keep for files that are not data"),
        (".b.nt", "has a file, .b.nt, whose name engines keep for files that are not data"),
        ("p=1/b.nt", "has a folder, p=1, in it, which would not be read"),
        ("notes.pdf", "notes.pdf"),
    ],
)
def test_nothing_in_a_folder_is_left_out_unreported(tmp_path: Path, name: str, reported: str) -> None:
    (tmp_path / "in" / name).parent.mkdir(parents=True)
    (tmp_path / "in" / name).write_text("<urn:a> <urn:p> <urn:b> .\n")
    (tmp_path / "in" / "a.nt").write_text("<urn:a> <urn:p> <urn:c> .\n")
    (tmp_path / "in" / ".a.nt.crc").write_text("")
    with pytest.raises(InputError, match=re.escape(reported)):
        plan_ranges(str(tmp_path / "in"))


def test_a_folder_without_one_of_its_parts_is_not_read(cluster: Cluster, tmp_path: Path) -> None:
    source = tmp_path / "a.nt"
    source.write_text(make_lines(100))
    convert(cluster, source, tmp_path / "out", "ntriples", 3)
    (tmp_path / "out" / "part-00001.nt").unlink()
    with pytest.raises(InputError, match=r"out: lacks part-00001\.nt, which its _SUCCESS lists"):
        plan_ranges(str(tmp_path / "out"))


def test_blank_nodes_of_several_files_are_one_node_only_where_that_is_known(cluster: Cluster, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.nt").write_text(f'_:b <urn:p> "{number}" .\n')
    with pytest.raises(InputError, match=r"has blank nodes, and so may other files of its folder, .* _SUCCESS"):
        convert(cluster, folder, tmp_path / "out", "ntriples")
    (folder / "_SUCCESS").write_text("")
    convert(cluster, folder, tmp_path / "out", "ntriples")
    assert read_joined(tmp_path / "out").count(b"_:b ") == 2


def test_texts_of_parquet_that_are_no_terms_are_refused(cluster: Cluster, tmp_path: Path) -> None:
    frame = pl.DataFrame({"subject": ["http://e.org/a"], "predicate": ["<urn:p>"], "object": ['"x"']})
    frame.write_parquet(tmp_path / "bare.parquet")
    with pytest.raises(InputError, match=r"bare\.parquet: 'http://e\.org/a' is not a subject"):
        convert(cluster, tmp_path / "bare.parquet", tmp_path / "out", "ntriples")


def test_an_empty_graph_is_one_empty_file(cluster: Cluster, tmp_path: Path) -> None:
    source = tmp_path / "empty.nt"
    source.write_text("# nothing\n")
    assert convert(cluster, source, tmp_path / "out", "ntriples").triples == 0
    assert read_joined(tmp_path / "out") == b""


@pytest.mark.parametrize("size", [1, 3, 10, 100])
def test_ranges_have_each_line_once(tmp_path: Path, size: int) -> None:
    pytest.importorskip("pyarrow")
    for data in (b"", b"a", b"a\n", b"ab\ncd\n\nefghijklmnop\nq", b"\n\n\n"):
        path = tmp_path / "lines"
        path.write_bytes(data)
        found = [read_lines(str(path), at, min(at + size, len(data))) for at in range(0, len(data), size)]
        assert b"".join(text for _, text in found) == data
        assert all(data[at : at + len(text)] == text for at, text in found)


def test_borders_keep_a_subject_whole_and_leave_no_first_part_empty() -> None:
    sample = [("<b>", "<p>", f'"{n:03}"', 10) for n in range(50)] + [("<c>", "<p>", '"x"', 1), ("<d>", "<p>", '"y"', 9)]
    assert choose_borders(sample, 4, whole=True)["subject"].to_list() in (["<c>"], ["<d>"], [])
    assert choose_borders(sample, 4, whole=False).height == 3
    assert choose_borders([], 4, whole=True).is_empty()


def test_errors_of_ours_come_back_as_they_were_raised(cluster: Cluster, tmp_path: Path) -> None:
    from glocal_rdf.cluster.session import check_address, connect

    with pytest.raises(InputError, match="is not an address of a cluster; write local, or sc://HOST:PORT"):
        check_address("https://example.org")
    with (
        pytest.raises(GlocalError, match=r"glocal_rdf\.nope on .*: No module named"),
        connect("local", ["glocal_rdf.nope"]),
    ):
        pass
