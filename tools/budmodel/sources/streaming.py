"""What all sources share of reading whole files."""

from __future__ import annotations

import hashlib

from budmodel.sources.interface import Progress, Source


def sha256_of(source: Source, path: str, size: int | None, progress: Progress | None) -> str:
    """The digest of a whole file, 64 hex digits.

    Args:
        source: where it is.
        path: a listed file.
        size: its bytes, where known, for the progress.
        progress: told how far it is.

    Raises:
        OutsideError: the bytes could not be read, or are not those that were listed.
    """
    digest, done = hashlib.sha256(), 0
    for piece in source.chunks(path):
        digest.update(piece)
        done += len(piece)
        if progress is not None:
            progress(path, done if size is None else min(done, size), done if size is None else size)
    return digest.hexdigest()
