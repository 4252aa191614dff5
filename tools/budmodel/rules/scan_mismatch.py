"""scan-mismatch: a scan record speaks of other bytes than the version does."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import FieldPath, Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject, waiver_first
from budmodel.schema.scan import Scan
from budmodel.schema.version import Version


class ScanMismatch(VersionRule):
    """A verdict holds for the manifest, the source and the locations that were read, and for nothing else."""

    id = "scan-mismatch"
    title = "A scan is bound to other bytes"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each field of the scan record that does not fit its version."""
        scan, record = subject.view.scan(subject.version), subject.entry.record
        if scan is None or record is None or not subject.needs_bytes:
            return
        for field_path, what in _differences(scan, record, subject.manifest):
            yield self.finding(
                subject.view.scan_path(subject.version),
                f"the scan record {what}",
                field_path=field_path,
                fix=f"remove the record, and {waiver_first('scan-missing')}",
                targets=(subject.target,),
            )


def _differences(scan: Scan, record: Version, manifest: str | None) -> Iterator[tuple[FieldPath, str]]:
    verdict = scan.status in ("PASSED", "FAILED")
    if scan.manifest_sha256 is not None and manifest is None:
        yield ("manifest_sha256",), f"is bound to bytes, but version {record.version} lists no files"
    elif scan.manifest_sha256 is not None and scan.manifest_sha256 != manifest:
        yield ("manifest_sha256",), f"is bound to other bytes than version {record.version} lists"
    if scan.source != record.source and (verdict or scan.source is not None):
        yield ("source",), f"names another source than version {record.version}"
    if verdict and record.storage_path is not None:
        wanted = record.storage_path.rstrip("/")
        if wanted not in (location.rstrip("/") for location in scan.locations):
            yield ("locations",), f"does not say that {record.storage_path} was read"
