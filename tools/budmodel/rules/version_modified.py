"""version-modified: a released version was changed. Releases are immutable; make a new one."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject, VersionRule, VersionSubject
from budmodel.schema.model import Model
from budmodel.schema.version import Version

_FROZEN = tuple(name for name in Version.model_fields if name != "yanked")


class VersionModified(ModelRule, VersionRule):
    """Compares the parsed record with the one on the base branch, so that comments and order may change."""

    id = "version-modified"
    title = "A released version was changed"
    needs_base = True

    def visit(self, subject: ModelSubject | VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each field that differs; ``yanked`` may change, absent ``files`` be filled once."""
        if not context.may_differ(subject.path):
            return
        if isinstance(subject, VersionSubject):
            yield from self._version(subject, context)
        else:
            yield from self._source_type(subject, context)

    def _version(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        before = context.base.record(subject.path, Version) if context.base else None
        after = subject.entry.record
        if before is None or after is None:
            return
        for key in _differing(before, after):
            yield self.finding(
                subject.path,
                f"{subject.target} is released, but its field {key} was changed",
                field_path=(key,),
                fix=f"restore it and release the change: budmodel version add {subject.view.name} …",
                targets=(subject.target,),
            )

    def _source_type(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        before = context.base.record(subject.path, Model) if context.base else None
        after = subject.view.model
        if context.base is None or before is None or after is None:
            return
        was, is_now = _type(before), _type(after)
        # An absent source counts as artifacts, so saying where they are from is no change.
        same = was == is_now or (was is None and after.has_artifacts)
        if same or not context.base.versions_of(subject.view.name):
            return
        yield self.finding(
            subject.path,
            f"{subject.view.name} is released, but its source was {was or 'none'}, now {is_now or 'none'}",
            field_path=("source", "type"),
            fix="restore the source, and register the other one as a model of its own",
            targets=subject.targets,
        )


def _differing(before: Version, after: Version) -> Iterator[str]:
    if before == after:
        return
    for key in _FROZEN:
        old, new = getattr(before, key), getattr(after, key)
        if old != new and not (key == "files" and old is None):
            yield key


def _type(model: Model) -> str | None:
    return None if model.source is None else model.source.type
