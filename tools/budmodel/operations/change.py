"""What a change is: the catalog as it would be once it is merged, and which paths that touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from budmodel.operations.merge_origin import Origin, content_of, read
from budmodel.operations.workspace import Workspace
from budmodel.schema.kinds import classify
from budmodel.schema.values import fold_name
from budmodel.store.catalog import Snapshot
from budmodel.store.git import Repository
from budmodel.store.tree import CATALOG, CommitTree, Overlay, Tree


@dataclass(frozen=True)
class Change:
    """A change against a base branch."""

    base: Snapshot
    """The tip of the base branch: it judges."""
    merged: Snapshot
    """The result of the merge: it is judged."""
    paths: Mapping[str, str]
    """Path → A, M or D against the tip of the base branch."""

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of all files that the change touches."""
        places = (classify(path.removeprefix(f"{CATALOG}/")) for path in self.paths)
        return frozenset(place.kind.name for place in places if place is not None)

    def touched_models(self) -> set[str]:
        """Models in whose folder the change touches a file."""
        found = set()
        for path in self.paths:
            parts = path.split("/")
            if len(parts) > 3 and parts[1] == "models":
                found.add(parts[2])
        return found

    def named_models(self) -> set[str]:
        """Models that a changed waiver, tombstone or acknowledgment speaks of."""
        found: set[str] = set()
        for path in self.paths:
            for snapshot in (self.base, self.merged):
                found |= _models_named_by(snapshot, path)
        return found

    def data(self, path: str) -> tuple[Any, Any]:
        """The parsed data of a file before and after; None where it is absent or unreadable."""
        before, after = self.base.entry(path), self.merged.entry(path)
        return (before.data if before else None, after.data if after else None)


def _models_named_by(snapshot: Snapshot, path: str) -> set[str]:
    entry = snapshot.entry(path)
    if entry is None:
        return set()
    kind = entry.place.kind.name
    if kind == "waiver" and entry.record is not None:
        return {target.partition("@")[0] for target in entry.record.targets}
    if kind in ("tombstone", "acknowledgment"):
        name = entry.says("name")
        return {other for other in snapshot.names if fold_name(other) == fold_name(name)}
    return set()


def change_against(workspace: Workspace, base: str, head: str | None) -> Change:
    """The change between the merge base of two revisions and the second, laid over the tip of the first.

    Args:
        workspace: where to look.
        base: the base branch, tag or commit.
        head: the revision to judge, read as Git objects and never checked out; None for the work tree.

    Raises:
        UsageError: no such revision, or no Git.
        OutsideError: the two have no common history (a shallow clone may hide it).
    """
    repository = workspace.git("--base")
    tip = repository.resolve(base)
    other = repository.resolve(head) if head is not None else (repository.head() or tip)
    above: Tree = CommitTree(repository, other) if head is not None else workspace.files
    below = CommitTree(repository, tip)
    origin = Origin(repository, _forks(repository, tip, other))
    ours = origin.changed(other if head is not None else None, above)
    theirs = origin.changed(tip, below)
    merged = _merge_both(repository, ours.keys() & theirs.keys(), origin, below, above)
    beside = origin.changed_beside(above)
    overlay = Overlay(below, above, frozenset((*ours, *beside)), merged)
    paths = {path: letter for path, letter in beside.items() if (path in below.beside()) == (letter == "D")}
    for path in sorted(ours):
        before, after = below.type_of(path), overlay.type_of(path)
        if before is None and after is None:
            continue
        if before is None or after is None:
            paths[path] = "D" if after is None else "A"
        elif before != after or _differs(read(below, path), read(overlay, path)):
            paths[path] = "M"
    # The changed files are always read afresh; the cache only serves their unchanged neighbours.
    return Change(Snapshot(below, workspace.cache), Snapshot(overlay, workspace.cache), paths)


def _forks(repository: Repository, tip: str, other: str) -> Sequence[str]:
    """Where two commits parted; says so where they never were one."""
    return repository.merge_bases(tip, other) or [repository.merge_base(tip, other)]


def _merge_both(
    repository: Repository, paths: set[str], origin: Origin, below: CommitTree, above: Tree
) -> dict[str, bytes]:
    """Files that both sides changed, merged as Git merges them; in a conflict the change's side is judged."""
    merged: dict[str, bytes] = {}
    for path in sorted(paths):
        before, ours, theirs = origin.at(path), content_of(below, path), content_of(above, path)
        if before is None or any(one.kind != "file" or one.raw is None for one in (before, ours, theirs)):
            continue
        assert before.raw is not None and ours.raw is not None and theirs.raw is not None
        result = repository.merge_file(ours.raw, before.raw, theirs.raw)
        if result is not None:
            merged[path] = result
    return merged


def _differs(before: bytes | None, after: bytes | None) -> bool:
    """What cannot be read (a submodule, a link on disk) is listed as changed, so it is not the same."""
    return before is None or before != after
