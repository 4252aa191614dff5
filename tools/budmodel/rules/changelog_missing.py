"""changelog-missing: a version does not say what changed."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding, Severity
from budmodel.rules.interface import Context, VersionRule, VersionSubject


class ChangelogMissing(VersionRule):
    """Whoever decides on an update reads the changelog first."""

    id = "changelog-missing"
    title = "A version has no changelog"
    severity = Severity.WARNING

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each version with an absent or blank changelog, unless it was withdrawn."""
        record = subject.entry.record
        if record is None or subject.yanked or (record.changelog is not None and record.changelog.strip()):
            return
        yield self.finding(
            subject.path,
            f"{subject.target} does not say what changed",
            field_path=("changelog",),
            fix="add changelog: and one sentence, before it is merged",
            targets=(subject.target,),
        )
