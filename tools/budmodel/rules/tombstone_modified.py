"""tombstone-modified: the record of a removal was changed or deleted. It is append-only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.findings import Finding
from budmodel.rules.interface import Context, EntryRule, Gone, GoneRule
from budmodel.schema.governance import Tombstone
from budmodel.store.entries import Entry


class TombstoneModified(EntryRule, GoneRule):
    """A tombstone is what keeps a name from being reused, so nobody may take it away afterwards."""

    id = "tombstone-modified"
    title = "A tombstone was changed or deleted"
    needs_base = True

    def visit(self, subject: Entry[Any] | Gone, context: Context) -> Iterator[Finding]:
        """One finding for each tombstone of the base branch that is not what it was."""
        entry = subject.entry if isinstance(subject, Gone) else subject
        if entry.place.kind.name != "tombstone" or context.base is None or not context.may_differ(entry.path):
            return
        before = context.base.record(entry.path, Tombstone)
        # What never was a tombstone may be mended; schema-invalid speaks of one that no longer is.
        if before is None or (not isinstance(subject, Gone) and entry.record in (None, before)):
            return
        what = "deleted" if isinstance(subject, Gone) else "changed"
        yield self.finding(
            entry.path,
            f"the tombstone of {before.name} was {what}; it stays as it was on the base branch",
            fix=f"restore it: git restore --source BASE -- {entry.path}",
        )
