"""What differs between two versions of a model: ``budmodel version diff``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from budmodel.errors import DataError
from budmodel.schema.scan import Scan
from budmodel.schema.version import File, Version
from budmodel.store.catalog import ModelView, Snapshot

_OWN = frozenset(["version", "released", "changelog", "files", "yanked"])
"""Fields that differ between any two versions, or that are compared on their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDifference:
    """A field that is not the same; None: absent."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDifferences:
    """The files of two versions, by path. Bytes are compared by SHA-256."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    same: int
    known: bool
    """False where one of the versions does not list its files yet, so that nothing can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkDifference:
    """Values of one benchmark metric in both versions; several runs give several values."""

    benchmark: str
    metric: str
    before: tuple[float, ...]
    after: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """Everything that differs."""

    name: str
    before: str
    after: str
    fields: tuple[FieldDifference, ...]
    """Of the record, also below a mapping: ``fingerprint.vocab_size``; licence, scan and yank included."""
    files: FileDifferences
    benchmarks: tuple[BenchmarkDifference, ...]


def diff_versions(snapshot: Snapshot, name: str, before: str, after: str) -> VersionDiff:
    """What differs between two versions of a model.

    Raises:
        DataError: one of the records is invalid.
    """
    view = snapshot.model(name)
    old, new = _record(view, before), _record(view, after)
    return VersionDiff(
        name=name,
        before=before,
        after=after,
        fields=tuple(_fields(_facts(view, old), _facts(view, new))),
        files=_files(old.files, new.files),
        benchmarks=tuple(_benchmarks(view, before, after)),
    )


def _record(view: ModelView, version: str) -> Version:
    record = view.version(version)
    if record is None:
        path = view.version_path(version)
        raise DataError(f"{path}:1:1: the record is invalid; run budmodel check {path}")
    return record


def _facts(view: ModelView, record: Version) -> dict[str, Any]:
    """The record's facts by dotted name; licence from the model where the version has none of its own."""
    data = record.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    facts = dict(_flat({key: value for key, value in data.items() if key not in _OWN}))
    model = view.model
    if record.license_type is None and model is not None and model.license_type is not None:
        facts["license_type"] = model.license_type
    scan = view.scan(record.version)
    facts["scan"] = scan.status if isinstance(scan, Scan) else "not scanned"
    facts["yanked"] = record.yanked.reason if record.yanked is not None else None
    return facts


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[FieldDifference]:
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            yield FieldDifference(field=key, before=old.get(key), after=new.get(key))


def _files(old: list[File] | None, new: list[File] | None) -> FileDifferences:
    before = {file.path: file.sha256 for file in old or ()}
    after = {file.path: file.sha256 for file in new or ()}
    both = before.keys() & after.keys()
    changed = sorted(path for path in both if before[path] != after[path])
    return FileDifferences(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(changed),
        same=len(both) - len(changed),
        known=old is not None and new is not None,
    )


def _benchmarks(view: ModelView, before: str, after: str) -> Iterator[BenchmarkDifference]:
    values: dict[tuple[str, str], dict[str, list[float]]] = {}
    for entry in view.results:
        for result in entry.record.results if entry.record is not None else ():
            by_version = values.setdefault((result.benchmark, result.metric), {})
            by_version.setdefault(entry.says("version"), []).append(result.value)
    for (benchmark, metric), by_version in sorted(values.items()):
        old, new = tuple(sorted(by_version.get(before, ()))), tuple(sorted(by_version.get(after, ())))
        if old != new:
            yield BenchmarkDifference(benchmark=benchmark, metric=metric, before=old, after=new)
