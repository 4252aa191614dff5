"""What the scan record of a version says, in a few words, and whether a waiver stands in for it.

This shows; the rules judge. What is missing is never shown as if it were there (DESIGN §3, waivers).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from budmodel.domain.manifest import manifest_sha256
from budmodel.domain.waivers import WaiverBook, covers
from budmodel.findings import Finding
from budmodel.schema.governance import Waiver
from budmodel.schema.scan import Scan
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot

_RULES = {
    None: "scan-missing",
    "SCANNING": "scan-incomplete",
    "FAILED": "scan-failed",
    "SKIPPED": "scan-skipped",
}
_DOUBTS = ("scan-incomplete", "scan-unsigned", "scan-stale")
"""Rules that speak against a PASSED record, and of which an exception keeps it from looking green."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanState:
    """The state of one version."""

    status: str | None
    """SCANNING, PASSED, FAILED or SKIPPED; None where there is no scan record."""
    text: str
    """For people: ``PASSED 2026-11-01``, ``not scanned, waived until 2027-05-22: reason``.

    A PASSED record that rests on an exception says so: ``PASSED 2026-11-01, but scan-stale, waived until …``.
    """
    brief: str = ""
    """The same without the reason of a waiver, for tables of many versions."""
    finished: str | None = None
    waived_until: str | None = None
    waiver: str | None = None
    """The path of the waiver that stands in."""
    ok: bool = False
    """Whether the verdict is PASSED for exactly these bytes, and rests on no waiver."""


def scan_state(
    target: str,
    version: Version | None,
    scan: Scan | None,
    waivers: WaiverBook,
    now: datetime,
    *,
    has_artifacts: bool = True,
) -> ScanState:
    """The state of a version ``name@version``.

    Args:
        target: ``name@version``, as waivers name it.
        version: its record; None where it is invalid.
        scan: its scan record; None where there is none that is valid.
        waivers: from the catalog that judges.
        now: the moment at which waivers are judged.
        has_artifacts: False for API-only models, which have nothing to scan.
    """
    if not has_artifacts:
        return ScanState(status=None, text="nothing to scan (API only)")
    manifest = manifest_sha256(version.files) if version is not None and version.files else None
    status = scan.status if scan is not None else None
    finished = scan.finished if scan is not None else None
    if status in ("PASSED", "FAILED") and scan is not None and scan.manifest_sha256 != manifest:
        return ScanState(status=status, text=f"{status}, but of other bytes", finished=finished)
    passed = status == "PASSED"
    text = f"PASSED {(finished or '')[:10]}" if passed else _words(scan)
    for rule in _DOUBTS if passed else (_RULES[status],):
        waiver = _waiver(rule, target, scan, manifest, waivers, now)
        if waiver is not None:
            path, record = waiver
            doubt = f", but {rule}" if passed else ""
            brief = f"{text}{doubt}, waived until {record.expires}"
            return ScanState(
                status=status,
                text=f"{brief}: {record.reason}",
                brief=brief,
                finished=finished,
                waived_until=record.expires,
                waiver=path,
            )
    return ScanState(status=status, text=text, brief=text, finished=finished, ok=passed)


def waived_versions(
    snapshot: Snapshot, versions: Iterable[tuple[str, str]], now: datetime
) -> Mapping[str, str]:
    """What the scans of some versions say where it rests on a waiver, by ``name@version``.

    Args:
        snapshot: the catalog.
        versions: names and versions; what the catalog does not hold is passed over.
        now: the moment at which waivers are judged.
    """
    waivers = list(snapshot.records("waiver", Waiver))
    named = {target for _, one in waivers for target in one.targets}
    book, found = WaiverBook.of(waivers), {}
    for name, version in sorted(set(versions)):
        target = f"{name}@{version}"
        if target in named:
            view = snapshot.model(name)
            artifacts = view.model is None or view.model.has_artifacts
            record, scan = view.version(version), view.scan(version)
            state = scan_state(target, record, scan, book, now, has_artifacts=artifacts)
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


def _waiver(
    rule: str, target: str, scan: Scan | None, manifest: str | None, waivers: WaiverBook, now: datetime
) -> tuple[str, Waiver] | None:
    details = _ids(scan.findings) if scan is not None else ()
    finding = Finding(rule=rule, message="", path="", targets=(target,), details=details)
    for path, waiver in waivers.naming(finding):
        if covers(waiver, finding, {target: manifest}, now):
            return path, waiver
    return None


def _ids(findings: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(getattr(finding, "id", "")) for finding in findings)
