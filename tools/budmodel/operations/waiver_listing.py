"""Which waivers there are, and when they end: ``budmodel waivers``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from budmodel.domain.waivers import expired
from budmodel.operations.names import resolve
from budmodel.schema.governance import Waiver
from budmodel.schema.values import parse_timestamp
from budmodel.store.catalog import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRow:
    """A waiver."""

    path: str
    record: Waiver
    expired: bool
    days: int
    """Whole days until it ends; negative where it has ended."""


def list_waivers(
    snapshot: Snapshot, now: datetime, *, name: str | None = None, before: datetime | None = None
) -> list[WaiverRow]:
    """The waivers, the next to end first.

    Args:
        snapshot: the catalog.
        now: the moment at which they are judged.
        name: ``NAME`` or ``NAME@V``; only those that name it.
        before: only those that have ended by then.

    Raises:
        NotFoundError: no such model or version.
    """
    named = resolve(snapshot, name) if name is not None else None
    rows = []
    for path, record in snapshot.shown_records("waiver", Waiver, snapshot.paths("waiver")):
        ends = parse_timestamp(record.expires)
        if before is not None and ends > before:
            continue
        if named is not None and not any(
            (model, version) == (named.name, named.version or version)
            for model, _, version in (target.partition("@") for target in record.targets)
        ):
            continue
        rows.append(WaiverRow(path=path, record=record, expired=expired(record, now), days=(ends - now).days))
    return sorted(rows, key=lambda row: (parse_timestamp(row.record.expires), row.path))
