"""Who changed what of every model, from one reading of the log: what the pages of all models show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from budmodel.operations.history import Entry, events_of
from budmodel.store.cache import RecordCache
from budmodel.store.git import Repository
from budmodel.store.git_log import Commit, log
from budmodel.store.tree import CATALOG

MOST = 12
"""Commits that are told of each model, the newest."""
_PLACES = ("models", "acknowledgments", "removed")


def histories(
    repository: Repository, rev: str = "HEAD", most: int = MOST, cache: RecordCache | None = None
) -> tuple[Mapping[str, Sequence[Entry]], Mapping[str, int]]:
    """The newest commits of every model, and how many commits touched each.

    The log is read once, and only records that a sentence quotes are read: the work grows with what is told,
    not with the number of models times the number of commits.

    Args:
        repository: where; a shallow clone has no history to tell, so nothing is.
        rev: backwards from this resolved commit.
        most: commits of one model.
        cache: where records of the past are, so that none is parsed for every build.
    """
    if repository.shallow:
        return {}, {}
    parts: dict[str, list[Commit]] = {}
    counts: dict[str, int] = {}
    for commit in log(repository, [f"{CATALOG}/{place}" for place in _PLACES], rev=rev):
        for name, part in _by_model(commit):
            counts[name] = counts.get(name, 0) + 1
            if counts[name] <= most:
                parts.setdefault(name, []).append(part)
    ordered = sorted(parts)
    entries = iter(events_of(repository, [part for name in ordered for part in parts[name]], cache))
    return {name: [next(entries) for _ in parts[name]] for name in ordered}, counts


def _by_model(commit: Commit) -> Iterator[tuple[str, Commit]]:
    """A commit once for each model that it touched, with the edits of that model alone."""
    edits: dict[str, list[int]] = {}
    for index, edit in enumerate(commit.edits):
        name = edit.path.split("/")[2].removesuffix(".yaml") if edit.path.count("/") > 1 else ""
        edits.setdefault(name, []).append(index)
    for name, indexes in edits.items():
        if name:
            yield name, replace(commit, edits=tuple(commit.edits[index] for index in indexes))
