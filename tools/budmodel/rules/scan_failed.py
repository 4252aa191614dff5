"""scan-failed: a scanner found something in the bytes of a version."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.quoting import one_line
from budmodel.findings import Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject


class ScanFailed(VersionRule):
    """A waiver must name each finding by its id, so that a later one is not waived with it."""

    id = "scan-failed"
    title = "A scan found something"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each version whose latest verdict is FAILED."""
        scan = subject.view.scan(subject.version)
        if scan is None or scan.status != "FAILED" or not subject.needs_bytes:
            return
        ids = tuple(sorted({found.id for found in scan.findings}))
        named = one_line(", ".join(ids[:3])) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
        yield self.finding(
            subject.view.scan_path(subject.version),
            f"the scan of {subject.target} found {named or 'something that it does not name'}",
            field_path=("status",),
            fix=(
                f"withdraw it: budmodel version yank {subject.view.name} {subject.version} --reason …; "
                "where it is a false alarm, propose a waiver that names each finding"
            ),
            targets=(subject.target,),
            details=ids,
        )
