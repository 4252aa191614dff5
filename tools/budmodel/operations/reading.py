"""Which files of a catalog cannot be read or hold no valid record, as sentences for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from budmodel.store.catalog import Snapshot
from budmodel.store.tree import CATALOG


def wrong_files(snapshot: Snapshot, paths: Iterable[str]) -> Iterator[str]:
    """What is wrong with some files; nothing for those that are gone, valid, or none of the catalog's.

    Args:
        snapshot: the catalog.
        paths: relative to its root.
    """
    for path in paths:
        entry = snapshot.entry(path) if path.startswith(f"{CATALOG}/") else None
        if entry is None:
            continue
        if entry.unreadable is not None:
            if snapshot.types.get(path) == "file":
                yield f"{path}:{entry.unreadable.line}:{entry.unreadable.column}: {entry.unreadable.message}"
            continue
        for problem in entry.problems:
            line, column = entry.position(problem.field_path)
            yield f"{path}:{line}:{column}: {problem.message}"
