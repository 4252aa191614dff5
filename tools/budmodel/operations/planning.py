"""A write in two steps: a plan that can be shown, and carrying it out. CLI and REST share it.

An operation computes the new bytes of every file from those that it read; nothing is written before the
whole plan stands and every record in it is valid.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budmodel.errors import DataError, UsageError
from budmodel.operations.workspace import Workspace
from budmodel.schema.kinds import classify
from budmodel.store.entries import Entry, parse_entry
from budmodel.store.files import Writer
from budmodel.store.tree import CATALOG


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file, by its path below the root: its bytes before (None: absent) and after (None: deleted)."""

    path: str
    old: bytes | None
    new: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an operation would write, why, and what the user should know and do next."""

    message: str
    """The commit's message: ``Add model x``."""
    changes: tuple[FileChange, ...]
    notes: tuple[str, ...] = ()
    """Warnings: sentences."""
    next_steps: tuple[str, ...] = ()
    """Commands."""

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not self.changes

    @property
    def paths(self) -> list[str]:
        """The files that would be written or deleted."""
        return [change.path for change in self.changes]

    def diff(self) -> str:
        """The plan as a unified diff."""
        return "".join(line for change in self.changes for line in _diff(change))


@dataclass(frozen=True, slots=True)
class Committed:
    """A commit that was made."""

    commit: str
    """40 hex digits."""
    branch: str | None
    """The branch where one was named; else the current one."""


def _diff(change: FileChange) -> Iterator[str]:
    before = (change.old or b"").decode("utf-8", "replace").splitlines(keepends=True)
    after = (change.new or b"").decode("utf-8", "replace").splitlines(keepends=True)
    old_name = f"a/{change.path}" if change.old is not None else "/dev/null"
    new_name = f"b/{change.path}" if change.new is not None else "/dev/null"
    for line in difflib.unified_diff(before, after, old_name, new_name):
        yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def carry_out(workspace: Workspace, plan: Plan) -> None:
    """Writes all files of a plan, or none.

    Raises:
        ConflictError: a file changed since the plan was made.
        UsageError: a path leads through a symbolic link.
        OutsideError: the operating system refused.
    """
    with Writer(workspace.root).transaction() as transaction:
        for change in plan.changes:
            if change.new is not None:
                transaction.write(change.path, change.new, old=change.old)
            elif change.old is not None:
                transaction.delete(change.path, old=change.old)
    workspace.reload()


def commit(workspace: Workspace, plan: Plan, branch: str | None = None) -> Committed:
    """Commits exactly the files of a plan that was carried out.

    Raises:
        UsageError: no Git here, or the branch exists already.
        OutsideError: Git or a hook refused.
    """
    repository = workspace.git("--commit")
    return Committed(repository.commit(plan.paths, plan.message, branch), branch)


def validated(path: str, raw: bytes) -> Entry[Any]:
    """The entry of a record that is about to be written.

    Raises:
        DataError: it is invalid; all problems at once, each with its line and column on a line of its own.
    """
    entry = _entry(path, raw)
    _refuse(f"{path} would be invalid", list(_sentences(entry, positions=True)))
    return entry


def all_valid(what: str, files: Mapping[str, bytes]) -> None:
    """Refuses records that nobody has seen as files yet, so that no line numbers are told.

    Args:
        what: what is refused, for the message.
        files: bytes by path.

    Raises:
        DataError: one is invalid; all problems of all of them at once.
    """
    said = [line for path, raw in files.items() for line in _sentences(_entry(path, raw), positions=False)]
    _refuse(what, list(dict.fromkeys(said)))


def _refuse(what: str, said: Sequence[str]) -> None:
    if len(said) == 1:
        raise DataError(f"{what}: {said[0]}")
    if said:
        raise DataError("\n  ".join([f"{what}, {len(said)} problems:", *said]))


def _entry(path: str, raw: bytes) -> Entry[Any]:
    place = classify(path.removeprefix(f"{CATALOG}/"))
    if place is None:
        raise UsageError(f"{path!r} is no place of the catalog; check the name")
    return parse_entry(path, place, raw)


def _sentences(entry: Entry[Any], *, positions: bool) -> Iterator[str]:
    if entry.unreadable is not None:
        broken = entry.unreadable
        where = f"{entry.path}:{broken.line}:{broken.column}: " if positions else ""
        yield _sentence(where + broken.message, broken.fix)
    for problem in entry.problems:
        line, column = entry.position(problem.field_path)
        where = f"{entry.path}:{line}:{column}: " if positions else ""
        yield _sentence(where + problem.message, problem.fix)


def _sentence(message: str, fix: str) -> str:
    return f"{message}; {fix}" if fix else message


def changed(changes: Sequence[FileChange]) -> tuple[FileChange, ...]:
    """The changes that change something."""
    return tuple(change for change in changes if change.old != change.new)
