"""Writing files so that a reader, a crash or a second writer never sees or makes half a file.

A file is replaced by renaming a synced temporary file over it. Folders are opened one by one without
following symbolic links, and every later step is relative to the opened folder, so that no link which
appears meanwhile can lead a write out of the root. One exclusive ``flock`` on the root folder itself
(no lock file to leave behind, released by the kernel when a process dies) spans compare and rename.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from budmodel.errors import ConflictError, OutsideError, UsageError
from budmodel.store.temporary import is_temporary

STALE_SECONDS = 3600
"""A temporary file this old belongs to a writer that was killed; the next writer removes it."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(slots=True)
class _Change:
    """One file to replace, create (``old`` is None) or delete (``new`` is None)."""

    path: str
    old: bytes | Literal["any"] | None
    new: bytes | None
    folder: int = -1
    temporary: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(slots=True)
class Transaction:
    """Changes to several files that are made together when the ``with`` block ends without an error."""

    changes: list[_Change] = field(default_factory=list)

    def write(self, relative: str, data: bytes, *, old: bytes | None) -> None:
        """Plans to write a file; see :meth:`Writer.write`."""
        self._add(_Change(_checked(relative), old, data))

    def delete(self, relative: str, *, old: bytes) -> None:
        """Plans to delete a file; see :meth:`Writer.delete`."""
        self._add(_Change(_checked(relative), old, None))

    def _add(self, change: _Change) -> None:
        if any(other.path == change.path for other in self.changes):
            raise UsageError(f"{change.path} would be changed twice in one step; change it once.")
        self.changes.append(change)


class Writer:
    """Writes files below one root folder, never through symbolic links and never outside of it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, relative: str, data: bytes, *, old: bytes | None) -> None:
        """Writes one file atomically; folders are made as needed, an existing file's mode stays.

        Args:
            relative: the path below the root, with ``/``.
            data: the whole new content.
            old: the content that the caller read and built upon; None: the file must not exist.

        Raises:
            ConflictError: the file is not what ``old`` says; nothing was written.
            UsageError: the path leaves the root or leads through a symbolic link.
            OutsideError: the operating system refused (full disk, permissions); nothing was written.
        """
        with self.transaction() as changes:
            changes.write(relative, data, old=old)

    def delete(self, relative: str, *, old: bytes) -> None:
        """Deletes one file, and the folders below the root's first level that this leaves empty.

        Raises:
            ConflictError, UsageError, OutsideError: as :meth:`write`.
        """
        with self.transaction() as changes:
            changes.delete(relative, old=old)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Collects changes and makes them all, or none, when the block ends.

        All new contents are on disk and all old ones compared before the first rename. A kill between
        two renames leaves some files old and some new, each of them whole.

        Raises:
            ConflictError, UsageError, OutsideError: as :meth:`write`.
        """
        changes = Transaction()
        yield changes
        _apply(self.root, changes.changes)


def write_atomic(path: Path, data: bytes, *, expect: bytes | Literal["any", "absent"] = "any") -> None:
    """Writes one file atomically in an existing folder, outside of any root (reports, exports).

    Args:
        path: the file; its folder must exist, its name must not be a symbolic link.
        data: the whole new content.
        expect: what must be there now: these bytes, nothing (``"absent"``), or whatever (``"any"``).

    Raises:
        ConflictError: something else than ``expect`` is there.
        UsageError: the file is a symbolic link.
        OutsideError: the operating system refused; the file is unchanged.
    """
    old = None if expect == "absent" else expect
    _apply(path.parent, [_Change(_checked(path.name), old, data)])


def _checked(relative: str) -> str:
    parts = relative.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts) or "\0" in relative:
        raise UsageError(f"{relative!r} is not a path inside the registry; name a file below its root.")
    return relative


def _apply(root: Path, changes: Sequence[_Change]) -> None:
    if not changes:
        return
    here = str(root)
    try:
        with ExitStack() as stack:
            top = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, top)
            fcntl.flock(top, fcntl.LOCK_EX)
            made: list[str] = []
            stack.callback(_remove_empty, top, made)
            folders: dict[str, int] = {}
            for change in changes:
                here = change.path
                parent = here.rpartition("/")[0]
                if parent not in folders:
                    folders[parent] = _open_folder(top, change, made)
                    stack.callback(os.close, folders[parent])
                    _remove_stale(folders[parent])
                change.folder = folders[parent]
                _stage(change, stack)
            for change in changes:
                here = change.path
                _compare(change)
            for done, change in enumerate(changes):
                here = (
                    f"{change.path} ({done} of {len(changes)} files are changed already)"
                    if done
                    else change.path
                )
                _publish(change)
            for folder in folders.values():
                os.fsync(folder)
            made.extend(_parents(change.path for change in changes if change.new is None))
    except OSError as error:
        raise _translate(here, error) from error


def _translate(path: str, error: OSError) -> Exception:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return UsageError(f"{path} leads through a symbolic link or a file; put a real folder or file there.")
    reason = os.strerror(error.errno) if error.errno else str(error)
    return OutsideError(f"{path} could not be written ({reason}); mend that and run the command again.")


def _stage(change: _Change, stack: ExitStack) -> None:
    if change.new is None:
        return
    # Named and registered before it exists: an interrupt between two lines leaves nothing behind.
    change.temporary = f".budmodel-{secrets.token_hex(8)}.tmp"
    stack.callback(_unlink_quietly, change.temporary, change.folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(change.temporary, flags, 0o666, dir_fd=change.folder), "wb") as stream:
        stream.write(change.new)
        stream.flush()
        with suppress(FileNotFoundError):
            before = os.stat(change.name, dir_fd=change.folder, follow_symlinks=False)
            if stat.S_ISREG(before.st_mode):
                os.fchmod(stream.fileno(), stat.S_IMODE(before.st_mode))
        os.fsync(stream.fileno())


def _open_folder(top: int, change: _Change, made: list[str]) -> int:
    """Opens the folder of a file, link by link of the chain; the caller closes it."""
    current = os.dup(top)
    walked: list[str] = []
    try:
        for part in change.path.split("/")[:-1]:
            walked.append(part)
            try:
                below = os.open(part, _FOLDER, dir_fd=current)
            except FileNotFoundError:
                if change.new is None:
                    raise ConflictError(_changed_meanwhile(change.path)) from None
                made.append("/".join(walked))
                os.mkdir(part, dir_fd=current)
                os.fsync(current)
                below = os.open(part, _FOLDER, dir_fd=current)
            os.close(current)
            current = below
    except BaseException:
        os.close(current)
        raise
    return current


def _compare(change: _Change) -> None:
    now = _read(change)
    if change.old == "any" or now == change.old:
        return
    if change.old is None:
        raise ConflictError(f"{change.path} exists already; change it instead, or choose another name.")
    raise ConflictError(_changed_meanwhile(change.path))


def _changed_meanwhile(path: str) -> str:
    return f"{path} changed while you edited it; run the command again."


def _read(change: _Change) -> bytes | None:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(change.name, flags, dir_fd=change.folder)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UsageError(f"{change.path} is not a regular file; move it away.")
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read()


def _publish(change: _Change) -> None:
    if change.new is None:
        os.unlink(change.name, dir_fd=change.folder)
    else:
        os.replace(change.temporary, change.name, src_dir_fd=change.folder, dst_dir_fd=change.folder)


def _remove_stale(folder: int) -> None:
    oldest = time.time() - STALE_SECONDS
    for name in os.listdir(folder):
        if is_temporary(name):
            with suppress(OSError):
                if os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime < oldest:
                    os.unlink(name, dir_fd=folder)


def _unlink_quietly(name: str, folder: int) -> None:
    # After the rename the name is gone: that is the good case.
    with suppress(OSError):
        os.unlink(name, dir_fd=folder)


def _parents(paths: Iterator[str]) -> Iterator[str]:
    for path in paths:
        parts = path.split("/")[:-1]
        yield from ("/".join(parts[:depth]) for depth in range(2, len(parts) + 1))


def _remove_empty(top: int, folders: Sequence[str]) -> None:
    """Removes those of the folders that are empty: Git does not know them either. Deepest first."""
    for folder in sorted(set(folders), key=lambda path: path.count("/"), reverse=True):
        with suppress(OSError):
            os.rmdir(folder, dir_fd=top)
