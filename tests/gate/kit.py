"""Real repositories with a base branch and a change, and the gate on them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from hostile.kit import LICENSE, Content, Outcome, artifacts, check, model, write

BASE: dict[str, Content] = {"licenses/MIT.yaml": LICENSE, "models/s/model.yaml": model(), **artifacts()}
"""A clean base branch: ``s`` without artifacts, ``v`` with one version that was scanned."""
Changes = Mapping[str, Content | None]


def git(folder: Path, *arguments: str) -> str:
    """Real Git."""
    environment = {
        **os.environ,
        "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
        "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    }
    command = [
        "git",
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.org",
        "-c",
        "core.autocrlf=false",
        *arguments,
    ]
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


@dataclass
class Registry:
    """A repository whose branch ``main`` judges; the branch ``change`` is judged."""

    root: Path
    capsys: pytest.CaptureFixture[str]
    top: Path | None = None

    def git(self, *arguments: str) -> str:
        """Git at the root."""
        return git(self.root, *arguments)

    def apply(self, changes: Changes) -> None:
        """Writes files below ``catalog/``; None deletes one."""
        for path, content in changes.items():
            if content is None:
                (self.root / "catalog" / path).unlink()
        write(self.root, {path: content for path, content in changes.items() if content is not None})

    def commit(self, message: str = "x") -> str:
        """Commits all there is."""
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def start(self, more: Changes | None = None) -> None:
        """The base branch, and a branch for the change."""
        self.root.mkdir(parents=True, exist_ok=True)
        git(self.top or self.root, "init", "-q", "-b", "main")
        (self.root / "README.md").write_text("x")
        self.apply({**BASE, **(more or {})})
        self.commit("base")
        self.git("checkout", "-q", "-b", "change")

    def move_on(self, changes: Changes) -> None:
        """Commits to the base branch, while the change waits."""
        self.git("checkout", "-q", "main")
        self.apply(changes)
        self.commit("meanwhile")
        self.git("checkout", "-q", "change")

    def check(self, *arguments: str) -> Outcome:
        """``budmodel check --base main``, or with the arguments that are stated."""
        given = (
            arguments
            if any(item.startswith("--base") for item in arguments)
            else ("--base", "main", *arguments)
        )
        return check(self.capsys, self.root, *given)
