"""scan-replayed: an old scan record was put in the place of a newer one, or bad news was taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from budmodel.findings import FieldPath, Finding
from budmodel.rules.interface import Context, Gone, GoneRule, VersionRule, VersionSubject
from budmodel.schema.scan import Scan, ScanEngine
from budmodel.schema.values import parse_timestamp

_DIGITS = re.compile(r"[0-9]+")


class ScanReplayed(VersionRule, GoneRule):
    """A signature stays good for ever; so scans only move forward, and FAILED does not just disappear."""

    id = "scan-replayed"
    title = "A scan went back in time"
    needs_base = True

    def visit(self, subject: VersionSubject | Gone, context: Context) -> Iterator[Finding]:
        """One finding for each record that is older than the base branch's, or hides what that found."""
        if isinstance(subject, Gone):
            yield from self._gone(subject, context)
            return
        path = subject.view.scan_path(subject.version)
        # Also of a version that was withdrawn: that can be taken back, and the failure would be gone.
        if context.base is None or not context.may_differ(path):
            return
        before, after = context.base.record(path, Scan), subject.view.scan(subject.version)
        problem = _problem(before, after) if before is not None and after is not None else None
        if problem is not None:
            field_path, what = problem
            yield self.finding(
                path,
                f"the scan of {subject.target} {what}",
                field_path=field_path,
                fix=f"restore the base branch's record, and scan it again: budmodel scan {subject.target}",
                targets=(subject.target,),
            )

    def _gone(self, subject: Gone, context: Context) -> Iterator[Finding]:
        scan = subject.entry.record
        if not isinstance(scan, Scan) or scan.status != "FAILED":
            return
        name, version = subject.entry.says("name"), subject.entry.says("version")
        if version not in context.head.versions_of(name):
            return
        yield self.finding(
            subject.path,
            f"the scan of {name}@{version} FAILED, and the change takes that record away",
            fix=f"restore it; withdraw the version: budmodel version yank {name} {version} --reason …",
            targets=(f"{name}@{version}",),
        )


def _problem(before: Scan, after: Scan) -> tuple[FieldPath, str] | None:
    if before.status == "FAILED" and after.status in ("SCANNING", "SKIPPED"):
        return ("status",), f"FAILED on the base branch, and {after.status} takes that away"
    if before.finished is None or after.finished is None:
        return None
    if parse_timestamp(after.finished) < parse_timestamp(before.finished):
        return ("finished",), f"finished on {after.finished}, before the base branch's ({before.finished})"
    if before.status == "FAILED" and after.status == "PASSED":
        older = _older(before, after)
        if older:
            return ("engines",), f"FAILED on the base branch, and PASSED with an older {older}"
    return None


def _older(before: Scan, after: Scan) -> str:
    """What of the engines is older than it was, or missing."""
    now = {engine.name: engine for engine in after.engines}
    for engine in before.engines:
        other = now.get(engine.name)
        if other is None:
            continue
        if _number(other.version) < _number(engine.version):
            return f"version of {engine.name}"
        if _database(other) < _database(engine):
            return f"signature database of {engine.name}"
    return ""


def _number(text: str) -> tuple[int, ...]:
    # What follows a plus says how the engine was told to judge, which has no order.
    return tuple(int(digits[:18]) for digits in _DIGITS.findall(text.partition("+")[0]))


def _database(engine: ScanEngine) -> tuple[str, int]:
    """Something that grows with the age of a database; what bears no date is older than all that do."""
    database = engine.database
    if database is None or database.date is None:
        return "", 0
    numbers = _number(database.version or "")
    return database.date, numbers[0] if numbers else 0
