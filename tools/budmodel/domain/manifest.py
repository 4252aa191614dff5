"""The manifest digest: one number for the exact bytes of a version (DESIGN §3, scans)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import rfc8785

from budmodel.schema.version import File


def manifest_sha256(files: Iterable[File]) -> str:
    """SHA-256 of the RFC 8785 form of ``[[path, size, sha256], …]``, sorted by the paths' UTF-8 bytes.

    Returns:
        64 lower-case hex digits.
    """
    ordered = sorted(files, key=lambda file: file.path.encode("utf-8"))
    canonical = rfc8785.dumps([[file.path, file.size, file.sha256] for file in ordered])
    return hashlib.sha256(canonical).hexdigest()
