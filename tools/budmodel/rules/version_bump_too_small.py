"""version-bump-too-small: a new version changes more than its number says."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.version_bump import Facts, Step, differences, preceding, smallest, step, unstated
from budmodel.findings import Finding, Severity
from budmodel.rules.interface import Context, VersionRule, VersionSubject
from budmodel.schema.values import is_semver
from budmodel.schema.version import Version
from budmodel.store.model_view import ModelView


class VersionBumpTooSmall(VersionRule):
    """Compares a new version with the one before it by SemVer precedence; https://semver.org/spec/v2.0.0.html."""

    id = "version-bump-too-small"
    title = "A version number was raised too little"
    needs_base = True

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for a new version whose step is smaller than its differences need."""
        record, base = subject.entry.record, context.base
        if base is None or record is None or not context.may_differ(subject.path):
            return
        if base.record(subject.path, Version) is not None:
            return
        before = _preceding(subject)
        raised = step(before, subject.version) if before is not None else None
        if before is None or raised in (None, Step.MAJOR):
            return
        # What is on the base already was released under the model of the base.
        released = base.record(subject.view.version_path(before), Version) is not None
        was = _facts(base.model(subject.view.name) if released else subject.view, before)
        now = _facts(subject.view, subject.version)
        if was is not None and now is not None:
            yield from self._weigh(subject, before, raised, was, now)

    def _weigh(
        self, subject: VersionSubject, before: str, raised: Step | None, was: Facts, now: Facts
    ) -> Iterator[Finding]:
        found = list(differences(was, now))
        needs = max((one.needs for one in found), default=Step.PATCH)
        if raised is not None and needs > raised:
            what = ", ".join(one.what for one in found if one.needs is needs)
            yield self.finding(
                subject.path,
                f"{subject.target} changes {what} against {before}, which needs a new {needs}",
                field_path=("version",),
                fix=f"name it {smallest(before, needs)} or higher",
                targets=(subject.target,),
            )
            return
        missing = unstated(was, now)
        if missing:
            yield self.finding(
                subject.path,
                f"{subject.target} does not state {', '.join(missing)} as {before} does, so nobody can say "
                "whether its number was raised enough",
                field_path=("fingerprint",),
                fix="state its fingerprint, or release it as a new major",
                targets=(subject.target,),
            ).lowered(Severity.WARNING)


def _preceding(subject: VersionSubject) -> str | None:
    withdrawn = {
        version: entry.record.yanked is not None
        for version, entry in subject.view.versions.items()
        if is_semver(version) and entry.record is not None
    }
    return preceding(subject.version, withdrawn)


def _facts(view: ModelView, version: str) -> Facts | None:
    record, model = view.version(version), view.model
    if record is None:
        return None
    if model is None:
        return Facts.of(record, None, ())
    return Facts.of(record, model.architecture, model.base_models)
