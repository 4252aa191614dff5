"""scan-skipped: a version was left out of scanning on purpose."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.quoting import one_line
from budmodel.findings import Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject


class ScanSkipped(VersionRule):
    """Skipped is not passed: a reason explains it, but only a waiver accepts it."""

    id = "scan-skipped"
    title = "A version was not scanned on purpose"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each version whose scan record says SKIPPED."""
        scan = subject.view.scan(subject.version)
        if scan is None or scan.status != "SKIPPED" or not subject.needs_bytes:
            return
        yield self.finding(
            subject.view.scan_path(subject.version),
            f"{subject.target} was not scanned: {one_line(scan.reason or '')}",
            field_path=("reason",),
            fix=(
                f"scan it: budmodel scan {subject.target}; where the reason is good enough for a while, "
                f"have a waiver of {self.id} merged first"
            ),
            targets=(subject.target,),
        )
