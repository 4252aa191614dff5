"""When requests are sent: closed loop (so many at once) or open loop (so many in a second)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from budmodel.errors import UsageError

Arrivals = Literal["poisson", "constant"]
MAX_CONCURRENCY = 512
"""Most requests at once, in a closed and in an open loop: each takes a file descriptor."""
MAX_TOKENS_HELD = 5_000_000
"""Most tokens whose times one load keeps: 8 bytes each, and four times as much to sort them."""
MAX_REQUESTS = 50_000
USUAL_REQUESTS = 120
"""A 99th percentile needs 100 answers; a few requests may fail."""
SEED = 20260101
"""Poisson arrivals are the same in every run, so that two runs differ by the server alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One level of load: either ``concurrency`` or ``rate``, either ``requests`` or ``duration``."""

    warmup: int
    """Requests before the clock counts."""
    most: int
    """Requests that are never exceeded."""
    concurrency: int | None = None
    rate: float | None = None
    """Requests in a second."""
    arrivals: Arrivals = "poisson"
    requests: int | None = None
    duration: float | None = None
    """Seconds in which requests begin; those that run then are waited for and counted."""

    @property
    def label(self) -> str:
        """For people: ``4 at once``, ``10 a second (poisson)``."""
        if self.rate is not None:
            return f"{self.rate:g} a second ({self.arrivals})"
        return f"{self.concurrency} at once"

    @property
    def settings(self) -> dict[str, str | bool | int | float]:
        """The settings of its results; the words are those of GuideLLM's profiles."""
        found: dict[str, str | bool | int | float] = {}
        if self.requests is not None:
            found["num_prompts"] = self.requests
        if self.duration is not None:
            found["duration_s"] = self.duration
        if self.rate is not None:
            return {**found, "profile": self.arrivals, "request_rate": self.rate}
        return {**found, "profile": "concurrent", "concurrency": self.concurrency or 1}

    def wanted(self, begun: int, elapsed: float) -> bool:
        """Whether another request begins, after so many requests and seconds."""
        if begun >= self.most:
            return False
        return elapsed < self.duration if self.duration is not None else begun < (self.requests or 0)

    def offsets(self) -> Iterator[float]:
        """Seconds after the start at which an open loop sends, whatever the server does."""
        generator = random.Random(SEED)  # noqa: S311 - arrivals, not secrets
        rate = self.rate or 1.0
        begun, offset = 0, 0.0
        while self.wanted(begun, offset):
            yield offset
            begun += 1
            offset = begun / rate if self.arrivals == "constant" else offset + generator.expovariate(rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """What the user asks for; None means what is usual."""

    concurrency: tuple[int, ...] = ()
    rate: float | None = None
    arrivals: Arrivals = "poisson"
    requests: int | None = None
    duration: float | None = None
    warmup: int | None = None
    max_tokens: int = 128


def plan_loads(options: LoadOptions) -> tuple[Load, ...]:
    """The levels of load, in the order in which they are measured.

    Raises:
        UsageError: the options contradict each other, or ask for more than can be kept.
    """
    if options.rate is not None and options.concurrency:
        raise UsageError(
            "--rate sends whatever is open and --concurrency keeps so many open; state one of them"
        )
    if options.requests is not None and options.duration is not None:
        raise UsageError("--requests and --duration both say when to stop; state one of them")
    requests = options.requests
    if requests is None and options.duration is None:
        requests = USUAL_REQUESTS
    most = min(MAX_REQUESTS, max(1, MAX_TOKENS_HELD // options.max_tokens))
    if requests is not None and requests > most:
        raise UsageError(
            f"--requests {requests} of --max-tokens {options.max_tokens} are more than can be kept; "
            f"state at most {most} requests"
        )
    levels = [None] if options.rate is not None else list(dict.fromkeys(options.concurrency or (1,)))
    return tuple(
        Load(
            concurrency=level,
            rate=options.rate,
            arrivals=options.arrivals,
            requests=requests,
            duration=options.duration,
            warmup=options.warmup if options.warmup is not None else level or 1,
            most=most,
        )
        for level in levels
    )
