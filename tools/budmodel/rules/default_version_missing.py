"""default-version-missing: the default version or an alias leads nowhere, or there is none."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject
from budmodel.schema.model import Model
from budmodel.schema.values import is_semver


class DefaultVersionMissing(ModelRule):
    """``NAME`` and ``NAME@production`` must lead to a version, and the same one for everybody."""

    id = "default-version-missing"
    title = "A default version or an alias leads nowhere"

    def visit(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        """One finding for each reference without a version, or for versions without a default."""
        view, model = subject.view, subject.view.model
        if model is None:
            return
        released = [version for version in view.versions if is_semver(version)]
        if view.versions and not released:
            return  # version-not-semver speaks of them; nothing that could be named is there yet
        newest = next((v for v in reversed(released) if f"{view.name}@{v}" in subject.targets), None)
        fix = f"run: budmodel version default {view.name} {newest}"
        if newest is None:
            fix = f"run: budmodel version add {view.name} {model.default_version}, or remove default_version"
        if model.default_version is None and newest is not None:
            yield self.finding(
                subject.path,
                f"{view.name} has versions, but none is the default",
                field_path=("default_version",),
                fix=fix,
                targets=subject.targets,
            )
        if model.default_version is not None and model.default_version not in view.versions:
            yield self.finding(
                subject.path,
                f"default_version is {model.default_version}, but {view.name} has no such version",
                field_path=("default_version",),
                fix=fix,
                targets=subject.targets,
            )
        yield from self._aliases(subject, model, released)

    def _aliases(self, subject: ModelSubject, model: Model, released: list[str]) -> Iterator[Finding]:
        known = ", ".join(released[-3:])
        for alias, version in model.aliases.items():
            if version not in subject.view.versions:
                yield self.finding(
                    subject.path,
                    f"the alias {alias} is {version}, but {subject.view.name} has no such version",
                    field_path=("aliases", alias),
                    fix=f"name one that exists: {known}" if known else "add the version first",
                    targets=subject.targets,
                )
