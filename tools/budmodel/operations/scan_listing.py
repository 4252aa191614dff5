"""Which versions are scanned, by what, when, and what stands in for a scan: ``budmodel scans``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from budmodel.operations.names import resolve
from budmodel.operations.scan_state import ScanJudges, ScanState, scan_state
from budmodel.operations.scan_targets import has_bytes
from budmodel.schema.scan import Scan
from budmodel.store.catalog import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRow:
    """The scan of one version."""

    name: str
    version: str
    yanked: bool
    state: ScanState
    record: Scan | None


def list_scans(snapshot: Snapshot, text: str | None, now: datetime) -> list[ScanRow]:
    """Every version that has bytes, of all models or of one.

    Args:
        snapshot: the catalog, whose policy, waivers and signers judge.
        text: ``NAME`` or ``NAME@V``; None means all.
        now: the moment at which ages and waivers are told.

    Raises:
        NotFoundError: no such model or version.
    """
    named = resolve(snapshot, text) if text is not None else None
    judges = ScanJudges.of(snapshot)
    rows: list[ScanRow] = []
    for name in [named.name] if named is not None else snapshot.names:
        for version in snapshot.versions_of(name):
            if named is None or named.version in (None, version):
                rows += _row(snapshot, name, version, judges, now)
    return rows


def _row(snapshot: Snapshot, name: str, version: str, judges: ScanJudges, now: datetime) -> Iterator[ScanRow]:
    view = snapshot.model(name)
    record, scan = view.version(version), view.scan(version)
    if record is not None and not has_bytes(snapshot, name, record):
        return
    yield ScanRow(
        name=name,
        version=version,
        yanked=record is not None and record.yanked is not None,
        state=scan_state(f"{name}@{version}", record, scan, judges, now),
        record=scan,
    )
