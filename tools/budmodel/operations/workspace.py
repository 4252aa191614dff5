"""Where a command works: the root of the registry, its catalog, and the Git repository around it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from budmodel.errors import NotFoundError, UsageError
from budmodel.store.cache import RecordCache, default_cache
from budmodel.store.git import Repository
from budmodel.store.tree import CATALOG, CommitTree, WorkTree

if TYPE_CHECKING:
    # Loaded with the first snapshot: it brings Pydantic, and some work can begin before.
    from budmodel.store.catalog import Snapshot


@dataclass
class Workspace:
    """The root of a registry. Git is optional: without it everything that only reads the work tree works."""

    root: Path
    repository: Repository | None
    cache: RecordCache | None = None
    has_files: bool = True
    """False where only commits hold the catalog: in a bare clone, or where the folder is not checked out."""

    @cached_property
    def snapshot(self) -> Snapshot:
        """The catalog as it stands in the work tree.

        Raises:
            NotFoundError: only commits hold it.
        """
        from budmodel.store.catalog import Snapshot

        if not self.has_files:
            raise NotFoundError(
                f"{self.root} has no {CATALOG}/ folder on disk, only commits that hold one; "
                "name one with --at REV or --at DATE"
            )

        return Snapshot(self.files, self.cache)

    @property
    def files(self) -> WorkTree:
        """The files on disk, also where there are none."""
        return WorkTree(self.root, self.repository.prefix if self.repository is not None else "")

    @property
    def latest(self) -> Snapshot:
        """The work tree's catalog; HEAD's where no files are checked out.

        Raises:
            NotFoundError: there is neither.
        """
        head = self.repository.head() if self.repository is not None and not self.has_files else None
        return self.at_commit(head) if head is not None else self.snapshot

    def at(self, text: str) -> Snapshot:
        """The catalog as it stood at a revision or a date; the work tree is left alone.

        Raises:
            UsageError: there is no Git repository, or no such revision or date.
        """
        repository = self.git("--at")
        return self.at_commit(repository.resolve_at(text))

    def at_commit(self, commit: str) -> Snapshot:
        """The catalog of a commit."""
        from budmodel.store.catalog import Snapshot

        return Snapshot(CommitTree(self.git("this"), commit), self.cache)

    def clean_commit(self) -> tuple[str | None, str | None]:
        """The commit whose catalog the work tree holds, and its time; neither where they differ."""
        head = self.repository.head() if self.repository is not None else None
        if self.repository is None or head is None or self.repository.changed(head, None):
            return None, None
        return head, self.repository.commit_time(head)

    def git(self, what: str) -> Repository:
        """The repository.

        Raises:
            UsageError: there is none; ``what`` needs it.
        """
        if self.repository is None:
            raise UsageError(
                f"{what} needs Git, but {self.root} is in no Git work tree; run git init, or clone it"
            )
        return self.repository

    def reload(self) -> None:
        """Forgets what was read of the work tree, after a write."""
        self.__dict__.pop("snapshot", None)


def find_root(start: Path, stated: Path | None = None) -> Path:
    """The nearest folder upwards that has ``catalog/``; ``stated`` and ``BUDMODEL_ROOT`` override the search.

    Raises:
        NotFoundError: there is none.
        UsageError: the stated folder has no ``catalog/``, or ``catalog`` is a symbolic link.
    """
    override = stated or (Path(os.environ["BUDMODEL_ROOT"]) if os.environ.get("BUDMODEL_ROOT") else None)
    if override is not None:
        root = (start / override).absolute()
        if not (root / CATALOG).is_dir():
            raise UsageError(f"{root} has no catalog/ folder; name the folder that holds it")
        return _plain(root)
    for folder in (start.absolute(), *start.absolute().parents):
        if (folder / CATALOG).is_dir():
            return _plain(folder)
    raise NotFoundError(
        f"no catalog/ folder in {start.absolute()} or above it; go to a registry, name one with --root DIR, "
        "or make a new folder catalog/"
    )


def _plain(root: Path) -> Path:
    if (root / CATALOG).is_symlink():
        raise UsageError(f"{root / CATALOG} is a symbolic link; the catalog must be a real folder")
    return root


@contextmanager
def open_workspace(start: Path, stated: Path | None = None) -> Iterator[Workspace]:
    """Finds the root and its repository, and lets go of both at the end.

    Where no folder ``catalog/`` is on disk, one that is committed will do, for commands that read commits.

    Raises:
        NotFoundError: there is no registry here.
        UsageError: the stated root is none.
    """
    try:
        root = find_root(start, stated)
        repository, has_files = Repository.find(root), True
    except (NotFoundError, UsageError):
        committed = _committed(start, stated)
        if committed is None:
            raise
        repository, has_files = committed, False
        root = repository.root
    cache = default_cache()
    try:
        yield Workspace(root, repository, cache, has_files)
    finally:
        if cache is not None:
            cache.close()
        if repository is not None:
            repository.close()


def _committed(start: Path, stated: Path | None) -> Repository | None:
    """A repository whose HEAD holds a catalog that is not on disk; it is looked for as files would be."""
    override = stated or os.environ.get("BUDMODEL_ROOT")
    origin = (start / override if override else start).absolute()
    if not origin.is_dir() or (origin / CATALOG).exists():
        return None
    bare = Repository.bare(origin)
    found = bare or Repository.find(origin)
    if found is None:
        return None
    # Upwards as far as the repository goes; a stated root is meant as it is.
    steps = 0 if override or bare else len(origin.resolve().relative_to(found.top).parts)
    for folder in (origin, *list(origin.parents)[:steps]):
        repository = found if bare else Repository(folder, found.top, shallow=found.shallow)
        head = repository.head()
        if head is not None and repository.tree_id(head, CATALOG) is not None:
            return repository
    return None
