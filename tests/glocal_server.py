"""`glocal serve` in a process of its own, for tests that ask it."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Serving", "serving"]


@dataclass
class Serving:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    url: str = ""
    lines: list[str] = field(default_factory=list)

    def ask(self, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", int(self.url.rstrip("/").rpartition(":")[2]), timeout=30)
        with closing(connection):
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def ask_until_made(self, path: str) -> bytes:
        """Ask until a page that is still being made is there."""
        for _ in range(20):
            status, _, body = self.ask(path)
            if status != 503:
                assert status in (200, 410), (status, path)
                return body
        raise AssertionError(path)

    def wait_for(self, pattern: str, seconds: float = 60) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := next((line for line in self.lines if re.search(pattern, line)), ""):
                return found
            time.sleep(0.05)
        raise AssertionError(f"{pattern} was not printed: {self.lines}")


@contextmanager
def serving(project: Path, *options: str, cache: Path) -> Iterator[Serving]:
    """Serve a project at a free port."""
    environment = {**os.environ, "GLOCAL_CACHE": str(cache)}
    command = [sys.executable, "-m", "glocal_rdf", "serve", "-p", str(project), "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        running = Serving(process)

        def note() -> None:
            assert process.stderr
            for line in process.stderr:
                running.lines.append(line.rstrip("\n"))

        thread = threading.Thread(target=note, daemon=True)
        thread.start()
        try:
            running.url = running.wait_for(r"^serving at ").split()[2]
            yield running
        finally:
            process.kill()
            process.wait()
            thread.join(5)
