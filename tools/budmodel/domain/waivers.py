"""When a waiver covers a finding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from budmodel.findings import Finding
from budmodel.schema.governance import Waiver
from budmodel.schema.values import parse_timestamp

NOT_WAIVABLE = frozenset(
    ["yaml-invalid", "schema-invalid", "version-modified", "scan-mismatch", "scan-replayed", "scan-untrusted"]
)
"""Rules that no waiver covers and no policy lowers (DESIGN §3)."""


def expired(waiver: Waiver, now: datetime) -> bool:
    """Whether the waiver has ended. A plain date ends at its midnight in UTC, when that day begins."""
    return parse_timestamp(waiver.expires) <= now


def covers(waiver: Waiver, finding: Finding, manifests: Mapping[str, str | None], now: datetime) -> bool:
    """Whether a waiver in force names this finding's rule and all its versions, with their exact bytes.

    Args:
        waiver: the waiver, from the branch that judges.
        finding: the finding; one that speaks of no version cannot be waived.
        manifests: manifest digest by ``name@version``; None where a version lists no files.
        now: the moment of judging.
    """
    if finding.rule in NOT_WAIVABLE or finding.rule not in waiver.rules or expired(waiver, now):
        return False
    if not finding.targets or not set(finding.targets) <= set(waiver.targets):
        return False
    for target in finding.targets:
        manifest = manifests.get(target)
        if manifest is not None and waiver.manifest_sha256 != manifest:
            return False
        # A waiver bound to bytes does not cover a version that no longer lists them.
        if manifest is None and waiver.manifest_sha256 is not None:
            return False
    if finding.rule == "scan-failed":
        return bool(finding.details) and set(finding.details) <= set(waiver.findings)
    return True
