"""What the page that compares models knows of each: ``compare/NAME.json``, made for our own script.

Texts and not values: what a number looks like is decided here, as on the pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from budmodel.domain.leaderboard import Candidate
from budmodel.domain.leaderboard_order import setting_text
from budmodel.render.facts import ModelFacts
from budmodel.render.filters import count, day, measure, number, size, unit_sign
from budmodel.render.rows import Row
from budmodel.schema.benchmark import Accelerator, Benchmark, Result

Cell = tuple[str, str, str] | tuple[str, str, str, str] | tuple[str, str, str, str, float, Sequence[str]]
"""Label, text, and the tone of a badge; empty for plain text. The fourth says until when a scan's state is
waived, or of a result which is better: higher or lower. A result has its recorded value and settings, too."""
MOST_RESULTS = 60
"""Results of a model; more would be a table that nobody reads."""


def compare_path(name: str) -> str:
    """Where the data of a model is. No model can be called index."""
    return f"compare/{name}.json"


def compare_json(
    facts: ModelFacts,
    row: Row,
    measured: Iterable[Candidate],
    accelerators: Mapping[str, Accelerator] | None = None,
    benchmarks: Mapping[str, Benchmark] | None = None,
) -> bytes:
    """The groups of cells of a model; equal facts give equal bytes.

    Args:
        facts, row: the model.
        measured: its results.
        accelerators: by id and alias, so that two names of one kind are one line.
        benchmarks: by id, for their names and which value is better.
    """
    groups = (
        ("Model", list(_model(facts, row))),
        ("Licence", list(_license(facts))),
        ("Default version", list(_version(facts))),
        ("Requirements", list(_requirements(facts))),
        ("Benchmarks", list(_results(facts, measured, accelerators or {}, benchmarks or {}))),
    )
    result = {"name": facts.name, "groups": [{"title": title, "cells": cells} for title, cells in groups]}
    data = {"schema_version": 1, "total": 1, "result": result}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


def _model(facts: ModelFacts, row: Row) -> Iterator[Cell]:
    model = facts.model
    yield "Architecture", model.architecture, ""
    yield "Parameters", count(model.parameter_count), ""
    if model.active_parameter_count is not None:
        yield "Active parameters", count(model.active_parameter_count), ""
    if model.context_length is not None:
        yield "Context length", f"{model.context_length:,} tokens", ""
    yield "Tasks", ", ".join(model.tasks) or "–", ""
    yield "Modality", row.modality or "–", ""
    yield "Languages", ", ".join(model.languages[:12]) or "–", ""
    yield "Lifecycle", model.status, "" if model.status == "active" else "warn"


def _license(facts: ModelFacts) -> Iterator[Cell]:
    terms = facts.license
    yield "Licence", terms.type or "not stated", ""
    yield "Commercial use", terms.commercial.text, terms.commercial.tone
    yield "Derivatives", terms.derivatives.text, terms.derivatives.tone
    yield "Redistribution", terms.redistribution.text, terms.redistribution.tone
    yield "Limits", "; ".join(terms.limits) or "–", ""


def _version(facts: ModelFacts) -> Iterator[Cell]:
    yield "Scan", facts.scan.label, facts.scan.tone, facts.scan.waived_until or ""
    version = facts.default
    if version is None:
        return
    record = version.record
    yield "Version", version.version, ""
    yield "Released", day(record.released), ""
    yield "Format", record.format or "–", ""
    yield "Precision", record.precision or "–", ""
    yield "Size", size(version.size) if version.size is not None else "–", ""


def _requirements(facts: ModelFacts) -> Iterator[Cell]:
    wanted = facts.requirements
    if wanted is None:
        return
    if wanted.min_gpu_memory_gb is not None:
        yield "Accelerator memory", f"{number(wanted.min_gpu_memory_gb)} GB", ""
    if wanted.recommended_gpu is not None:
        yield "Recommended", f"{wanted.recommended_gpu_count or 1} × {wanted.recommended_gpu}", ""


def _results(
    facts: ModelFacts,
    measured: Iterable[Candidate],
    accelerators: Mapping[str, Accelerator],
    benchmarks: Mapping[str, Benchmark],
) -> Iterator[Cell]:
    """One line for each benchmark under the same settings, so that only what can be compared meets.

    Of several results under the same settings the newest is told.
    """
    lines: dict[tuple[str, ...], Cell] = {}
    for candidate in sorted(measured, key=lambda one: one.result.date or "", reverse=True):
        if candidate.version == facts.default_version:
            result = candidate.result
            definition = benchmarks.get(result.benchmark)
            metric = definition.metrics.get(result.metric) if definition is not None else None
            name = definition.name if definition is not None else result.benchmark
            label = f"{name}, {(metric.name if metric is not None else None) or result.metric}"
            text = measure(result.value, result.unit) + unit_sign(result.unit)
            better = metric.direction if metric is not None else ""
            settings = _settings(result, accelerators)
            lines.setdefault((label, *settings), (label, text, "", better, result.value, settings))
    for key in sorted(lines, key=lambda key: [part.casefold() for part in key])[:MOST_RESULTS]:
        yield lines[key]


def _settings(result: Result, accelerators: Mapping[str, Accelerator]) -> Sequence[str]:
    """All that two results must share to be compared, in words."""
    settings = [
        f"{key.replace('_', ' ')} {setting_text(value)}" for key, value in sorted(result.settings.items())
    ]
    if result.hardware is not None:
        known = accelerators.get(result.hardware.accelerator)
        kind = known.id if known is not None else result.hardware.accelerator
        settings.append(f"{result.hardware.count} × {kind}")
    if result.engine is not None:
        settings.append(" ".join(filter(None, (result.engine.name, result.engine.version))))
    return settings
