"""Models in a folder of this machine. Its path is never recorded, only what is in it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from budmodel.errors import NotFoundError, OutsideError, UsageError
from budmodel.schema.values import is_semver
from budmodel.sources.interface import MAX_HEADER, MAX_SMALL_FILE, Listing, Progress, RemoteFile
from budmodel.sources.listing_rules import check_count, check_paths, shown
from budmodel.sources.local_walk import FILE, FOLDER, Identity, identity_of, walk
from budmodel.sources.naming import name_of
from budmodel.sources.streaming import sha256_of

PIECE = 1 << 20
"""Bytes of one read."""


def open_source(folder: str) -> LocalSource:
    """Opens a folder; nothing is read yet.

    Raises:
        NotFoundError: there is no such folder.
        UsageError: it is not a folder.
        OutsideError: it cannot be read.
    """
    try:
        # The folder itself may be a link: the user named it. What is in it may not.
        root = Path(folder).resolve(strict=True)
        descriptor = os.open(root, FOLDER)
    except FileNotFoundError:
        raise NotFoundError(f"There is no folder '{shown(folder)}'; check the path.") from None
    except NotADirectoryError:
        raise UsageError(f"'{shown(folder)}' is not a folder; give the folder that holds the file.") from None
    except (ValueError, RuntimeError):
        raise UsageError(f"'{shown(folder)}' is not a path of a folder; check it.") from None
    except OSError as error:
        raise _unreadable(folder, error) from None
    return LocalSource(root, descriptor)


class LocalSource:
    """The files below one folder, opened without following links; the first listing pins them."""

    def __init__(self, root: Path, descriptor: int) -> None:
        self._root = root
        self._descriptor = descriptor
        self._listing: Listing | None = None
        self._pins: dict[str, Identity] = {}

    def listing(self) -> Listing:
        """All files, by name, size and identity; their bytes are not read.

        Raises:
            UsageError: the folder is empty, or holds what no model has (links, devices, bad names).
            OutsideError: something in it cannot be read.
        """
        if self._listing is None:
            where = shown(str(self._root))
            ignored: set[str] = set()
            pins: dict[str, Identity] = {}
            for path, identity in walk(self._descriptor, where, ignored):
                pins[path] = identity
                check_count(len(pins), where, UsageError)
            check_paths(pins, where, UsageError)
            if not pins:
                raise UsageError(f"There are no files in {where}; give the folder with the model's files.")
            self._pins = dict(sorted(pins.items()))
            self._listing = Listing(
                kind="local",
                source={"type": "local"},
                files=tuple(RemoteFile(path=path, size=pin.size) for path, pin in self._pins.items()),
                paths=tuple(self._pins),
                suggested_name=name_of(self._named_part()),
                notes=(f"Left out: {', '.join(sorted(ignored))}.",) if ignored else (),
            )
        return self._listing

    def _named_part(self) -> str:
        """The folder's name, or that of the folder above where it is a version."""
        parts = list(self._root.parts)
        while len(parts) > 2 and is_semver(parts[-1].removeprefix("v")):
            parts.pop()
        return parts[-1].strip("/") or "model"

    def read(self, path: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Bytes of a file: whole (at most MAX_SMALL_FILE), or a range of it (at most MAX_HEADER).

        Raises:
            OutsideError: the file changed since the listing, cannot be read or is too large.
        """
        pin = self._pin(path)
        most = MAX_SMALL_FILE if length is None else MAX_HEADER
        wanted = max(0, min(pin.size - start, pin.size if length is None else length))
        if wanted > most:
            raise OutsideError(f"'{shown(path)}' is too large to be read at once ({wanted:,} bytes).")
        descriptor = self._open(path)
        try:
            pieces, have = [], 0
            while have < wanted and (piece := os.pread(descriptor, wanted - have, start + have)):
                pieces.append(piece)
                have += len(piece)
            self._unchanged(path, descriptor, have == wanted)
            return b"".join(pieces)
        except OSError as error:
            raise _unreadable(path, error) from None
        finally:
            os.close(descriptor)

    def sha256(self, path: str, progress: Progress | None = None) -> str:
        """The digest of a whole file, read once in constant memory.

        Raises:
            OutsideError: the file changed since the listing or meanwhile, or cannot be read.
        """
        return sha256_of(self, path, self._pin(path).size, progress)

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a whole file, in one pass and in constant memory.

        Raises:
            OutsideError: the file changed since the listing or meanwhile, or cannot be read.
        """
        size = self._pin(path).size
        descriptor = self._open(path)
        done = 0
        try:
            # One byte beyond the size is asked for, so that a file which grows comes to an end here.
            while done <= size and (piece := os.read(descriptor, PIECE)):
                done += len(piece)
                yield piece
            self._unchanged(path, descriptor, done == size)
        except OSError as error:
            raise _unreadable(path, error) from None
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Lets go of the folder."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _pin(self, path: str) -> Identity:
        self.listing()
        if path not in self._pins:
            raise OutsideError(f"'{shown(path)}' is not in the folder's listing.")
        return self._pins[path]

    def _open(self, path: str) -> int:
        """Opens a listed file folder by folder, so that no link which appeared meanwhile is followed."""
        *folders, name = path.split("/")
        folder = os.dup(self._descriptor)
        try:
            for part in folders:
                inner = os.open(part, FOLDER | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = inner
            descriptor = os.open(name, FILE, dir_fd=folder)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENOENT, errno.ENXIO):
                raise _changed(path) from None
            raise _unreadable(path, error) from None
        finally:
            os.close(folder)
        try:
            self._unchanged(path, descriptor, True)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _unchanged(self, path: str, descriptor: int, complete: bool) -> None:
        if not complete or identity_of(os.fstat(descriptor)) != self._pins[path]:
            raise _changed(path)


def _changed(path: str) -> OutsideError:
    return OutsideError(f"'{shown(path)}' was changed while it was read; run the command again.")


def _unreadable(path: str, error: OSError) -> OutsideError:
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return OutsideError(f"'{shown(path)}' cannot be read ({reason}); check its permissions and the disk.")
