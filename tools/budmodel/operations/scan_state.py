"""What the scan record of a version says, in a few words, and whether a waiver stands in for it.

This shows; the rules judge. What is missing is never shown as if it were there (DESIGN §3, waivers).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from budmodel.domain.manifest import manifest_sha256
from budmodel.domain.waivers import covers
from budmodel.findings import Finding
from budmodel.schema.governance import Waiver
from budmodel.schema.scan import Scan
from budmodel.schema.version import Version

_RULES = {
    None: "scan-missing",
    "SCANNING": "scan-incomplete",
    "FAILED": "scan-failed",
    "SKIPPED": "scan-skipped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanState:
    """The state of one version."""

    status: str | None
    """SCANNING, PASSED, FAILED or SKIPPED; None where there is no scan record."""
    text: str
    """For people: ``PASSED 2026-11-01``, ``not scanned, waived until 2027-05-22: reason``."""
    finished: str | None = None
    waived_until: str | None = None
    waiver: str | None = None
    """The path of the waiver that stands in."""
    ok: bool = False
    """Whether the verdict is PASSED for exactly these bytes; a waiver never makes it so."""


def scan_state(
    target: str,
    version: Version | None,
    scan: Scan | None,
    waivers: Mapping[str, Waiver],
    now: datetime,
    *,
    has_artifacts: bool = True,
) -> ScanState:
    """The state of a version ``name@version``.

    Args:
        target: ``name@version``, as waivers name it.
        version: its record; None where it is invalid.
        scan: its scan record; None where there is none that is valid.
        waivers: by path, from the catalog that judges.
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
    if status == "PASSED":
        return ScanState(status=status, text=f"PASSED {(finished or '')[:10]}", finished=finished, ok=True)
    text = _words(scan)
    waiver = _waiver(target, scan, manifest, waivers, now)
    if waiver is None:
        return ScanState(status=status, text=text, finished=finished)
    path, record = waiver
    text = f"{text}, waived until {record.expires}: {record.reason}"
    return ScanState(status=status, text=text, finished=finished, waived_until=record.expires, waiver=path)


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
    target: str, scan: Scan | None, manifest: str | None, waivers: Mapping[str, Waiver], now: datetime
) -> tuple[str, Waiver] | None:
    status = scan.status if scan is not None else None
    finding = Finding(
        rule=_RULES[status],
        message="",
        path="",
        targets=(target,),
        details=_ids(scan.findings) if scan is not None else (),
    )
    for path in sorted(waivers):
        if covers(waivers[path], finding, {target: manifest}, now):
            return path, waivers[path]
    return None


def _ids(findings: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(getattr(finding, "id", "")) for finding in findings)
