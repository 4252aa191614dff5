"""GuideLLM: ``benchmarks.json``, one benchmark for each rate or concurrency of a sweep.

Layout: https://github.com/vllm-project/guidellm (src/guidellm/benchmark); request latency is in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budmodel.importers import speed
from budmodel.importers.interface import NotResultsError, Parsed, ResultSet, Row, Unit
from budmodel.importers.values import count, day_of, names, number, rows, table, text

TOOL = "guidellm"
_LATENCIES: tuple[tuple[str, str, str, Unit], ...] = (
    ("inference_latency", "request_latency", "request latency", "s"),
    ("time_to_first_token", "time_to_first_token_ms", "time to first token", "ms"),
    ("inter_token_latency", "inter_token_latency_ms", "inter-token latency", "ms"),
    ("time_per_output_token", "time_per_output_token_ms", "time per output token", "ms"),
)


def recognises(data: Any) -> bool:
    """Whether it has ``benchmarks`` with ``metrics``."""
    found = [table(one) for one in rows(table(data).get("benchmarks"))[:20]]
    return bool(found) and all("request_latency" in table(one.get("metrics")) for one in found)


def parse(data: Any) -> Parsed:
    """One set for each benchmark of the file."""
    found = table(data)
    notes: list[str] = []
    sets = [_benchmark(found, table(one), notes) for one in rows(found.get("benchmarks"))[:1000]]
    kept = tuple(one for one in sets if one is not None)
    if not kept:
        raise NotResultsError("no request of the run was answered, so there is nothing to record")
    return Parsed(
        tool="guidellm",
        tool_version=text(table(found.get("metadata")).get("guidellm_version")),
        sets=kept,
        notes=tuple(notes),
    )


def _benchmark(found: Mapping[str, Any], one: Mapping[str, Any], notes: list[str]) -> ResultSet | None:
    metrics, config = table(one.get("metrics")), table(one.get("config"))
    settings, label = _settings(found, one)
    totals = table(metrics.get("request_totals"))
    done, failures = count(totals.get("successful")), count(totals.get("errored"))
    if done == 0:
        notes.append(f"{label}: no request was answered, so it was left out")
        return None
    speed.failed(settings, failures)
    if failures:
        notes.append(f"{label}: {failures} of {failures + (done or 0)} requests failed")
    produced: list[Row] = [
        *speed.throughput(
            "output tokens per second",
            _successful(metrics, "output_tokens_per_second").get("mean"),
            settings,
            done,
        )
    ]
    for benchmark, key, name, unit in _LATENCIES:
        said = _successful(metrics, key)
        tail = table(said.get("percentiles"))
        median = said.get("median", tail.get("p50"))
        samples = count(said.get("count"))
        if samples == 0:
            continue
        produced += speed.percentiles(
            benchmark, name, median, tail.get("p99"), settings, samples or done, unit=unit
        )
    if not produced:
        return None
    arguments = table(found.get("args"))
    backend = table(config.get("backend"))
    return ResultSet(
        models=names(
            arguments.get("model"), backend.get("model"), table(one.get("worker")).get("backend_model")
        ),
        rows=tuple(produced),
        date=day_of(one.get("start_time")) or day_of(table(one.get("scheduler_state")).get("start_time")),
    )


def _successful(metrics: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    said = table(metrics.get(key))
    return table(said.get("successful")) or said


def _settings(
    found: Mapping[str, Any], one: Mapping[str, Any]
) -> tuple[dict[str, str | bool | int | float], str]:
    config, arguments = table(one.get("config")), table(found.get("args"))
    strategy = table(config.get("strategy")) or table(table(one.get("args")).get("strategy"))
    settings: dict[str, str | bool | int | float] = {}
    profile = text(strategy.get("type_"))
    if profile is not None:
        settings["profile"] = profile
    streams = count(strategy.get("streams"))
    concurrency = streams if streams is not None else count(strategy.get("max_concurrency"))
    if concurrency is not None:
        settings["concurrency"] = concurrency
    rate = number(strategy.get("rate"))
    if rate is not None:
        settings["request_rate"] = rate
    data = [text(item) for item in rows(arguments.get("data"))]
    if data and data[0]:
        settings["dataset"] = data[0].rsplit("/", 1)[-1][:100]
    tokens = _successful(table(one.get("metrics")), "output_token_count")
    if number(tokens.get("std_dev")) == 0 and (length := count(tokens.get("mean"))):
        settings["output_tokens"] = length
    return settings, f"{profile or 'a benchmark'}{f' {rate:g}' if rate is not None else ''}"
