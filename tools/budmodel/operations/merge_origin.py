"""What a merge of two branches starts from: their merge base, or what Git makes of several.

Where both branches merged each other before, they have several merge bases, and Git merges those first. To
take just one of them would hide what a change undoes: the other side's file looks as it did before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from budmodel.store.git import Repository
from budmodel.store.tree import CATALOG, CommitTree, FileType, Tree, UnreadableError

_DEEPEST = 8
"""Merge bases of merge bases that are followed."""


class Content(NamedTuple):
    """What is at a path."""

    kind: FileType | None
    raw: bytes | None


class Origin:
    """The files that a merge starts from."""

    def __init__(self, repository: Repository, forks: Sequence[str], depth: int = 0) -> None:
        """The origin of a merge whose merge bases are these commits; several are merged themselves."""
        self._repository = repository
        self._forks = forks
        self._depth = depth
        self._trees = [CommitTree(repository, fork) for fork in forks]

    def changed(self, tip: str | None, tree: Tree) -> dict[str, str]:
        """The paths that a branch changes, with Git's letters.

        Args:
            tip: its commit; None for the files on disk.
            tree: its files.
        """
        found: dict[str, str] = {}
        for fork in self._forks if tip is None or tip not in self._forks else ():
            found.update(self._repository.changed(fork, tip, CATALOG))
        return {
            path: letter
            for path, letter in found.items()
            if path not in self._contested or self.at(path) != content_of(tree, path)
        }

    def changed_beside(self, tree: Tree) -> dict[str, str]:
        """What a branch puts beside the catalog (A) or takes away (D); content is not compared."""
        now, before = tree.beside().keys(), [fork.beside().keys() for fork in self._trees]
        added = {path: "A" for path in now if not all(path in paths for paths in before)}
        return added | {path: "D" for paths in before for path in paths if path not in now}

    def at(self, path: str) -> Content | None:
        """What is at a path; None where the merge bases leave that open, so that it is like nothing else."""
        if path not in self._contested:
            return content_of(self._trees[0], path)
        if len(self._trees) > 2 or self._root is None:
            return None
        one, other = (content_of(tree, path) for tree in self._trees)
        before = self._root.at(path)
        if before == one:
            return other
        if before == other:
            return one
        return self._merged(before, one, other)

    def _merged(self, before: Content | None, one: Content, other: Content) -> Content | None:
        if before is None or any(each.kind != "file" or each.raw is None for each in (before, one, other)):
            return None
        assert before.raw is not None and one.raw is not None and other.raw is not None
        raw = self._repository.merge_file(one.raw, before.raw, other.raw)
        return None if raw is None else Content("file", raw)

    @cached_property
    def _contested(self) -> Mapping[str, str]:
        """The paths at which the merge bases differ."""
        found: dict[str, str] = {}
        for fork in self._forks[1:]:
            found.update(self._repository.changed(self._forks[0], fork, CATALOG))
        return found

    @cached_property
    def _root(self) -> Origin | None:
        if self._depth == _DEEPEST:
            return None
        forks = self._repository.merge_bases(*self._forks[:2])
        return Origin(self._repository, forks, self._depth + 1) if forks else None


def content_of(tree: Tree, path: str) -> Content:
    """What a tree has at a path."""
    return Content(tree.type_of(path), read(tree, path))


def read(tree: Tree, path: str) -> bytes | None:
    """The bytes at a path; None where nothing can be read there."""
    try:
        return tree.read(path)
    except UnreadableError:
        return None
