"""Keeps what a DataFrame stands for, so that the engine computes it once however often it is used.

An engine that keeps rows itself (Spark: in memory, and on the disks of the workers) is asked to, under a name: what is
made of them refers to them by it, and does not hold, or send, what they were made of once more each time. The engine in
this process does not keep rows, so that they are written to a temporary folder, as Parquet, and read from there.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from glocal_rdf.cluster.session import LOCAL
from glocal_rdf.errors import EndpointError
from glocal_rdf.temporary import HeldFolder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from glocal_rdf.cluster.session import Cluster

__all__ = ["Keeper", "keep_rows"]


class Keeper:
    """Keeps rows of one cluster until all of them are released."""

    def __init__(self, cluster: Cluster, folder: HeldFolder | None) -> None:
        """Keep rows in a folder, or else in the engine."""
        self._cluster = cluster
        self._folder = folder
        self._name = f"glocal_rows_{uuid.uuid4().hex}"
        self._kept: list[str] = []
        self._computed: list[DataFrame] = []

    def keep(self, frame: DataFrame, *, again: bool = False) -> DataFrame:
        """Return a DataFrame of the same rows, which are computed once.

        Args:
            frame: The rows.
            again: Whether they are made of rows that were kept, and so on: an engine that keeps rows itself plans all
                that they were made of each time, so that these are computed now, and kept on two workers where there
                are two, without what they were made of.

        Raises:
            GlocalError: As `Cluster.collect` does.
        """
        if self._folder is None and again:
            from pyspark.errors import PySparkException  # noqa: PLC0415 - of the extra
            from pyspark.storagelevel import StorageLevel  # noqa: PLC0415

            # An engine that cannot keeps them by a name; what a function of ours raises is raised when they are used.
            with suppress(PySparkException), _active(self._cluster.spark):
                computed: DataFrame = frame.localCheckpoint(storageLevel=StorageLevel.MEMORY_AND_DISK_2)
                self._computed.append(computed)
                return computed
        if self._folder is None:
            name = f"{self._name}_{len(self._kept)}"
            with self._cluster.translate_errors():
                frame.createOrReplaceTempView(name)
                named: DataFrame = self._cluster.spark.table(name).persist()
            self._kept.append(name)
            return named
        path = str(self._folder.path / str(len(self._kept)))
        self._kept.append(path)
        schema = frame.schema
        with self._cluster.translate_errors():
            frame.write.parquet(path, compression="snappy")
            kept: DataFrame = self._cluster.spark.read.schema(schema).parquet(path)
        return kept

    def release(self) -> None:
        """Release all rows that the engine keeps. Raises as `keep` does."""
        with self._cluster.translate_errors():
            for name in self._kept if self._folder is None else ():
                self._cluster.spark.table(name).unpersist()
                self._cluster.spark.catalog.dropTempView(name)
        self._computed.clear()


@contextmanager
def _active(spark: SparkSession) -> Iterator[None]:
    """Make a session the active one of this thread: to it, and not to its own, the client ascribes a checkpoint."""
    # No function of the client sets it where there is one.
    local = type(spark)._active_session
    before = getattr(local, "session", None)
    local.session = spark
    try:
        yield
    finally:
        local.session = before


@contextmanager
def keep_rows(cluster: Cluster) -> Iterator[Keeper]:
    """Open a place for rows, and clear it in the end.

    Args:
        cluster: The session.

    Raises:
        EndpointError: Where the temporary folder cannot be made.
    """
    folder = None
    if cluster.address == LOCAL:
        try:
            folder = HeldFolder("glocal-rows-")
        except OSError as error:
            raise EndpointError.at("temporary folder", f"cannot be made: {error}", "set TMPDIR") from error
    keeper = Keeper(cluster, folder)
    try:
        yield keeper
    finally:
        try:
            keeper.release()
        finally:
            if folder is not None:
                folder.cleanup()
