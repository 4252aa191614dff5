"""yaml-invalid: the file cannot be read as the YAML that this catalog allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.findings import Finding
from budmodel.rules.interface import Context, EntryRule
from budmodel.store.entries import Entry


class YamlInvalid(EntryRule):
    """Reports what the reader refused, where it refused it."""

    id = "yaml-invalid"
    title = "A file is not YAML that the catalog allows"

    def visit(self, subject: Entry[Any], context: Context) -> Iterator[Finding]:
        """One finding for each unreadable file: nothing after the first error can be trusted."""
        problem = subject.unreadable
        if problem is not None:
            yield self.finding(
                subject.path, problem.message, fix=problem.fix, line=problem.line, column=problem.column
            )
