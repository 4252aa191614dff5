"""What the scan record of a version says, in a few words, and whether a waiver stands in for it.

This shows; the rules judge. What is missing is never shown as if it were there (DESIGN §3, waivers).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from budmodel.domain.evidence import SignatureState, judge_signature
from budmodel.domain.manifest import manifest_sha256
from budmodel.domain.scan_age import scan_age
from budmodel.domain.signers import SignerBook
from budmodel.domain.waivers import WaiverBook, covers
from budmodel.findings import Finding
from budmodel.operations.judging import scan_policy, signers_of
from budmodel.schema.governance import ScanPolicy, Waiver
from budmodel.schema.scan import Scan
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot

_RULES = {
    None: "scan-missing",
    "SCANNING": "scan-incomplete",
    "FAILED": "scan-failed",
    "SKIPPED": "scan-skipped",
}


class ScanJudges(NamedTuple):
    """What decides of scan records."""

    policy: ScanPolicy
    waivers: WaiverBook
    signers: SignerBook

    @classmethod
    def of(cls, snapshot: Snapshot) -> ScanJudges:
        """As a catalog states them."""
        waivers = WaiverBook.of(snapshot.records("waiver", Waiver))
        return cls(scan_policy(snapshot), waivers, signers_of(snapshot))


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why policy does not believe a verdict of PASSED today."""

    rule: str
    reason: str
    """A sentence without its full stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanState:
    """The state of one version."""

    status: str | None
    """SCANNING, PASSED, FAILED or SKIPPED; None where there is no scan record."""
    text: str
    """For people: ``PASSED 2026-11-01``, ``not scanned, waived until 2027-05-22: reason``.

    A PASSED record that is not believed, or only by an exception, says so: ``PASSED 2026-11-01, in doubt: the
    scan is …``, ``PASSED 2026-11-01, but scan-stale, waived until …``.
    """
    brief: str = ""
    """The same without reasons, for tables of many versions."""
    finished: str | None = None
    waived_until: str | None = None
    waiver: str | None = None
    """The path of the waiver that stands in."""
    doubts: tuple[Doubt, ...] = ()
    """What speaks against a verdict of PASSED, where no waiver answers it."""
    stale: tuple[str, ...] = ()
    """What is too old or undated in a verdict, each as a sentence without its full stop."""
    signature: SignatureState | None = None
    """Who signed the record; None where there is none, or it is not that of these bytes."""
    ok: bool = False
    """Whether the verdict is PASSED of exactly these bytes, and policy believes it today without a waiver."""


def scan_state(
    target: str,
    version: Version | None,
    scan: Scan | None,
    judges: ScanJudges,
    now: datetime,
    *,
    has_artifacts: bool = True,
) -> ScanState:
    """The state of a version ``name@version``.

    Args:
        target: ``name@version``, as waivers name it.
        version: its record; None where it is invalid.
        scan: its scan record; None where there is none that is valid.
        judges: from the catalog that judges.
        now: the moment at which ages and waivers are told.
        has_artifacts: False for API-only models, which have nothing to scan.
    """
    if not has_artifacts:
        return ScanState(status=None, text="nothing to scan (API only)")
    known = _Known(target, version, scan, judges, now)
    if scan is None:
        return _waivable(known, "not scanned")
    if scan.status in ("PASSED", "FAILED") and scan.manifest_sha256 != known.manifest:
        text = f"{scan.status}, but of other bytes"
        return known.state(text=text, brief=text)
    return _passed(known, scan) if scan.status == "PASSED" else _waivable(known, _words(scan))


@dataclass(frozen=True)
class _Known:
    target: str
    version: Version | None
    scan: Scan | None
    judges: ScanJudges
    now: datetime

    @cached_property
    def manifest(self) -> str | None:
        files = self.version.files if self.version is not None else None
        return manifest_sha256(files) if files else None

    @cached_property
    def stale(self) -> tuple[str, ...]:
        if self.scan is None or self.scan.status not in ("PASSED", "FAILED"):
            return ()
        own = self.version.format if self.version is not None else None
        formats = {own, *(row.format for row in self.scan.files)}
        return scan_age(self.scan, formats, self.judges.policy, self.now).stale

    @cached_property
    def signature(self) -> SignatureState | None:
        files = self.version.files if self.version is not None else None
        return None if self.scan is None else judge_signature(self.scan, files or (), self.judges.signers)

    def state(
        self, *, text: str, brief: str, waiver: tuple[str, Waiver] | None = None, doubts: Sequence[Doubt] = ()
    ) -> ScanState:
        status = self.scan.status if self.scan is not None else None
        return ScanState(
            status=status,
            text=text,
            brief=brief,
            finished=self.scan.finished if self.scan is not None else None,
            waived_until=waiver[1].expires if waiver is not None else None,
            waiver=waiver[0] if waiver is not None else None,
            doubts=tuple(doubts),
            stale=self.stale,
            signature=self.signature,
        )

    def waiver(self, rule: str) -> tuple[str, Waiver] | None:
        details = tuple(one.id for one in self.scan.findings) if self.scan is not None else ()
        finding = Finding(rule=rule, message="", path="", targets=(self.target,), details=details)
        for path, waiver in self.judges.waivers.naming(finding):
            if covers(waiver, finding, {self.target: self.manifest}, self.now):
                return path, waiver
        return None


def _waivable(known: _Known, words: str) -> ScanState:
    """Where there is no verdict of PASSED."""
    waiver = known.waiver(_RULES[known.scan.status if known.scan is not None else None])
    if waiver is None:
        return known.state(text=words, brief=words)
    brief = f"{words}, waived until {waiver[1].expires}"
    return known.state(text=f"{brief}: {waiver[1].reason}", brief=brief, waiver=waiver)


def _passed(known: _Known, scan: Scan) -> ScanState:
    text = f"PASSED {(scan.finished or '')[:10]}"
    doubts, waived = [], None
    # Which engines a format needs is not asked here; an exception says that some were missing.
    for doubt in (Doubt("scan-incomplete", ""), *_doubts(known, scan)):
        waiver = known.waiver(doubt.rule)
        if waiver is None:
            doubts += [doubt] if doubt.reason else []
        elif waived is None:
            waived = (doubt.rule, waiver)
    brief = text
    if waived is not None:
        rule, (_, record) = waived
        brief += f", but {rule}, waived until {record.expires}"
        text = f"{brief}: {record.reason}"
    if doubts:
        brief += ", in doubt"
        text += f", in doubt: {'; '.join(doubt.reason for doubt in doubts)}"
    state = known.state(text=text, brief=brief, waiver=waived[1] if waived else None, doubts=doubts)
    return replace(state, ok=waived is None and not doubts)


def _doubts(known: _Known, scan: Scan) -> Iterator[Doubt]:
    if scan.signature is None:
        if known.judges.policy.signatures_required:
            yield Doubt("scan-unsigned", "nobody has signed it")
    elif known.signature is not None and known.signature.kind == "untrusted":
        yield Doubt("scan-untrusted", f"its signature is not trusted: {known.signature.reason}")
    for reason in known.stale:
        yield Doubt("scan-stale", reason)


def waived_versions(
    snapshot: Snapshot, versions: Iterable[tuple[str, str]], now: datetime
) -> Mapping[str, str]:
    """What the scans of some versions say where it rests on a waiver, by ``name@version``.

    Args:
        snapshot: the catalog.
        versions: names and versions; what the catalog does not hold is passed over.
        now: the moment at which waivers are judged.
    """
    judges = ScanJudges.of(snapshot)
    found: dict[str, str] = {}
    for name, version in sorted(set(versions)):
        target = f"{name}@{version}"
        if judges.waivers.names(target):
            view = snapshot.model(name)
            artifacts = view.model is None or view.model.has_artifacts
            record, scan = view.version(version), view.scan(version)
            state = scan_state(target, record, scan, judges, now, has_artifacts=artifacts)
            if state.waived_until is not None:
                found[target] = state.brief
    return found


def _words(scan: Scan | None) -> str:
    if scan is None:
        return "not scanned"
    if scan.status == "SCANNING":
        return "scan not finished"
    if scan.status == "SKIPPED":
        return f"scan skipped ({scan.reason})"
    found = f", {len(scan.findings)} found" if scan.findings else ""
    return f"FAILED {(scan.finished or '')[:10]}{found}"
