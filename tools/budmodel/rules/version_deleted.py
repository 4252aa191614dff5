"""version-deleted: a released version was deleted. Withdraw it instead, so that everybody sees why."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, Gone, GoneRule
from budmodel.schema.governance import Tombstone
from budmodel.schema.values import is_semver


class VersionDeleted(GoneRule):
    """A version goes only together with its whole model, and then a tombstone says why."""

    id = "version-deleted"
    title = "A released version was deleted"
    needs_base = True

    def visit(self, subject: Gone, context: Context) -> Iterator[Finding]:
        """One finding for each version of the base branch that is gone without its model's tombstone."""
        if subject.entry.place.kind.name != "version":
            return
        name, version = subject.entry.says("name"), subject.entry.says("version")
        # A file that never had a version's name must be renamed, which deletes it.
        if not is_semver(version) or self._removed(name, context):
            return
        yield self.finding(
            subject.path,
            f"{name}@{version} is released, but its file was deleted",
            fix=(
                f"restore it; to withdraw it run: budmodel version yank {name} {version} --reason …; "
                f"to remove the whole model: budmodel remove {name} --reason …"
            ),
            targets=(f"{name}@{version}",),
        )

    def _removed(self, name: str, context: Context) -> bool:
        if context.head.files_of(name):
            return False
        return context.head.record(f"catalog/removed/{name}.yaml", Tombstone) is not None
