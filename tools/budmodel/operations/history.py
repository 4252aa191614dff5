"""Who changed what of a model, and when, as Git has it: ``budmodel history``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from budmodel.domain.quoting import one_line
from budmodel.errors import NotFoundError
from budmodel.operations.workspace import Workspace
from budmodel.schema.kinds import classify
from budmodel.store.cache import RecordCache
from budmodel.store.git import Repository
from budmodel.store.git_log import Commit, FileEdit, log
from budmodel.store.tree import CATALOG
from budmodel.store.yaml_reader import YamlError, load

Kind = Literal["added", "changed", "fixed", "removed", "security"]
_PAST = "past"
"""Under which the cache keeps records of the past, valid or not."""
MOST_FIELDS = 6
"""Most fields that a sentence lists."""
_ABSENT = object()
_VERBS: dict[str, Literal["added", "changed", "removed"]] = {"A": "added", "M": "changed", "D": "removed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change of one file, in words."""

    kind: Kind
    """As in Keep a Changelog; scans, waivers and yanks are security."""
    what: str
    """``version 1.1.0 added``, ``description, tags changed``, ``scan of 1.0.0: PASSED``."""
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A commit that touched a model."""

    commit: str
    author: str
    email: str
    time: str
    subject: str
    events: tuple[Event, ...]


def history(workspace: Workspace, name: str, limit: int | None = None, rev: str = "HEAD") -> list[Entry]:
    """The commits that touched a model, its acknowledgments or its tombstone, newest first.

    A removed model has a history too.

    Args:
        workspace: the registry.
        name: the model's name.
        limit: most commits.
        rev: backwards from this resolved commit.

    Raises:
        NotFoundError: no commit ever touched a model of that name.
        UsageError: there is no Git here.
    """
    repository = workspace.git("history")
    places = (
        f"{CATALOG}/models/{name}",
        f"{CATALOG}/acknowledgments/{name}",
        f"{CATALOG}/removed/{name}.yaml",
    )
    commits = log(repository, places, rev=rev, limit=limit)
    if not commits:
        raise NotFoundError(f"no commit touched a model {name!r}; see budmodel list for the names")
    return events_of(repository, commits)


def events_of(repository: Repository, commits: list[Commit], cache: RecordCache | None = None) -> list[Entry]:
    """Commits with their changes in words. All blobs are read in one go; a cache knows what they say."""
    wanted = {
        oid
        for commit in commits
        for edit in commit.edits
        for oid in (edit.before, edit.after)
        if oid is not None and _needs_content(edit)
    }
    ordered = sorted(wanted)
    contents = dict(zip(ordered, _all_data(repository, ordered, cache), strict=True)) if ordered else {}
    return [
        Entry(
            commit=commit.commit,
            author=commit.author,
            email=commit.email,
            time=commit.time,
            subject=commit.subject,
            events=tuple(event for edit in commit.edits for event in _events(edit, contents)),
        )
        for commit in commits
    ]


def _needs_content(edit: FileEdit) -> bool:
    """Whether the words for an edit quote the record: that a model came or went needs no reading."""
    place = classify(edit.path.removeprefix(f"{CATALOG}/"))
    if place is None:
        return False
    if place.kind.name in ("model", "version"):
        return edit.status == "M"
    return place.kind.name in ("scan", "acknowledgment", "tombstone")


def _all_data(
    repository: Repository, oids: Sequence[str], cache: RecordCache | None
) -> list[Mapping[str, Any]]:
    blobs = list(repository.read_blobs(oids))
    known = dict(cache.get_many(_PAST, blobs)) if cache is not None else {}
    fresh = {raw: _data(raw) for raw in blobs if raw not in known}
    if cache is not None:
        cache.put_many(_PAST, fresh.items())
    return [known[raw] if raw in known else fresh[raw] for raw in blobs]


def _data(raw: bytes) -> Mapping[str, Any]:
    """A record of the past as data; empty where it cannot be read any more, or never could."""
    try:
        found = load(raw, max_bytes=16 << 20)
    except YamlError:
        return {}
    return found if isinstance(found, dict) else {}


def _events(edit: FileEdit, contents: Mapping[str, Mapping[str, Any]]) -> Iterator[Event]:
    place = classify(edit.path.removeprefix(f"{CATALOG}/"))
    if place is None:
        return
    before, after = contents.get(edit.before or "", {}), contents.get(edit.after or "", {})
    kind, what = _words(place.kind.name, place.says, edit.status, before, after)
    yield Event(kind=kind, what=what, path=edit.path)


def _words(
    kind: str, says: Mapping[str, str], status: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Kind, str]:
    version = says.get("version", "")
    if kind == "model":
        if status == "M":
            return _kind_of(before, after), _fields(before, after) or "rewritten without a change"
        return ("added", "model added") if status == "A" else ("removed", "model removed")
    if kind == "version":
        return _version(version, status, before, after)
    if kind == "scan":
        if status == "D":
            return "security", f"scan record of {version} removed"
        verdict = one_line(str(after.get("status", "unreadable")), 40)
        found = after.get("findings")
        more = f", {len(found)} found" if isinstance(found, list) and found else ""
        return "security", f"scan of {version}: {verdict}{more}"
    if kind == "acknowledgment":
        if status != "A":
            return "security", f"acknowledgment for {version} {'changed' if status == 'M' else 'removed'}"
        return "added", f"licence of {version} acknowledged by {one_line(str(after.get('by', 'nobody')), 80)}"
    if kind == "tombstone":
        return "removed", f"removed: {one_line(str(after.get('reason', 'no reason')), 200)}"
    if kind == "results":
        return _VERBS[status], f"benchmark results of {version} {_VERBS[status]}"
    if kind in ("waiver", "policy", "signers"):
        return "security", f"{kind} {_VERBS[status]}"
    return "changed", f"{kind} {_VERBS[status]}"


def _version(
    version: str, status: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Kind, str]:
    if status == "A":
        return "added", f"version {version} added"
    if status == "D":
        return "removed", f"version {version} removed"
    if "yanked" in after and "yanked" not in before:
        said = after["yanked"]
        reason = said.get("reason", "") if isinstance(said, dict) else ""
        return "security", f"version {version} yanked: {one_line(str(reason), 200)}"
    if "files" in after and "files" not in before:
        return "fixed", f"files of {version} recorded"
    return "changed", f"version {version}: {_fields(before, after) or 'rewritten without a change'}"


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    changed = [
        key for key in dict.fromkeys((*before, *after)) if before.get(key, _ABSENT) != after.get(key, _ABSENT)
    ]
    more = f" and {len(changed) - MOST_FIELDS} more" if len(changed) > MOST_FIELDS else ""
    return one_line(", ".join(changed[:MOST_FIELDS])) + more + " changed" if changed else ""


def _kind_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Kind:
    if before.get("status") != after.get("status") and after.get("status") in ("deprecated", "archived"):
        return "removed"
    return "changed"
