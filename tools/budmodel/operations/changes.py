"""What changed in the whole registry, from Git: typed entries for people and feeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from budmodel.operations.history import Event, Kind, events_of
from budmodel.schema.kinds import classify
from budmodel.schema.values import format_timestamp, parse_timestamp
from budmodel.store.git import Repository
from budmodel.store.git_log import Commit, FileEdit, log
from budmodel.store.tree import CATALOG

MOST_COMMITS = 100
"""Commits that are told, the newest."""
MOST_OF_A_WEEK = 500
"""Commits up to which the last week is told whole, however many they are."""
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
_ALONE = ("policy", "signers", "benchmarks", "hardware", "catalog")
"""Kinds of which there is one file."""
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

    More than ``most`` commits are told where the week before the newest one had more, so that a week is told
    whole.

    Args:
        repository: where; a shallow clone would tell its oldest commit as if all had been added in it.
        rev: backwards from this resolved commit.
        most: commits.

    Raises:
        OutsideError: Git failed.
    """
    if repository.shallow:
        return []
    commits = _without_repeats(_newest(repository, rev, most))
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


def _newest(repository: Repository, rev: str, most: int) -> list[Commit]:
    """The newest commits, and the others of the same week."""
    commits = log(repository, [CATALOG], rev=rev, limit=most)
    if len(commits) < most or most >= MOST_OF_A_WEEK or commits[-1].time <= week_before(commits[0].time):
        return commits
    more = log(repository, [CATALOG], rev=rev, limit=MOST_OF_A_WEEK)
    start = week_before(more[0].time)
    return more[:most] + [commit for commit in more[most:] if commit.time > start]


def week_before(time: str) -> str:
    """Seven days before a time, both RFC 3339 in UTC."""
    return format_timestamp(parse_timestamp(time) - timedelta(days=7))


def _without_repeats(commits: Sequence[Commit]) -> list[Commit]:
    """The commits without what a merge only repeats, since the commits that it merged tell it themselves."""
    told = {(edit.path, edit.after) for commit in commits if commit.parents < 2 for edit in commit.edits}
    found = []
    for commit in commits:
        if commit.parents > 1:
            edits = tuple(edit for edit in commit.edits if (edit.path, edit.after) not in told)
            if not edits:
                continue
            commit = replace(commit, edits=edits)
        found.append(commit)
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
    if kind in _ALONE:
        return _NAMES[kind]
    name = "file of benchmark results" if kind == "results" else _NAMES.get(kind, kind)
    if number == 1:
        return f"1 {name}"
    many = name.replace("file of", "files of") if kind == "results" else f"{name}s"
    return f"{number:,} {many}"
