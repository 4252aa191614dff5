"""What scans found, as CycloneDX vulnerabilities of the model."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.render.exports.cyclonedx_component import Data, present, ref_of
from budmodel.render.exports.items import Item
from budmodel.schema.scan import ScanFinding


def vulnerabilities(item: Item) -> Iterator[Data]:
    """One entry for each finding; a waiver that names it is told as a triage that is still open."""
    release = item.chosen
    if release is None or release.evidence is None:
        return
    accepted = {
        finding: f"{waiver.reason} (waived until {waiver.expires})"
        for _, waiver in release.waivers
        for finding in waiver.findings
    }
    for number, finding in enumerate(release.evidence.record.findings, 1):
        yield _entry(item, number, finding, accepted.get(finding.id))


def _entry(item: Item, number: int, finding: ScanFinding, accepted: str | None) -> Data:
    analysis = {"state": "in_triage", "detail": accepted} if accepted is not None else None
    return present(
        {
            "bom-ref": f"finding:{ref_of(item)}:{number}",
            "id": finding.id,
            "source": {"name": finding.engine},
            "ratings": [{"severity": finding.severity, "method": "other"}],
            "description": finding.message,
            "detail": finding.path,
            "analysis": analysis,
            "affects": [{"ref": ref_of(item)}],
        }
    )
