"""Evaluation results that a repository publishes: the card's model-index and ``.eval_results/*.yaml``.

Formats: https://github.com/huggingface/hub-docs/blob/main/modelcard.md and
https://huggingface.co/docs/hub/eval-results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from budmodel.domain.benchmark_names import Known, benchmark_of, metric_of
from budmodel.schema.values import parse_timestamp
from budmodel.sources.facts.card import Card, parse_front_matter
from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.numbers import real, table, whole, word
from budmodel.sources.facts.text import one_line, plain

MAX_ROWS = 500
MAX_FILES = 100
_SHOTS = re.compile(r"\b(\d{1,3})[- ]?shot", re.IGNORECASE)
_PACK = re.compile(r"HumanEval(Synthesi[sz]e?s?|Explain|Fix)\w*\s*(?:\(([\w+#]+)\))?", re.IGNORECASE)
_PACK_TASKS = {"s": "synthesis", "e": "explain", "f": "fix"}
_LINK = re.compile(r"https?://[^\s<>\"@]{1,2000}\Z")


def results_of(documents: Documents, card: Card) -> list[dict[str, Any]]:
    """Rows of a results record; what the catalog does not know or what is absurd is a note."""
    rows = [*_from_index(documents, card), *_from_files(documents)]
    unique: list[dict[str, Any]] = []
    for row in rows:
        if row not in unique:
            unique.append(row)
    return unique[:MAX_ROWS]


def _from_index(documents: Documents, card: Card) -> Iterator[dict[str, Any]]:
    index = card.data.get("model-index") or documents.listing.facts.get("model-index")
    if index is None:
        return
    models = index if isinstance(index, list) else [index]
    read = 0
    for model in models[:20]:
        results = table(model).get("results")
        for result in results[:MAX_ROWS] if isinstance(results, list) else []:
            metrics = table(result).get("metrics")
            for metric in metrics[:50] if isinstance(metrics, list) else []:
                read += 1
                row = _row(documents, table(result), table(metric))
                if row is not None:
                    yield row
    if index and not read:
        documents.notes.add(
            "information", "results", "the card's model-index holds no results that can be read"
        )


def _row(documents: Documents, result: Mapping[str, Any], metric: Mapping[str, Any]) -> dict[str, Any] | None:
    data, source = table(result.get("dataset")), table(result.get("source"))
    name = word(data.get("name")) or ""
    words_of = [word(data.get(key)) or "" for key in ("type", "config", "args")]
    known = benchmark_of(*words_of, name)
    label = one_line(name or words_of[0] or "a benchmark", 80)
    if known is None:
        documents.notes.add(
            "information", "results", f"{label}: no benchmark of the catalog; its results were left out"
        )
        return None
    kind = metric_of(known, *(word(metric.get(key)) or "" for key in ("type", "name")))
    value = None if kind is None else _value(documents, known, kind, metric.get("value"), label)
    if kind is None or value is None:
        if kind is None:
            metric_label = one_line(str(word(metric.get("name")) or word(metric.get("type"))), 60)
            documents.notes.add("information", "results", f"{label}: the metric {metric_label} was left out")
        return None
    row: dict[str, Any] = {"benchmark": known.id, "metric": kind, "value": value, "unit": known.unit}
    settings = _settings(known, data, source, name)
    if settings:
        row["settings"] = settings
    row["source"] = _link(source) or _own(documents, "README.md")
    row["origin"] = "third-party" if _foreign(documents, word(source.get("name"))) else "maker"
    return row


def _settings(
    known: Known, data: Mapping[str, Any], source: Mapping[str, Any], name: str
) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    shots = whole(table(data.get("args")).get("num_few_shot"), least=0, most=1000)
    match = _SHOTS.search(name)
    if shots is None and match:
        shots = int(match[1])
    if shots is not None:
        found["num_fewshot"] = shots
    if "open llm leaderboard" in (word(source.get("name")) or "").lower():
        found["harness"] = "open-llm-leaderboard"
    pack = _PACK.search(name) if known.id == "humanevalpack" else None
    if pack:
        found["task"] = _PACK_TASKS[pack[1][0].lower()]
        if pack[2]:
            found["language"] = pack[2].lower()
    return found


def _from_files(documents: Documents) -> Iterator[dict[str, Any]]:
    paths = [path for path in sorted(documents.paths) if re.match(r"\.eval_results/[^/]+\.ya?ml\Z", path)]
    for path in paths[:MAX_FILES]:
        raw = documents.whole(path, 1 << 20)
        if raw is None:
            continue
        try:
            entries = parse_front_matter(plain(raw.decode("utf-8", "replace")))
        except ValueError as error:
            documents.notes.add("information", "results", f"{path} was passed over: {error}")
            continue
        for entry in entries[:MAX_ROWS] if isinstance(entries, list) else []:
            row = _entry(documents, table(entry), path)
            if row is not None:
                yield row


def _entry(documents: Documents, entry: Mapping[str, Any], path: str) -> dict[str, Any] | None:
    data, source = table(entry.get("dataset")), table(entry.get("source"))
    named = [word(data.get(key)) or "" for key in ("id", "task_id")]
    known = benchmark_of(*named)
    label = one_line(" ".join(named), 80) or path
    if known is None:
        documents.notes.add(
            "information", "results", f"{label}: no benchmark of the catalog; its result was left out"
        )
        return None
    value = _value(documents, known, known.metrics[0], entry.get("value"), label)
    if value is None:
        return None
    row: dict[str, Any] = {
        "benchmark": known.id,
        "metric": known.metrics[0],
        "value": value,
        "unit": known.unit,
    }
    day = (word(entry.get("date")) or "")[:10]
    if _is_day(day):
        row["date"] = day
    row["source"] = _link(source) or _own(documents, path)
    owner = (word(source.get("org")) or word(source.get("user")) or "").casefold()
    row["origin"] = "third-party" if owner and owner != _owner(documents) else "maker"
    if note := one_line(word(entry.get("notes"), most=4000) or "", 400):
        row["note"] = note
    return row


def _value(documents: Documents, known: Known, metric: str, value: Any, label: str) -> float | None:
    """The value in the catalog's unit: percent become fractions; up to 1 it is one already."""
    number = real(value)
    least, most = known.least, known.largest * (100 if known.unit == "fraction" else 1)
    if number is None or not least <= number <= most:
        documents.notes.add(
            "information", "results", f"{label}: the value of {metric} is absurd and was left out"
        )
        return None
    if known.unit == "fraction" and number > 1:
        number /= 100
    return round(number, 6)


def _is_day(text: str) -> bool:
    try:
        parse_timestamp(text)
    except ValueError:
        return False
    return len(text) == 10


def _link(source: Mapping[str, Any]) -> str | None:
    url = word(source.get("url"), most=2000)
    return url if url and _LINK.match(url) and url == plain(url) else None


def _own(documents: Documents, path: str) -> str:
    source = documents.listing.source
    if documents.listing.kind != "huggingface":
        return path
    return f"https://huggingface.co/{source['model_id']}/blob/{source.get('revision', 'main')}/{path}"


def _owner(documents: Documents) -> str:
    return str(documents.listing.source.get("model_id", "")).partition("/")[0].casefold()


def _foreign(documents: Documents, name: str | None) -> bool:
    return name is not None and name.casefold() != _owner(documents)
