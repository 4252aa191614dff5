"""schema-invalid: the file is YAML, but not the record that belongs at its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.findings import Finding
from budmodel.rules.interface import Context, EntryRule, VersionRule, VersionSubject
from budmodel.rules.version_not_semver import nearest_semver
from budmodel.schema.problems import Problem
from budmodel.schema.values import is_name
from budmodel.schema.version import ApiRelease
from budmodel.store.entries import Entry
from budmodel.store.yaml_reader import load


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
            fix = _by_path(subject, problem) or problem.fix
            yield self.finding(subject.path, problem.message, field_path=problem.field_path, fix=fix)

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


def _by_path(subject: Entry[Any], problem: Problem) -> str | None:
    """What to write for a field that only repeats the path; None for others, and where the path is wrong."""
    field = problem.field_path[0] if len(problem.field_path) == 1 else None
    if field not in ("name", "version") or field not in subject.place.says or subject.data is None:
        return None
    said: str | None = subject.says(field)
    if field == "version":
        said = nearest_semver(said or "")
    elif not is_name(said or ""):
        said = None
    return f"write {field}: {_as_text(said)}" if said else None


def _as_text(word: str) -> str:
    """The word as YAML reads it as text: ``"123"`` needs quotes, ``1.0.0`` needs none."""
    return word if load(word.encode()) == word else f'"{word}"'
