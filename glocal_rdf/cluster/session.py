"""Opens a session on a cluster by its address, checks its workers, and runs our functions on their rows.

An address is `sc://host:port` (Spark Connect: Apache Spark 4 and the services that speak its protocol) or `local`: an
engine in this process (Sail), which needs no Java and no other machine. How to use it:

    with connect("local", needs=["glocal_rdf.operations.cluster_validate"]) as cluster:
        rows = cluster.map_tasks(read_range, ranges, SCHEMA)            # a task each: read_range(ranges[i])
        marked = cluster.map_frames(rows, mark_buckets, MARKED)         # Polars frames in, Polars frames out
        found = cluster.map_groups(marked, ["bucket"], validate, FOUND)  # a call each: validate(rows of a bucket)
        frame = cluster.collect(found)                                  # runs it; a Polars frame

* What the first three return is a DataFrame of Spark, so that it can be joined, filtered and grouped as one. Nothing
  runs before `collect` or `count`.
* Functions run in the processes of the workers. They are functions of modules, with what they need beside the rows
  bound by `functools.partial`; they are sent by name and what is bound is pickled. A nested function would be sent by
  value, with all that it refers to.
* Schemas are those of Polars (`{"subject": pl.String, "bucket": pl.Int64}`).
* Errors of ours that a function raises on a worker are raised again here, as the same class with the same lines. A
  function may run twice for the same rows (a task that failed is tried again), so it changes nothing in place.
* The functions that go over a group have all its rows in memory; the caller bounds the groups.
"""

from __future__ import annotations

import pickle
import re
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import polars as pl

from glocal_rdf import __version__, errors
from glocal_rdf.cluster import rows
from glocal_rdf.cluster.steps import follow_engine
from glocal_rdf.errors import EndpointError, GlocalError, InputError, OutputError, Problem

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["LOCAL", "Cluster", "check_address", "connect", "use_session"]

T = TypeVar("T")

LOCAL: Final = "local"
"""The address of the engine in this process."""

_NEEDED: Final = "pip install 'glocal-rdf[cluster]'"
_WAIT: Final = 20
"""How many seconds a server may take to be reached."""

_PROBES: Final = 16
"""How many tasks report what the workers have; several may run on one worker."""

_ADDRESS: Final = re.compile(r"sc://[^\s/:@;]+(?::[0-9]{1,5})?(?:/[^\s]*)?")
_DETAILS: Final = re.compile(r"\s*details = \"(.+)\"")
_RAISED: Final = re.compile(r"^(?:.*\s)?glocal_rdf\.errors\.(\w+): (.*)$")


@dataclass(frozen=True)
class Cluster:
    """A session on a cluster whose workers were checked.

    Attributes:
        address: The address that it was opened by.
        spark: The session of Spark Connect.
        workers: What the workers reported: `host`, and versions by name.
    """

    address: str
    spark: Any
    workers: tuple[Mapping[str, str], ...] = field(default=(), compare=False)

    def map_tasks(
        self, function: Callable[[T], Iterable[pl.DataFrame]], tasks: Sequence[T], schema: Mapping[str, Any]
    ) -> DataFrame:
        """Return the rows that a function makes of tasks, each of which may run on any worker.

        Args:
            function: A function of a module; it takes a task and yields frames.
            tasks: What can be pickled, and is small. What all tasks need is bound to the function.
            schema: The columns of the frames.
        """
        count = len(tasks)
        numbers = self.spark.range(0, count, 1, max(count, 1))
        # Each is pickled by itself: a worker unpickles its own alone.
        packed = tuple(pickle.dumps(task) for task in tasks)
        return numbers.mapInArrow(partial(rows.run_tasks, function, packed, dict(schema)), rows.to_ddl(schema))

    def map_frames(
        self,
        frame: DataFrame,
        function: Callable[[pl.DataFrame], Iterable[pl.DataFrame]],
        schema: Mapping[str, Any],
        *,
        height: int = rows.HEIGHT,
    ) -> DataFrame:
        """Return the rows that a function makes of frames: consecutive rows of one partition.

        Args:
            frame: A DataFrame of the session.
            function: A function of a module; it takes a frame and yields frames.
            schema: The columns of the frames that it makes.
            height: About how many rows a frame has.
        """
        return frame.mapInArrow(partial(rows.run_frames, function, dict(schema), height), rows.to_ddl(schema))

    def map_groups(
        self,
        frame: DataFrame,
        keys: Sequence[str],
        function: Callable[[pl.DataFrame], pl.DataFrame],
        schema: Mapping[str, Any],
    ) -> DataFrame:
        """Return the rows that a function makes of groups, each of which it gets whole.

        Args:
            frame: A DataFrame of the session.
            keys: The columns that rows of a group have in common.
            function: A function of a module; it takes the frame of a group (with the keys) and returns a frame.
            schema: The columns of the frames that it makes.
        """
        run = partial(rows.run_group, function, dict(schema))
        return frame.groupBy(*keys).applyInArrow(rows.takes_a_table(run), rows.to_ddl(schema))

    def distribute(self, frame: pl.DataFrame) -> DataFrame:
        """Return a frame, which is sent from here, as a DataFrame of the session."""
        if frame.is_empty():
            return self.spark.createDataFrame([], rows.to_ddl(frame.schema))
        return self.spark.createDataFrame(rows.to_table(frame))

    def collect(self, frame: DataFrame) -> pl.DataFrame:
        """Run what a DataFrame stands for, and return its rows.

        Args:
            frame: A DataFrame of the session, whose rows fit into memory here.

        Raises:
            GlocalError: What a function of ours raised on a worker, as its class; otherwise EndpointError, where the
                cluster could not do it.
        """
        with self.translate_errors():
            return rows.to_frame(frame.toArrow())

    def count(self, frame: DataFrame) -> int:
        """Run what a DataFrame stands for, and return the number of its rows. Raises as `collect` does."""
        with self.translate_errors():
            return int(frame.count())

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Raise the engine's errors as ours; for work with a DataFrame that is not done by `collect` or `count`.

        Raises:
            GlocalError: What a function of ours raised on a worker, as its class; otherwise EndpointError.
        """
        from pyspark.errors import PySparkException  # noqa: PLC0415 - of the extra
        from pyspark.errors.exceptions.connect import SparkConnectException  # noqa: PLC0415

        try:
            yield
        except (PySparkException, SparkConnectException) as error:
            raise _read_error(self.address, str(error)) from error


@contextmanager
def connect(address: str, needs: Sequence[str] = ()) -> Iterator[Cluster]:
    """Open a session on a cluster, check its workers, and close it in the end.

    Args:
        address: `sc://host:port`, or `local` for the engine in this process.
        needs: The modules of ours whose functions will run on workers; the check imports them there.

    Raises:
        OutputError: Where a package that this needs is not installed here.
        InputError: Where the address is not one.
        EndpointError: Where the cluster cannot be reached, or its workers lack something.
    """
    check_address(address)
    with ExitStack() as stack:
        reached = stack.enter_context(_serve_locally()) if address == LOCAL else address
        session = stack.enter_context(_open_session(address, reached))
        yield _check_workers(Cluster(address, session), needs)


def use_session(cluster: Cluster | str, needs: Sequence[str] = ()) -> AbstractContextManager[Cluster]:
    """Return the context of a session that is open, which stays open, or of one that is opened by its address.

    Args:
        cluster: The session, or the address.
        needs: As for `connect`, which raises the same.
    """
    return connect(cluster, needs) if isinstance(cluster, str) else nullcontext(cluster)


def check_address(address: str) -> None:
    """Check the form of an address.

    Raises:
        InputError: Where it is neither `local` nor `sc://host:port`.

    Examples:
        >>> check_address("sc://spark.example.org:15002")
    """
    if address != LOCAL and not _ADDRESS.fullmatch(address):
        raise InputError.at(address, "is not an address of a cluster", "write local, or sc://HOST:PORT (Spark Connect)")


@contextmanager
def _serve_locally() -> Iterator[str]:
    """Run an engine in this process, on a free port of the loopback interface, and yield its address.

    Raises:
        OutputError: Where its package is not installed.
    """
    server = _import("pysail.spark").SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        host, port = server.listening_address
        yield f"sc://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def _open_session(address: str, reached: str) -> Iterator[Any]:
    """Open a session of Spark Connect, and end it.

    Raises:
        OutputError: Where the client is not installed.
        EndpointError: Where the server cannot be reached; the client itself would try for ten minutes.
    """
    with warnings.catch_warnings(), _with_a_main_file():
        # It warns of newer versions of pandas, which nothing here uses.
        warnings.simplefilter("ignore")
        client = _import("pyspark.sql.connect.session")
        builder = _import("pyspark.sql.connect.client").DefaultChannelBuilder
        grpc = _import("grpc")
    where = address if address == LOCAL else address.partition(";")[0]
    try:
        channel = builder(reached).toChannel()
        try:
            grpc.channel_ready_future(channel).result(timeout=_WAIT)
        finally:
            channel.close()
    except grpc.FutureTimeoutError as error:
        raise EndpointError.at(
            where, f"cannot be reached in {_WAIT} seconds", "start the Spark Connect server"
        ) from error
    except Exception as error:
        if not type(error).__module__.startswith("pyspark."):
            raise
        raise InputError.at(where, "is not an address of a cluster", "write local, or sc://HOST:PORT") from error
    session = client.SparkSession.builder.remote(reached).create()
    follow_engine(session)
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def _with_a_main_file() -> Iterator[None]:
    """Let the client be imported where the main module has no file (`python -c`): it would look for its own tests."""
    main = sys.modules["__main__"]
    bare = getattr(main, "__spec__", None) is None and not hasattr(main, "__file__")
    if bare:
        main.__file__ = ""
    try:
        yield
    finally:
        if bare:
            del main.__file__


def _check_workers(cluster: Cluster, needs: Sequence[str]) -> Cluster:
    """Return a cluster with what its workers have; our package is sent to them where it is missing.

    Raises:
        EndpointError: Where they lack something.
    """
    workers = _ask_workers(cluster, needs)
    if any(worker["glocal_rdf"].startswith("!") for worker in workers) and _send_package(cluster):
        workers = _ask_workers(cluster, needs)
    if faults := [fault for worker in workers for fault in _find_faults(worker, needs)]:
        unique = sorted(set(faults))
        shown = "; ".join(unique[:5]) + (f"; and {len(unique) - 5} more" if len(unique) > 5 else "")
        raise EndpointError.at(
            cluster.address.partition(";")[0],
            f"its workers cannot do this: {shown}",
            f"install there, with the Python of here: glocal-rdf=={__version__} polars pyarrow",
        )
    return Cluster(cluster.address, cluster.spark, tuple(workers))


def _ask_workers(cluster: Cluster, needs: Sequence[str]) -> list[dict[str, str]]:
    """Return what the workers have, each kind once: host and versions, or the reason why there is none after a `!`."""

    def report(batches: Iterator[Any]) -> Iterator[Any]:
        # It is sent by value, so that it runs where our package is missing.
        import importlib  # noqa: PLC0415
        import json  # noqa: PLC0415
        import platform  # noqa: PLC0415

        import pyarrow  # noqa: PLC0415 - without it the worker runs nothing

        for _ in batches:
            found = {"host": platform.node(), "python": platform.python_version()}
            for name in modules:
                try:
                    found[name] = str(getattr(importlib.import_module(name), "__version__", ""))
                except Exception as error:  # noqa: BLE001 - what a worker lacks is reported, whatever it raises
                    found[name] = f"!{error}"
            yield pyarrow.RecordBatch.from_pydict({"report": [json.dumps(found)]})

    import json  # noqa: PLC0415 - not on the way to the other functions

    modules = ("polars", "pyarrow", "glocal_rdf", *needs)
    asked = cluster.spark.range(0, _PROBES, 1, _PROBES).mapInArrow(report, "report string")
    found: pl.DataFrame = cluster.collect(asked).unique().sort("report")
    return [json.loads(text) for text in found["report"]]


def _find_faults(worker: Mapping[str, str], needs: Sequence[str]) -> Iterator[str]:
    """Yield what a worker lacks, or has in another version than the session's own process."""
    import platform  # noqa: PLC0415

    host, here = worker["host"], {"python": platform.python_version(), "polars": pl.__version__}
    for name in ("polars", "pyarrow", "glocal_rdf", *needs):
        if worker[name].startswith("!"):
            yield f"{name} on {host}: {worker[name][1:]}"
    if _minor(worker["python"]) != _minor(here["python"]):
        yield f"Python {worker['python']} on {host}, here {here['python']}"
    if not worker["polars"].startswith("!") and worker["polars"].split(".")[0] != here["polars"].split(".")[0]:
        yield f"polars {worker['polars']} on {host}, here {here['polars']}"
    if not worker["glocal_rdf"].startswith("!") and worker["glocal_rdf"] != __version__:
        yield f"glocal_rdf {worker['glocal_rdf']} on {host}, here {__version__}"


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _send_package(cluster: Cluster) -> bool:
    """Send our package to the workers, as an archive; return whether the engine takes it."""
    from pyspark.errors import PySparkException  # noqa: PLC0415 - of the extra

    package = Path(__file__).parent.parent
    with tempfile.TemporaryDirectory(prefix="glocal-") as folder:
        archive = Path(folder) / f"glocal_rdf-{__version__}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
            for path in sorted(package.rglob("*.py")):
                if "bundled" not in path.relative_to(package).parts:
                    out.write(path, path.relative_to(package.parent))
        try:
            cluster.spark.addArtifacts(str(archive), pyfile=True)
        except PySparkException:
            return False
    return True


def _read_error(address: str, text: str) -> GlocalError:
    """Return the error of ours that a message of the engine quotes, or else one about the cluster."""
    lines = text.splitlines()
    for number in reversed(range(len(lines))):
        found = _RAISED.match(lines[number])
        kind = getattr(errors, found[1], None) if found else None
        if found and isinstance(kind, type) and issubclass(kind, GlocalError):
            said = [found[2]]
            for line in lines[number + 1 :]:
                if not line.strip() or line[0] in "\t ":
                    break
                said.append(line)
            return kind(*(Problem("", line) for line in said))
    known = [line.strip() for line in lines if re.match(r"\s*(?:[A-Za-z_.]+(?:Error|Exception)|\[[A-Z_.]+\])", line)]
    if not known:
        # What gRPC says of an answer that did not come, with the reason between quotation marks.
        known = [found[1] for line in lines if (found := _DETAILS.match(line))]
    shown = (known or [line.strip() for line in lines if line.strip()] or ["no reason was given"])[-1]
    return EndpointError.at(address.partition(";")[0], f"the cluster could not do it: {shown[:500]}")


def _import(name: str) -> Any:
    """Import a module of the extra.

    Raises:
        OutputError: Where it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise OutputError.at("cluster", f"needs more packages ({error})", f"install the extra: {_NEEDED}") from error
