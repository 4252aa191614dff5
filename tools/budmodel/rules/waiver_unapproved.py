"""waiver-unapproved: a waiver in the change does not count until it is on the base branch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.findings import Finding, Severity
from budmodel.rules.interface import Context, EntryRule
from budmodel.schema.governance import Waiver
from budmodel.store.entries import Entry


class WaiverUnapproved(EntryRule):
    """Otherwise a change could excuse itself; merging the waiver on its own is the approval."""

    id = "waiver-unapproved"
    title = "A waiver is not on the base branch yet"
    severity = Severity.WARNING
    needs_base = True

    def visit(self, subject: Entry[Any], context: Context) -> Iterator[Finding]:
        """One finding for each waiver that is new or differs from the one that judges."""
        waiver = subject.record
        if context.base is None or not isinstance(waiver, Waiver) or not context.may_differ(subject.path):
            return
        before = context.base.record(subject.path, Waiver)
        if before == waiver:
            return
        state = "is new" if before is None else "was changed"
        what = ", ".join(waiver.rules[:5])
        yield self.finding(
            subject.path,
            f"this waiver of {what} {state}; it does not count before it is on the base branch",
            field_path=("rules",),
            fix="have it reviewed and merged first, then check this change again",
        )
