"""HELM: ``stats.json`` of a run, with the ``run_spec.json`` beside it.

Layout: https://github.com/stanford-crfm/helm (src/helm/benchmark/run_spec.py, metrics/statistic.py). The
reader gives both as ``{"run_spec": …, "stats": […]}``; alone, the statistics do not say what was measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from budmodel.importers.interface import NotResultsError, Parsed, ResultSet, Row
from budmodel.importers.values import count, names, number, rows, slug, table, text

TOOL = "helm"
_METRICS = {
    "exact_match": "acc",
    "quasi_exact_match": "quasi_exact_match",
    "f1_score": "f1",
    "final_number_exact_match": "acc",
    "rouge_l": "rouge_l",
    "pass": "pass_at_1",
}
_WHOLE = {"gsm": "gsm8k", "commonsense": "hellaswag", "natural_qa": "natural_qa"}


def recognises(data: Any) -> bool:
    """Whether it is a run's pair of files, or one of them alone."""
    if isinstance(data, list):
        return bool(data) and "name" in table(table(data[0]).get("name")) and "count" in table(data[0])
    found = table(data)
    return ("stats" in found and "run_spec" in found) or {"scenario_spec", "adapter_spec"} <= found.keys()


def parse(data: Any) -> Parsed:
    """The figures of the test split, without perturbations."""
    found = table(data)
    if "stats" not in found:
        raise NotResultsError(
            "it is one file of a HELM run; name the run's folder, which holds stats.json and run_spec.json"
        )
    spec = table(found.get("run_spec"))
    adapter = table(spec.get("adapter_spec"))
    task = _task(text(spec.get("name")) or "")
    produced = tuple(_rows(found, task, adapter))
    if not produced:
        raise NotResultsError(f"it is a HELM run of {task}, but holds no figure of the test split")
    return Parsed(
        tool="helm",
        tool_version=None,
        sets=(ResultSet(models=names(adapter.get("model"), adapter.get("model_deployment")), rows=produced),),
    )


def _task(name: str) -> str:
    """``mmlu:subject=philosophy,model=openai_gpt2`` without what only says how it was asked."""
    scenario, _, rest = name.partition(":")
    own = [
        part
        for part in rest.split(",")
        if "=" in part and not re.match(r"(model|method|data_augmentation|model_deployment|groups)=", part)
    ]
    return ":".join([scenario.partition(",")[0] or "a scenario", *own])


def _rows(found: Mapping[str, Any], task: str, adapter: Mapping[str, Any]) -> Iterator[Row]:
    shots = count(adapter.get("max_train_instances"))
    instances = None
    stats = [table(stat) for stat in rows(found.get("stats"))[:100_000]]
    for stat in stats:
        said = table(stat.get("name"))
        if said.get("name") == "num_instances" and said.get("split") == "test" and "perturbation" not in said:
            instances = count(stat.get("mean"))
    settings: dict[str, str | bool | int | float] = {"harness": "helm"}
    if shots is not None:
        settings = {"num_fewshot": shots, **settings}
    limit = count(adapter.get("max_eval_instances"))
    if limit is not None:
        settings["limit"] = limit
    method = text(adapter.get("method"))
    if method is not None:
        settings["method"] = method
    scenario, _, part = task.partition(":")
    benchmark = _WHOLE.get(scenario, slug(scenario)) if not part else slug(task.replace("=", "_"))
    for stat in stats:
        said = table(stat.get("name"))
        metric, value = _METRICS.get(str(said.get("name"))), number(stat.get("mean"))
        if metric is None or value is None or said.get("split") != "test" or "perturbation" in said:
            continue
        yield Row(
            task=task,
            benchmark=benchmark,
            metric=metric,
            value=value,
            unit="fraction",
            samples=instances,
            settings=settings,
        )
