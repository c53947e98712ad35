"""Describes what a command would do on a cluster, line by line, with estimates by the sizes of files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from glocal_rdf.cluster import parts as cluster_parts
from glocal_rdf.cluster import storage
from glocal_rdf.operations.cluster_graphs import GraphRange

__all__ = [
    "BYTES_A_TRIPLE",
    "describe_buckets",
    "describe_memory",
    "describe_plan",
    "describe_reading",
    "estimate_triples",
]

_MEMORY_A_BYTE: Final = 6
_MEMORY_A_TRIPLE: Final = 900
"""How many bytes of memory a byte of text and a triple of a part need at the most, as measured."""

BYTES_A_TRIPLE: Final = 130
"""About how many bytes a triple has in N-Triples."""

_PACKED_TRIPLE: Final = 15
"""About how many bytes a triple has in a file that is packed (gzip, Parquet)."""


def describe_plan(what: str, sizes: Sequence[int], rows: int, partitions: int | None) -> list[str]:
    """Return the lines of a plan: tasks, parts and the memory that a worker needs, all by estimate.

    Args:
        what: What is read.
        sizes: How many bytes each task reads.
        rows: About how many triples there are.
        partitions: The number of parts, if it is given.

    Examples:
        >>> describe_plan("graph.nt", [64_000_000], 500_000, None)[0]
        'read: graph.nt, 64,000,000 bytes in 1 task'
    """
    parts = partitions or max(1, -(-rows // cluster_parts.ROWS_A_PART))
    each = rows / parts
    return [
        _describe_sizes(what, sizes),
        f"shuffle: about {rows:,} triples by subject",
        f"write: {parts:,} {'part' if parts == 1 else 'parts'} of about {round(each):,} triples",
        _describe_most(max(sizes, default=0) * _MEMORY_A_BYTE, each),
    ]


def estimate_triples(ranges: Sequence[GraphRange]) -> int:
    """Return about how many triples are in ranges of files, by their sizes.

    Examples:
        >>> estimate_triples([GraphRange("a.nt", "ntriples", 1300, 0, 1300), GraphRange("b.nt.gz", "ntriples", 150)])
        20
    """
    return sum(_estimate(one) for one in ranges)


def _estimate(one: GraphRange) -> int:
    packed = one.form == "parquet" or storage.name_of(one.address).lower().endswith(".gz")
    return -(-one.size // (_PACKED_TRIPLE if packed else BYTES_A_TRIPLE))


def describe_reading(what: str, ranges: Sequence[GraphRange]) -> str:
    """Return the line of a plan about what is read.

    Examples:
        >>> describe_reading("graph.nt", [GraphRange("graph.nt", "ntriples", 2_000, 0, 2_000)])
        'read: graph.nt, 2,000 bytes in 1 task'
    """
    return _describe_sizes(what, [one.size for one in ranges])


def _describe_sizes(what: str, sizes: Sequence[int]) -> str:
    tasks = f"{len(sizes):,} {'task' if len(sizes) == 1 else 'tasks'}"
    return f"read: {what}, {sum(sizes):,} bytes in {tasks}"


def describe_buckets(buckets: int, rows: float) -> str:
    """Return into what so many triples are cut, in words.

    Examples:
        >>> describe_buckets(4, 1_000_000), describe_buckets(1, 5)
        ('in 4 buckets of about 250,000', 'in 1 bucket of about 5')
    """
    return f"in {buckets:,} {'bucket' if buckets == 1 else 'buckets'} of about {math.ceil(rows / buckets):,}"


def describe_memory(ranges: Sequence[GraphRange], rows: float) -> str:
    """Return the line of a plan about the memory of a task: the one that needs the most, by estimate.

    Args:
        ranges: What the tasks read.
        rows: How many triples a bucket has.

    Examples:
        >>> describe_memory([], 250_000)
        'memory: about 225 MB a task, beside what Python and the engine need'
    """
    return _describe_most(max((_estimate(one) * BYTES_A_TRIPLE * _MEMORY_A_BYTE for one in ranges), default=0), rows)


def _describe_most(read: float, rows: float) -> str:
    most = max(round(max(read, rows * _MEMORY_A_TRIPLE) / 1e6), 1)
    return f"memory: about {most:,} MB a task, beside what Python and the engine need"
