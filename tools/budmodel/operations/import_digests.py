"""The files of a version: which of a listing it takes, and each with its digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from budmodel.sources.facts.selection import takes
from budmodel.sources.interface import MAX_SMALL_FILE, Listing, Note, Progress, RemoteFile, Source


def selected(paths: Iterable[str], include: Sequence[str], exclude: Sequence[str]) -> list[str]:
    """The paths that an inclusion names (all, where there is none) and no exclusion does."""
    return [path for path in paths if takes(path, include, exclude)]


def recorded_files(
    source: Source,
    listing: Listing,
    selection: Mapping[str, Any],
    *,
    hash_files: bool = True,
    progress: Progress | None = None,
) -> tuple[list[dict[str, Any]] | None, tuple[Note, ...]]:
    """The ``files`` of a version record, hashing what the source gave no digest for.

    Args:
        source: where the bytes are.
        listing: what it said of them.
        selection: ``include`` and ``exclude``, as a version record has them.
        hash_files: False leaves files without digests as they are.
        progress: told how far hashing is.

    Returns:
        The files, or None where some digest stays unknown, and why.

    Raises:
        OutsideError: a file could not be read.
    """
    if listing.files is None:
        return None, (_missing("the source did not say the sizes of its files"),)
    wanted = frozenset(
        selected(listing.paths, selection.get("include") or (), selection.get("exclude") or ())
    )
    files = [file for file in listing.files if file.path in wanted]
    if not files:
        return None, (_missing("the selection leaves no file"),)
    unknown = [
        file.path for file in files if file.sha256 is None and not _hashable(file, listing, hash_files)
    ]
    if unknown:
        count = "1 file" if len(unknown) == 1 else f"{len(unknown)} files"
        first = ", ".join(unknown[:3]) + (", …" if len(unknown) > 3 else "")
        return None, (_missing(f"the source gives no SHA-256 of {count} ({first})"),)
    return [_record(file, file.sha256 or source.sha256(file.path, progress)) for file in files], ()


def _hashable(file: RemoteFile, listing: Listing, hash_files: bool) -> bool:
    # The Hub states the digests of all large files; one without would have to be downloaded in full.
    return hash_files and (listing.kind != "huggingface" or file.size <= MAX_SMALL_FILE)


def _record(file: RemoteFile, sha256: str) -> dict[str, Any]:
    stated = {"version_id": file.version_id, "etag": file.etag}
    known = {key: value for key, value in stated.items() if value}
    return {"path": file.path, "size": file.size, "sha256": sha256, **known}


def _missing(why: str) -> Note:
    return Note(
        kind="missing", field="files", message=f"{why}, so files stays empty and the gate says files-missing"
    )
