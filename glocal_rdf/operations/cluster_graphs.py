"""Reads and writes graphs on a cluster: N-Triples in ranges, Parquet and other files whole; sorted parts out.

What the parts hold is what one machine writes: `cat OUTPUT/part-*` has the bytes of `Triples.sort().write` (N-Triples)
or of `Triples.write` (Turtle).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from glocal_rdf.cluster import parts as cluster_parts
from glocal_rdf.cluster import storage
from glocal_rdf.cluster.parts import Staging
from glocal_rdf.cluster.session import connect
from glocal_rdf.cluster.spill import Spill, Spilled
from glocal_rdf.cluster.steps import begin_step
from glocal_rdf.errors import InputError, OutputError, Problem
from glocal_rdf.triples.formats.ntriples import check_terms, write_ntriples
from glocal_rdf.triples.formats.reader import parse_quads
from glocal_rdf.triples.formats.registry import find_format
from glocal_rdf.triples.formats.turtle import write_turtle

if TYPE_CHECKING:
    from glocal_rdf.cluster.session import Cluster

__all__ = [
    "FORMS",
    "MODULES",
    "RANGE",
    "GraphRange",
    "ReadGraph",
    "Written",
    "convert_on_cluster",
    "plan_ranges",
    "read_graph",
    "read_triples",
    "write_graph",
]

MODULES: Final = ("glocal_rdf.operations.cluster_graphs",)
"""What the check of the workers imports."""

STEPS: Final = ("reading", "writing")
"""The steps of a conversion, for its progress."""

FORMS: Final = ("ntriples", "parquet", "turtle")
"""The formats that a cluster writes."""

RANGE: Final = 64 << 20
"""How many bytes of N-Triples are one task."""

_ENDINGS: Final = {"ntriples": "nt", "parquet": "parquet", "turtle": "ttl"}
_TERMS: Final = ("subject", "predicate", "object")
_RESULT: Final = {"rows": pl.Int64(), "result": pl.Binary()}
_PLACE: Final = re.compile(r"^(.*?):(\d+)(:\d+)?$")


@dataclass(frozen=True, slots=True)
class GraphRange:
    """What one task reads: so many bytes of a file of RDF, from an offset to another, or all (`stop` is 0).

    `one_of_many` is whether other files are read with it of which it is not known that they are of the same graph.
    """

    address: str
    form: str
    size: int
    start: int = 0
    stop: int = 0
    base: str | None = None
    one_of_many: bool = False


@dataclass(frozen=True)
class ReadGraph:
    """A graph that tasks have read: what each kept, and the prefixes that its files declare."""

    spilled: tuple[Spilled, ...]
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @property
    def blank(self) -> int:
        """How many triples have a blank node, those that stand in several files counted for each."""
        return sum(one.blank for one in self.spilled)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the folder, the names of its files, and how many triples and bytes they have."""

    output: str
    names: tuple[str, ...]
    triples: int
    bytes: int

    def describe(self) -> str:
        """Return what was written in words.

        Examples:
            >>> Written("out", ("part-00000.nt",), 1, 30).describe()
            'wrote out: 1 triple in 1 file'
        """
        triples = f"{self.triples:,} {'triple' if self.triples == 1 else 'triples'}"
        return f"wrote {self.output}: {triples} in {len(self.names):,} {'file' if len(self.names) == 1 else 'files'}"


def plan_ranges(
    address: str, form: str | None = None, *, base: str | None = None, size: int = RANGE
) -> list[GraphRange]:
    """Return what the tasks read of a file, or of the files of a folder.

    Args:
        address: A file or folder: a path, or an address such as s3://bucket/key.
        form: The format; by default decided by the endings of the files. `parquet` is one with the columns subject,
            predicate and object.
        base: The IRI that relative IRIs are resolved against.
        size: How many bytes of N-Triples are one task.

    Raises:
        InputError: Where there is nothing to read, or a file has a format that is not known.
    """
    ranges: list[GraphRange] = []
    files = storage.list_files(address)
    many = len(files) > 1 and storage.read_marker(address) is None
    for file in files:
        name = storage.name_of(file.address)
        found = "parquet" if name.lower().endswith(".parquet") and form is None else form
        if found != "parquet":
            from pathlib import PurePath  # noqa: PLC0415 - beside the addresses it is the exception

            found = find_format(form, PurePath(name), InputError).name
        if found == "ntriples" and not name.lower().endswith(".gz") and file.size:
            starts = range(0, file.size, size)
            stops = [min(at + size, file.size) for at in starts]
            ranges += [
                GraphRange(file.address, found, b - a, a, b, one_of_many=many)
                for a, b in zip(starts, stops, strict=True)
            ]
        else:
            ranges.append(GraphRange(file.address, found, file.size, base=base, one_of_many=many))
    if not ranges:
        raise InputError.at(address, "is a folder without files", "name the folder that the files are in")
    return ranges


def convert_on_cluster(
    address: str,
    source: str,
    output: str,
    form: str,
    *,
    input_format: str | None = None,
    base: str | None = None,
    partitions: int | None = None,
) -> Written:
    """Convert a file of RDF, or the files of a folder, on a cluster.

    Args:
        address: The cluster: `sc://host:port`, or `local`.
        source: A file or a folder: a path that all machines have in common, or an address (s3://, hdfs://).
        output: The folder to write, at such an address too.
        form: `ntriples`, `turtle` or `parquet`.
        input_format: The format of the source; by default the endings of its files decide.
        base: The IRI that relative IRIs are resolved against.
        partitions: How many parts to make.

    Raises:
        InputError: Where the source cannot be read.
        OutputError: Where the output cannot be written, or the format cannot hold the graph in parts.
        EndpointError: Where the cluster cannot do it.
    """
    ranges = plan_ranges(source, input_format, base=base)
    cluster_parts.check_output(output)
    with connect(address, MODULES) as cluster, cluster_parts.stage(output) as staging:
        begin_step(STEPS, "reading")
        graph = read_graph(cluster, ranges, staging)
        begin_step(STEPS, "writing")
        return write_graph(cluster, graph, staging, form, partitions=partitions)


def read_triples(part: GraphRange) -> tuple[pl.DataFrame, Mapping[str, str]]:
    """Return the triples of a range, in the order of the file, and the prefixes that it declares. It runs on workers.

    Raises:
        InputError: Where it cannot be read, with the line of the file; where it has named graphs; and where it has
            blank nodes, and other files too of which it is not known whether theirs are the same.
    """
    frame, prefixes = _read_range(part)
    if (
        part.one_of_many
        and frame.select(pl.col("subject", "object").str.starts_with("_:").any()).row(0) != (False,) * 2
    ):
        what = (
            "has blank nodes, and so may other files of its folder, of which it is not known whether they are the same"
        )
        hint = f"make it one file, or put an empty {storage.MARKER} into a folder whose files are one graph"
        raise InputError.at(part.address, what, hint)
    return frame, prefixes


def _read_range(part: GraphRange) -> tuple[pl.DataFrame, Mapping[str, str]]:
    if part.form == "parquet":
        return _read_parquet(part.address), {}
    form = find_format(part.form, None, InputError)
    if part.stop:
        begin, data = storage.read_lines(part.address, part.start, part.stop)
        try:
            return parse_quads(data, form, None, part.address).frame.select(_TERMS), {}
        except InputError as error:
            before = storage.count_line_ends(part.address, begin) if begin else 0
            raise InputError.of(_move_line(one, before) for one in error.problems) from error
    base = part.base or (part.address if storage.has_scheme(part.address) else None)
    if base is None:
        from pathlib import Path  # noqa: PLC0415

        base = Path(part.address).resolve().as_uri()
    parsed = parse_quads(storage.read_bytes(part.address), form, base, part.address)
    if parsed.frame["graph"].null_count() < parsed.frame.height:
        raise InputError.at(part.address, "has named graphs, and a cluster takes one graph", "convert it without first")
    return parsed.frame.select(_TERMS), parsed.prefixes


def read_graph(cluster: Cluster, ranges: Sequence[GraphRange], staging: Staging) -> ReadGraph:
    """Read a graph by tasks, each of which keeps its triples in the staging folder.

    Args:
        cluster: The session.
        ranges: What the tasks read.
        staging: Where they keep it.

    Raises:
        InputError: As `read_triples` does.
        EndpointError: Where the cluster could not do it.
    """
    import pickle  # noqa: PLC0415 - of what our own functions made on the workers

    found = cluster.collect(cluster.map_tasks(partial(_keep_range, staging.rows), ranges, _RESULT))
    results = [pickle.loads(one) for one in found["result"]]  # noqa: S301 - see the import
    prefixes: dict[str, str] = {}
    for _, declared in results:
        prefixes |= declared
    return ReadGraph(tuple(spilled for spilled, _ in results), prefixes)


def _keep_range(folder: str, part: GraphRange) -> Iterator[pl.DataFrame]:
    import pickle  # noqa: PLC0415

    spill = Spill(folder)
    frame, prefixes = read_triples(part)
    spill.add(frame)
    kept = spill.close()
    yield pl.DataFrame({"rows": [kept.rows], "result": [pickle.dumps((kept, dict(prefixes)))]}, schema=_RESULT)


def write_graph(
    cluster: Cluster,
    graph: ReadGraph,
    staging: Staging,
    form: str,
    *,
    partitions: int | None = None,
    record: Mapping[str, Any] | None = None,
) -> Written:
    """Write a graph in sorted parts, and put them in place.

    Args:
        cluster: The session.
        graph: What tasks have read or made.
        staging: Where they kept it.
        form: `ntriples`, `turtle` or `parquet`.
        partitions: How many parts to make; by default as many as keep each in memory.
        record: What the marker says beside the format and the numbers.

    Raises:
        OutputError: For blank nodes in Turtle, which nests them by the whole graph; where it cannot be written.
        EndpointError: Where the cluster could not do it.
    """
    if form not in FORMS:
        raise OutputError.at("format", f"a cluster does not write {form}", f"use {', '.join(FORMS)}")
    if form == "turtle" and graph.blank:
        have = "triple has" if graph.blank == 1 else "triples have"
        what = f"{graph.blank:,} {have} blank nodes, which Turtle nests by looking at the whole graph"
        raise OutputError.at("turtle", what, "write ntriples, or give the things IRIs (aboutUrl)")
    count = cluster_parts.count_parts(graph.spilled, partitions)
    divided = cluster_parts.divide_parts(cluster, graph.spilled, count, whole=form == "turtle")
    make = partial(_make_part, form, dict(graph.prefixes))
    ending = _ENDINGS[form]
    made = cluster_parts.write_parts(cluster, divided, make, staging.parts, ending)
    sources = list(made.names)
    size = made.bytes
    if form == "turtle" and sources:
        used = sorted({(prefix, name) for note in made.notes for prefix, name in json.loads(note)})
        head = "".join(f"@prefix {prefix}: <{name}> .\n" for prefix, name in used)
        head = f"{head}\n" if head else ""
        if head:
            storage.write_bytes(storage.join(staging.parts, f"head.{ending}"), head.encode())
            sources.insert(0, f"head.{ending}")
        size += len(head)
    if not sources:
        storage.write_bytes(storage.join(staging.parts, f"empty.{ending}"), _make_part(form, {}, _EMPTY, 0)[0])
        sources = [f"empty.{ending}"]
    names = {source: f"part-{number:05}.{ending}" for number, source in enumerate(sources)}
    facts = {"format": form, "triples": made.triples, "bytes": size, "parts": list(names.values()), **(record or {})}
    staging.commit(names, facts)
    return Written(staging.output, tuple(names.values()), made.triples, size)


_EMPTY: Final = pl.DataFrame(schema=dict.fromkeys(_TERMS, pl.String))


def _make_part(form: str, prefixes: Mapping[str, str], frame: pl.DataFrame, number: int) -> tuple[bytes, str]:
    """Return the bytes of a part, and what of the head of a Turtle file it needs; it runs on workers."""
    if form == "ntriples":
        return write_ntriples(frame), ""
    if form == "parquet":
        out = io.BytesIO()
        frame.write_parquet(out, compression="zstd")
        return out.getvalue(), ""
    data = write_turtle(frame, prefixes)
    used: list[tuple[str, str]] = []
    at = 0
    while data.startswith(b"@prefix ", at):
        end = data.index(b"\n", at)
        prefix, _, name = data[at + 8 : end - 2].decode().partition(": ")
        used.append((prefix, name.strip("<>")))
        at = end + 1
    body = data[at + 1 :] if used else data
    # Subjects have an empty line between them; the first part follows the head.
    return (b"\n" + body if number else body), json.dumps(used)


def _read_parquet(address: str) -> pl.DataFrame:
    data = storage.read_bytes(address)
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except pl.exceptions.PolarsError as error:
        raise InputError.at(address, "is not Parquet", "name a file with the columns subject, predicate, object") from (
            error
        )
    if missing := [name for name in _TERMS if frame.schema.get(name) != pl.String]:
        raise InputError.at(address, f"has no column {missing[0]} of text", "name subject, predicate and object so")
    if frame.select(pl.any_horizontal(pl.col(_TERMS).is_null()).any()).item():
        raise InputError.at(address, "has a triple without a subject, predicate or object", "leave it out")
    triples = frame.select(_TERMS)
    try:
        check_terms(triples)
    except InputError as error:
        raise InputError.of(replace(one, where=address) for one in error.problems) from error
    return triples


def _move_line(problem: Problem, lines: int) -> Problem:
    found = _PLACE.match(problem.where)
    if not found or not lines:
        return problem
    line = int(found[2]) + lines
    return replace(problem, where=f"{found[1]}:{line}{found[3] or ''}", row=problem.row + lines if problem.row else 0)
