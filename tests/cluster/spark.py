"""Apache Spark on this machine: a master, two workers of their own processes, and a Spark Connect server on loopback.

Run as a program it starts them, prints the address, and ends them when it is interrupted or terminated:

    python tests/cluster/spark.py FOLDER

FOLDER is an unpacked source archive of pyspark, which has the jars: `pip download --no-deps --no-binary :all: pyspark`.
It is not installed, since it has the same package as pyspark-client.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

EVENTS = os.environ.get("GLOCAL_SPARK_EVENTS")
"""The folder for the log of what its jobs do, where it runs as a program."""

WAIT = 400
"""How many seconds the servers may take to start, on a busy machine."""

JAVA = [
    # One core each: the compiler's second stage costs more than it gives in a minute.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+IgnoreUnrecognizedVMOptions",
    "--add-modules=jdk.incubator.vector",
    *(
        f"--add-opens=java.base/{name}=ALL-UNNAMED"
        for name in (
            "java.lang",
            "java.lang.invoke",
            "java.lang.reflect",
            "java.io",
            "java.net",
            "java.nio",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "jdk.internal.ref",
            "sun.nio.ch",
            "sun.nio.cs",
            "sun.security.action",
            "sun.util.calendar",
        )
    ),
    "-Djdk.reflect.useDirectMethodHandle=false",
    "-Dio.netty.tryReflectionSetAccessible=true",
]


LOGS = """rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex
"""
"""What the servers log: to log each step of each task costs a tenth of the time of small jobs."""


@dataclass(frozen=True)
class Spark:
    """A running cluster: its address, and the folder with the logs."""

    address: str
    folder: Path

    def logs(self) -> str:
        """Return the last lines of each log."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}" for path in self.folder.glob("*.log")
        )


def find_spark() -> Path | None:
    """Return the folder with Spark that GLOCAL_SPARK names, where Java is here too."""
    named = os.environ.get("GLOCAL_SPARK", "")
    folder = Path(named) if named else None
    return folder if folder and (folder / "deps" / "jars").is_dir() and shutil.which("java") else None


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def run_spark(
    spark: Path,
    *,
    workers: int = 2,
    memory: str = "2g",
    heap: str = "1g",
    python: str = sys.executable,
    events: Path | None = None,
) -> Iterator[Spark]:
    """Run a cluster, each worker with one core, and end its processes; a worker that is killed is started anew.

    Args:
        spark: The folder with `deps/jars` and `pyspark`.
        workers: How many workers.
        memory: The memory of each.
        heap: The memory of the Connect server.
        python: The Python that runs our functions.
        events: The folder for the log of what its jobs did, if that is wanted.
    """
    folder = Path(tempfile.mkdtemp(prefix="glocal-spark-"))
    home = spark / "deps"
    paths = os.pathsep.join([str(spark), *map(str, (spark / "lib").glob("*.zip"))])
    (folder / "log4j2.properties").write_text(LOGS)
    java = [*JAVA, f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}"]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_SCALA_VERSION": "2.13",
        "PYSPARK_PYTHON": python,
        "PYTHONPATH": paths,
        # What each of many Python workers would start for itself.
        "POLARS_MAX_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
    }
    master, connect = free_port(), free_port()
    processes: dict[str, subprocess.Popen[bytes]] = {}
    closing = threading.Event()

    def start(name: str, heap: str, arguments: Sequence[str]) -> None:
        command = ["java", f"-Xmx{heap}", *java, "-cp", f"{home}/jars/*", *arguments]
        with (folder / f"{name}.log").open("ab") as log:
            processes[name] = subprocess.Popen(
                command, env=environment, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def start_worker(number: int) -> None:
        work = ["--work-dir", str(folder / f"work{number}"), "--cores", "1", "--memory", memory]
        start(f"worker{number}", "256m", [f"{deploy}.worker.Worker", *at, *work, url])

    def start_again() -> None:
        while not closing.wait(0.5):
            for number in range(workers):
                if processes[f"worker{number}"].poll() is not None:
                    start_worker(number)

    found = Spark(f"sc://127.0.0.1:{connect}", folder)
    deploy = "org.apache.spark.deploy"
    at = ["--host", "127.0.0.1", "--webui-port", "0"]
    url = f"spark://127.0.0.1:{master}"
    watcher = threading.Thread(target=start_again, daemon=True)
    try:
        start("master", "256m", [f"{deploy}.master.Master", *at, "--port", str(master)])
        wait_for_port(master, found, processes)
        for number in range(workers):
            start_worker(number)
        options = {
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": str(connect),
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.executor.memory": "1g",
            "spark.executor.extraJavaOptions": " ".join([*JAVA[:3], java[-1]]),
            "spark.executorEnv.PYTHONPATH": paths,
            "spark.executorEnv.POLARS_MAX_THREADS": "1",
            "spark.pyspark.python": python,
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "16",
            "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
        }
        if events is not None:
            options |= {
                "spark.eventLog.enabled": "true",
                "spark.eventLog.dir": events.absolute().as_uri(),
                "spark.eventLog.compress": "false",
            }
        given = [part for name, value in options.items() for part in ("--conf", f"{name}={value}")]
        server = ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
        start("connect", heap, [f"{deploy}.SparkSubmit", "--master", url, *given, *server])
        wait_for_port(connect, found, processes)
        watcher.start()
        yield found
    finally:
        closing.set()
        if watcher.is_alive():
            watcher.join()
        for process in reversed(processes.values()):
            process.terminate()
        for process in processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def share_spark(spark: Path, shared: Path) -> Iterator[Spark]:
    """Run one cluster for all processes of a test run: the first one that needs it starts it, and ends it at last.

    Args:
        spark: As for `run_spark`.
        shared: A folder that the processes have in common.
    """
    import fcntl

    state = shared / "spark.json"
    with (shared / "spark.starting").open("w") as starting, (shared / "spark.users").open("w") as users:
        # Locks are released when a process ends, however it ends.
        fcntl.flock(starting, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        if state.exists():
            fcntl.flock(starting, fcntl.LOCK_UN)
            found = json.loads(state.read_text())
            yield Spark(found["address"], Path(found["folder"]))
            return
        with run_spark(spark) as running:
            state.write_text(json.dumps({"address": running.address, "folder": str(running.folder)}))
            fcntl.flock(starting, fcntl.LOCK_UN)
            try:
                yield running
            finally:
                fcntl.flock(starting, fcntl.LOCK_EX)
                state.unlink()
                fcntl.flock(starting, fcntl.LOCK_UN)
                fcntl.flock(users, fcntl.LOCK_EX)  # when no other process uses it


def kill_first(function: Callable[..., object], mark: Path) -> Callable[..., object]:
    """Return a function for workers whose first call kills the worker that it runs on when it has done its work.

    Args:
        function: What it does otherwise: a function of a module that returns a value.
        mark: A file that is made by the first call.
    """

    def run(*arguments: object) -> object:
        # It is sent by value, since the workers do not have the tests.
        import os
        import signal
        import time
        from pathlib import Path

        found = function(*arguments)
        try:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return found
        # The Java processes above this one: the executor, and the worker that started it.
        java: list[int] = []
        process = os.getppid()
        while process > 1 and len(java) < 2:
            if Path(f"/proc/{process}/comm").read_text().strip() == "java":
                java.append(process)
            process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
        for one in reversed(java):
            os.kill(one, signal.SIGKILL)
        time.sleep(60)
        return found

    return run


def wait_for_port(port: int, spark: Spark, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Wait until a server listens."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        ended = [name for name, process in processes.items() if process.poll() is not None]
        if ended:
            raise RuntimeError(f"{', '.join(ended)} ended:\n{spark.logs()}")
        time.sleep(0.2)
    raise RuntimeError(f"nobody listens to port {port} after {WAIT} seconds:\n{spark.logs()}")


if __name__ == "__main__":
    for one in (signal.SIGINT, signal.SIGTERM):
        # Also where a shell has started it in the background, without SIGINT.
        signal.signal(one, lambda *_: sys.exit())
    with run_spark(Path(sys.argv[1]), events=Path(EVENTS) if EVENTS else None) as running:
        print(running.address, running.folder, flush=True)
        time.sleep(float(sys.argv[2]) if len(sys.argv) > 2 else 86_400)
