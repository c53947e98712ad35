"""Reports which step of a run on a cluster is at work, and how far the engine says that it has come.

An operation begins its steps by name (`begin_step`). To be notified, run it within `watch_steps`; sessions that
are opened meanwhile report what the engine says of tasks and bytes: Spark does so while a job runs, the engine in this
process (Sail) does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Step", "begin_step", "follow_engine", "watch_steps"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step at work.

    Attributes:
        name: What it does.
        number: Which step it is, from 1.
        steps: How many steps there are.
        done: How many tasks of the engine's job have ended.
        tasks: How many tasks it has by now; 0 where the engine does not say.
        bytes: How many bytes they have read.
    """

    name: str
    number: int
    steps: int
    done: int = 0
    tasks: int = 0
    bytes: int = 0

    def describe(self) -> str:
        """Return it in words.

        Examples:
            >>> Step("validating", 2, 3, 12, 40, 5_000_000).describe()
            'step 2 of 3: validating, 12 of 40 tasks, 5 MB read'
            >>> Step("validating", 2, 3).describe()
            'step 2 of 3: validating'
        """
        words = [f"step {self.number} of {self.steps}: {self.name}"]
        if self.tasks:
            words.append(f"{self.done:,} of {self.tasks:,} tasks")
        if self.bytes >= 1_000_000:
            words.append(f"{self.bytes // 1_000_000:,} MB read")
        return ", ".join(words)


class _Watch:
    """What is at work, for one watcher."""

    def __init__(self, report: Callable[[Step], object]) -> None:
        self._report = report
        self._step: Step | None = None

    def begin(self, step: Step) -> None:
        """Report that a step begins."""
        self._step = step
        self._report(step)

    def follow(self, *, stages: Iterable[Any], done: bool, **_: object) -> None:
        """Report what the engine says of a job; `done` is whether the job has ended, at which the step need not end."""
        known = list(stages or ())
        if self._step is None or done or not known:
            return
        ended, tasks, read = (
            sum(getattr(stage, name) for stage in known)
            for name in ("num_completed_tasks", "num_tasks", "num_bytes_read")
        )
        self._report(replace(self._step, done=ended, tasks=tasks, bytes=read))


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watch_steps(report: Callable[[Step], object]) -> Iterator[None]:
    """Have steps reported while the context lasts.

    Args:
        report: Takes a step, whenever one begins or has come further.
    """
    token = _watch.set(_Watch(report))
    try:
        yield
    finally:
        _watch.reset(token)


def begin_step(steps: Sequence[str], name: str) -> None:
    """Report that a step begins, if anybody watches.

    Args:
        steps: The names of all steps of the run.
        name: Which of them.

    Examples:
        >>> with watch_steps(lambda step: print(step.describe())):
        ...     begin_step(["reading", "writing"], "writing")
        step 2 of 2: writing
    """
    if (watch := _watch.get()) is not None:
        watch.begin(Step(name, steps.index(name) + 1, len(steps)))


def follow_engine(spark: Any) -> None:
    """Have a session of Spark Connect report how far its jobs have come, if anybody watches."""
    if (watch := _watch.get()) is not None:
        spark.registerProgressHandler(watch.follow)
