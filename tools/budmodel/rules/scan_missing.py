"""scan-missing: a version has bytes that no scan record speaks of."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject


class ScanMissing(VersionRule):
    """Every version with artifacts needs a verdict; nobody looked is not a pass."""

    id = "scan-missing"
    title = "A version was never scanned"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each version with artifacts and without a scan record."""
        if not subject.needs_bytes or subject.version in subject.view.scans:
            return
        yield self.finding(
            subject.path,
            f"{subject.target} has no scan record, so nobody knows what its bytes hold",
            field_path=("version",),
            fix=f"scan it: budmodel scan {subject.target}",
            targets=(subject.target,),
        )
