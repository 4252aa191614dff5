"""Walks a folder relative to open descriptors and follows no link: what it finds is in the folder."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from typing import NamedTuple

from budmodel.errors import OutsideError, UsageError
from budmodel.sources.listing_rules import fault_of, shown

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Without O_NONBLOCK the opening of a pipe would wait for its writer for ever.
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
MAX_DEPTH = 32
"""Folders inside each other."""

IGNORED = frozenset([".git", ".DS_Store"])
"""What Git and macOS keep for themselves, wherever it stands."""
IGNORED_PATHS = frozenset([".cache/huggingface"])
"""What ``hf download --local-dir`` keeps for itself."""

# ~/.cache/huggingface/hub/models--ORG--NAME/snapshots/COMMIT/FILE -> ../../blobs/DIGEST
_HUB_BLOB = re.compile(r"(?:\.\./)+blobs/[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Identity(NamedTuple):
    """What a file is and stays while nobody touches it.

    The inode's own change time is part of it, since the time of the content can be set back.
    """

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int
    regular: bool


def identity_of(status: os.stat_result) -> Identity:
    """The identity of an open or listed file."""
    return Identity(
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        stat.S_ISREG(status.st_mode),
    )


def walk(
    folder: int, where: str, ignored: set[str], prefix: str = "", depth: int = 0
) -> Iterator[tuple[str, Identity]]:
    """Path and identity of every file below an open folder; ``ignored`` gets the names that were left out.

    Raises:
        UsageError: something there is no file or folder, or has a name that no listing may have.
        OutsideError: something there cannot be read.
    """
    if depth > MAX_DEPTH:
        raise UsageError(f"{where} has over {MAX_DEPTH} folders inside each other; it is no model's folder.")
    for name in sorted(_names(folder, prefix or where)):
        path = prefix + name
        if name in IGNORED or path in IGNORED_PATHS:
            ignored.add(path if path in IGNORED_PATHS else name)
            continue
        if fault := fault_of(path):
            raise UsageError(f"{where} has a file '{shown(path)}' whose name {fault}; rename it there.")
        status = _status(folder, name, path)
        if stat.S_ISDIR(status.st_mode):
            inner = _enter(folder, name, path)
            try:
                yield from walk(inner, where, ignored, f"{path}/", depth + 1)
            finally:
                os.close(inner)
        elif stat.S_ISREG(status.st_mode):
            yield path, identity_of(status)
        else:
            raise _refused(folder, name, path, where, status.st_mode)


def _names(folder: int, where: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError as error:
        raise _outside(where, error) from None


def _status(folder: int, name: str, path: str) -> os.stat_result:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        raise _outside(path, error) from None


def _enter(folder: int, name: str, path: str) -> int:
    try:
        return os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        raise _outside(path, error) from None


def _outside(path: str, error: OSError) -> OutsideError:
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return OutsideError(f"'{shown(path)}' cannot be read ({reason}); check its permissions and the disk.")


def _refused(folder: int, name: str, path: str, where: str, mode: int) -> UsageError:
    if not stat.S_ISLNK(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "no regular file")
        return UsageError(f"{where} has '{shown(path)}', which is {kind}; remove it from the folder.")
    try:
        target = os.readlink(name, dir_fd=folder)
    except OSError:
        target = ""
    if _HUB_BLOB.match(target):
        return UsageError(
            f"{where} is a part of the Hugging Face cache, where '{shown(path)}' is a link to a blob; make a "
            "plain copy with `hf download ORG/NAME --local-dir DIR` and import that, or use `budmodel import "
            "huggingface`."
        )
    return UsageError(
        f"{where} has '{shown(path)}', which is a symbolic link; import a copy without links (cp -RL)."
    )
