"""Starting Git: fixed options, a scrubbed environment, errors turned into sentences.

The repository may be hostile (a folder somebody handed over): nothing that its configuration names is run
while reading (file system monitor, external diff, textconv, filters, pager, signature programs, remotes
of a partial clone).
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from budmodel.errors import OutsideError

if TYPE_CHECKING:
    from git import Git

_OPTIONS = ("--no-pager", "--literal-pathspecs", "--no-replace-objects", "-c", "core.fsmonitor=false",
            "-c", "core.quotepath=false", "-c", "safe.bareRepository=explicit",
            "-c", "user.useConfigOnly=true")  # fmt: skip
DIFF = ("--no-renames", "--no-ext-diff", "--no-textconv", "-z")
"""What every command that compares is given."""
# The user's identity and configuration stay; what a hook or a caller set to point Git elsewhere goes.
_KEPT = re.compile(
    r"GIT_((AUTHOR|COMMITTER)_\w+|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|(KEY|VALUE)_\d+)|EXEC_PATH"
    r"|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|PYTHON_\w+)\Z"
)


class GitMissingError(OutsideError):
    """Git is not installed, or not where programs are looked for."""


@contextmanager
def process(folder: Path, args: Sequence[str], *, write: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    locks = [] if write else ["--no-optional-locks"]
    command = ["git", *_OPTIONS, *locks, "-C", str(folder), *args]
    # Without a protocol a partial clone cannot fetch behind our back, through whatever command it names.
    # Grafts tell another history than the commits do, as replaced objects would; clones do not carry them.
    extra = {"GIT_TERMINAL_PROMPT": "0", "GIT_GRAFT_FILE": os.devnull} | (
        {} if write else {"GIT_ALLOW_PROTOCOL": "none"}
    )
    # GitPython ends its process when the handle is let go, so it is held until the end.
    handle = _start_writing(command, extra) if write else None
    child = _start_reading(command, extra) if handle is None else handle.proc
    assert child is not None
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        for pipe in (child.stdin, child.stdout, child.stderr):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        child.wait()


def _start_reading(command: Sequence[str], extra: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Starts Git without GitPython, whose import takes ten times as long as Git needs to answer."""
    gone = set(_scrubbed())
    # Messages are looked at, so they must be in the language that Git is written in.
    english = {"LANGUAGE": "C", "LC_ALL": "C"}
    kept = {name: value for name, value in os.environ.items() if name not in gone}
    try:
        return subprocess.Popen(  # noqa: S603 - a fixed program, and no caller's text as an option
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**kept, **english, **extra},
        )
    except FileNotFoundError as error:
        raise GitMissingError("Git cannot be run; install it so that `git --version` works.") from error
    except OSError as error:
        raise _not_started(error) from error


def _start_writing(command: Sequence[str], extra: Mapping[str, str]) -> Git.AutoInterrupt:
    try:
        import git
    except ImportError as error:
        raise GitMissingError("Git cannot be run; install it so that `git --version` works.") from error
    gone = _scrubbed()
    # GitPython copies the whole environment and can only add to it; env takes out what must not reach Git.
    scrub = ["env", *(f"--unset={name}" for name in gone)] if gone else []
    try:
        return git.Git().execute(
            [*scrub, *command], as_process=True, istream=subprocess.PIPE, env=dict(extra)
        )
    except (git.GitCommandError, OSError) as error:
        raise _not_started(error) from error


def _scrubbed() -> list[str]:
    return [name for name in os.environ if name.startswith("GIT_") and not _KEPT.match(name)]


def _not_started(error: Exception) -> OutsideError:
    return OutsideError(f"Git could not be started ({type(error).__name__}); check `git --version`.")


def run(
    folder: Path, args: Sequence[str], stdin: bytes = b"", *, write: bool = False
) -> tuple[int, bytes, bytes]:
    with process(folder, args, write=write) as child:
        output, errors = child.communicate(stdin)
        return child.returncode, output, errors


def failure(command: str, errors: bytes) -> OutsideError:
    text = errors.decode("utf-8", "replace")
    if "dubious ownership" in text:
        path = re.search(r"safe\.directory (.+)", text)
        return OutsideError(
            "Git refuses this folder since it belongs to another user; if you trust it, run "
            f"`git config --global --add safe.directory {path[1].strip() if path else 'DIR'}`."
        )
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines[-1:] or ["no message"]
    if is_incomplete(errors):
        return incomplete()
    reason = said[-1].rstrip(".")
    return OutsideError(f"`git {command}` failed ({reason}); mend that and run the command again.")


def is_incomplete(errors: bytes) -> bool:
    """Whether Git wanted to fetch what a partial clone lacks."""
    return b"transport '" in errors or b"promisor" in errors


def incomplete() -> OutsideError:
    return OutsideError(
        "this clone does not hold all objects; run `git fetch --unshallow`, or clone again without --filter."
    )
