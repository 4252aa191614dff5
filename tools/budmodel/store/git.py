"""The only way to Git: fixed arguments, a scrubbed environment, errors turned into sentences.

GitPython starts what writes; its object model is not used, since it is slower than Git's plumbing and keeps
children alive. No caller's text reaches Git as an option. :mod:`git_run` starts the processes,
:mod:`git_disk` compares a commit with the files on disk, :mod:`git_write` commits.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from budmodel.errors import OutsideError, UsageError
from budmodel.store.git_blobs import Blobs
from budmodel.store.git_disk import IndexFacts, TreeItem, compare, read_index, walk
from budmodel.store.git_run import DIFF, GitMissingError, failure, incomplete, is_incomplete, run
from budmodel.store.temporary import is_temporary

if TYPE_CHECKING:
    from concurrent.futures import Future

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
# RFC 3339 §5.6, date-time: https://www.rfc-editor.org/rfc/rfc3339#section-5.6
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:]{8}(\.[0-9]+)?([Zz]|[-+][0-9]{2}:[0-9]{2})\Z")
_COMMIT_FORMAT = "--format=%x00%H%n%an%n%ae%n%ct%n%s"
_BARE = ("-c", "safe.bareRepository=all")
"""Unlike ``--git-dir`` this leaves the check of who owns the repository to Git."""
_MOST_PATHS = 500
"""Paths in one command line."""


@dataclass(frozen=True, slots=True)
class Change:
    """One commit that touched a path; ``time`` is the committer's, RFC 3339 in UTC."""

    commit: str
    author: str
    email: str
    time: str
    subject: str
    paths: tuple[str, ...]


class Repository:
    """The Git repository around a registry. Every path in this interface is relative to :attr:`root`.

    Every method raises OutsideError where Git itself fails. Use as a context manager: leaving it ends
    the children that are still alive.
    """

    def __init__(self, root: Path, top: Path, *, shallow: bool, bare: bool = False) -> None:
        self.root = root
        self.top = top
        self.shallow = shallow
        # A bare repository is used only where it was named itself, never one that lies somewhere below.
        self._named = _BARE if bare else ()
        inner = root.resolve().relative_to(top).as_posix()
        self.prefix = "" if inner == "." else inner + "/"
        self._blobs = Blobs(top, self._named)
        # A commit never changes, and a check asks for the tree of the same one more than once.
        self._ahead: dict[str, Future[list[str]]] = {}
        self._trees: dict[tuple[str, ...], list[TreeItem]] = {}

    @classmethod
    def find(cls, path: Path) -> Repository | None:
        """The repository whose work tree holds the folder, or None (no Git here, no or a bare repository).

        Raises:
            OutsideError: Git refuses the folder (another owner), or the repository is broken.
        """
        if not path.is_dir():
            return None
        questions = ("--is-inside-work-tree", "--is-shallow-repository", "--show-cdup")
        try:
            status, output, errors = run(path, ["rev-parse", *questions])
        except GitMissingError:
            return None
        if status:
            if b"not a git repository (or any" in errors or b"cannot use bare repository" in errors:
                return None
            raise failure("rev-parse", errors)
        inside, shallow, up = os.fsdecode(output).split("\n")[:3]
        if inside != "true":
            return None
        return cls(path.absolute(), Path(os.path.normpath(path.resolve() / up)), shallow=shallow == "true")

    @classmethod
    def bare(cls, path: Path) -> Repository | None:
        """The bare repository (a clone without a work tree) that the folder itself is, or None.

        Raises:
            OutsideError: Git refuses the folder (another owner), or the repository is broken.
        """
        if not all((path / name).exists() for name in ("HEAD", "objects")):
            return None
        questions = ("--is-bare-repository", "--is-shallow-repository", "--absolute-git-dir")
        try:
            status, output, errors = run(path, [*_BARE, "rev-parse", *questions])
        except GitMissingError:
            return None
        if status:
            if b"not a git repository (or any" in errors:
                return None
            raise failure("rev-parse", errors)
        is_bare, shallow, where = os.fsdecode(output).split("\n")[:3]
        if is_bare != "true" or Path(where).resolve() != path.resolve():
            return None
        return cls(path.absolute(), path.resolve(), shallow=shallow == "true", bare=True)

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes that read blobs."""
        self._blobs.close()

    def resolve(self, rev: str) -> str:
        """The commit that a branch, tag, hash or expression such as ``HEAD~1`` names.

        Raises:
            UsageError: there is no such revision, it is no revision at all, or it names several.
        """
        if not rev or rev[0] in "-^" or any(c.isspace() or not c.isprintable() or c == ":" for c in rev):
            raise UsageError(f"{rev!r} is not a revision; name a branch, a tag or a commit.")
        # Git takes a tag before a branch, and only warns: who may push a tag must not choose who judges.
        command = ("-c", "core.warnAmbiguousRefs=true", "rev-parse", "--verify", "--end-of-options")
        status, output, errors = run(self.top, [*self._named, *command, rev + "^{commit}"])
        if b"' is ambiguous" in errors:
            raise UsageError(
                f"the revision {rev!r} names a tag and a branch, or several; write one in full, such as "
                "refs/heads/main or refs/remotes/origin/main."
            )
        commit = os.fsdecode(output).strip()
        if status == 0 and _OID.match(commit):
            return commit
        remote, slash, branch = rev.removeprefix("refs/remotes/").partition("/")
        hint = "name a branch, a tag or a commit"
        if slash and remote in ("origin", "upstream"):
            hint = f"run `git fetch {remote} {branch}` first, or name another"
        elif self.shallow:
            hint = "this clone is shallow: run `git fetch --unshallow` first, or name another"
        raise UsageError(f"the revision {rev!r} is not in {self.top}; {hint}.")

    def resolve_at(self, text: str) -> str:
        """The commit at a revision, or the last one on HEAD's first-parent line at or before a moment.

        Args:
            text: a revision, a day (``2024-07-23``: until its end in UTC) or an RFC 3339 time.

        Raises:
            UsageError: no such revision or date, or the history begins later.
            OutsideError: a shallow clone does not reach back that far, or dates run backwards there: what
                says to be older came after what is younger, and nobody knows what stood at that moment.
        """
        until = moment(text)
        if until is None:
            try:
                return self.resolve(text)
            except UsageError as error:
                dates = "a date is written 2024-07-23 or 2024-07-23T12:00:00Z, in UTC"
                raise UsageError(f"{str(error).removesuffix('.')}; {dates}.") from None
        if self.head() is None:
            raise UsageError("the repository has no commit yet; commit the catalog first.")
        stamp, found = "", ""
        for line in self._git("rev-list", "--first-parent", "--timestamp", "HEAD").decode().splitlines():
            stamp, commit = line.split(" ")
            if int(stamp) <= until.timestamp():
                found = found or commit
            elif found:
                raise OutsideError(
                    f"the commits' dates run backwards: {found[:10]} says that it is from before {text}, and "
                    f"came after {commit[:10]}, which is from after it; name a commit."
                )
        if found:
            return found
        if self.shallow:
            raise OutsideError(f"this shallow clone begins after {text}; run `git fetch --unshallow`.")
        raise UsageError(f"the history begins on {utc(stamp)}, after {text}; name a later date.")

    def merge_base(self, a: str, b: str) -> str:
        """The best common ancestor of two revisions.

        Raises:
            OutsideError: they have none that this clone holds.
        """
        first, second = self.resolve(a), self.resolve(b)
        base = self._git("merge-base", first, second, accept=(0, 1)).decode().strip()
        if base:
            return base
        why = "run `git fetch --unshallow`" if self.shallow else "compare with a branch that shares history"
        raise OutsideError(f"{a} and {b} have no common ancestor in this clone; {why}.")

    def merge_bases(self, a: str, b: str) -> list[str]:
        """All best common ancestors of two commits: several where branches merged each other before."""
        return self._git("merge-base", "--all", _oid(a), _oid(b), accept=(0, 1)).decode().split()

    def list_tree(self, commit: str, folder: str = "catalog") -> list[TreeItem]:
        """All files, links and submodules below a folder of a commit."""
        where = (_oid(commit), "--", self._inside(folder))
        if where not in self._trees:
            output = self._git("ls-tree", "-r", "-z", "--full-tree", *where)
            start = len(self.prefix)
            items = []
            for record in os.fsdecode(output).split("\0")[:-1]:
                facts, _, path = record.partition("\t")
                items.append(TreeItem(path[start:], facts[:6], facts[facts.rindex(" ") + 1 :]))
            self._trees[where] = items
        return self._trees[where]

    def blob_ids(self, commit: str, paths: Sequence[str]) -> dict[str, str]:
        """The ids of some files of a commit, and of all in some folders; what is not there is left out."""
        found: dict[str, str] = {}
        for start in range(0, len(paths), _MOST_PATHS):
            wanted = [self._inside(path) for path in paths[start : start + _MOST_PATHS]]
            output = self._git("ls-tree", "-r", "-z", "--full-tree", _oid(commit), "--", *wanted)
            for record in os.fsdecode(output).split("\0")[:-1]:
                facts, _, path = record.partition("\t")
                found[path[len(self.prefix) :]] = facts[facts.rindex(" ") + 1 :]
        return found

    def tree_id(self, commit: str, folder: str) -> str | None:
        """The id of a folder's tree in a commit, a digest of all that lies below it; None without one."""
        where = f"{_oid(commit)}:{self._inside(folder)}"
        command = ("rev-parse", "--verify", "--quiet", "--end-of-options", where)
        status, found, errors = run(self.top, [*self._named, *command])
        # A clone without trees does not know, which is not to say that there is none.
        if status and is_incomplete(errors):
            raise incomplete()
        text = os.fsdecode(found).strip()
        return text if _OID.match(text) else None

    def folders(self, tree: str) -> list[str]:
        """The names of the folders in a tree, by its id."""
        output = self._git("ls-tree", "-d", "-z", "--name-only", _oid(tree))
        return os.fsdecode(output).split("\0")[:-1]

    def list_folders(self, commit: str, folders: Sequence[str]) -> Iterator[TreeItem]:
        """What lies directly in some folders of a commit. Paths are from the top of the repository.

        Args:
            commit: its id.
            folders: each ends with a slash; the empty one is the top itself, and is asked for alone.
        """
        for start in range(0, len(folders), _MOST_PATHS):
            wanted = [folder for folder in folders[start : start + _MOST_PATHS] if folder]
            output = self._git("ls-tree", "-z", "--full-tree", _oid(commit), "--", *wanted)
            for record in os.fsdecode(output).split("\0")[:-1]:
                facts, _, path = record.partition("\t")
                yield TreeItem(path, facts[:6], facts[facts.rindex(" ") + 1 :])

    def read_blobs(self, oids: Sequence[str]) -> Iterator[bytes]:
        """The contents of blobs, in order, streamed from one process.

        Raises:
            OutsideError: one is missing (partial clone) or is no blob.
        """
        return self._blobs.many([_oid(oid) for oid in oids]) if oids else iter(())

    def read_blob(self, oid: str) -> bytes:
        """The content of one blob.

        Raises:
            OutsideError: it is missing (partial clone) or is no blob.
        """
        return self._blobs.one(_oid(oid))

    def changed(self, old: str, new: str | None, folder: str = "catalog") -> dict[str, str]:
        """What differs between two commits, or a commit and the files on disk (``new`` is None).

        On disk it is the bytes that count: neither ``.gitignore`` nor filters of the configuration are
        asked, and the executable bit is not compared. A file whose times, inode and size are those that
        the index remembers is not read again, as in ``git status``.

        Returns:
            Path to A (added), M (modified), D (deleted) or T (file became link or the reverse).
        """
        if new is None:
            return self._changed_on_disk(old, folder)
        range_ = (_oid(old), _oid(new), "--", self._inside(folder))
        output = os.fsdecode(self._git("diff-tree", "-r", "--name-status", *DIFF, *range_))
        fields = iter(output.split("\0")[:-1])
        return {self._outside(path): letter for letter, path in zip(fields, fields, strict=True)}

    def _changed_on_disk(self, old: str, folder: str) -> dict[str, str]:
        # Git looks for untracked files while we look at the tracked ones: both wait for the disk.
        self.look_ahead(folder)
        items = {item.path: item for item in self.list_tree(old, folder)}
        known = self._remembered(folder)
        changes: dict[str, str] = {}
        for path, item in items.items():
            letter = compare(self.root, item, known.get(path))
            if letter:
                changes[path] = letter
        for path in (*self._ahead.pop(folder).result(), *known.keys() - items.keys()):
            changes.update((inner, "A") for inner in walk(self.root, path, items) if inner not in items)
        return changes

    def look_ahead(self, folder: str = "catalog") -> None:
        """Begins to look for untracked files, for a :meth:`changed` on disk that is sure to come."""
        from concurrent.futures import ThreadPoolExecutor  # most questions to Git need no thread

        if folder not in self._ahead:
            pool = ThreadPoolExecutor(1)
            self._ahead[folder] = pool.submit(self._untracked, folder)
            pool.shutdown(wait=False)

    def _untracked(self, folder: str) -> list[str]:
        """Files that the index does not list, ignored ones too; a repository inside counts as a folder."""
        output = self._git("ls-files", "--others", "-z", "--full-name", "--", self._inside(folder))
        paths = (self._outside(path).rstrip("/") for path in os.fsdecode(output).split("\0")[:-1])
        return [path for path in paths if not is_temporary(path.rpartition("/")[2])]

    def _remembered(self, folder: str) -> dict[str, IndexFacts | None]:
        index = self.top / os.fsdecode(self._git("rev-parse", "--git-path", "index").removesuffix(b"\n"))
        inside = os.fsencode(self._inside(folder)) + b"/"
        start = len(self.prefix.encode())
        return {os.fsdecode(path[start:]): facts for path, facts in read_index(index, inside).items()}

    def merge_file(self, ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
        """Three versions of a file merged line by line, or None where both sides changed the same lines."""
        import tempfile

        with tempfile.TemporaryDirectory(prefix="budmodel-") as folder:
            for name, data in (("ours", ours), ("base", base), ("theirs", theirs)):
                (Path(folder) / name).write_bytes(data)
            status, output, _ = run(Path(folder), ["merge-file", "-p", "-q", "--", "ours", "base", "theirs"])
        return output if status == 0 else None

    def commit(self, paths: Sequence[str], message: str, branch: str | None = None) -> str:
        """Commits these files as they are on disk (new, changed or deleted) and nothing else that is staged.

        Args:
            paths: files, or folders with all their files; ignored files too.
            message: the commit's message.
            branch: create this branch from HEAD and switch to it; the current branch may be named too.

        Returns:
            The new commit; HEAD where nothing differs. The user's hooks run, as with ``git commit``.

        Raises:
            UsageError: the branch exists already or its name is invalid; the message is empty.
            OutsideError: no identity is configured, or Git or a hook refused; the index is as before.
        """
        from budmodel.store.git_write import commit_files

        return commit_files(self.top, {self._inside(path) for path in paths}, message, branch)

    def last_change(self, path: str, rev: str = "HEAD") -> Change | None:
        """The newest commit of a history (HEAD's, or a resolved commit's) that touched a file or folder."""
        return next(iter(self.history(path, 1, rev)), None)

    def history(self, path: str, limit: int | None = None, rev: str = "HEAD") -> list[Change]:
        """The commits of a history (HEAD's, or a resolved commit's) that touched a path, newest first."""
        if rev == "HEAD" and self.head() is None:
            return []
        count = () if limit is None else (f"--max-count={limit:d}",)
        shape = (_COMMIT_FORMAT, "--name-only", "--diff-merges=first-parent", "--no-show-signature")
        where = (rev if rev == "HEAD" else _oid(rev), "--", self._inside(path))
        output = self._git("log", "--encoding=UTF-8", *shape, *DIFF, *count, *where)
        changes: list[Change] = []
        for record in os.fsdecode(output).split("\0\0"):
            facts, _, names = record.removeprefix("\0").partition("\0\n")
            if facts:
                commit, author, email, stamp, subject = facts.split("\n", 4)
                touched = tuple(self._outside(name) for name in names.rstrip("\0").split("\0") if name)
                changes.append(Change(commit, author, email, utc(stamp), subject, touched))
        return changes

    def read_log(self, flags: Sequence[str], rev: str, paths: Sequence[str]) -> bytes:
        """What ``git log`` prints; see :mod:`budmodel.store.git_log`, which reads it."""
        start = rev if rev == "HEAD" else _oid(rev)
        where = [self._inside(path) for path in paths]
        return self._git("log", "--encoding=UTF-8", *flags, start, "--", *where)

    def read_commit(self, commit: str) -> bytes:
        """A commit as Git stores it, with its signature; :mod:`budmodel.store.git_commit` reads it."""
        return self._git("cat-file", "commit", _oid(commit))

    def outside(self, path: str) -> str:
        """A path as Git tells it, relative to :attr:`root`."""
        return self._outside(path)

    def head(self) -> str | None:
        """The commit that is checked out; None in a repository without commits."""
        output = self._git("rev-parse", "--verify", "--quiet", "HEAD^{commit}", accept=(0, 1, 128))
        return output.decode().strip() or None

    @property
    def head_files(self) -> tuple[Path, ...]:
        """The files of Git of which one changes with every commit, check-out and reset."""
        output = self._git("rev-parse", "--git-path", "HEAD", "--git-path", "logs/HEAD")
        return tuple(self.top / line for line in os.fsdecode(output).splitlines())

    def commit_time(self, commit: str) -> str:
        """When a commit was made (its committer's time), RFC 3339 in UTC."""
        output = self._git("log", "--max-count=1", "--no-show-signature", "--format=%ct", _oid(commit))
        return utc(output.decode().strip())

    def _git(
        self, *args: str, stdin: bytes = b"", write: bool = False, accept: Sequence[int] = (0,)
    ) -> bytes:
        status, output, errors = run(self.top, [*self._named, *args], stdin, write=write)
        if status not in accept:
            raise failure(args[0], errors)
        return output

    def _inside(self, path: str) -> str:
        parts = path.rstrip("/").split("/")
        if any(part in ("", ".", "..") for part in parts) or "\0" in path:
            raise UsageError(f"{path!r} is not a path inside the registry; name one below its root.")
        return self.prefix + "/".join(parts)

    def _outside(self, path: str) -> str:
        return path.removeprefix(self.prefix)


def _oid(text: str) -> str:
    if not _OID.match(text):
        raise UsageError(f"{text!r} is not the full id of a Git object; resolve it first.")
    return text


def moment(text: str) -> datetime | None:
    """The moment that a day (its end in UTC) or an RFC 3339 time names; None for any other text.

    Raises:
        UsageError: it has the form of a date and is none.
    """
    try:
        if _DAY.match(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(days=1, microseconds=-1)
        return datetime.fromisoformat(text.upper()) if _TIME.match(text) else None
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is no moment; write 2024-07-23 or 2024-07-23T12:00:00Z.") from None


def utc(stamp: str) -> str:
    return datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
