"""What a page says of a version's scan. Green is only what was proven; everything else says why it is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from budmodel.domain.manifest import manifest_sha256
from budmodel.findings import CheckResult, Finding
from budmodel.schema.governance import Waiver
from budmodel.schema.scan import Scan
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot

_BYTES_RULES = ("scan-", "files-missing")
"""Rules that speak of the bytes of a version."""
_RULE_OF = {
    "not-scanned": ("scan-missing", "files-missing"),
    "scanning": ("scan-incomplete",),
    "skipped": ("scan-skipped",),
    "failed": ("scan-failed",),
}
"""What a waiver must name to be about a state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanState:
    """The state of a version's scan in words, and how it may look."""

    slug: str
    """passed, failed, not-scanned, scanning, skipped, unproven, no-artifacts."""
    label: str
    tone: str
    """good, bad, warn or muted: colour only repeats what the label says."""
    detail: str = ""
    finished: str | None = None
    waived_until: str | None = None
    """Until when an approved exception stands in for a pass; never a pass itself."""

    @property
    def filter(self) -> str:
        """The value that the filter of the model list knows."""
        return "waived" if self.waived_until else self.slug

    @property
    def text(self) -> str:
        """The label with everything that a reader must not miss."""
        return f"{self.label}, waived until {self.waived_until}" if self.waived_until else self.label


def _state(slug: str, label: str, tone: str, detail: str = "") -> ScanState:
    return ScanState(slug=slug, label=label, tone=tone, detail=detail)


NO_ARTIFACTS = _state(
    "no-artifacts", "no artifacts", "muted", "Reached through an API; there is nothing to scan."
)
NO_VERSION = _state("not-scanned", "no version", "warn", "There is no version that could have been scanned.")
WITHDRAWN = _state(
    "not-scanned", "no version to use", "warn", "Every version was withdrawn, or none is the default."
)
NOT_SCANNED = _state("not-scanned", "not scanned", "warn", "Nobody has looked at the bytes.")
UNFINISHED = _state("scanning", "scan unfinished", "warn", "There is no verdict yet.")
FAILED = _state("failed", "scan failed", "bad")
PASSED = _state("passed", "passed", "good")
OTHER_BYTES = _state(
    "unproven", "scan of other bytes", "bad", "The verdict was made for other files than the version lists."
)


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Approved exceptions and open findings by version (``name@version``)."""

    waived: Mapping[str, Sequence[tuple[str, str]]]
    """Rule and end of each exception in force."""
    doubts: Mapping[str, Sequence[Finding]]
    """Findings that speak against a version's bytes."""
    accepted: Mapping[str, Sequence[Finding]] = field(default_factory=dict)
    """Findings for which an exception stands in."""


def exceptions(check: CheckResult | None) -> Exceptions:
    """What a check said of the bytes of each version."""
    waived: dict[str, list[tuple[str, str]]] = {}
    doubts: dict[str, list[Finding]] = {}
    accepted: dict[str, list[Finding]] = {}
    for item in check.waived if check is not None else ():
        if item.finding.rule.startswith(_BYTES_RULES):
            for target in item.finding.targets:
                waived.setdefault(target, []).append((item.finding.rule, item.expires))
                accepted.setdefault(target, []).append(item.finding)
    for finding in check.findings if check is not None else ():
        if finding.rule.startswith(_BYTES_RULES):
            for target in finding.targets:
                doubts.setdefault(target, []).append(finding)
    return Exceptions(waived, doubts, accepted)


def waivers_by_target(snapshot: Snapshot) -> dict[str, list[tuple[str, Waiver]]]:
    """Path and waiver for each version that one names, whatever its date."""
    found: dict[str, list[tuple[str, Waiver]]] = {}
    for path, waiver in snapshot.records("waiver", Waiver):
        for target in waiver.targets:
            found.setdefault(target, []).append((path, waiver))
    return found


def bound(waivers: Iterable[tuple[str, Waiver]], manifest: str | None) -> list[tuple[str, Waiver]]:
    """The waivers that are bound to exactly these bytes."""
    return [(path, waiver) for path, waiver in waivers if waiver.manifest_sha256 == manifest]


def manifest_of(version: Version) -> str | None:
    """The digest of a version's files; None where it lists none."""
    return manifest_sha256(version.files) if version.files else None


def state_without_exceptions(artifacts: bool, manifest: str | None, scan: Scan | None) -> ScanState:
    """What the scan record alone says."""
    if not artifacts:
        return NO_ARTIFACTS
    if scan is None:
        return NOT_SCANNED
    if scan.status == "SCANNING":
        return UNFINISHED
    if scan.status == "SKIPPED":
        return ScanState(slug="skipped", label="scan skipped", tone="warn", detail=scan.reason or "")
    if scan.status == "FAILED":
        return replace(FAILED, detail=_found(len(scan.findings)), finished=scan.finished)
    if manifest is None or scan.manifest_sha256 != manifest:
        return replace(OTHER_BYTES, finished=scan.finished)
    return replace(PASSED, finished=scan.finished)


def _found(count: int) -> str:
    if not count:
        return "The scan record lists no details."
    return f"{count} finding{'s' if count != 1 else ''} in the scan record."


def state_of(
    target: str, state: ScanState, said: Exceptions, waivers: Iterable[tuple[str, Waiver]] | None
) -> ScanState:
    """The state with what a check said of it.

    Args:
        target: ``name@version``.
        state: what the scan record alone says.
        said: waived and open findings of a check.
        waivers: where nothing was checked, the waivers bound to these bytes; else None.
    """
    if state is NO_ARTIFACTS:
        return state
    doubts = said.doubts.get(target, ())
    ends = [end for _, end in said.waived.get(target, ())]
    if waivers is not None:
        wanted = _RULE_OF.get(state.slug, ())
        ends += [waiver.expires for _, waiver in waivers if any(rule in wanted for rule in waiver.rules)]
    if state.slug == "passed" and (doubts or ends):
        against = (*doubts, *said.accepted.get(target, ()))
        told = against[0].message if against else "An exception was approved for this scan."
        state = replace(state, slug="unproven", label="scan in doubt", tone="warn", detail=told)
    return replace(state, waived_until=min(ends)[:10]) if ends else state
