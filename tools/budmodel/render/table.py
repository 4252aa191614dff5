"""The list of all models as compact data for the browser: columns instead of rows, each text once.

``models/table.json`` holds what filters, sorts and shows; ``models/words.json`` descriptions and names that
models have elsewhere, which only the search reads and which therefore arrive later. Both are made for our own
script and are no part of the API.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budmodel.render.pages.states import GATE_LABELS, SCAN_LABELS, SIZES, size_class
from budmodel.render.rows import Row

TABLE = "models/table.json"
WORDS = "models/words.json"
NOT_STATED = "not stated"
_SOURCES = {"huggingface": "Hugging Face", "custom": "our own", "api": "API only", "": NOT_STATED}
_STATUSES = {"active": "active", "deprecated": "deprecated", "archived": "archived"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A question that every model answers with none, one or more values."""

    key: str
    """As the address of the page names it."""
    label: str
    values_of: Callable[[Row], Iterable[str]]
    labels: Mapping[str, str] | None = None
    """Labels in their order; None where values are their own labels, the most frequent first."""


def license_value(row: Row) -> str:
    """The licence by its id, so that two spellings of one licence are one value; empty where none is."""
    return " and ".join(row.license_ids) or row.license_type or ""


def _scans(row: Row) -> Iterable[str]:
    yield row.scan.slug
    if row.stale:
        yield "stale"


_COMMERCIAL = {"yes": "yes", "conditional": "conditional", "no": "no", "not recorded": "not recorded"}
FACETS = (
    Facet(
        key="commercial", label="Commercial use", values_of=lambda r: [r.commercial.text], labels=_COMMERCIAL
    ),
    Facet(key="scan", label="Scan", values_of=_scans, labels=SCAN_LABELS),
    Facet(key="gate", label="Gate", values_of=lambda r: [r.gate], labels=GATE_LABELS),
    Facet(key="size", label="Parameters", values_of=lambda r: [size_class(r.parameters)], labels=SIZES),
    Facet(key="architecture", label="Architecture", values_of=lambda r: [r.architecture]),
    Facet(key="license", label="Licence", values_of=lambda r: [license_value(r)]),
    Facet(key="task", label="Task", values_of=lambda r: r.tasks or [""]),
    Facet(key="modality", label="Modality", values_of=lambda r: [r.modality]),
    Facet(key="tag", label="Tag", values_of=lambda r: r.tags or [""]),
    Facet(key="source", label="Source", values_of=lambda r: [r.source], labels=_SOURCES),
    Facet(key="status", label="Lifecycle", values_of=lambda r: [r.status], labels=_STATUSES),
)


def table_json(rows: Sequence[Row]) -> bytes:
    """The table as JSON; equal rows give equal bytes."""
    scans = _Dictionary()
    commercial = _Dictionary()
    data = {
        "schema_version": 1,
        "total": len(rows),
        "result": {
            "names": [row.name for row in rows],
            "parameters": [row.parameters for row in rows],
            "context": [row.context_length for row in rows],
            "released": [row.newest.released[:10] if row.newest is not None else None for row in rows],
            "version": [row.default_version for row in rows],
            "scan": [
                scans.code((row.scan.label, row.scan.tone, row.scan.waived_until or "")) for row in rows
            ],
            "scans": scans.values,
            "commercial": [commercial.code((row.commercial.text, row.commercial.tone)) for row in rows],
            "commercials": commercial.values,
            "licenses": sorted({row.license_ids[0] for row in rows if len(row.license_ids) == 1}),
            "facets": [_facet(facet, rows) for facet in FACETS],
        },
    }
    return _dump(data)


def words_json(rows: Sequence[Row]) -> bytes:
    """What the search reads besides the table, in its order."""
    words = [" ".join(filter(None, (row.description, row.found_as))) for row in rows]
    return _dump({"schema_version": 1, "total": len(rows), "result": words})


def _dump(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


class _Dictionary:
    """Values and their numbers, in the order in which they came."""

    def __init__(self) -> None:
        self._codes: dict[Any, int] = {}

    def code(self, value: Any) -> int:
        """The number of a value."""
        return self._codes.setdefault(value, len(self._codes))

    @property
    def values(self) -> list[Any]:
        """The values by number."""
        return list(self._codes)


def _facet(facet: Facet, rows: Sequence[Row]) -> dict[str, Any]:
    """Key, label, ``[value, label]`` of each value, and for each model its value's number or numbers."""
    answers = [list(dict.fromkeys(facet.values_of(row))) for row in rows]
    counts: dict[str, int] = {}
    for answer in answers:
        for value in answer:
            counts[value] = counts.get(value, 0) + 1
    if facet.labels is not None:
        known = list(facet.labels)
        order = sorted(
            counts, key=lambda value: (known.index(value) if value in known else len(known), value)
        )
    else:
        order = sorted(counts, key=lambda value: (value == "", -counts[value], value.casefold(), value))
    codes = {value: number for number, value in enumerate(order)}
    labels = facet.labels or {}
    return {
        "key": facet.key,
        "label": facet.label,
        "values": [[value, labels.get(value, value or NOT_STATED)] for value in order],
        "rows": [
            codes[answer[0]] if len(answer) == 1 else [codes[value] for value in answer] for answer in answers
        ],
    }
