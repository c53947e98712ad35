"""Transports rows over a cluster (Spark Connect): the engine moves, joins and sorts them, our functions run on them.

Nothing of this package is imported elsewhere at start: it needs the extra `cluster`.
"""

from __future__ import annotations

from glocal_rdf.cluster.session import Cluster, connect

__all__ = ["Cluster", "connect"]
