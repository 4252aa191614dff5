"""What differs between two versions of a model: ``budmodel version diff``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from budmodel.domain.leaderboard_order import setting_text
from budmodel.domain.licensing import LicenseBook
from budmodel.errors import DataError
from budmodel.operations.listing import license_book
from budmodel.operations.scan_state import waived_versions
from budmodel.schema.base import Record
from budmodel.schema.benchmark import Result
from budmodel.schema.scan import Scan
from budmodel.schema.version import File, Version
from budmodel.store.catalog import Snapshot
from budmodel.store.model_view import ModelView

_OWN = frozenset(["version", "released", "changelog", "files", "yanked"])
"""Fields that differ between any two versions, or that are compared on their own."""


_FROZEN = frozenset(["license_type", "license_restrictions", "base_models", "requirements"])
"""Facts of the model that a version may freeze (DESIGN §3)."""
_NO_TERMS = frozenset(["id", "name", "aliases", "url", "texts", "source", "notes", "reviewed", "annotations"])


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
    """Values of one metric under the same conditions in both versions; several runs give several values."""

    benchmark: str
    metric: str
    conditions: tuple[tuple[str, str], ...]
    """Settings, hardware and engine: values under other conditions stand in a row of their own."""
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
    terms: tuple[FieldDifference, ...]
    """What the two licences say differently; of an expression each for itself: ``MIT.derivatives``."""
    scans: tuple[FieldDifference, ...]
    """Verdict, time, engines, signature databases, findings, signer; and what a waiver stands in for."""
    files: FileDifferences
    bytes_before: int | None
    """The sizes of all files together; None where they are not listed."""
    bytes_after: int | None
    benchmarks: tuple[BenchmarkDifference, ...]

    @property
    def total(self) -> int:
        """How many things differ."""
        files = self.files
        moved = len(files.added) + len(files.removed) + len(files.changed)
        return len(self.fields) + len(self.terms) + len(self.scans) + len(self.benchmarks) + moved


def diff_versions(snapshot: Snapshot, name: str, before: str, after: str, now: datetime) -> VersionDiff:
    """What differs between two versions of a model, and what rests on a waiver in one of them.

    Raises:
        DataError: one of the records is invalid.
    """
    diff = diff_in(snapshot.model(name), before, after)
    waived = waived_versions(snapshot, [(name, before), (name, after)], now)
    said = [{"waived": waived.get(f"{name}@{version}")} for version in (before, after)]
    return replace(diff, scans=(*diff.scans, *_fields(*said)))


def diff_in(view: ModelView, before: str, after: str) -> VersionDiff:
    """As :func:`diff_versions`, for a model that is at hand.

    Raises:
        DataError: one of the records is invalid.
    """
    old, new = _record(view, before), _record(view, after)
    return VersionDiff(
        name=view.name,
        before=before,
        after=after,
        fields=tuple(_fields(_facts(view, old), _facts(view, new))),
        terms=tuple(_terms(view, old, new)),
        scans=tuple(_fields(_scan(view, old), _scan(view, new))),
        files=_files(old.files, new.files),
        bytes_before=_size(old.files),
        bytes_after=_size(new.files),
        benchmarks=tuple(_benchmarks(view, before, after)),
    )


def _record(view: ModelView, version: str) -> Version:
    record = view.version(version)
    if record is None:
        path = view.version_path(version)
        raise DataError(f"{path}:1:1: the record is invalid; run budmodel check {path}")
    return record


def _facts(view: ModelView, record: Version) -> dict[str, Any]:
    """The record's facts by dotted name; from the model where the version froze none of its own."""
    data = _dumped(record)
    facts = dict(_flat({key: value for key, value in data.items() if key not in _OWN}))
    model = view.model
    if model is not None:
        frozen = {key for key in _FROZEN if getattr(record, key) is not None}
        wanted = {key: value for key, value in _dumped(model).items() if key in _FROZEN - frozen}
        facts |= dict(_flat(wanted))
    scan = view.scan(record.version)
    facts["scan"] = scan.status if isinstance(scan, Scan) else "not scanned"
    facts["yanked"] = record.yanked.reason if record.yanked is not None else None
    return facts


def _dumped(record: Record) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def _terms(view: ModelView, old: Version, new: Version) -> Iterator[FieldDifference]:
    """What the licences of two versions say differently, as the catalog records them now."""
    stated = view.model.license_type if view.model is not None else None
    before, after = old.license_type or stated, new.license_type or stated
    if before != after:
        book = license_book(view.snapshot)
        yield from _fields(_terms_of(book, before), _terms_of(book, after))


def _terms_of(book: LicenseBook, text: str | None) -> dict[str, Any]:
    ids = book.resolve(text).ids if text else ()
    terms: dict[str, Any] = {}
    for id_ in ids:
        data = _dumped(book.licenses[id_])
        above = "" if len(ids) == 1 else f"{id_}."
        terms |= dict(_flat({key: value for key, value in data.items() if key not in _NO_TERMS}, above))
    return terms


def _scan(view: ModelView, record: Version) -> dict[str, Any]:
    scan = view.scan(record.version)
    if scan is None:
        return {}
    facts: dict[str, Any] = {"finished": scan.finished, "reason": scan.reason}
    for engine in scan.engines:
        facts[f"engine.{engine.name}"] = engine.version
        if engine.database is not None:
            facts[f"database.{engine.name}"] = engine.database.date or engine.database.version
    facts["findings"] = sorted({finding.id for finding in scan.findings}) or None
    facts["signer"] = scan.signature.signer if scan.signature is not None else None
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


def _size(files: list[File] | None) -> int | None:
    return sum(file.size for file in files) if files is not None else None


def _files(old: list[File] | None, new: list[File] | None) -> FileDifferences:
    if old is None or new is None:
        # A list that is not there yet is not an empty one: nothing was added to it.
        return FileDifferences(added=(), removed=(), changed=(), same=0, known=False)
    before = {file.path: file.sha256 for file in old}
    after = {file.path: file.sha256 for file in new}
    both = before.keys() & after.keys()
    changed = sorted(path for path in both if before[path] != after[path])
    return FileDifferences(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(changed),
        same=len(both) - len(changed),
        known=True,
    )


_Row = tuple[str, str, tuple[tuple[str, str], ...]]


def _benchmarks(view: ModelView, before: str, after: str) -> Iterator[BenchmarkDifference]:
    values: dict[_Row, dict[str, list[float]]] = {}
    for entry in view.results:
        for result in entry.record.results if entry.record is not None else ():
            row = (result.benchmark, result.metric, tuple(_conditions(result)))
            values.setdefault(row, {}).setdefault(entry.says("version"), []).append(result.value)
    for (benchmark, metric, conditions), by_version in sorted(values.items()):
        old, new = tuple(sorted(by_version.get(before, ()))), tuple(sorted(by_version.get(after, ())))
        if old != new:
            yield BenchmarkDifference(
                benchmark=benchmark, metric=metric, conditions=conditions, before=old, after=new
            )


def _conditions(result: Result) -> Iterator[tuple[str, str]]:
    for key, value in sorted(result.settings.items()):
        yield key, setting_text(value)
    if result.hardware is not None:
        yield "hardware", f"{result.hardware.count} x {result.hardware.accelerator}"
    if result.engine is not None:
        yield "engine", f"{result.engine.name} {result.engine.version or ''}".rstrip()
