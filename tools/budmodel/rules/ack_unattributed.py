"""ack-unattributed: somebody acknowledged in the name of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.domain.acknowledgments import wrote
from budmodel.findings import Finding
from budmodel.rules.interface import Context, EntryRule
from budmodel.schema.license import Acknowledgment
from budmodel.store.entries import Entry


class AckUnattributed(EntryRule):
    """An acknowledgment binds a person, so it is theirs only if they wrote or signed the commit."""

    id = "ack-unattributed"
    title = "An acknowledgment is not by who says so"

    def visit(self, subject: Entry[Any], context: Context) -> Iterator[Finding]:
        """One finding for each acknowledgment whose commit is somebody else's."""
        record = subject.record
        if not isinstance(record, Acknowledgment) or context.writers is None:
            return
        writers = context.writers.get(subject.path)
        if writers is None or wrote(record.by, writers):
            return
        whose = ", ".join(sorted(writers)[:3]) or "nobody"
        yield self.finding(
            subject.path,
            f"{record.by} acknowledges here, but the commit is by {whose}",
            field_path=("by",),
            fix="let the person commit it, under the name or address that stands here, or sign the commit",
        )
