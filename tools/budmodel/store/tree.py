"""Where the catalog's files come from: a work tree, a Git commit, or one laid over another."""

from __future__ import annotations

import contextlib
import os
import stat
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

from budmodel.errors import OutsideError
from budmodel.schema.kinds import legible
from budmodel.store.git import Repository
from budmodel.store.git_disk import TreeItem
from budmodel.store.lookalikes import lookalikes, seen_from
from budmodel.store.temporary import is_temporary

CATALOG = "catalog"
MODELS = f"{CATALOG}/models/"
_CHUNK = 1 << 16
MAX_FILE = 1 << 26
"""Largest file that is read into memory at all; every kind of record has a smaller limit of its own."""
FileType = Literal["file", "link", "folder", "submodule", "other"]


_MODES: dict[str, FileType] = {"100644": "file", "100755": "file", "120000": "link", "160000": "submodule"}
_FEW_PARTS = 16
"""After so many parts of a commit it is quicker to list all of it."""
_BY_NAME = frozenset(["models", "acknowledgments"])
"""The folders with a folder for each model."""
_BLOBS = frozenset(["100644", "100755", "120000"])
"""Modes with an object of their own; a submodule's is in another repository."""


class UnreadableError(Exception):
    """A file that is listed but cannot be read; the message says why."""


class Tree(Protocol):
    """A listing of the files below ``catalog/`` and their bytes. Paths are relative to the root."""

    def types(self) -> Mapping[str, FileType]:
        """Every path below ``catalog/`` with what is there."""
        ...

    def type_of(self, path: str) -> FileType | None:
        """What is at one path; None where nothing is."""
        ...

    def model_names(self) -> list[str]:
        """The folders below ``catalog/models``, sorted; cheaper than all types."""
        ...

    def files_in(self, folder: str) -> list[str]:
        """The files in a folder and in those inside it, sorted."""
        ...

    def content_id(self) -> bytes | None:
        """A digest of all models, where the tree knows one without reading them."""
        ...

    def beside(self) -> Mapping[str, FileType]:
        """What lies outside of ``catalog/`` and would be laid over it by a disk that folds names."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            UnreadableError: it cannot be read.
        """
        ...


def model_names(paths: Iterable[str]) -> list[str]:
    """The folders below ``catalog/models`` that hold YAML files, sorted; none whose name nobody can read."""
    length = len(MODELS)
    return sorted(
        name
        for name in {
            path[length : path.index("/", length)]
            for path in paths
            if path.endswith(".yaml") and path.startswith(MODELS) and "/" in path[length:]
        }
        if legible(name)
    )


def passing(tree: Tree, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Many files that are looked at once and not kept; those that cannot be read are left out."""
    if isinstance(tree, CommitTree):
        yield from tree.passing(paths)
        return
    for path in paths:
        with contextlib.suppress(UnreadableError):
            yield path, tree.read(path)


class WorkTree:
    """The files on disk, never following a symbolic link.

    Args:
        root: the folder that holds ``catalog/``.
        prefix: where that is in its repository; empty, or ending with a slash.
    """

    def __init__(self, root: Path, prefix: str = "") -> None:
        self.root = root
        self._inner = prefix
        self._prefix = f"{root}/"
        self._types: dict[str, FileType] | None = None

    def types(self) -> Mapping[str, FileType]:
        """Every path below ``catalog/``; folders only where a file belongs."""
        if self._types is None:
            self._types = dict(self._walk(CATALOG))
        return self._types

    def type_of(self, path: str) -> FileType | None:
        """What is at one path, without listing the others."""
        parts = path.split("/")
        mode = 0
        try:
            for depth in range(1, len(parts) + 1):
                mode = os.lstat(self._prefix + "/".join(parts[:depth])).st_mode
                # What lies behind a link is not in the catalog; the link itself is listed.
                if stat.S_ISLNK(mode) and depth < len(parts):
                    return None
        except OSError:
            return None
        if stat.S_ISLNK(mode):
            return "link"
        if stat.S_ISREG(mode):
            return "file"
        if stat.S_ISDIR(mode):
            return "folder" if path.endswith(".yaml") else None
        return "other"

    def model_names(self) -> list[str]:
        """The folders below ``catalog/models``; a link is none."""
        try:
            if (self.root / CATALOG / "models").is_symlink():
                return []
            with os.scandir(self.root / CATALOG / "models") as items:
                found = (item.name for item in items if item.is_dir(follow_symlinks=False))
                return sorted(name for name in found if legible(name))
        except OSError:
            return []

    def files_in(self, folder: str) -> list[str]:
        """The regular files in a folder and those inside it, without a look at any other."""
        # What lies behind a link is not in the catalog.
        above = folder.split("/")
        if any((self.root / "/".join(above[:end])).is_symlink() for end in range(1, len(above) + 1)):
            return []
        return sorted(path for path, kind in self._walk(folder) if kind == "file")

    def content_id(self) -> bytes | None:
        """None: files on disk may change at any moment."""
        return None

    def beside(self) -> Mapping[str, FileType]:
        """What a disk that folds names would lay over ``catalog/``, from the top of the repository down."""
        found = lookalikes(f"{self._inner}{CATALOG}", self._list_folders)
        return {seen_from(self._inner, path): kind for path, kind in found.items()}

    def _list_folders(self, folders: Sequence[str]) -> Iterator[tuple[str, FileType]]:
        top = self.root.resolve()
        for _ in range(self._inner.count("/")):
            top = top.parent
        for folder in folders:
            try:
                with os.scandir(f"{top}/{folder}") as items:
                    listed = list(items)
            except OSError as error:
                raise OutsideError(f"{top}/{folder} cannot be listed ({error.strerror}); mend that") from None
            for item in listed:
                if item.is_dir(follow_symlinks=False):
                    yield f"{folder}{item.name}", "folder"
                elif item.is_file(follow_symlinks=False):
                    yield f"{folder}{item.name}", "file"
                else:
                    yield f"{folder}{item.name}", "link" if item.is_symlink() else "other"

    def _walk(self, folder: str) -> Iterable[tuple[str, FileType]]:
        pending = [folder]
        while pending:
            here = pending.pop()
            try:
                with os.scandir(f"{self._prefix}{here}") as items:
                    listed = list(items)
            except OSError:
                yield here, "other"
                continue
            for item in listed:
                path = f"{here}/{item.name}"
                if item.is_file(follow_symlinks=False):
                    if not is_temporary(item.name):
                        yield path, "file"
                elif item.is_dir(follow_symlinks=False):
                    pending.append(path)
                    if item.name.endswith(".yaml"):
                        yield path, "folder"
                else:
                    yield path, "link" if item.is_symlink() else "other"

    def read(self, path: str) -> bytes:
        """The bytes of a regular file; a link, a device or a pipe is never opened."""
        try:
            descriptor = os.open(
                f"{self._prefix}{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            )
        except OSError as error:
            raise UnreadableError(f"cannot be read: {error.strerror}") from None
        # Plain calls: a buffered stream would double the time of reading 40,000 small files.
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise UnreadableError("is not a regular file")
            if facts.st_size > MAX_FILE:
                raise UnreadableError(f"the file has {facts.st_size} bytes, more than any record may have")
            pieces = [os.read(descriptor, _CHUNK)]
            while len(pieces[-1]) == _CHUNK or (len(pieces) > 1 and pieces[-1]):
                pieces.append(os.read(descriptor, _CHUNK))
            return b"".join(pieces)
        except OSError as error:
            raise UnreadableError(f"cannot be read: {error.strerror}") from None
        finally:
            os.close(descriptor)


class CommitTree:
    """The files of a Git commit, read as objects: nothing is checked out."""

    def __init__(self, repository: Repository, commit: str) -> None:
        self.repository = repository
        self.commit = commit
        self._blobs: dict[str, bytes] = {}
        self._parts: dict[str, dict[str, TreeItem]] = {}

    @cached_property
    def _items(self) -> dict[str, TreeItem]:
        return self._listed(CATALOG)

    @property
    def _whole(self) -> bool:
        return "_items" in self.__dict__

    def _listed(self, folder: str) -> dict[str, TreeItem]:
        return {item.path: item for item in self.repository.list_tree(self.commit, folder)}

    def _around(self, path: str) -> Mapping[str, TreeItem]:
        """What lies in the same part of the catalog as a path: of one model, all licences, or the whole.

        Who asks for a few files does not wait until Git has listed those of 10,000 models.
        """
        parts = path.split("/")
        if self._whole or len(self._parts) >= _FEW_PARTS:
            return self._items
        if parts[0] != CATALOG or any(part in ("", ".", "..") or "\0" in part for part in parts):
            return {}
        folder = "/".join(parts[: 3 if parts[1:2] and parts[1] in _BY_NAME else 2])
        if folder not in self._parts:
            self._parts[folder] = self._listed(folder)
        return self._parts[folder]

    @cached_property
    def _types(self) -> dict[str, FileType]:
        return {path: _MODES.get(item.mode, "other") for path, item in self._items.items()}

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(path for path, kind in self._types.items() if kind == "file")

    def types(self) -> Mapping[str, FileType]:
        """Every path below ``catalog/`` in the commit."""
        return self._types

    def type_of(self, path: str) -> FileType | None:
        """What is at one path of the commit."""
        item = self._around(path).get(path)
        return None if item is None else _MODES.get(item.mode, "other")

    def model_names(self) -> list[str]:
        """The folders below ``catalog/models`` in the commit."""
        return model_names(self._items)

    def files_in(self, folder: str) -> list[str]:
        """The files in a folder of the commit and in those inside it."""
        around = self._around(folder)
        if not self._whole:
            below = (item for path, item in around.items() if path.startswith(f"{folder}/"))
            return sorted(item.path for item in below if _MODES.get(item.mode) == "file")
        # "0" is the character after "/", so this is the first path that is no longer below the folder.
        start, end = bisect_left(self._sorted, f"{folder}/"), bisect_left(self._sorted, f"{folder}0")
        return self._sorted[start:end]

    def content_id(self) -> bytes | None:
        """The id of the commit's tree of models."""
        found = self.repository.tree_id(self.commit, f"{CATALOG}/models")
        return None if found is None else found.encode()

    def beside(self) -> Mapping[str, FileType]:
        """What the commit has that a disk which folds names would lay over ``catalog/``."""
        return self._beside

    @cached_property
    def _beside(self) -> Mapping[str, FileType]:
        prefix = self.repository.prefix
        found = lookalikes(f"{prefix}{CATALOG}", self._list_folders)
        return {seen_from(prefix, path): kind for path, kind in found.items()}

    def _list_folders(self, folders: Sequence[str]) -> Iterator[tuple[str, FileType]]:
        for item in self.repository.list_folders(self.commit, folders):
            yield item.path, "folder" if item.mode == "040000" else _MODES.get(item.mode, "other")

    def prefetch(self, paths: Iterable[str]) -> None:
        """Reads many files with one call to Git."""
        items = (self._items[path] for path in paths if path in self._items)
        wanted = {item.oid for item in items if item.mode in _BLOBS}
        missing = sorted(wanted - self._blobs.keys())
        self._blobs.update(zip(missing, self.repository.read_blobs(missing), strict=True))

    def passing(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Many files with one call to Git, of which none is kept."""
        items = {path: self._items[path] for path in paths if path in self._items}
        wanted = {path: item.oid for path, item in items.items() if item.mode in _BLOBS}
        yield from zip(wanted, self.repository.read_blobs(list(wanted.values())), strict=True)

    def read(self, path: str) -> bytes:
        """The bytes of a file of the commit."""
        item = self._around(path).get(path)
        if item is None or item.mode not in _BLOBS:
            raise UnreadableError("is not a regular file")
        if item.oid not in self._blobs:
            self._blobs[item.oid] = self.repository.read_blob(item.oid)
        return self._blobs[item.oid]


@dataclass(frozen=True)
class Overlay:
    """A tree with some files replaced, added or removed: the result of a merge."""

    below: Tree
    above: Tree
    from_above: frozenset[str]
    """Paths that come from ``above``; where it has none, the path is gone."""
    merged: Mapping[str, bytes]
    """Files that both sides changed, merged line by line as Git would."""

    def types(self) -> Mapping[str, FileType]:
        """Every path of the merged tree."""
        listed = dict(self.below.types())
        for path in self.from_above:
            listed.pop(path, None)
            kind = self.above.type_of(path)
            if kind is not None:
                listed[path] = kind
        return listed

    def type_of(self, path: str) -> FileType | None:
        """What is at one path of the merged tree."""
        return (self.above if path in self.from_above else self.below).type_of(path)

    def model_names(self) -> list[str]:
        """The folders below ``catalog/models`` of the merged tree."""
        return model_names(self.types())

    def files_in(self, folder: str) -> list[str]:
        """The files in a folder of the merged tree."""
        return sorted(p for p, kind in self.types().items() if kind == "file" and p.startswith(f"{folder}/"))

    def content_id(self) -> bytes | None:
        """None: the result of a merge is no object of Git."""
        return None

    def beside(self) -> Mapping[str, FileType]:
        """What lies beside ``catalog/`` once the merge is done."""
        above = self.above.beside()
        kept = {path: kind for path, kind in self.below.beside().items() if path not in self.from_above}
        return {**kept, **{path: above[path] for path in self.from_above if path in above}}

    def prefetch(self, paths: Iterable[str]) -> None:
        """Reads many files of the lower tree with one call to Git."""
        if isinstance(self.below, CommitTree):
            self.below.prefetch(path for path in paths if path not in self.from_above)

    def read(self, path: str) -> bytes:
        """The bytes of a file of the merged tree."""
        if path in self.merged:
            return self.merged[path]
        return (self.above if path in self.from_above else self.below).read(path)
