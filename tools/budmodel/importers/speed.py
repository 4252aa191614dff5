"""What the tools that load a server have in common: the rows of latency and throughput."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from budmodel.importers.interface import NotResultsError, Row, Unit
from budmodel.importers.values import number

Settings = Mapping[str, str | bool | int | float]


def percentiles(
    benchmark: str,
    label: str,
    p50: Any,
    p99: Any,
    settings: Settings,
    samples: int | None,
    *,
    unit: Unit = "ms",
) -> Iterator[Row]:
    """The rows of a latency, where the file has both or one of its percentiles.

    Raises:
        NotResultsError: the median lies above the 99th percentile, or one is negative: no time is.
    """
    median, tail = number(p50), number(p99)
    if any(value is not None and value < 0 for value in (median, tail)):
        raise NotResultsError(f"{label} is negative in it, which no time is; the run is damaged")
    if median is not None and tail is not None and median > tail:
        raise NotResultsError(
            f"the median of {label}, {median:g}, lies above its 99th percentile, {tail:g}: the run is damaged"
        )
    for metric, value in (("p50_ms", median), ("p99_ms", tail)):
        if value is not None:
            yield Row(
                task=label,
                benchmark=benchmark,
                metric=metric,
                value=value,
                unit=unit,
                samples=samples,
                settings=settings,
            )


def throughput(label: str, value: Any, settings: Settings, samples: int | None) -> Iterator[Row]:
    """The row of the generated tokens in a second; zero means that nothing was generated."""
    real = number(value)
    if real is not None and real > 0:
        yield Row(
            task=label,
            benchmark="throughput",
            metric="tokens_per_second",
            value=real,
            unit="tokens/s",
            samples=samples,
            settings=settings,
        )


def failed(settings: dict[str, str | bool | int | float], failures: int | None) -> None:
    """Failed requests are part of a result: a server that refuses is fast."""
    if failures:
        settings["failed_requests"] = failures
