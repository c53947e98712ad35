"""Runs the cases of a target in a process of its own, watches it, and makes what it finds small.

1. The process makes case after case from a seed each, says which one it begins, and checks it.
2. A case that raises what it may not, breaks an invariant, ends the process, or takes too long is a finding.
3. A finding is run again with parts left out, as long as the same thing goes wrong; the smallest input is written down.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from fuzz.targets import TARGETS, Files, pack

__all__ = ["Finding", "Result", "check_input", "hunt"]

HANGS = 30.0
"""Seconds that one case may take, on a busy machine."""

SHRINKING = 120.0
"""Seconds for making one finding small."""

MOST = 5


@dataclass(frozen=True)
class Finding:
    """One input that something is wrong with."""

    target: str
    seed: int
    what: str
    kept: Path | None = None


@dataclass
class Result:
    """How many cases were run, and what was found."""

    cases: int = 0
    findings: list[Finding] = field(default_factory=list)


class _Worker:
    """A process that checks inputs, and the lines that it prints."""

    def __init__(self, target: str) -> None:
        command = [sys.executable, "-X", "faulthandler", "-m", "fuzz.worker", target]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parent.parent,
            text=True,
        )
        self.lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def ask(self, question: dict[str, object], limit: float) -> str:
        """Send a question; give what is wrong, or nothing."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            line = self.lines.get(timeout=limit)
        except queue.Empty:
            return f"took longer than {limit:g} s"
        except OSError:
            line = None
        if line is None:
            return f"the process ended with {self.process.wait()}"
        return str(json.loads(line)["wrong"])

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()


def hunt(target: str, seed: int, seconds: float, *, keep: Path | None = None, cases: int | None = None) -> Result:
    """Run a target from a seed on, for some seconds, which count from the first answer, or a number of cases."""
    result = Result()
    end = float("inf")
    worker = _Worker(target)
    try:
        while time.monotonic() < end and result.cases != cases and len(result.findings) < MOST:
            number = seed + result.cases
            wrong = worker.ask({"seed": number}, HANGS)
            result.cases += 1
            end = min(end, time.monotonic() + seconds)
            if wrong:
                if worker.process.poll() is not None or "longer than" in wrong:
                    worker.close()
                    worker = _Worker(target)
                kept = _keep(target, number, wrong, keep) if keep else None
                result.findings.append(Finding(target, number, wrong, kept))
    finally:
        worker.close()
    return result


def check_input(target: str, files: Files) -> str:
    """Check one input, files by name, in a process of its own; give what is wrong, or nothing."""
    worker = _Worker(target)
    try:
        return worker.ask({"files": pack(files)}, HANGS)
    finally:
        worker.close()


def _keep(target: str, seed: int, wrong: str, folder: Path) -> Path:
    """Write the smallest input that shows the finding into a folder of its own."""
    files = TARGETS[target].make(Random(seed))
    end = time.monotonic() + SHRINKING
    smaller: Files | None = files
    while smaller is not None and time.monotonic() < end:
        files = smaller
        smaller = next(
            (less for less in _parts_left_out(files) if _kind(check_input(target, less)) == _kind(wrong)), None
        )
    path = folder / f"{target}-{seed}"
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (path / name).write_bytes(data)
    (path / "wrong.txt").write_text(f"{wrong}\n", encoding="utf-8")
    return path


def _kind(wrong: str) -> str:
    return wrong.partition(":")[0]


def _parts_left_out(files: Files) -> Iterator[Files]:
    for name, data in files.items():
        step = len(data) // 2
        while step >= 1 and len(data) // step <= 64:
            for start in range(0, len(data), step):
                yield {**files, name: data[:start] + data[start + step :]}
            step //= 2
