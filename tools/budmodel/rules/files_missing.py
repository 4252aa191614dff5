"""files-missing: a version does not list its files, so nothing can be compared with it."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject
from budmodel.schema.version import HubRevision, S3Location, Version


class FilesMissing(VersionRule):
    """Size and digest of each file are what a scan is bound to and what a download is verified with."""

    id = "files-missing"
    title = "A version does not list its files"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each version with artifacts and without files."""
        record = subject.entry.record
        if record is None or record.files or not subject.needs_bytes:
            return
        name, version = subject.view.name, subject.version
        yield self.finding(
            subject.path,
            f"{subject.target} lists no files, so nobody can tell which bytes are its own",
            field_path=("files",),
            fix=f"run: budmodel import {_source(record)} --name {name} --version {version}",
            targets=(subject.target,),
        )


def _source(record: Version) -> str:
    if record.storage_path is not None and record.storage_path.startswith("s3://"):
        return f"s3 {record.storage_path}"
    if isinstance(record.source, S3Location):
        return f"s3 {record.source.uri}"
    if isinstance(record.source, HubRevision):
        return f"huggingface {record.source.model_id}"
    return "local DIR"
