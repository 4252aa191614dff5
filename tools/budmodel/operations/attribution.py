"""Who stands behind the commits that brought acknowledgments, for the rule ack-unattributed."""

from __future__ import annotations

from collections.abc import Mapping

from budmodel.domain.acknowledgments import wrote
from budmodel.domain.commit_signature import judge_commit
from budmodel.domain.signers import SignerBook
from budmodel.schema.license import Acknowledgment
from budmodel.schema.values import parse_timestamp
from budmodel.store.catalog import Snapshot
from budmodel.store.git import Repository
from budmodel.store.git_commit import parse_commit
from budmodel.store.git_disk import blob_id
from budmodel.store.git_log import Commit, log
from budmodel.store.tree import CATALOG, UnreadableError

_FOLDER = f"{CATALOG}/acknowledgments"


def writers_of(
    repository: Repository, rev: str, snapshot: Snapshot, signers: SignerBook
) -> Mapping[str, frozenset[str]]:
    """Names, addresses and trusted signers of the commits that wrote acknowledgments as they are, by path.

    Who changed the file of another before it was merged wrote it. In a shallow clone the oldest commits only
    look as if they had brought everything, and merges of them as if they had brought what those did: both are
    left out.

    Args:
        repository: where.
        rev: a resolved commit, or HEAD, from which to look back.
        snapshot: the catalog that is judged.
        signers: who may sign commits, as the catalog that judges says.

    Raises:
        OutsideError: Git failed.
    """
    wrote_it: dict[str, Commit] = {}
    merged: dict[str, Commit] = {}
    for commit in log(repository, [_FOLDER], rev=rev):
        if repository.shallow and commit.parents != 1:
            continue
        for edit in commit.edits:
            if edit.after is not None and _is(snapshot, edit.path, edit.after):
                # A merge repeats what it merges; it counts only for what no other commit brought.
                (wrote_it if commit.parents < 2 else merged).setdefault(edit.path, commit)
    return {
        path: _writers(repository, commit, snapshot.record(path, Acknowledgment), signers)
        for path, commit in {**merged, **wrote_it}.items()
    }


def _is(snapshot: Snapshot, path: str, oid: str) -> bool:
    """Whether a file is this blob of Git."""
    try:
        return snapshot.tree.type_of(path) == "file" and blob_id(snapshot.tree.read(path), len(oid)) == oid
    except UnreadableError:
        return False


def _writers(
    repository: Repository, commit: Commit, record: Acknowledgment | None, signers: SignerBook
) -> frozenset[str]:
    found = {commit.author, commit.email} - {""}
    # A signature is looked at only where it decides: each costs a call to Git.
    if record is not None and not wrote(record.by, found):
        item = parse_commit(repository.read_commit(commit.commit))
        if item.committer.time:
            at = parse_timestamp(item.committer.time)
            signer = judge_commit(item.signature, item.payload, signers, at).signer
            found |= {signer} if signer is not None else set()
    return frozenset(found)
