"""Commits with the files that they changed, and the blobs before and after: history without check-outs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budmodel.store.git import Repository, utc

_ABSENT = frozenset("0")


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file of a commit against its first parent."""

    path: str
    before: str | None
    """The blob's id; None where the commit adds the file."""
    after: str | None
    """The blob's id; None where the commit deletes the file."""

    @property
    def status(self) -> str:
        """A, M or D."""
        return "A" if self.before is None else "D" if self.after is None else "M"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit that touched what was asked about; times are RFC 3339 in UTC."""

    commit: str
    author: str
    email: str
    committer_email: str
    """Of who put it onto the branch."""
    time: str
    subject: str
    edits: tuple[FileEdit, ...]
    parents: int = 1
    """More than one: a merge."""


_FORMAT = "--format=%x00%x01%H%n%an%n%ae%n%ce%n%ct%n%P%n%s"


def log(
    repository: Repository,
    paths: Sequence[str],
    *,
    rev: str = "HEAD",
    limit: int | None = None,
    first_parent: bool = False,
) -> list[Commit]:
    """The commits that touched files or folders, newest first.

    Args:
        repository: where.
        paths: relative to the registry's root.
        rev: from which commit backwards; a resolved id, or HEAD.
        limit: most commits.
        first_parent: only the commits of the branch itself, such as merges, and not what they merged.

    Raises:
        OutsideError: Git failed.
    """
    if rev == "HEAD" and repository.head() is None:
        return []
    count = () if limit is None else (f"--max-count={limit:d}",)
    line = ("--first-parent",) if first_parent else ()
    shape = ("--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv")
    output = repository.read_log(
        (_FORMAT, *shape, "--diff-merges=first-parent", "--no-show-signature", *line, *count), rev, paths
    )
    return list(_parse(repository, os.fsdecode(output).split("\0")))


def _parse(repository: Repository, tokens: Sequence[str]) -> Iterator[Commit]:
    facts: list[str] | None = None
    edits: list[FileEdit] = []
    index = 0
    while index < len(tokens):
        token = tokens[index].removeprefix("\n")
        index += 1
        if token.startswith(":") and facts is not None and index < len(tokens):
            before, after = token.split(" ")[2:4]
            edits.append(FileEdit(repository.outside(tokens[index]), _oid(before), _oid(after)))
            index += 1
        elif token.startswith("\x01"):
            if facts is not None:
                yield _commit(facts, edits)
            facts, edits = token[1:].split("\n", 6), []
    if facts is not None:
        yield _commit(facts, edits)


def _oid(text: str) -> str | None:
    return None if set(text) == _ABSENT else text


def _commit(facts: Sequence[str], edits: Sequence[FileEdit]) -> Commit:
    commit, author, email, committer, stamp, parents, subject = facts
    return Commit(
        commit=commit,
        author=author,
        email=email,
        committer_email=committer,
        time=utc(stamp),
        subject=subject.rstrip("\n"),
        edits=tuple(edits),
        parents=len(parents.split()),
    )
