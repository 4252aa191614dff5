"""Inspect AI: an evaluation log as JSON (``inspect log dump``).

Layout: https://github.com/UKGovernmentBEIS/inspect_ai (src/inspect_ai/log).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from budmodel.importers.interface import NotResultsError, Parsed, ResultSet, Row
from budmodel.importers.tasks import translated
from budmodel.importers.values import count, day_of, names, number, rows, table, text

TOOL = "inspect"
_SPREAD = frozenset(["stderr", "std", "var", "bootstrap_stderr"])
_FINISHED = "success"


def recognises(data: Any) -> bool:
    """Whether it has ``eval`` with a task and a model, and a status."""
    found = table(data)
    return "status" in found and {"task", "model"} <= table(found.get("eval")).keys()


def parse(data: Any) -> Parsed:
    """The metrics of every scorer, where the evaluation came to its end."""
    found = table(data)
    said = table(found.get("eval"))
    status = text(found.get("status"))
    if status != _FINISHED:
        raise NotResultsError(f"it is a log of Inspect that ended as {status!r}: its figures are not whole")
    scores = [table(score) for score in rows(table(found.get("results")).get("scores"))]
    produced = tuple(row for score in scores for row in _rows(found, said, score))
    if not produced:
        raise NotResultsError("it is a log of Inspect, but holds no figure")
    return Parsed(
        tool="inspect-ai",
        tool_version=text(table(said.get("packages")).get("inspect_ai")),
        sets=(
            ResultSet(models=names(said.get("model")), rows=produced, date=day_of(said.get("created"))),
        ),
    )  # fmt: skip


def _rows(found: Mapping[str, Any], said: Mapping[str, Any], score: Mapping[str, Any]) -> Iterator[Row]:
    task = (text(said.get("task")) or "a task").rpartition("/")[2]
    metrics = table(score.get("metrics"))
    stderr = number(table(metrics.get("stderr")).get("value"))
    settings: dict[str, str | bool | int | float] = {"harness": "inspect"}
    version = said.get("task_version")
    if number(version) is not None or text(version):
        settings["task_version"] = str(version)[:40]
    limit = count(table(said.get("config")).get("limit"))
    whole = count(table(said.get("dataset")).get("samples"))
    if limit is not None and (whole is None or limit < whole):
        settings["limit"] = limit
    scorer = text(score.get("name"))
    if len(rows(table(found.get("results")).get("scores"))) > 1 and scorer:
        settings["filter"] = scorer[:100]
    samples = count(score.get("scored_samples"))
    if samples is None:
        samples = count(table(found.get("results")).get("completed_samples"))
    for name, metric in metrics.items():
        value = number(table(metric).get("value"))
        if value is None or name.rpartition("/")[2] in _SPREAD:
            continue
        benchmark, meant, keep = translated(task, name)
        own = {**settings, "task": task} if keep else settings
        yield Row(
            task=task,
            benchmark=benchmark,
            metric=meant,
            value=value,
            unit="fraction" if meant.startswith("acc") else "score",
            stderr=stderr if name.startswith(("accuracy", "mean")) and (stderr or 0) >= 0 else None,
            samples=samples,
            settings=own,
        )
