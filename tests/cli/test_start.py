"""What ``deploy-check`` may load and start. How long that takes is measured in benchmarks/."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.small_catalog import NOW, Registry

TOOLS = Path(__file__).parents[2] / "tools"
NOT_NEEDED = {
    *("asyncio", "boto3", "concurrent.futures", "git", "http.client", "httpcore2"),
    *("huggingface_hub", "importlib.metadata", "jinja2", "license_expression", "mkdocs", "platformdirs"),
    *("requests", "shutil", "sqlite3", "ssl", "budmodel.schema.benchmark", "budmodel.store.files"),
}
MOST_QUESTIONS_TO_GIT = 4
CODE = (
    "import json, sys\n"
    "from budmodel.__main__ import main\n"
    "try:\n"
    "    main()\n"
    "finally:\n"
    "    print(json.dumps(list(sys.modules)), file=sys.stderr)\n"
)


def ask(registry: Registry, *arguments: str, path: str) -> tuple[dict[str, object], set[str]]:
    """The answer, and the modules that the process has loaded."""
    question = [
        "-C",
        str(registry.root),
        "deploy-check",
        "llama-3",
        "--use",
        "internal",
        "--now",
        NOW,
        "--json",
    ]
    done = subprocess.run(
        [sys.executable, "-P", "-c", CODE, *question, *arguments],
        cwd=registry.root,
        env={**os.environ, "PYTHONPATH": str(TOOLS), "PATH": path},
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout), set(json.loads(done.stderr.splitlines()[-1]))


@pytest.fixture
def counting(tmp_path: Path) -> tuple[str, Path]:
    """A PATH on which each start of Git is written down, and where."""
    real, log, folder = shutil.which("git"), tmp_path / "starts", tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\necho "$*" >>"{log}"\nexec "{real}" "$@"\n')
    (folder / "git").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}", log


def test_deploy_check_loads_and_starts_little(registry: Registry, counting: tuple[str, Path]) -> None:
    head = registry.commit_all("All")
    path, log = counting
    answer, loaded = ask(registry, path=path)
    assert answer["generated_from"] == head
    assert sorted(loaded & NOT_NEEDED) == []
    starts = log.read_text().splitlines()
    assert 0 < len(starts) <= MOST_QUESTIONS_TO_GIT, starts


def test_without_git_the_answer_names_no_commit(registry: Registry, tmp_path: Path) -> None:
    registry.commit_all("All")
    answer, _ = ask(registry, path=str(tmp_path))
    assert answer["generated_from"] is None
