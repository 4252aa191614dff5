"""What changed in the whole registry, from Git: typed entries for people and feeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from budmodel.operations.history import Event, Kind, events_of
from budmodel.schema.kinds import classify
from budmodel.store.git import Repository
from budmodel.store.git_log import Commit, FileEdit, log
from budmodel.store.tree import CATALOG

MOST_COMMITS = 100
"""Commits that are told, the newest."""
MOST_READ = 40
"""Edits of a commit up to which its records are read; a larger commit is told by counts."""
_SECURITY = ("waiver", "policy", "signers")
_NAMES = {
    "policy": "the policy",
    "signers": "the trusted signers",
    "benchmarks": "the benchmark definitions",
    "hardware": "the accelerators",
    "catalog": "the registry's description",
    "license": "licence",
    "text": "licence text",
    "waiver": "waiver",
    "results": "benchmark results",
    "tombstone": "tombstone",
}
_VERBS: dict[str, Kind] = {"A": "added", "M": "changed", "D": "removed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One change in words."""

    what: str
    """``version 1.1.0 added``; of a large commit ``58 models added``."""
    model: str = ""
    """The model that it is about; empty where it is about none, or about many."""
    license: str = ""
    """The licence that it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one commit did of one type."""

    commit: str
    author: str
    time: str
    """When it was committed, RFC 3339 in UTC."""
    subject: str
    kind: Kind
    lines: tuple[Line, ...]


def changes(repository: Repository, rev: str = "HEAD", most: int = MOST_COMMITS) -> list[Change]:
    """The newest changes of the catalog, newest first; none where the history is not here.

    Args:
        repository: where; a shallow clone would tell its oldest commit as if all had been added in it.
        rev: backwards from this resolved commit.
        most: commits.

    Raises:
        OutsideError: Git failed.
    """
    if repository.shallow:
        return []
    commits = log(repository, [CATALOG], rev=rev, limit=most)
    small = [commit if len(commit.edits) <= MOST_READ else replace(commit, edits=()) for commit in commits]
    told = events_of(repository, small)
    found: list[Change] = []
    for commit, entry in zip(commits, told, strict=True):
        if len(commit.edits) > MOST_READ:
            pairs = list(_counted(commit))
        else:
            edits = {edit.path: edit for edit in commit.edits}
            pairs = [_told(edits[event.path], event) for event in entry.events]
        found += _by_kind(commit, pairs)
    return found


def _by_kind(commit: Commit, pairs: Sequence[tuple[Kind, Line]]) -> Iterator[Change]:
    kinds: dict[Kind, list[Line]] = {}
    for kind, line in pairs:
        kinds.setdefault(kind, []).append(line)
    for kind in sorted(kinds, key=_ORDER.index):
        yield Change(
            commit=commit.commit,
            author=commit.author,
            time=commit.time,
            subject=commit.subject,
            kind=kind,
            lines=tuple(kinds[kind]),
        )


_ORDER: tuple[Kind, ...] = ("security", "removed", "added", "changed", "fixed")


def _told(edit: FileEdit, event: Event) -> tuple[Kind, Line]:
    place = classify(edit.path.removeprefix(f"{CATALOG}/"))
    if place is None:
        return event.kind, Line(what=event.what)
    kind, says = place.kind.name, place.says
    if "name" in says:
        return event.kind, Line(what=event.what, model=says["name"])
    verb = _VERBS[edit.status]
    name = _NAMES.get(kind, kind)
    what = f"{name} {says['id']} {verb}" if "id" in says else f"{name} {verb}"
    if kind == "waiver" and edit.status == "D":
        return "fixed", Line(what=what)
    license_ = says["id"] if kind == "license" and edit.status != "D" else ""
    return "security" if kind in _SECURITY else verb, Line(what=what, license=license_)


def _counted(commit: Commit) -> Iterator[tuple[Kind, Line]]:
    """A large commit: how many of each kind, without reading a record."""
    counts: dict[tuple[str, str], int] = {}
    for edit in commit.edits:
        place = classify(edit.path.removeprefix(f"{CATALOG}/"))
        if place is not None:
            key = (place.kind.name, edit.status)
            counts[key] = counts.get(key, 0) + 1
    for (kind, status), number in counts.items():
        verb = _VERBS[status]
        typed: Kind = "security" if kind in ("scan", *_SECURITY) else verb
        yield typed, Line(what=f"{_plural(kind, number)} {verb}")


def _plural(kind: str, number: int) -> str:
    only = _NAMES.get(kind, "")
    if only.startswith("the "):
        # There is one such file in a catalog.
        return only
    name = {"results": "file of benchmark results", "text": "licence text", "license": "licence"}.get(
        kind, kind
    )
    if number == 1:
        return f"1 {name}"
    many = name.replace("file of", "files of") if kind == "results" else f"{name}s"
    return f"{number:,} {many}"
