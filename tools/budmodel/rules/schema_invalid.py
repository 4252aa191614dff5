"""schema-invalid: the file is YAML, but not the record that belongs at its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.findings import Finding
from budmodel.rules.interface import Context, EntryRule, VersionRule, VersionSubject
from budmodel.schema.version import ApiRelease
from budmodel.store.catalog import Entry


class SchemaInvalid(EntryRule, VersionRule):
    """Reports every problem of a record at once, each at its own key, and what two records show together."""

    id = "schema-invalid"
    title = "A record does not follow its schema"

    def visit(self, subject: Entry[Any] | VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each place that is wrong."""
        if isinstance(subject, VersionSubject):
            yield from self._artifacts_of_an_api(subject)
            return
        for problem in subject.problems:
            yield self.finding(subject.path, problem.message, field_path=problem.field_path, fix=problem.fix)

    def _artifacts_of_an_api(self, subject: VersionSubject) -> Iterator[Finding]:
        model, record = subject.view.model, subject.entry.record
        if model is None or record is None:
            return
        if model.has_artifacts:
            if isinstance(record.source, ApiRelease):
                yield self.finding(
                    subject.path,
                    f"{subject.target} says source: {{type: api}}, but its model has artifacts",
                    field_path=("source",),
                    fix="say where the bytes are, or set the model's source to {type: api}",
                )
            return
        if record.source is not None and not isinstance(record.source, ApiRelease):
            yield self._with_bytes(subject, "source")
        if record.files:
            yield self._with_bytes(subject, "files")
        if record.storage_path is not None:
            yield self._with_bytes(subject, "storage_path")

    def _with_bytes(self, subject: VersionSubject, field: str) -> Finding:
        return self.finding(
            subject.path,
            f"{subject.view.name} is reached through an API only, so {subject.target} cannot have {field}",
            field_path=(field,),
            fix=f"remove {field}, or set the model's source to where the bytes come from",
        )
