"""Benchmark results become records: ``budmodel benchmark import`` and ``add``.

Importers translate; here is decided which rows are this model's, which of them the catalog defines, and in
which unit they are recorded. Nothing is written before everything is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from budmodel.domain.quoting import one_line
from budmodel.domain.suggest import did_you_mean
from budmodel.errors import ConflictError, DataError, NotFoundError, UsageError
from budmodel.importers.interface import ResultSet, Row
from budmodel.operations.benchmark_reading import ReadFile
from budmodel.operations.import_files import new_results
from budmodel.operations.judging import judges_of
from budmodel.operations.planning import FileChange, Plan, all_valid
from budmodel.rules.interface import Judges
from budmodel.schema.benchmark import Benchmark, Metric
from budmodel.schema.values import format_timestamp
from budmodel.store.catalog import Snapshot
from budmodel.store.model_view import ModelView

Origin = Literal["measured", "maker", "third-party"]
MOST_NAMED = 8
"""Most names that a sentence lists."""
FACTORS = {
    ("percent", "fraction"): 0.01,
    ("fraction", "percent"): 100.0,
    ("s", "ms"): 1000.0,
    ("ms", "s"): 0.001,
}
"""What a value in one unit is multiplied by to be in another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRun:
    """What the user says of a run, which the file does not say or says wrongly."""

    hardware: str | None = None
    """``nvidia-h100-80gb``, ``nvidia-h100-80gb:4``: an id or alias of catalog/hardware.yaml, and how many."""
    engine: str | None = None
    """``vllm``, ``vllm:0.5.3``."""
    source: str | None = None
    origin: Origin | None = None
    date: str | None = None
    """``YYYY-MM-DD``."""
    model: str | None = None
    """The name that the file gives the model, where it holds several."""
    force: bool = False
    """Take results that name another model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What importing results would write."""

    name: str
    version: str
    plan: Plan
    added: int
    known: int
    """Rows that the catalog has already."""
    beyond: tuple[str, ...]
    """Tasks and metrics that the catalog does not define, as ``task metric``."""
    notes: tuple[str, ...]


def plan_import(
    snapshot: Snapshot,
    name: str,
    version: str,
    files: Sequence[ReadFile],
    stated: StatedRun,
    now: datetime,
) -> Import:
    """What importing files of results would write, one file for each set.

    Raises:
        ConflictError: the results are another model's.
        NotFoundError: no accelerator of the stated name.
        DataError: nothing in the files is a benchmark that the catalog defines.
    """
    judges, view = judges_of(snapshot), snapshot.model(name)
    extra = _stated(stated, judges)
    notes: list[str] = []
    beyond: dict[str, None] = {}
    by_day: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for file in files:
        notes += [f"{file.name}: {note}" for note in file.parsed.notes]
        sets = _own_sets(file, view, stated, notes)
        sets = _in_one_scale(sets, judges)
        for one in sets:
            day = stated.date or one.date
            for row in _rows(file, one, judges, extra, stated, beyond, notes):
                if day is not None:
                    row["date"] = day
                by_day.setdefault((day or format_timestamp(now)[:10], file.importer), []).append(row)
    written, added, total = _files(view, name, version, by_day)
    if not total:
        raise DataError(_nothing(files, beyond))
    # Speed without its hardware is kept, as a fact, but nobody can compare it.
    if any("engine" not in row or "hardware" not in row for row in _speed(by_day, judges)):
        notes.append(
            "speed results without hardware or engine are kept, but not ranked; "
            "state --hardware A[:N] and --engine NAME[:VERSION]"
        )
    all_valid(f"the results of {name!r} were not imported", written)
    return Import(
        name=name,
        version=version,
        plan=Plan(
            message=f"Add {added} benchmark results of {name} {version}",
            changes=tuple(FileChange(path, None, raw) for path, raw in written.items()),
            notes=tuple(dict.fromkeys(notes)),
            next_steps=(f"budmodel check catalog/models/{name}",) if written else (),
        ),
        added=added,
        known=total - added,
        beyond=tuple(beyond),
        notes=tuple(dict.fromkeys(notes)),
    )


def _files(
    view: ModelView, name: str, version: str, by_day: Mapping[tuple[str, str], list[dict[str, Any]]]
) -> tuple[dict[str, bytes], int, int]:
    written: dict[str, bytes] = {}
    added = total = 0
    for (day, tool), rows in sorted(by_day.items()):
        unique = [row for index, row in enumerate(rows) if row not in rows[:index]]
        total += len(unique)
        fresh = new_results(view, name, version, day, unique, tool)
        written.update(fresh)
        added += sum(raw.count(b"\n  - benchmark:") for raw in fresh.values())
    return written, added, total


def _nothing(files: Sequence[ReadFile], beyond: Iterable[str]) -> str:
    what = list(beyond)
    named = ", ".join(what[:MOST_NAMED]) + (
        f" and {len(what) - MOST_NAMED} more" if len(what) > MOST_NAMED else ""
    )
    first = files[0].name + (f" and {len(files) - 1} more files" if len(files) > 1 else "")
    if not what:
        return f"{first}: no result in it could be taken; see the notes above"
    return (
        f"{first}: of {files[0].parsed.tool}, but the catalog defines nothing of what it holds ({named}); "
        "define them in catalog/benchmarks.yaml"
    )


def _speed(
    by_day: Mapping[tuple[str, str], list[dict[str, Any]]], judges: Judges
) -> Iterator[Mapping[str, Any]]:
    for rows in by_day.values():
        for row in rows:
            if judges.benchmarks[row["benchmark"]].category == "speed":
                yield row


def _own_sets(file: ReadFile, view: ModelView, stated: StatedRun, notes: list[str]) -> tuple[ResultSet, ...]:
    """The sets of this model; a file that belongs to another one is refused."""
    sets = file.parsed.sets
    if stated.model is not None:
        wanted = _folded(stated.model)
        chosen = tuple(one for one in sets if any(_folded(name) == wanted for name in one.models))
        if not chosen:
            raise NotFoundError(f"{file.name}: no results of {stated.model!r} are in it; {_holds(sets)}")
        return chosen
    own = own_names(view)
    matching = tuple(one for one in sets if any(names_model(name, own) for name in one.models))
    if matching:
        return matching
    unnamed = tuple(one for one in sets if not one.models)
    if unnamed:
        notes.append(f"{file.name}: it does not say which model it is of; taken as {view.name}")
        return unnamed
    if stated.force and len({one.models for one in sets}) == 1:
        notes.append(f"{file.name}: it names {sets[0].models[0]}; taken as {view.name} all the same")
        return sets
    hint = "name the one that is meant with --model" if len(sets) > 1 else "take it all the same with --force"
    raise ConflictError(f"{file.name}: its results are not of {view.name}: {_holds(sets)}; {hint}")


def _holds(sets: Iterable[ResultSet]) -> str:
    names = list(dict.fromkeys(one.models[0] for one in sets if one.models))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"it holds those of {', '.join(names[:3])}{more}" if names else "it names no model"


def own_names(view: ModelView) -> frozenset[str]:
    """What files may call a model, folded: its name, its ids on the Hub and at its provider, its folder."""
    found = [view.name]
    model = view.model
    if model is not None:
        source = model.source
        found += [str(getattr(source, "model_id", "") or "")]
        found += [str(getattr(model.api, "model_id", "") or "")] if model.api is not None else []
    for entry in view.versions.values():
        record = entry.record
        if record is not None:
            found.append(str(getattr(record.source, "model_id", "") or ""))
            found.append(_last_name(record.storage_path or ""))
            found.append(_last_name(str(getattr(record.source, "uri", "") or "")))
    return frozenset(_folded(name.rpartition("/")[2]) for name in found if name) | frozenset(
        _folded(name) for name in found if name
    )


def _last_name(uri: str) -> str:
    """The last folder of a URI that is a name: ``s3://models/tiny/1.0.0/`` is about ``tiny``."""
    parts = [part for part in uri.partition("://")[2].split("/")[1:] if part]
    while parts and re.fullmatch(r"v?\d+(\.\d+)*\S*", parts[-1]):
        parts.pop()
    return parts[-1] if parts else ""


def names_model(name: str, own: frozenset[str]) -> bool:
    """Whether a name that a tool or a server gives a model is one of :func:`own_names`."""
    # A local path ends with the name, and a provider's id begins with the provider.
    return _folded(name) in own or _folded(name.rstrip("/").rpartition("/")[2]) in own


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")


def _in_one_scale(sets: tuple[ResultSet, ...], judges: Judges) -> tuple[ResultSet, ...]:
    """Shares as fractions or percentages: one file uses one scale, and a share beyond 1 is in percent."""
    shares = [
        row for one in sets for row in one.rows if row.unit == "share" and _metric(judges, row) is not None
    ]
    unit: Literal["percent", "fraction"] = (
        "percent" if any(abs(row.value) > 1 for row in shares) else "fraction"
    )
    return tuple(
        replace(
            one, rows=tuple(replace(row, unit=unit) if row.unit == "share" else row for row in one.rows)
        )
        for one in sets
    )  # fmt: skip


def _definition(judges: Judges, row: Row) -> Benchmark | None:
    return judges.benchmarks.get(row.benchmark)


def _metric(judges: Judges, row: Row) -> Metric | None:
    definition = _definition(judges, row)
    return definition.metrics.get(row.metric) if definition is not None else None


def _rows(
    file: ReadFile,
    one: ResultSet,
    judges: Judges,
    extra: Mapping[str, Any],
    stated: StatedRun,
    beyond: dict[str, None],
    notes: list[str],
) -> Iterator[dict[str, Any]]:
    """The rows that the catalog defines, as records have them."""
    for row in one.rows:
        definition, metric = _definition(judges, row), _metric(judges, row)
        if definition is None or metric is None:
            beyond[f"{one_line(row.task, 80)} {row.metric}"] = None
            continue
        factor = 1.0 if row.unit in (metric.unit, "score") else FACTORS.get((row.unit, metric.unit))
        if factor is None:
            notes.append(f"{file.name}: {row.task} is in {row.unit}, not {metric.unit}; it was left out")
            continue
        value = scaled(row.value, factor)
        if not _possible(value, metric):
            notes.append(
                f"{file.name}: {row.task} {row.metric} is {row.value:g}, which cannot be; it was left out"
            )
            continue
        result: dict[str, Any] = {
            "benchmark": row.benchmark,
            "metric": row.metric,
            "value": value,
            "unit": metric.unit,
        }
        if row.stderr is not None:
            result["stderr"] = scaled(row.stderr, factor)
        if row.samples is not None:
            result["samples"] = row.samples
        if row.settings:
            result["settings"] = dict(row.settings)
        if definition.category == "speed":
            result.update(extra)
            if "engine" not in result and one.engine is not None:
                version = {"version": one.engine_version} if one.engine_version else {}
                result["engine"] = {"name": one.engine, **version}
        tool = {"version": file.parsed.tool_version} if file.parsed.tool_version else {}
        result["tool"] = {"name": file.parsed.tool, **tool}
        result["source"] = stated.source or one.link or f"{one_line(file.name, 200)} (sha256 {file.sha256})"
        result["origin"] = stated.origin or one.origin
        yield result


def scaled(value: float, factor: float) -> float:
    """A value in another unit."""
    # 81.7 * 0.01 is 0.8170000000000001; nobody measured the last digits.
    return value if factor == 1.0 else float(f"{value * factor:.12g}")


def _possible(value: float, metric: Metric) -> bool:
    return (metric.minimum is None or value >= metric.minimum) and (
        metric.maximum is None or value <= metric.maximum
    )


def _stated(stated: StatedRun, judges: Judges) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if stated.hardware is not None:
        extra["hardware"] = parse_hardware(stated.hardware, judges)
    if stated.engine is not None:
        name, _, version = stated.engine.partition(":")
        extra["engine"] = {"name": name, **({"version": version} if version else {})}
    return extra


def parse_hardware(text: str, judges: Judges) -> dict[str, Any]:
    """``ID[:N]`` as a record has it, by the accelerator's own id.

    Raises:
        NotFoundError: the catalog knows no such accelerator.
        UsageError: N is no number.
    """
    name, _, count = text.partition(":")
    known = judges.accelerators.get(name)
    if known is None:
        hint = did_you_mean(name, judges.accelerators, "add it to catalog/hardware.yaml")
        raise NotFoundError(f"no accelerator {name!r} is in catalog/hardware.yaml; {hint}")
    if count and not (count.isascii() and count.isdigit() and 0 < int(count[:9]) <= 100_000):
        raise UsageError(f"--hardware {text!r}: after the colon comes how many, such as {name}:4")
    return {"accelerator": known.id, "count": int(count or 1)}
