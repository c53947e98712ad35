"""Evaluates queries on a store in a folder, in a few processes that open it to read.

1. A query takes its turn (`turns`), and a process that has nothing to do (`workers`).
2. What the process writes is kept until it is sent (`spool`), so that a slow client does not keep the process.
3. At its time limit the process is ended, and with it the query: there is nothing in the engine that could prevent it.
   The same happens soon after the client has gone away. A new process takes the place at once.
4. Small answers are kept for the next who asks the same: data do not change while a store is open.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from glocal_rdf.errors import GlocalError, Problem, QueryError
from glocal_rdf.serve.sparql.counting import count_graphs
from glocal_rdf.serve.sparql.spool import Spool
from glocal_rdf.serve.sparql.store import Answer, GraphCounts, Query, RefusedError
from glocal_rdf.serve.sparql.turns import Turns
from glocal_rdf.serve.sparql.workers import EndedError, Worker
from glocal_rdf.sparql.literals.forms import Forms, forms_to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glocal_rdf.serve.parts import Limits

__all__ = ["StorePool"]

_GRACE: Final = 0.25
"""How many seconds a query has to end whose client has gone away: to start a process takes about as long."""

_KEPT_BYTES: Final = 16 << 20
_KEPT_ANSWER: Final = 64 << 10
"""How many bytes of answers are kept, and how many one has at most that is kept."""

_ALL_ROWS: Final = 1 << 60
_START: Final = 30.0
"""How many seconds a query waits for a process to start, where those that ran were ended."""

_AGAIN: Final = 1.0
"""After how many seconds a process is started again that could not be."""


class StorePool:
    """A store in a folder, and the processes that evaluate queries on it; a `Store`."""

    def __init__(
        self,
        folder: Path,
        forms: Forms,
        *,
        graphs: Sequence[str],
        prefixes: Mapping[str, str],
        limits: Limits,
        count: Callable[[], Sequence[GraphCounts]] | None = None,
    ) -> None:
        """Keep what is needed; processes are started with `open`, or with the first query.

        Args:
            folder: The folder of the store.
            forms: The forms of its literals, as `StoreWriter` found them.
            graphs: The IRIs of its named graphs.
            prefixes: Namespaces by prefix that a query need not declare.
            limits: What queries may take.
            count: Counts what the graphs have; called in another thread, once. By default the store is asked.
        """
        self._setup: dict[str, Any] = {
            "folder": str(folder),
            "forms": forms_to_json(forms),
            "graphs": sorted(graphs),
            "prefixes": dict(prefixes),
            "memory": limits.worker_memory,
        }
        self._limits = limits
        self._count = count
        self._counted: asyncio.Future[Sequence[GraphCounts]] | None = None
        self._turns = Turns(limits.concurrency, waiting=limits.waiting, share=limits.share, patience=limits.timeout)
        self._workers: set[Worker] = set()
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runs: set[_Run] = set()
        self._opened = False
        self._closed = False
        self._answers = _Answers()

    @property
    def pids(self) -> tuple[int, ...]:
        """The numbers of the processes."""
        return tuple(sorted(worker.pid for worker in self._workers))

    async def open(self) -> None:
        """Start the processes, and wait for the first of them.

        Raises:
            QueryError: Where none can be started, or the store cannot be opened.
        """
        if self._opened:
            return
        self._opened = True
        try:
            await self._start()
        except BaseException:
            self._opened = False
            raise
        for _ in range(self._limits.concurrency - 1):
            self._do(self._start_again())

    def warm(self) -> None:
        """Start the processes meanwhile, so that the first query need not wait; what fails is reported to that."""

        async def open_quietly() -> None:
            with suppress(QueryError):
                await self.open()

        self._do(open_quietly())

    async def _start(self) -> None:
        worker = Worker(self._lose)
        self._workers.add(worker)
        try:
            await worker.open(self._setup)
        except BaseException:
            self._workers.discard(worker)
            worker.kill()
            self._do(worker.wait())
            raise
        self._idle.put_nowait(worker)

    async def _start_again(self) -> None:
        while not self._closed:
            try:
                await self._start()
            except QueryError:
                await asyncio.sleep(_AGAIN)
            else:
                return

    def _do(self, job: Any) -> None:
        task = asyncio.get_running_loop().create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _lose(self, worker: Worker) -> None:
        """Start a process in the place of one that has ended."""
        if worker in self._workers:
            self._workers.discard(worker)
            self._do(worker.wait())
            if not self._closed:
                self._do(self._start_again())

    async def evaluate(self, query: Query) -> Answer:
        """Evaluate a query, as `Store` says."""
        if self._closed:
            raise RefusedError.on(503, "came while the store was closed", "try again", retry_after=1)
        request = self._request(query)
        key = (query.text, *map(str, request.values()))
        if (kept := self._answers.find(key)) is not None:
            return kept
        await self.open()
        await self._turns.take(query.client)
        run = _Run(request, query.text, self._find_limit(query))
        self._runs.add(run)
        self._do(self._evaluate(run, query.client))
        try:
            await run.begun.wait()
        except asyncio.CancelledError:
            run.leave()
            raise
        if run.error is not None and not run.about:
            raise run.error
        answer = run.make_answer()
        if run.whole is not None:
            self._answers.keep(key, answer, run.whole)
        return answer

    def _request(self, query: Query) -> dict[str, Any]:
        return {
            "do": "query",
            "results": query.results,
            "truth": query.truth,
            "graph": query.graph,
            "default": list(query.default_graphs),
            "named": list(query.named_graphs),
            "prefixes": dict(query.prefixes),
            "base": query.base,
            "rows": _ALL_ROWS if query.whole_graph else self._limits.rows,
            "size": self._limits.answer_bytes,
        }

    def _find_limit(self, query: Query) -> float:
        return self._limits.timeout if query.limit is None else min(query.limit, self._limits.timeout)

    async def _evaluate(self, run: _Run, client: str) -> None:
        """Have a query evaluated, and give its place to the next."""
        try:
            await run.evaluate(self._take_worker, self._give_back)
        finally:
            self._runs.discard(run)
            self._turns.give_back(client)

    async def _take_worker(self) -> Worker:
        while (worker := await self._idle.get()) not in self._workers or worker.has_ended:
            continue
        return worker

    def _give_back(self, worker: Worker) -> None:
        if worker in self._workers:
            self._idle.put_nowait(worker)

    async def list_graphs(self) -> Sequence[str]:
        """Return the IRIs of the named graphs."""
        return tuple(self._setup["graphs"])

    async def count(self) -> Sequence[GraphCounts]:
        """Count what the graphs have, the first time that somebody asks."""
        if self._counted is None:
            counting = count_graphs(self) if self._count is None else asyncio.to_thread(self._count)
            self._counted = asyncio.ensure_future(counting)
        try:
            return await asyncio.shield(self._counted)
        except GlocalError as error:
            self._counted = None
            raise RefusedError.on(500, "cannot be answered: the graph cannot be counted", "build it again") from error

    async def close(self) -> None:
        """Take no more queries, and end the processes when those that are evaluated have been answered."""
        self._closed = True
        while self._runs:
            await asyncio.gather(*(run.ended.wait() for run in self._runs))
            await asyncio.sleep(0)
        workers, self._workers = self._workers, set()
        for worker in workers:
            worker.kill()
        await asyncio.gather(*(worker.wait() for worker in workers))
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class _Run:
    """One query on its way, and what became of it."""

    def __init__(self, request: Mapping[str, Any], text: str, limit: float) -> None:
        # `begun` when the first part of the answer is there, or an error; `ended` when the query is.
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()
        self.about: dict[str, Any] = {}
        self.whole: bytes | None = None
        self.error: RefusedError | QueryError | None = None
        self._request = request
        self._text = text
        self._limit = limit
        self._spool: Spool | None = None
        self._worker: Worker | None = None
        self._why: RefusedError | None = None
        self._clock: asyncio.TimerHandle | None = None

    def make_answer(self) -> Answer:
        """Return the answer, the rest of which may come later."""
        parts = _single(self.whole) if self.whole is not None else self._open_spool()
        about = {name: self.about[name] for name in ("form", "format", "volatile")}
        return Answer(**about, parts=parts, whole=self.whole is not None)

    def _open_spool(self) -> Spool:
        if self._spool is None:
            self._spool = Spool(self.leave)
        return self._spool

    def leave(self) -> None:
        """End the query soon: nobody waits for the answer any more."""
        if not self.ended.is_set():
            why = RefusedError.on(503, "was left", "", retry_after=1)
            asyncio.get_running_loop().call_later(_GRACE, self._end, why)

    def _end(self, why: RefusedError) -> None:
        """End the process that evaluates the query, if it still does."""
        if not self.ended.is_set():
            self._why = self._why or why
            if self._worker is not None:
                self._worker.kill()

    async def evaluate(self, take: Callable[[], Any], give_back: Callable[[Worker], None]) -> None:
        """Have the query evaluated by a process, and once more by another if the first was ended by somebody else.

        Args:
            take: Waits for a process.
            give_back: Takes it back, if it still runs.
        """
        try:
            for last in (False, True):
                async with asyncio.timeout(_START):
                    worker = await take()
                if await self._try(worker, give_back, last=last):
                    break
        except TimeoutError:
            self._fail(RefusedError.on(503, "cannot be evaluated now", "try again", retry_after=5))
        finally:
            if self._clock is not None:
                self._clock.cancel()
            self._worker = None
            self.ended.set()
            if not self.begun.is_set():
                self._fail(RefusedError.on(503, "was not answered", "try again", retry_after=1))

    async def _try(self, worker: Worker, give_back: Callable[[Worker], None], *, last: bool) -> bool:
        """Have a process evaluate the query; return whether that is all that can be done."""
        self._worker = worker
        if self._why is not None:
            give_back(worker)
            self._fail(self._why)
            return True
        if self._clock is None:
            late = f"took longer than {self._limit:g} seconds"
            why = RefusedError.on(503, late, "make it simpler, or ask for less", retry_after=max(1, round(self._limit)))
            self._clock = asyncio.get_running_loop().call_later(self._limit, self._end, why)
        try:
            await self._receive(worker)
        except EndedError:
            code = await worker.wait()
            if self._why is None and code == -9 and not self.about and not last:
                return False
            self._fail(self._why or _explain_end(code))
        else:
            give_back(worker)
        return True

    async def _receive(self, worker: Worker) -> None:
        """Take what a process writes until the answer is whole, or it fails."""
        worker.send(self._request, self._text.encode(errors="surrogatepass"))
        while True:
            reply, data = await worker.receive()
            if reply["state"] == "failed":
                problems = [Problem(*problem) for problem in reply["problems"]]
                if reply["status"] == 400:
                    self._fail(QueryError.of(problems))
                else:
                    error = RefusedError.of(problems)
                    error.status, error.retry_after = reply["status"], int(reply["status"] == 503)
                    self._fail(error)
                return
            first = not self.about
            if first:
                self.about = reply
            if first and reply["state"] == "done":
                self.whole = data
            else:
                try:
                    self._open_spool().add(data)
                except OSError:
                    full = RefusedError.on(503, "has an answer that there is no room for", "", retry_after=60)
                    self._end(full)
            if reply["state"] == "done":
                if self._spool is not None:
                    self._spool.finish()
                self.begun.set()
                return
            self.begun.set()

    def _fail(self, error: RefusedError | QueryError) -> None:
        self.error = error
        if self._spool is not None:
            self._spool.finish(error)
        self.begun.set()


async def _single(part: bytes) -> Any:
    yield part


def _explain_end(code: int) -> RefusedError:
    if code == -9:
        return RefusedError.on(503, "was not answered: its process was ended", "try again", retry_after=1)
    what = "takes too much memory, or is nested too deeply"
    return RefusedError.on(503, what, "make it simpler, or ask for less", retry_after=60)


class _Answers:
    """Small answers by query, those that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], tuple[dict[str, Any], bytes]] = OrderedDict()
        self._size = 0

    def find(self, key: tuple[str, ...]) -> Answer | None:
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        about, data = found
        return Answer(**about, parts=_single(data), whole=True)

    def keep(self, key: tuple[str, ...], answer: Answer, data: bytes) -> None:
        size = len(data) + sum(map(len, key))
        if answer.volatile or size > _KEPT_ANSWER or key in self._kept:
            return
        about = {name: value for name, value in vars(answer).items() if name not in {"parts", "whole"}}
        self._kept[key] = about, data
        self._size += size
        while self._size > _KEPT_BYTES:
            old, (_, lost) = self._kept.popitem(last=False)
            self._size -= len(lost) + sum(map(len, old))
