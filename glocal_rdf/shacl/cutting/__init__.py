"""Cuts a data graph by focus nodes, so that each piece has all that its focus nodes' results depend on.

A focus node belongs to the bucket that `bucket_of` gives it, and the triples around a node are kept by the bucket of
the node (its *owner*): by subject, and by object where shapes follow a predicate backwards.

1. `find_targets` says which nodes are focus nodes; each owner finds its own in the triples that it keeps.
2. An owner is asked for the triples around a node in a state of the reach (`glocal_rdf.shacl.reach`): `cross` returns
   them, and the nodes at their other ends with the states that these are in, which are asked for in turn.
3. When nothing new is asked for, the triples that came back for a bucket, with those that go everywhere, are its piece;
   the engine validates its focus nodes in it. All triples with rdfs:subClassOf go everywhere, and what shapes look up
   from the predicates of all triples: for these, too, owners are asked, and they give the `samples` that are enough.

All functions take and return frames, so that it does not matter who moves them: files on one machine, or a cluster.
"""

from glocal_rdf.shacl.cutting.buckets import bucket_of, hash_of
from glocal_rdf.shacl.cutting.crossing import (
    Around,
    around_of,
    cross,
    list_requests,
    sample,
    start_requests,
)
from glocal_rdf.shacl.cutting.part_rows import PART_ROWS, read_rows, write_rows
from glocal_rdf.shacl.cutting.targets import Targets, find_targets

__all__ = [
    "PART_ROWS",
    "Around",
    "Targets",
    "around_of",
    "bucket_of",
    "cross",
    "find_targets",
    "hash_of",
    "list_requests",
    "read_rows",
    "sample",
    "start_requests",
    "write_rows",
]
