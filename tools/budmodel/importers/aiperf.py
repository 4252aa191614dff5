"""AIPerf, and GenAI-Perf before it: ``profile_export_aiperf.json``, ``profile_export_genai_perf.json``.

Layout: https://github.com/ai-dynamo/aiperf (docs/metrics_reference.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budmodel.importers import speed
from budmodel.importers.interface import NotResultsError, Parsed, ResultSet, Row, Unit
from budmodel.importers.values import count, day_of, names, number, rows, table, text

TOOL = "aiperf"
_LATENCIES = (
    ("inference_latency", "request_latency", "request latency"),
    ("time_to_first_token", "time_to_first_token", "time to first token"),
    ("inter_token_latency", "inter_token_latency", "inter-token latency"),
)
_UNITS: Mapping[str, Unit] = {"ms": "ms", "milliseconds": "ms", "sec": "s", "s": "s", "seconds": "s"}


def recognises(data: Any) -> bool:
    """Whether it has a request latency with a unit, and what was asked for."""
    found = table(data)
    latency = table(found.get("request_latency"))
    return "unit" in latency and ("input_config" in found or "aiperf_version" in found)


def parse(data: Any) -> Parsed:
    """The one run of the file."""
    found = table(data)
    done = count(table(found.get("request_count")).get("avg"))
    latency_samples = count(table(found.get("request_latency")).get("count"))
    done = done if done is not None else latency_samples
    if done == 0:
        raise NotResultsError("no request of the run was answered, so there is nothing to record")
    settings = _settings(found, done)
    notes = []
    failures = count(table(found.get("error_request_count")).get("avg"))
    if failures is None:
        failures = sum(count(table(item).get("count")) or 0 for item in rows(found.get("error_summary")))
    speed.failed(settings, failures)
    if failures:
        notes.append(f"{failures} of {failures + (done or 0)} requests failed")
    if found.get("was_cancelled") is True:
        settings["cancelled"] = True
        notes.append("the run was cancelled before its end")
    produced: list[Row] = []
    total = table(found.get("output_token_throughput"))
    produced += speed.throughput("output token throughput", total.get("avg"), settings, done)
    for benchmark, key, label in _LATENCIES:
        said = table(found.get(key))
        unit = _UNITS.get(str(said.get("unit")))
        if unit is None:
            if said:
                notes.append(f"{label} is in {said.get('unit')!r}, which is no unit of time"[:300])
            continue
        samples = count(said.get("count")) or done
        produced += speed.percentiles(
            benchmark, label, said.get("p50"), said.get("p99"), settings, samples, unit=unit
        )
    if not produced:
        raise NotResultsError("the run holds neither a throughput nor a latency")
    config = table(found.get("input_config"))
    return Parsed(
        tool="aiperf",
        tool_version=text(found.get("aiperf_version")),
        sets=(ResultSet(models=_models(config), rows=tuple(produced), date=day_of(found.get("start_time"))),),
        notes=tuple(notes),
    )


def _models(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that were asked for, and the tokenizer's: the served name may be an alias."""
    models = config.get("models")
    listed = rows(table(models).get("items")) or rows(models)
    tokenizer = table(config.get("tokenizer"))
    older = table(config.get("endpoint"))
    return names(
        *(table(item).get("name") if isinstance(item, Mapping) else item for item in listed),
        *rows(config.get("model_names")),
        *rows(older.get("model_names")),
        tokenizer.get("name"),
    )


def _settings(found: Mapping[str, Any], done: int | None) -> dict[str, str | bool | int | float]:
    config = table(found.get("input_config"))
    settings: dict[str, str | bool | int | float] = {}
    phases = [table(phase) for phase in rows(config.get("phases"))]
    measured = [phase for phase in phases if not phase.get("exclude_from_results")]
    load = measured[-1] if measured else table(config.get("loadgen"))
    concurrency = count(load.get("concurrency"))
    if concurrency is not None:
        settings["concurrency"] = concurrency
    for key in ("rate", "request_rate"):
        rate = number(load.get(key))
        if rate is not None:
            settings["request_rate"] = rate
    profile = text(load.get("type"))
    if profile is not None:
        settings["profile"] = profile
    if done is not None:
        settings["num_prompts"] = done
    return settings
