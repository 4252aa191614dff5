"""Which commit brought a file of the catalog to what it is, and who stands behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from budmodel.domain.commit_signature import CommitSignature, judge_commit
from budmodel.domain.signers import SignerBook
from budmodel.errors import OutsideError
from budmodel.schema.values import parse_timestamp
from budmodel.store.catalog import Snapshot
from budmodel.store.git import Repository
from budmodel.store.git_commit import CommitObject, Person, parse_commit
from budmodel.store.git_log import Commit, log


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The commit on the branch by which a file came to be as it is."""

    commit: str
    subject: str
    merge: bool
    """Whether it merged another branch, which is how a pull request lands."""
    author: Person
    """Of a merge: who merged. Names of a commit can be claimed by anybody; the signature cannot."""
    committer: Person
    signature: CommitSignature
    written_in: str | None
    """Of a merge: the commit that holds the change itself."""
    written_by: Person | None
    """Of a merge: who wrote that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A file of the catalog with the commits that brought it."""

    path: str
    sha256: str
    """Of its bytes."""
    introduced: Approval
    """When the file came."""
    approved: Approval
    """When it came to be as it is; the same as ``introduced`` where it never changed."""


def origins(
    repository: Repository, snapshot: Snapshot, commit: str, paths: Sequence[str], signers: SignerBook
) -> dict[str, Origin]:
    """Who brought files to what they are in a commit. Git walks the history of these paths once or twice.

    Args:
        repository: where.
        snapshot: the catalog of that commit.
        commit: the commit, on whose first-parent line approvals are looked for.
        paths: files; those that are not there are left out.
        signers: who may sign commits.

    Raises:
        OutsideError: the clone is shallow, so that its first commit only looks as if it brought everything.
    """
    if repository.shallow:
        raise OutsideError(
            "this clone is shallow, so that nobody can say who brought what; run git fetch --unshallow"
        )
    there = [path for path in dict.fromkeys(paths) if snapshot.types.get(path) == "file"]
    landed = log(repository, there, rev=commit, first_parent=True) if there else []
    reader = _Reader(repository, commit, there, signers)
    found: dict[str, Origin] = {}
    for path in there:
        touching = [one for one in landed if any(edit.path == path for edit in one.edits)]
        if touching:
            found[path] = Origin(
                path=path,
                sha256=hashlib.sha256(snapshot.tree.read(path)).hexdigest(),
                introduced=reader.approval(_first(touching, path), path),
                approved=reader.approval(touching[0], path),
            )
    return found


def _first(touching: Sequence[Commit], path: str) -> Commit:
    """The newest commit that added the file: it may have been removed in between."""
    for one in touching:
        if any(edit.path == path and edit.before is None for edit in one.edits):
            return one
    return touching[-1]


class _Reader:
    """Reads each commit once."""

    def __init__(self, repository: Repository, rev: str, paths: Sequence[str], signers: SignerBook) -> None:
        self._repository = repository
        self._rev, self._paths, self._signers = rev, paths, signers
        self._objects: dict[str, CommitObject] = {}
        self._all: Mapping[tuple[str, str | None], str] | None = None

    def approval(self, commit: Commit, path: str) -> Approval:
        """The commit as an approval of what it made of a path."""
        item = self._object(commit.commit)
        written = None
        if item.parents > 1:
            after = next(edit.after for edit in commit.edits if edit.path == path)
            written = self._writers().get((path, after))
        return Approval(
            commit=commit.commit,
            subject=item.subject,
            merge=item.parents > 1,
            author=item.author,
            committer=item.committer,
            signature=judge_commit(item.signature, item.payload, self._signers, _moment(item.committer)),
            written_in=written,
            written_by=self._object(written).author if written is not None else None,
        )

    def _object(self, commit: str) -> CommitObject:
        if commit not in self._objects:
            self._objects[commit] = parse_commit(self._repository.read_commit(commit))
        return self._objects[commit]

    def _writers(self) -> Mapping[tuple[str, str | None], str]:
        """The newest commit by path and what it made of that; merges do not count."""
        if self._all is None:
            written: dict[tuple[str, str | None], str] = {}
            for one in log(self._repository, self._paths, rev=self._rev):
                if one.parents < 2:
                    for edit in one.edits:
                        written.setdefault((edit.path, edit.after), one.commit)
            self._all = written
        return self._all


def _moment(person: Person) -> datetime:
    # Without a time that can be read no key was valid.
    return parse_timestamp(person.time) if person.time else datetime.min.replace(tzinfo=UTC)
