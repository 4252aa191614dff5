"""Parts of records that only need to be well formed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budmodel.schema.values import parse_timestamp
from budmodel.sources.interface import Listing


def files_of(listing: Listing, paths: frozenset[str]) -> list[dict[str, Any]] | None:
    """The chosen files where every digest is known; a part of them would look like the whole."""
    files = [file for file in listing.files or () if file.path in paths]
    if not files or any(file.sha256 is None for file in files):
        return None
    rows = [
        {
            "path": file.path,
            "size": file.size,
            "sha256": file.sha256,
            "version_id": file.version_id,
            "etag": file.etag,
        }
        for file in files
    ]
    return [{key: value for key, value in row.items() if value is not None} for row in rows]


def moment_of(text: str | None) -> str | None:
    """A time as the schema has it; None for anything else."""
    try:
        parse_timestamp(text or "")
    except ValueError:
        return None
    return text


def filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is unknown or empty. False is known."""
    return {key: value for key, value in fields.items() if value is not None and value not in ({}, [], "")}
