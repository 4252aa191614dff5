"""The Hub's listings of files: from hostile JSON to checked entries.

Field names are those of the Hub's models API (``siblings`` with ``blobs=true``) and of its tree API.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from budmodel.errors import OutsideError
from budmodel.schema.values import SHA256_PATTERN
from budmodel.sources.hub_errors import Asked
from budmodel.sources.hub_ids import quoted
from budmodel.sources.interface import MAX_FILES

MAX_PATH = 1024
"""Longest path of a file in bytes of UTF-8."""
MAX_SIZE = 2**60
_sha256 = re.compile(SHA256_PATTERN[:-1] + r"\Z")
_blob = re.compile(r"[0-9a-f]{40}\Z")
# Controls, line separators, surrogates, and marks that change the direction of what a reader sees.
_unsafe = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file as the Hub lists it: ``blob`` is its Git object id, where it is kept in Git itself."""

    path: str
    size: int | None
    sha256: str | None
    blob: str | None


def from_siblings(asked: Asked, siblings: Any) -> list[Entry] | None:
    """The files of a models API answer, sorted by path; None where it does not list them."""
    if siblings is None:
        return None
    entries = [
        _entry(asked, item, path="rfilename", blob="blobId", digest="sha256")
        for item in _items(asked, siblings)
    ]
    return _checked(asked, entries)


def from_tree(asked: Asked, pages: Iterable[Any]) -> list[Entry]:
    """The files of a tree API answer, page by page, sorted by path."""
    entries: list[Entry] = []
    seen = 0
    for page in pages:
        items = _items(asked, page)
        seen += len(items)
        # Folders are listed too; there are never more of them than files.
        _check_count(asked, seen, 2 * MAX_FILES)
        entries += [
            _entry(asked, item, path="path", blob="oid", digest="oid")
            for item in items
            if not (isinstance(item, dict) and item.get("type") == "directory")
        ]
    return _checked(asked, entries)


def _items(asked: Asked, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _refused(asked, "is not a list of files")
    return value


def _entry(asked: Asked, item: Any, *, path: str, blob: str, digest: str) -> Entry:
    if not isinstance(item, dict) or not isinstance(item.get(path), str):
        raise _refused(asked, "has a file without a name")
    name = item[path]
    size = _size(asked, name, item.get("size"))
    lfs = item.get("lfs")
    if not lfs:
        oid = item.get(blob)
        known = oid if isinstance(oid, str) and _blob.match(oid) else None
        return Entry(path=name, size=size, sha256=None, blob=known)
    if not isinstance(lfs, dict):
        raise _refused(asked, f"has an unreadable entry for {quoted(name)}")
    sha256 = lfs.get(digest)
    if not isinstance(sha256, str) or _sha256.match(sha256) is None:
        raise _refused(asked, f"gives {quoted(name)} a digest that is no SHA-256")
    stored = _size(asked, name, lfs.get("size"))
    if size is not None and stored is not None and size != stored:
        raise _refused(asked, f"gives {quoted(name)} two sizes, {size} and {stored}")
    # The Git object of a file in LFS is its pointer, so its id says nothing about the bytes.
    return Entry(path=name, size=stored if size is None else size, sha256=sha256, blob=None)


def _size(asked: Asked, name: str, value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_SIZE:
        raise _refused(asked, f"gives {quoted(name)} an impossible size")
    return value


def _checked(asked: Asked, entries: list[Entry]) -> list[Entry]:
    _check_count(asked, len(entries), MAX_FILES)
    check_paths(asked, [entry.path for entry in entries])
    return sorted(entries, key=lambda entry: entry.path)


def _check_count(asked: Asked, count: int, most: int) -> None:
    if count > most:
        raise _refused(asked, f"has more than {most} entries")


def check_paths(asked: Asked, paths: list[str]) -> None:
    """Refuses paths that leave the folder, mislead the eye, or would be one file on some file system.

    Raises:
        OutsideError: the first such path.
    """
    files: dict[str, str] = {}
    for path in paths:
        reason = unsafe_path(path)
        if reason is not None:
            raise _refused(asked, f"has the path {quoted(path)}, which {reason}")
        folded = _folded(path)
        if folded in files:
            raise _refused(
                asked,
                f"has {quoted(files[folded])} and {quoted(path)}, which are one file on some file systems",
            )
        files[folded] = path
    for folded, path in files.items():
        slash = folded.find("/")
        while slash >= 0:
            if folded[:slash] in files:
                raise _refused(
                    asked, f"has {quoted(files[folded[:slash]])} as a file and as a folder of {quoted(path)}"
                )
            slash = folded.find("/", slash + 1)


def unsafe_path(path: str) -> str | None:
    """Why a path is refused, as the end of a sentence; None where it may be used."""
    if _unsafe.search(path) is not None:
        return "holds invisible or control characters"
    if len(path.encode("utf-8")) > MAX_PATH:
        return f"is longer than {MAX_PATH} bytes"
    if path.startswith("/") or "\\" in path or re.match(r"[A-Za-z]:", path):
        return "is not relative, with / between its parts"
    if any(part in ("", ".", "..") for part in path.split("/")):
        return "has empty, . or .. parts"
    return None


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _refused(asked: Asked, reason: str) -> OutsideError:
    return OutsideError(
        f"The file listing of {asked.repo_id} from {asked.host} {reason}; it is refused: tell its owner"
    )
