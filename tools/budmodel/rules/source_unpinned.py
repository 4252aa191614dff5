"""source-unpinned: a version does not say exactly which bytes it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject
from budmodel.schema.values import COMMIT_PATTERN
from budmodel.schema.version import HubRevision

_COMMIT = re.compile(COMMIT_PATTERN[:-1] + r"\Z")


class SourceUnpinned(VersionRule):
    """A branch or tag of the Hub moves; only a commit stays what was reviewed and scanned."""

    id = "source-unpinned"
    title = "A version's source is not pinned"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each version without a commit, or without any statement of where its bytes are."""
        record = subject.entry.record
        if record is None or subject.yanked:
            return
        if isinstance(record.source, HubRevision):
            revision = record.source.revision
            if revision is not None and _COMMIT.match(revision):
                return
            said = f"at {revision}, which can move" if revision is not None else "at no revision"
            yield self.finding(
                subject.path,
                f"{subject.target} comes from {record.source.model_id} {said}",
                field_path=("source", "revision"),
                fix="write the commit's 40 hex digits; budmodel import huggingface fills them in",
                targets=(subject.target,),
            )
        elif record.source is None and record.storage_path is None and self._has_artifacts(subject):
            yield self.finding(
                subject.path,
                f"{subject.target} says nothing about where its bytes are",
                field_path=("version",),
                fix="add source: or storage_path:, or import it: budmodel import huggingface|s3|local …",
                targets=(subject.target,),
            )

    def _has_artifacts(self, subject: VersionSubject) -> bool:
        # Of an invalid model nobody knows; schema-invalid speaks of it.
        return subject.view.model is not None and subject.needs_bytes
