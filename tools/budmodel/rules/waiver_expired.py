"""waiver-expired: a waiver has ended and covers nothing any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.domain.waivers import expired
from budmodel.findings import Finding
from budmodel.rules.interface import Context, EntryRule
from budmodel.schema.governance import Waiver
from budmodel.store.catalog import Entry


class WaiverExpired(EntryRule):
    """An exception that has ended is either renewed on purpose or cleared away."""

    id = "waiver-expired"
    title = "A waiver has expired"

    def visit(self, subject: Entry[Any], context: Context) -> Iterator[Finding]:
        """One finding for each waiver whose end has come."""
        waiver = subject.record
        if isinstance(waiver, Waiver) and expired(waiver, context.now):
            yield self.finding(
                subject.path,
                f"the waiver ended on {waiver.expires} and covers nothing any more",
                field_path=("expires",),
                fix="remove the file, or have a new date approved",
            )
