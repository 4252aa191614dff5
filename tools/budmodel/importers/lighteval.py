"""lighteval: ``results_<time>.json``. Tasks are ``suite|task|shots`` or ``task|shots``.

Layout: https://github.com/huggingface/lighteval (src/lighteval/logging/evaluation_tracker.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from budmodel.importers.interface import NotResultsError, Parsed, ResultSet, Row
from budmodel.importers.tasks import translated
from budmodel.importers.values import count, day_of, names, number, table, text

TOOL = "lighteval"
MMLU_SUBJECTS = 57
"""An average over fewer of them is no MMLU (https://arxiv.org/abs/2009.03300)."""


def recognises(data: Any) -> bool:
    """Whether it has ``config_general`` beside ``results``."""
    found = table(data)
    return isinstance(found.get("config_general"), Mapping) and isinstance(found.get("results"), Mapping)


def parse(data: Any) -> Parsed:
    """All metrics of all tasks; averages over all tasks are no results of a benchmark."""
    found = table(data)
    general = table(found.get("config_general"))
    notes: list[str] = []
    results = table(found.get("results"))
    rows = [row for key, metrics in results.items() for row in _task(found, key, table(metrics), notes)]
    if not rows:
        raise NotResultsError("it is of lighteval, but holds no number that is a result")
    version = text(general.get("lighteval_sha"))
    model = table(general.get("model_config"))
    return Parsed(
        tool="lighteval",
        tool_version=f"git {version}" if version and version != "?" else None,
        sets=(
            ResultSet(
                models=names(general.get("model_name"), model.get("model_name"), model.get("pretrained")),
                rows=tuple(rows),
                # start_time is a monotonic clock there; day_of takes it only where it is a date.
                date=day_of(general.get("start_time")),
            ),
        ),
        notes=tuple(notes),
    )


def _task(found: Mapping[str, Any], key: str, metrics: Mapping[str, Any], notes: list[str]) -> Iterator[Row]:
    task, shots = _names(key)
    if task == "all":
        return
    average = task.endswith(":_average")
    if average:
        group = task.removesuffix(":_average")
        parts = [other for other in table(found.get("results")) if _names(other)[0].startswith(f"{group}:")]
        if group == "mmlu" and len(parts) - 1 < MMLU_SUBJECTS:
            notes.append(
                f"{key} is an average over {len(parts) - 1} of {MMLU_SUBJECTS} subjects, which is no MMLU"
            )
            return
        task = group
    config = table(table(found.get("config_tasks")).get(key))
    for name, value in metrics.items():
        if name.endswith("_stderr"):
            continue
        real = number(value)
        if real is None:
            notes.append(f"{key}: {name} is not a number in the file, and was left out")
            continue
        benchmark, metric, keep = translated(task, name)
        settings: dict[str, str | bool | int | float] = {"harness": "lighteval"}
        if shots is not None:
            settings = {"num_fewshot": shots, **settings}
        version = number(config.get("version"))
        if version is not None:
            settings["task_version"] = str(config["version"])[:40]
        if keep:
            settings["task"] = task[:100]
        limit = count(table(found.get("config_general")).get("max_samples"))
        if limit is not None:
            settings["limit"] = limit
        stderr = number(metrics.get(f"{name}_stderr"))
        yield Row(
            task=key,
            benchmark=benchmark,
            metric=metric,
            value=real,
            unit="share" if metric.startswith(("acc", "f1", "exact", "pass", "mc2", "prompt")) else "score",
            stderr=stderr if stderr is None or stderr >= 0 else None,
            samples=count(config.get("effective_num_docs")),
            settings=settings,
        )


def _names(key: str) -> tuple[str, int | None]:
    """Task and shots: ``leaderboard|arc:challenge|25|0`` and ``mmlu:anatomy|5``."""
    parts = key.split("|")
    if len(parts) >= 3:
        return parts[1], _whole(parts[2])
    return parts[0], _whole(parts[1]) if len(parts) == 2 else None


def _whole(digits: str) -> int | None:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 5 else None
