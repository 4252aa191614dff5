"""ack-modified: an acknowledgment was changed or deleted. The log is append-only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.findings import Finding
from budmodel.rules.interface import Context, EntryRule, Gone, GoneRule
from budmodel.schema.license import Acknowledgment
from budmodel.store.entries import Entry


class AckModified(EntryRule, GoneRule):
    """Who accepted what must be told years later as it was written down."""

    id = "ack-modified"
    title = "An acknowledgment was changed or deleted"
    needs_base = True

    def visit(self, subject: Entry[Any] | Gone, context: Context) -> Iterator[Finding]:
        """One finding for each acknowledgment of the base branch that is not what it was."""
        entry = subject.entry if isinstance(subject, Gone) else subject
        if entry.place.kind.name != "acknowledgment" or context.base is None:
            return
        if not context.may_differ(entry.path):
            return
        before = context.base.record(entry.path, Acknowledgment)
        # What never was one may be mended; schema-invalid speaks of one that no longer is.
        if before is None or (not isinstance(subject, Gone) and entry.record in (None, before)):
            return
        what = "deleted" if isinstance(subject, Gone) else "changed"
        yield self.finding(
            entry.path,
            f"the acknowledgment of {before.name}@{before.version} by {before.by} was {what}, and the log "
            "only grows",
            fix=f"restore it: git restore --source BASE -- {entry.path}",
        )
