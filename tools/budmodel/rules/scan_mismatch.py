"""scan-mismatch: a scan record speaks of other bytes than the version does."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.scan_binding import differences
from budmodel.findings import Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject


class ScanMismatch(VersionRule):
    """A verdict holds for the manifest, the source and the locations that were read, and for nothing else."""

    id = "scan-mismatch"
    title = "A scan is bound to other bytes"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each field of the scan record that does not fit its version."""
        scan, record = subject.view.scan(subject.version), subject.entry.record
        if scan is None or record is None or not subject.needs_bytes:
            return
        for field, what in differences(scan, record, subject.manifest):
            yield self.finding(
                subject.view.scan_path(subject.version),
                f"the scan record {what}",
                field_path=(field,),
                fix=f"scan what is there now: budmodel scan {subject.target}",
                targets=(subject.target,),
            )
