"""lm-evaluation-harness: ``results*.json``, from 0.2 (``"acc"``) to 0.4 (``"acc,none"``).

Layout: https://github.com/EleutherAI/lm-evaluation-harness (lm_eval/evaluator.py, lm_eval/loggers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from budmodel.importers.interface import MAX_ROWS, NotResultsError, Parsed, ResultSet, Row
from budmodel.importers.tasks import translated
from budmodel.importers.values import count, day_of, names, number, table, text

TOOL = "lm-eval"
_COUNTERS = frozenset(["alias", "name", "sample_len", "sample_count", "samples"])
_MODEL = re.compile(r"(?:^|,)\s*(?:pretrained|model|path|model_name)=([^,]+)")
# Not between 0 and 1, whatever the task: they are no accuracies.
_FREE = re.compile(
    r"(perplexity|bits_per_byte|likelihood|mae|mse|bleu|ter|chrf|rouge|loss|reward|brier|mcc)", re.IGNORECASE
)


def recognises(data: Any) -> bool:
    """Whether it has ``results`` by task beside ``versions``, ``configs`` or ``config``."""
    found = table(data)
    if not isinstance(found.get("results"), Mapping) or "config_general" in found:
        return False
    return any(isinstance(found.get(key), Mapping) for key in ("versions", "configs", "config"))


def parse(data: Any) -> Parsed:
    """All metrics of all tasks and groups."""
    found = table(data)
    notes: list[str] = []
    rows: list[Row] = []
    results = {**table(found.get("groups")), **table(found.get("results"))}
    for task, metrics in results.items():
        rows += _task(found, task, table(metrics), notes)
        if len(rows) > MAX_ROWS:
            raise NotResultsError(f"it holds more than {MAX_ROWS:,} results; import a part of it")
    if not rows:
        raise NotResultsError("it is of lm-evaluation-harness, but holds no number that is a result")
    return Parsed(
        tool="lm-evaluation-harness",
        tool_version=_version(found),
        sets=(
            ResultSet(models=_models(found), rows=tuple(rows), date=day_of(found.get("date"))),
        ),
        notes=tuple(notes),
    )  # fmt: skip


def _version(found: Mapping[str, Any]) -> str | None:
    version = text(found.get("lm_eval_version"))
    commit = text(found.get("git_hash"))
    return version or (f"git {commit}" if commit else None)


def _models(found: Mapping[str, Any]) -> tuple[str, ...]:
    config = table(found.get("config"))
    said = config.get("model_args")
    arguments = table(said)
    named = [arguments.get(key) for key in ("pretrained", "model", "path")]
    if isinstance(said, str):
        named += _MODEL.findall(said[:10_000])
    return names(found.get("model_name"), *named)


def _task(found: Mapping[str, Any], task: str, metrics: Mapping[str, Any], notes: list[str]) -> Iterator[Row]:
    settings, samples = _settings(found, task, metrics)
    for key, value in metrics.items():
        name, _, filter_ = key.partition(",")
        if key in _COUNTERS or name.endswith("_stderr") or isinstance(value, str | Mapping | list | None):
            continue
        real = number(value)
        if real is None:
            notes.append(f"{task}: {name} is not a number in the file ({value!r}), and was left out"[:300])
            continue
        benchmark, metric, keep = translated(task, name)
        own = dict(settings)
        if filter_ not in ("", "none", "get_response", "create_test"):
            own["filter"] = filter_[:100]
        if keep:
            own["task"] = task[:100]
        stderr = number(metrics.get(f"{name}_stderr,{filter_}" if filter_ else f"{name}_stderr"))
        yield Row(
            task=task,
            benchmark=benchmark,
            metric=metric,
            value=real,
            unit="score" if _FREE.search(name) else "share",
            stderr=stderr if stderr is None or stderr >= 0 else None,
            samples=samples,
            settings=own,
        )


def _settings(
    found: Mapping[str, Any], task: str, metrics: Mapping[str, Any]
) -> tuple[dict[str, str | bool | int | float], int | None]:
    config, own = table(found.get("config")), table(table(found.get("configs")).get(task))
    settings: dict[str, str | bool | int | float] = {}
    for said in (table(found.get("n-shot")).get(task), own.get("num_fewshot"), config.get("num_fewshot")):
        shots = count(said)
        if shots is not None:
            settings["num_fewshot"] = shots
            break
    settings["harness"] = "lm-eval"
    version = table(found.get("versions")).get(task)
    if number(version) is not None or (text(version) or "Yaml") not in ("Yaml", "N/A"):
        settings["task_version"] = str(version)[:40]
    # A part of the questions is another measurement, and so is another way to ask them.
    limit = number(config.get("limit"))
    if limit is not None:
        settings["limit"] = int(limit) if limit == int(limit) else limit
    if found.get("chat_template"):
        settings["chat_template"] = True
    if found.get("system_instruction"):
        settings["system_instruction"] = True
    effective = count(table(table(found.get("n-samples")).get(task)).get("effective"))
    return settings, effective if effective is not None else count(metrics.get("sample_len"))
