"""Which versions are scanned, by what, when, and what stands in for a scan: ``budmodel scans``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from budmodel.domain.evidence import SignatureState, judge_signature
from budmodel.domain.scan_age import scan_age
from budmodel.domain.signers import SignerBook
from budmodel.domain.waivers import WaiverBook
from budmodel.operations.judging import signers_of
from budmodel.operations.names import resolve
from budmodel.operations.scan_preparing import scan_policy
from budmodel.operations.scan_state import ScanState, scan_state
from budmodel.operations.scan_targets import has_bytes
from budmodel.schema.governance import ScanPolicy, Waiver
from budmodel.schema.scan import Scan
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRow:
    """The scan of one version."""

    name: str
    version: str
    yanked: bool
    state: ScanState
    record: Scan | None
    signature: SignatureState | None
    stale: tuple[str, ...]
    """What is too old or undated, as sentences without their full stop."""
    signature_required: bool
    """Whether policy believes no record without a signature."""

    @property
    def needs_work(self) -> bool:
        """Whether there is no verdict that policy believes today."""
        doubted = ("untrusted", "unsigned") if self.signature_required else ("untrusted",)
        return (
            not self.state.ok
            or bool(self.stale)
            or (self.signature is not None and self.signature.kind in doubted)
        )


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
    waivers = WaiverBook.of(snapshot.records("waiver", Waiver))
    policy, book = scan_policy(snapshot), signers_of(snapshot)
    rows: list[ScanRow] = []
    for name in [named.name] if named is not None else snapshot.names:
        for version in snapshot.versions_of(name):
            if named is None or named.version in (None, version):
                rows += _row(snapshot, name, version, waivers, policy, book, now)
    return rows


def _row(
    snapshot: Snapshot,
    name: str,
    version: str,
    waivers: WaiverBook,
    policy: ScanPolicy,
    book: SignerBook,
    now: datetime,
) -> Iterator[ScanRow]:
    view = snapshot.model(name)
    record, scan = view.version(version), view.scan(version)
    if record is not None and not has_bytes(snapshot, name, record):
        return
    verdict = scan is not None and scan.status in ("PASSED", "FAILED")
    stale: tuple[str, ...] = ()
    if scan is not None and verdict:
        stale = scan_age(scan, {_format(record), *(row.format for row in scan.files)}, policy, now).stale
    yield ScanRow(
        name=name,
        version=version,
        yanked=record is not None and record.yanked is not None,
        state=scan_state(f"{name}@{version}", record, scan, waivers, now),
        record=scan,
        signature=judge_signature(scan, (record.files if record else None) or (), book)
        if scan is not None
        else None,
        stale=stale,
        signature_required=policy.signatures_required,
    )


def _format(record: Version | None) -> str | None:
    return record.format if record is not None else None
