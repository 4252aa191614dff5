"""benchmark-unsourced: a result does not say where its number comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.findings import Finding
from budmodel.rules.interface import Context, EntryRule
from budmodel.schema.benchmark import Results
from budmodel.store.entries import Entry


class BenchmarkUnsourced(EntryRule):
    """A number that nobody can look up again is a rumour, and the leaderboard ranks no rumours."""

    id = "benchmark-unsourced"
    title = "A result has no source"

    def visit(self, subject: Entry[Any], context: Context) -> Iterator[Finding]:
        """One finding for each result whose source is absent or blank."""
        if not isinstance(subject.record, Results):
            return
        for index, result in enumerate(subject.record.results):
            if result.source is None or not result.source.strip():
                yield self.finding(
                    subject.path,
                    f"the result {result.benchmark} {result.metric} does not say where it comes from",
                    field_path=("results", index, "source"),
                    fix="add source: the address of the page, or the name of the run",
                    targets=(f"{subject.says('name')}@{subject.says('version')}",),
                )
