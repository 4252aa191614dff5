"""Commits files of the work tree, all of what was asked for or nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from budmodel.errors import OutsideError, UsageError
from budmodel.store.git_run import DIFF, failure, run

_PATHS = ("--pathspec-from-file=-", "--pathspec-file-nul")
_IDENTITIES = ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT")


def commit_files(top: Path, wanted: set[str], message: str, branch: str | None) -> str:
    """As :meth:`budmodel.store.git.Repository.commit`, for paths relative to the work tree's top."""
    if not message.strip() or "\0" in message:
        raise UsageError("a commit needs a message; give one.")
    _check_identity(top)
    create = branch if branch is not None and _is_new(top, branch) else None
    index = top / os.fsdecode(_git(top, "rev-parse", "--git-path", "index").removesuffix(b"\n"))
    before = index.read_bytes() if index.exists() else None
    done = False
    try:
        staged = _stage(top, wanted)
        if staged:
            _record(top, staged, message, create)
            done = True
    finally:
        if not done:
            _put_back(index, before)
    head = _head(top)
    if not head:
        raise UsageError("there is nothing to commit; add a record first.")
    return head


def _check_identity(top: Path) -> None:
    for name in _IDENTITIES:
        if run(top, ["var", name], write=True)[0]:
            raise OutsideError(
                "Git does not know who commits; run `git config --global user.name 'Your Name'` "
                "and `git config --global user.email you@example.org`."
            )


def _is_new(top: Path, branch: str) -> bool:
    status, output, _ = run(top, ["check-ref-format", "--branch", branch])
    if branch.startswith("-") or status or os.fsdecode(output) != branch + "\n":
        raise UsageError(f"{branch!r} is not a name that Git allows for a branch; choose another.")
    if _branch(top) == f"refs/heads/{branch}":
        return False
    if not run(top, ["show-ref", "--verify", "--quiet", f"refs/heads/{branch}"])[0]:
        raise UsageError(f"the branch {branch} exists already; choose another name or switch to it.")
    return True


def _branch(top: Path) -> str:
    """The branch that HEAD is on; empty where it is on none."""
    return os.fsdecode(_git(top, "symbolic-ref", "--quiet", "HEAD", accept=(0, 1))).removesuffix("\n")


def _head(top: Path) -> str:
    """The commit of HEAD; empty before the first one."""
    return _git(top, "rev-parse", "--verify", "--quiet", "HEAD^{commit}", accept=(0, 1, 128)).decode().strip()


def _stage(top: Path, wanted: set[str]) -> list[str]:
    """Puts the files into the index; returns those that now differ from HEAD."""
    tracked = os.fsdecode(_git(top, "ls-files", "-z", "--full-name")).split("\0")
    there = [path for path in wanted if os.path.lexists(top / path) or _covers({path}, tracked)]
    if there:
        _git(top, "add", "--all", "--force", *_PATHS, stdin=_null_terminated(there), write=True)
    differing = _git(top, "diff", "--cached", "--name-only", "--ignore-submodules=dirty", *DIFF)
    return _covers(wanted, os.fsdecode(differing).split("\0")[:-1])


def _record(top: Path, staged: Sequence[str], message: str, create: str | None) -> None:
    before, head = _branch(top), _head(top)
    if create is not None:
        _git(top, "switch", "--quiet", "--no-track", "--create", create, write=True)
    command = ("commit", "--quiet", "--only", "--cleanup=whitespace", f"--message={message}")
    try:
        _git(top, *command, *_PATHS, stdin=_null_terminated(staged), write=True)
    except BaseException:
        if create is not None:
            detach = ["update-ref", "--no-deref", "HEAD", head]
            run(top, ["symbolic-ref", "HEAD", before] if before else detach, write=True)
            run(top, ["update-ref", "-d", f"refs/heads/{create}"], write=True)
        raise


def _git(
    top: Path, *args: str, stdin: bytes = b"", write: bool = False, accept: Sequence[int] = (0,)
) -> bytes:
    status, output, errors = run(top, args, stdin, write=write)
    if status not in accept:
        raise failure(args[0], errors)
    return output


def _covers(wanted: set[str], names: Sequence[str]) -> list[str]:
    """Those names that are wanted, or lie in a folder that is."""
    return [
        name
        for name in names
        if name in wanted or any(parent.as_posix() in wanted for parent in Path(name).parents)
    ]


def _null_terminated(names: Sequence[str]) -> bytes:
    return b"".join(os.fsencode(name) + b"\0" for name in names)


def _put_back(index: Path, before: bytes | None) -> None:
    if before is None:
        index.unlink(missing_ok=True)
    elif index.read_bytes() != before:
        spare = index.with_name("index.budmodel")
        spare.write_bytes(before)
        spare.replace(index)
