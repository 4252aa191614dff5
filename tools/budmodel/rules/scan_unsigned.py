"""scan-unsigned: nobody has signed a scan record, and the policy wants to know who made it."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject


class ScanUnsigned(VersionRule):
    """Anybody can write PASSED into a file. Bad news needs no signature: it is believed from anybody."""

    id = "scan-unsigned"
    title = "Nobody has signed a scan"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each version that passed, or was skipped, by a record without a signature."""
        scan = subject.view.scan(subject.version)
        if scan is None or not subject.needs_bytes or not context.judges.policy.scans.signatures_required:
            return
        if scan.signature is not None or scan.status not in ("PASSED", "SKIPPED"):
            return
        yield self.finding(
            subject.view.scan_path(subject.version),
            f"the scan of {subject.target} says {scan.status}, but nobody has signed it",
            field_path=("status",),
            fix=f"scan it with a key of catalog/allowed_signers: budmodel scan {subject.target} --key KEY",
            targets=(subject.target,),
        )
