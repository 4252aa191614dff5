"""What the Hub publishes: a card's ``model-index``, ``.eval_results/*.yaml``, and ``evalResults`` of its API.

Layout: https://github.com/huggingface/hub-docs (modelcard.md, eval_results.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from budmodel.domain.benchmark_names import benchmark_of, metric_of
from budmodel.importers.interface import NotResultsError, Parsed, ResultSet, Row, Unit
from budmodel.importers.values import count, day_of, names, number, rows, slug, table, text

TOOL = "model-index"
_SHOTS = re.compile(r"\b(\d{1,3})[- ]?shot", re.IGNORECASE)


def recognises(data: Any) -> bool:
    """Whether it is one of the three."""
    if "model-index" in table(data):
        return True
    first = table(rows(data)[0]) if rows(data) else {}
    entry = table(first.get("data")) or first
    return "value" in entry and "id" in table(entry.get("dataset"))


def parse(data: Any) -> Parsed:
    """The published numbers; each entry is a set of its own, as it has its own source and date."""
    found = table(data)
    sets = tuple(_from_index(found) if "model-index" in found else _from_entries(data))
    if not sets:
        raise NotResultsError("it holds no evaluation result with a number")
    return Parsed(tool="model-index", tool_version=None, sets=sets)


def _from_index(found: Mapping[str, Any]) -> Iterator[ResultSet]:
    said = found.get("model-index")
    for model in (table(model) for model in (said if isinstance(said, list) else [said])):
        for result in (table(result) for result in rows(model.get("results"))):
            data, source = table(result.get("dataset")), table(result.get("source"))
            words = [text(data.get(key)) or "" for key in ("type", "config", "args", "name")]
            label = text(data.get("name")) or words[0] or "a benchmark"
            shots = count(table(data.get("args")).get("num_few_shot"))
            match = _SHOTS.search(label)
            if shots is None and match:
                shots = int(match[1])
            produced = []
            for metric in (table(metric) for metric in rows(result.get("metrics"))):
                kind = [text(metric.get(key)) or "" for key in ("type", "name")]
                row = _row(label, words, kind, metric.get("value"), shots)
                produced += [row] if row is not None else []
            if produced:
                yield ResultSet(
                    models=names(model.get("name")), rows=tuple(produced), link=_link(source), origin="maker"
                )


def _from_entries(data: Any) -> Iterator[ResultSet]:
    for item in rows(data):
        entry = table(table(item).get("data")) or table(item)
        dataset = table(entry.get("dataset"))
        words = [text(dataset.get(key)) or "" for key in ("id", "task_id")]
        row = _row(" ".join(words).strip(), words, [], entry.get("value"), None)
        if row is not None:
            yield ResultSet(
                models=(),
                rows=(row,),
                date=day_of(entry.get("date")),
                link=_link(table(entry.get("source"))),
                origin=_origin(table(entry.get("source"))),
            )


def _row(label: str, words: list[str], kind: list[str], said: Any, shots: int | None) -> Row | None:
    value = number(said)
    if value is None:
        return None
    known = benchmark_of(*words)
    metric = metric_of(known, *kind) if known is not None else None
    unit: Unit = "score"
    if known is not None and known.unit == "fraction":
        # The Hub's tables are in percent, some cards in fractions; each number stands alone here.
        unit = "percent" if value > 1 else "fraction"
    return Row(
        task=label,
        benchmark=known.id if known is not None else slug(label),
        metric=metric or slug(next((one for one in kind if one), "value")),
        value=value,
        unit=unit,
        settings={"num_fewshot": shots} if shots is not None else {},
    )


def _origin(source: Mapping[str, Any]) -> Literal["maker", "third-party"]:
    """Who names themselves as the source is not the repository itself."""
    return "third-party" if source.get("user") or source.get("org") else "maker"


def _link(source: Mapping[str, Any]) -> str | None:
    url = source.get("url")
    return url if isinstance(url, str) and re.match(r"https?://[^\s<>\"@]{1,2000}\Z", url) else None
