"""Commands that fetch the bytes of a version, to be copied into a POSIX shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from budmodel.schema.version import HubRevision, S3Location, Selection, Version


def fetch_commands(name: str, version: Version) -> Iterator[str]:
    """One command for each place where the bytes are. Whatever the catalog holds is quoted."""
    source = version.source
    if isinstance(source, HubRevision) and source.revision is not None:
        words = ["hf", "download", source.model_id, "--revision", source.revision]
        selection = version.selection or Selection()
        for option, globs in (("--include", selection.include), ("--exclude", selection.exclude)):
            words += [word for glob in globs for word in (option, glob)]
        yield shlex.join(words)
    place = version.storage_path or (source.uri if isinstance(source, S3Location) else None)
    if place is not None and place.startswith("s3://"):
        yield shlex.join(["aws", "s3", "sync", place, f"{name}/"])
