"""Puts a load on an endpoint: workers of a closed loop, or the schedule of an open one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

from budmodel.errors import OutsideError
from budmodel.operations.load_client import Answer, LoadClient
from budmodel.operations.load_plan import MAX_CONCURRENCY, Load

Watch = Callable[[str, int, int, float], None]
"""Told after every answer: the load's label, the answers, how many of them failed, and the share that is
done, from 0 to 1."""
HOPELESS = 100
"""So many failures one after the other end a run: the endpoint is gone."""
_BEAT = 0.02
"""Seconds between two looks at whether this process itself is late."""
_MOST_BEATS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A load and all that came of it."""

    load: Load
    answers: tuple[Answer, ...]
    lateness: tuple[float, ...]
    """Seconds by which this process woke up late, again and again during the run."""


class _Log:
    """The answers of a load as they come."""

    def __init__(self, load: Load, watch: Watch) -> None:
        self.answers: list[Answer] = []
        self.failed = self.in_a_row = self.begun = 0
        self.last_failure = ""
        self.hopeless = False
        """Whether so many failed in a row that no more are sent; a late answer changes nothing."""
        self.start = perf_counter()
        self._load, self._watch = load, watch

    def more(self) -> bool:
        """Whether another request begins; it is counted at once."""
        if self.hopeless or not self._load.wanted(self.begun, perf_counter() - self.start):
            return False
        self.begun += 1
        return True

    def add(self, answer: Answer) -> None:
        self.answers.append(answer)
        self.failed += bool(answer.failure)
        self.last_failure = answer.failure or self.last_failure
        self.in_a_row = self.in_a_row + 1 if answer.failure else 0
        self.hopeless = self.hopeless or self.in_a_row >= HOPELESS
        load = self._load
        if load.duration is not None:
            share = (perf_counter() - self.start) / load.duration
        else:
            share = len(self.answers) / (load.requests or 1)
        self._watch(load.label, len(self.answers), self.failed, min(1.0, share))


async def run_load(client: LoadClient, load: Load, prompts: Sequence[str], watch: Watch) -> Run:
    """Warms up, then measures one load.

    Raises:
        OutsideError: so many requests failed one after the other that the endpoint must be gone.
    """
    await _warm_up(client, load, prompts)
    log = _Log(load, watch)
    async with _beating() as lateness:
        if load.rate is None:
            async with asyncio.TaskGroup() as group:
                for _ in range(load.concurrency or 1):
                    group.create_task(_worker(client, log, prompts))
        else:
            await _open_loop(client, load, log, prompts)
    if log.hopeless:
        raise OutsideError(
            f"{client.endpoint.host}: {HOPELESS} requests failed one after the other "
            f"({log.last_failure}); nothing was recorded, look at the server and try again"
        )
    return Run(load=load, answers=tuple(log.answers), lateness=tuple(lateness))


async def _worker(client: LoadClient, log: _Log, prompts: Sequence[str]) -> None:
    while log.more():
        log.add(await client.ask(prompts[(log.begun - 1) % len(prompts)]))


async def _open_loop(client: LoadClient, load: Load, log: _Log, prompts: Sequence[str]) -> None:
    """Sends on schedule. Where too many are open a request waits, but its clock runs since it was due."""
    room = asyncio.Semaphore(MAX_CONCURRENCY)

    async def one(prompt: str, due: float) -> None:
        try:
            log.add(await client.ask(prompt, due))
        finally:
            room.release()

    async with asyncio.TaskGroup() as group:
        for index, offset in enumerate(load.offsets()):
            due = log.start + offset
            await asyncio.sleep(max(0.0, due - perf_counter()))
            await room.acquire()
            if log.hopeless:
                room.release()
                break
            group.create_task(one(prompts[index % len(prompts)], due))


async def _warm_up(client: LoadClient, load: Load, prompts: Sequence[str]) -> None:
    left = list(range(load.warmup))

    async def worker() -> None:
        while left:
            # From the end, so that the first measured prompts are not those that were just seen.
            await client.ask(prompts[-1 - left.pop() % len(prompts)])

    async with asyncio.TaskGroup() as group:
        for _ in range(min(load.warmup, load.concurrency or 16)):
            group.create_task(worker())


@asynccontextmanager
async def _beating() -> AsyncIterator[list[float]]:
    """Keeps how late this process wakes up: where it is late itself, it blames the server."""
    late: list[float] = []

    async def beat() -> None:
        while True:
            due = perf_counter() + _BEAT
            await asyncio.sleep(_BEAT)
            late.append(perf_counter() - due)
            del late[:-_MOST_BEATS]

    task = asyncio.create_task(beat())
    try:
        yield late
    finally:
        task.cancel()
