"""A commit against the files on disk, by their bytes.

A file whose times, inode and size are those that Git's index remembers is not read again, as in
``git status``; nothing else of the index is believed, and no filter of the configuration is run.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from collections.abc import Container, Iterator
from pathlib import Path
from typing import NamedTuple

from budmodel.errors import OutsideError
from budmodel.store.temporary import is_temporary


class TreeItem(NamedTuple):
    """One entry of a commit's tree. ``path`` uses surrogate escapes."""

    path: str
    mode: str
    oid: str


IndexFacts = tuple[bytes, int, int, int, int]
"""Object id, ctime and mtime in ns, and the low 32 bits of inode and size, when the index was written."""

# gitformat-index(5): https://git-scm.com/docs/index-format
_HEADER = struct.Struct(">4sII")
_ENTRY = struct.Struct(">10I20sH")
_LOW = 0xFFFFFFFF
_NAME_MASK, _EXTENDED, _STAGE_MASK = 0x0FFF, 0x4000, 0x3000


def read_index(path: Path, inside: bytes) -> dict[bytes, IndexFacts | None]:
    """What the index remembers of the files below a folder (``inside`` ends with ``/``), by their paths.

    None stands for a file that must be read: it is as young as the index, and may have changed after Git
    looked ("racy Git"). An index of another format than versions 2 and 3 with SHA-1 tells nothing.
    """
    try:
        written = path.stat().st_mtime_ns
        data = path.read_bytes()
        magic, version, count = _HEADER.unpack_from(data)
        if magic != b"DIRC" or version not in (2, 3):
            return {}
        return _entries(data, count, written, inside)
    except (OSError, struct.error, ValueError):
        return {}


def _entries(data: bytes, count: int, written: int, inside: bytes) -> dict[bytes, IndexFacts | None]:
    found: dict[bytes, IndexFacts | None] = {}
    offset = _HEADER.size
    for _ in range(count):
        ctime, ctime_ns, mtime, mtime_ns, _dev, inode, _mode, _uid, _gid, size, oid, flags = (
            _ENTRY.unpack_from(data, offset)
        )
        start = offset + _ENTRY.size + (2 if flags & _EXTENDED else 0)
        length = flags & _NAME_MASK
        end = start + length if length < _NAME_MASK else data.index(b"\0", start)
        name = data[start:end]
        # Entries are padded with one to eight NUL bytes to a multiple of eight.
        offset += (end - offset + 8) & ~7
        if flags & _STAGE_MASK or not name.startswith(inside):
            continue
        moment = mtime * 10**9 + mtime_ns
        found[name] = (oid, ctime * 10**9 + ctime_ns, moment, inode, size) if moment < written else None
    # A split or sparse index lists only a part; its entries above are still what they say.
    return found


def walk(root: Path, folder: str, known: Container[str]) -> Iterator[str]:
    """Every path at or below a folder on disk that is not a folder; one that the commit knows is not entered.

    Raises:
        OutsideError: a folder cannot be read.
    """
    pending = [folder.rstrip("/")]
    while pending:
        path = pending.pop()
        try:
            if path in known or not stat.S_ISDIR(os.lstat(root / path).st_mode):
                yield path
                continue
            with os.scandir(root / path) as items:
                pending.extend(f"{path}/{item.name}" for item in items if not is_temporary(item.name))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise OutsideError(f"{path} cannot be read ({error.strerror}); mend its permissions.") from error


def compare(root: Path, item: TreeItem, known: IndexFacts | None) -> str:
    """How a file on disk differs from the one of a commit: "" (not), M, D or T (another type).

    Raises:
        OutsideError: it cannot be read.
    """
    try:
        facts = os.lstat(f"{root}/{item.path}")
    except (FileNotFoundError, NotADirectoryError):
        return "D"
    except OSError as error:
        raise OutsideError(f"{item.path} cannot be read ({error.strerror}); mend its permissions.") from error
    if (
        known is not None
        and known[1:] == (facts.st_ctime_ns, facts.st_mtime_ns, facts.st_ino & _LOW, facts.st_size & _LOW)
        and stat.S_ISREG(facts.st_mode)
        and known[0].hex() == item.oid
        and item.mode[:3] == "100"
    ):
        return ""
    return _compare_bytes(root / item.path, facts, item)


def _compare_bytes(path: Path, facts: os.stat_result, item: TreeItem) -> str:
    kinds = {stat.S_IFREG: "100", stat.S_IFLNK: "120", stat.S_IFDIR: "160"}
    if kinds.get(stat.S_IFMT(facts.st_mode)) != item.mode[:3]:
        return "T"
    if item.mode == "160000":
        return ""
    try:
        data = os.fsencode(path.readlink()) if item.mode == "120000" else path.read_bytes()
    except OSError as error:
        raise OutsideError(f"{item.path} cannot be read ({error.strerror}); mend that.") from error
    return "" if blob_id(data, len(item.oid)) == item.oid else "M"


def blob_id(data: bytes, digits: int) -> str:
    """The id that Git gives to a file of these bytes: 40 hex digits, or 64 in a repository of SHA-256."""
    algorithm = "sha1" if digits == 40 else "sha256"
    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
