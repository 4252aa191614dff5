"""version-missing: a model without a version, evidence without its version, or a folder without a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject
from budmodel.schema.values import is_semver
from budmodel.store.entries import Entry


class VersionMissing(ModelRule):
    """A model with artifacts has at least one version, and every scan and result belongs to one."""

    id = "version-missing"
    title = "A version, or the model itself, is not there"

    def visit(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        """One finding for what is missing, one for each file that speaks of a version which is not there."""
        view = subject.view
        if view.entry is None:
            yield self.finding(
                subject.path,
                f"{view.folder} has no model.yaml",
                fix=f"run: budmodel add {view.name} …, or remove the folder",
            )
        elif view.model is not None and view.model.has_artifacts and not view.versions:
            yield self.finding(
                subject.path,
                f"{view.name} has artifacts, but no version says which",
                field_path=("name",),
                fix=f"run: budmodel version add {view.name} 1.0.0, or set source: {{type: api}}",
            )
        yield from self._orphans(subject)

    def _orphans(self, subject: ModelSubject) -> Iterator[Finding]:
        view = subject.view
        evidence: list[tuple[Entry[Any], str]] = [(entry, "scan record") for entry in view.scans.values()]
        evidence += [(entry, "benchmark result") for entry in view.results]
        for entry, what in evidence:
            version = entry.says("version")
            if version not in view.versions:
                yield self.finding(
                    entry.path,
                    f"this {what} is of {view.name}@{version}, but there is no {view.version_path(version)}",
                    fix=f"run: budmodel version add {view.name} {version}, or remove the file"
                    if is_semver(version)
                    else "remove the file, or put it where its version is",
                )
