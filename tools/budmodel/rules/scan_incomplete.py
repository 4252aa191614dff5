"""scan-incomplete: a scan has no verdict yet, or says PASSED without having seen every byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from budmodel.domain.quoting import one_line
from budmodel.findings import FieldPath, Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject, waiver_first
from budmodel.schema.scan import FileVerdict, Scan
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
        problem = _problem(scan, (record.files if record is not None else None) or ())
        if problem is not None:
            field_path, what = problem
            yield self.finding(
                subject.view.scan_path(subject.version),
                f"the scan of {subject.target} {what}",
                field_path=field_path,
                fix=waiver_first(self.id),
                targets=(subject.target,),
            )


def _problem(scan: Scan, files: Sequence[File]) -> tuple[FieldPath, str] | None:
    if scan.status == "SCANNING":
        error = scan.attempt.error if scan.attempt is not None else None
        return ("status",), f"has no verdict yet{f': {one_line(error)}' if error else ''}"
    if scan.status != "PASSED":
        return None
    if not scan.engines or not scan.files:
        return ("status",), f"says PASSED, but lists no {'engines' if not scan.engines else 'files'}"
    unproven = _unproven(scan, files)
    if unproven:
        more = f" and {len(unproven) - 3} more" if len(unproven) > 3 else ""
        return ("files",), f"says PASSED, but did not see all of {one_line(', '.join(unproven[:3]))}{more}"
    return None


def _unproven(scan: Scan, files: Sequence[File]) -> list[str]:
    engines = {engine.name for engine in scan.engines}
    verdicts: dict[str, list[FileVerdict]] = {}
    for verdict in scan.files:
        verdicts.setdefault(verdict.path, []).append(verdict)
    return [file.path for file in files if not _whole(verdicts.get(file.path, ()), file.size, engines)]


def _whole(verdicts: Sequence[FileVerdict], size: int, engines: set[str]) -> bool:
    """Whether every engine that looked said clean and saw every byte of what the version lists."""
    return bool(verdicts) and all(
        verdict.verdict == "clean"
        and verdict.bytes_seen == verdict.bytes_total == size
        and verdict.engine in engines
        for verdict in verdicts
    )
