"""scan-stale: a scan, or the signatures that it used, are older than the policy believes."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.scan_age import scan_age
from budmodel.findings import Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject


class ScanStale(VersionRule):
    """What was unknown to the signatures of spring may be well known in autumn."""

    id = "scan-stale"
    title = "A scan is too old"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each version that passed a scan which is too old, or of signatures that were."""
        scan, record = subject.view.scan(subject.version), subject.entry.record
        if scan is None or record is None or scan.status != "PASSED" or not subject.needs_bytes:
            return
        formats = {record.format, *(row.format for row in scan.files)}
        age = scan_age(scan, formats, context.judges.policy.scans, context.now)
        if age.stale:
            yield self.finding(
                subject.view.scan_path(subject.version),
                f"the scan of {subject.target} is stale: {'; '.join(age.stale)}",
                field_path=("finished",),
                fix=f"load today's signatures and scan it again: budmodel scan {subject.target}",
                targets=(subject.target,),
            )
