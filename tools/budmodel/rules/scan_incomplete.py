"""scan-incomplete: a scan has no verdict yet, or says PASSED without having seen every byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from budmodel.domain.quoting import one_line
from budmodel.domain.scan_results import undecided
from budmodel.findings import FieldPath, Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject
from budmodel.schema.governance import ScanPolicy
from budmodel.schema.scan import Scan
from budmodel.schema.version import File


class ScanIncomplete(VersionRule):
    """PASSED means that every byte of every listed file was seen and nothing was found (DESIGN §3)."""

    id = "scan-incomplete"
    title = "A scan did not see everything"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each version whose scan record proves less than it says."""
        scan, record = subject.view.scan(subject.version), subject.entry.record
        if scan is None or not subject.needs_bytes:
            return
        problem = _problem(
            scan, (record.files if record is not None else None) or (), context.judges.policy.scans
        )
        if problem is not None:
            field_path, what = problem
            yield self.finding(
                subject.view.scan_path(subject.version),
                f"the scan of {subject.target} {what}",
                field_path=field_path,
                fix=f"run it again, and it goes on from there: budmodel scan {subject.target}",
                targets=(subject.target,),
            )


def _problem(scan: Scan, files: Sequence[File], policy: ScanPolicy) -> tuple[FieldPath, str] | None:
    if scan.status == "SCANNING":
        error = scan.attempt.error if scan.attempt is not None else None
        return ("status",), f"has no verdict yet{f': {one_line(error)}' if error else ''}"
    if scan.status != "PASSED":
        return None
    if not scan.engines or not scan.files:
        return ("status",), f"says PASSED, but lists no {'engines' if not scan.engines else 'files'}"
    unproven = undecided(scan, files, policy)
    if unproven:
        first = unproven[0]
        more = f"; and {len(unproven) - 1} more files" if len(unproven) > 1 else ""
        return ("files",), f"says PASSED, but not of {one_line(first.path)}: {first.problems[0]}{more}"
    return None
