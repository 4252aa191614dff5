"""vLLM: what ``vllm bench serve`` (once benchmark_serving.py) saves, one run or the list of a sweep.

Layout: https://github.com/vllm-project/vllm (vllm/benchmarks/serve.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budmodel.importers import speed
from budmodel.importers.interface import NotResultsError, Parsed, ResultSet, Row
from budmodel.importers.values import count, day_of, names, number, rows, table, text

TOOL = "vllm"
_LATENCIES = (
    ("inference_latency", ("e2el", "latency"), "end-to-end latency"),
    ("time_to_first_token", ("ttft",), "time to first token"),
    ("inter_token_latency", ("itl",), "inter-token latency"),
    ("time_per_output_token", ("tpot",), "time per output token"),
)


def recognises(data: Any) -> bool:
    """Whether it is a run, or a list of runs."""
    runs = data if isinstance(data, list) else [data]
    return bool(runs) and all(_is_run(table(run)) for run in runs[:100])


def _is_run(run: Mapping[str, Any]) -> bool:
    return "completed" in run and "output_throughput" in run and "request_throughput" in run


def parse(data: Any) -> Parsed:
    """One set for each run."""
    notes: list[str] = []
    runs = rows(data) if isinstance(data, list) else [data]
    if len(runs) > 1000:
        raise NotResultsError("it holds more than 1,000 runs; import a part of it")
    sets = [_run(table(run), notes) for run in runs]
    return Parsed(tool="vllm", tool_version=None, sets=tuple(sets), notes=tuple(notes))


def _run(run: Mapping[str, Any], notes: list[str]) -> ResultSet:
    done, asked = count(run.get("completed")), count(run.get("num_prompts"))
    if not done:
        raise NotResultsError("no request of the run was answered, so there is nothing to record")
    failures = count(run.get("failed"))
    if failures is None and asked is not None:
        failures = max(0, asked - done)
    settings = _settings(run, asked)
    speed.failed(settings, failures)
    if failures:
        notes.append(f"{failures} of {asked if asked is not None else done + failures} requests failed")
    found: list[Row] = [*speed.throughput("output throughput", run["output_throughput"], settings, done)]
    for benchmark, keys, label in _LATENCIES:
        for key in keys:
            median = run.get(f"median_{key}_ms", run.get(f"p50_{key}_ms"))
            samples = done if benchmark in ("inference_latency", "time_to_first_token") else None
            latency = list(
                speed.percentiles(benchmark, label, median, run.get(f"p99_{key}_ms"), settings, samples)
            )
            found += latency
            if latency:
                break
    if not found:
        raise NotResultsError("the run holds neither a throughput nor a latency")
    backend = text(run.get("backend")) or text(run.get("endpoint_type"))
    return ResultSet(
        models=names(run.get("model_id"), run.get("model"), run.get("tokenizer_id")),
        rows=tuple(found),
        date=day_of(run.get("date")),
        # "openai" says only how the server was spoken to.
        engine=backend if backend in ("vllm", "tgi", "sglang", "lmdeploy", "tensorrt-llm") else None,
    )


def _settings(run: Mapping[str, Any], asked: int | None) -> dict[str, str | bool | int | float]:
    settings: dict[str, str | bool | int | float] = {}
    if asked is not None:
        settings["num_prompts"] = asked
    rate = run.get("request_rate")
    real = number(rate)
    if real is not None:
        settings["request_rate"] = real
    elif rate in ("inf", "Infinity") or (isinstance(rate, float) and rate > 0):
        settings["request_rate"] = "inf"
    concurrency = count(run.get("max_concurrency"))
    if concurrency is not None:
        settings["concurrency"] = concurrency
    for key, name in (("dataset_name", "dataset"), ("tensor_parallel_size", "tensor_parallel")):
        said = run.get(key)
        if text(said) or count(said) is not None:
            settings[name] = text(said) or count(said) or 0
    burstiness = number(run.get("burstiness"))
    if burstiness is not None and burstiness != 1:
        settings["burstiness"] = burstiness
    for key in ("total_input_tokens", "total_output_tokens"):
        tokens = count(run.get(key))
        if tokens is not None:
            settings[key] = tokens
    return settings
