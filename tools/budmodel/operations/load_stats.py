"""What the answers of a load amount to: percentiles with their number of samples, throughput, failures.

A percentile is interpolated linearly between the two nearest samples (type 7 of Hyndman and Fan, "Sample
Quantiles in Statistical Packages", 1996), as NumPy and the load tools do. The 99th needs 100 samples: of
fewer, less than one lies beyond it, and the number would be that of the worst request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from budmodel.importers import speed
from budmodel.importers.interface import Row
from budmodel.operations.load_client import Answer
from budmodel.operations.load_run import Run

SAMPLES_FOR_P99 = 100
LATE = 0.010
"""Seconds: beyond this the measuring process itself is part of what is measured."""
_LABELS = {
    "inference_latency": "latency",
    "time_to_first_token": "time to first token",
    "inter_token_latency": "inter-token latency",
    "time_per_output_token": "time per output token",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Percentiles in milliseconds."""

    samples: int
    p50: float
    p99: float | None
    """None where there are too few samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A load in numbers."""

    run: Run
    answered: int
    failures: Mapping[str, int]
    """Failed requests by reason."""
    tokens_per_second: float | None
    """Generated tokens of all answers, in a second of the whole time from the first request to the last
    answer."""
    uncounted: int
    """Answers of which the server did not count the tokens: their pieces of text were counted."""
    spreads: Mapping[str, Spread]
    """By the benchmark's id."""

    @property
    def failed(self) -> int:
        """How many requests failed."""
        return sum(self.failures.values())


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) of ordered samples lies; there is at least one sample."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    between = ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    # Rounding must not carry the result beyond its neighbours: P50 ≤ P99 holds to the last digit.
    return min(max(between, ordered[low]), ordered[high])


def spread(seconds: Iterable[float]) -> Spread | None:
    """Percentiles of times in seconds; None where there are none."""
    ordered = sorted(seconds)
    if not ordered:
        return None
    enough = len(ordered) >= SAMPLES_FOR_P99
    return Spread(
        samples=len(ordered),
        p50=_ms(percentile(ordered, 0.5)),
        p99=_ms(percentile(ordered, 0.99)) if enough else None,
    )


def summarise(run: Run) -> Measured:
    """The numbers of one load. Failed requests are counted, and no part of any time."""
    good = [answer for answer in run.answers if not answer.failure]
    times: dict[str, Iterable[float]] = {
        "inference_latency": (answer.ended - answer.intended for answer in good),
        "time_to_first_token": (
            answer.first - answer.intended for answer in good if answer.first is not None
        ),
        "inter_token_latency": chain.from_iterable(answer.gaps for answer in good),
        "time_per_output_token": (
            (answer.last - answer.first) / (answer.generated - 1)
            for answer in good
            if answer.first is not None and answer.generated > 1 and answer.pieces > 1
        ),
    }
    spreads = {name: found for name, values in times.items() if (found := spread(values)) is not None}
    return Measured(
        run=run,
        answered=len(good),
        failures=dict(Counter(answer.failure for answer in run.answers if answer.failure).most_common()),
        tokens_per_second=_throughput(run.answers, good),
        uncounted=sum(answer.tokens is None for answer in good),
        spreads=spreads,
    )


def rows(measured: Measured, settings: Mapping[str, str | bool | int | float]) -> Iterator[Row]:
    """The rows of one load, under the settings of the whole run and its own."""
    own = {**settings, **measured.run.load.settings}
    if measured.uncounted:
        own["tokens_counted"] = "pieces" if measured.uncounted == measured.answered else "partly pieces"
    speed.failed(own, measured.failed)
    yield from speed.throughput("throughput", measured.tokens_per_second, own, measured.answered)
    for benchmark, found in measured.spreads.items():
        yield from speed.percentiles(benchmark, _LABELS[benchmark], found.p50, found.p99, own, found.samples)


def remarks(measured: Measured) -> Iterator[str]:
    """What a reader of the numbers must know, a sentence each."""
    label, total = measured.run.load.label, len(measured.run.answers)
    if measured.failures:
        why = ", ".join(f"{count} × {reason}" for reason, count in list(measured.failures.items())[:4])
        yield f"{label}: {measured.failed} of {total} requests failed ({why})"
    few: dict[int, list[str]] = {}
    for benchmark, found in measured.spreads.items():
        if found.p99 is None:
            few.setdefault(found.samples, []).append(_LABELS[benchmark])
    for samples, names in few.items():
        yield (
            f"{label}: P99 of {', '.join(names)} is not recorded: it needs {SAMPLES_FOR_P99} samples, "
            f"and there are {samples}"
        )
    if measured.uncounted:
        yield (
            f"{label}: the server did not count the tokens of {measured.uncounted} of {measured.answered} "
            "answers; their pieces of text were counted instead"
        )
    yield from _pieces(measured)
    late = sorted(measured.run.lateness)
    if late and (tail := percentile(late, 0.99)) > LATE:
        yield (
            f"{label}: this machine itself was up to {_ms(tail):.0f} ms late (P99); measure from an idle "
            "one, or with less load"
        )
    if measured.run.load.duration is not None and total >= measured.run.load.most:
        yield f"{label}: ended after {total} requests, the most that are kept"


def _pieces(measured: Measured) -> Iterator[str]:
    """Where several tokens come at once, what lies between two pieces is not what lies between two tokens."""
    good = [a for a in measured.run.answers if not a.failure and a.tokens is not None]
    tokens, pieces = sum(a.generated for a in good), sum(a.pieces for a in good)
    if pieces and tokens > 1.1 * pieces:
        yield (
            f"{measured.run.load.label}: the server sends {tokens / pieces:.1f} tokens at once; inter-token "
            "latency is the time between two pieces"
        )


def _throughput(answers: Sequence[Answer], good: Sequence[Answer]) -> float | None:
    if not good:
        return None
    # Failed requests take time as well; what they generated counts for nothing.
    seconds = max(answer.ended for answer in answers) - min(answer.intended for answer in answers)
    return round(sum(answer.generated for answer in good) / seconds, 4) if seconds > 0 else None


def _ms(seconds: float) -> float:
    """Milliseconds, to the microsecond."""
    return round(seconds * 1000, 3)
