"""The same commit gives the same bytes in whatever surroundings the program runs: in child processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from render.exports.export_catalog import fill
from render.site_catalog import put

PROGRAM = """
import json, os, sys
from budmodel.__main__ import main
from budmodel.render import workers
processes, umask, commands = json.loads(sys.argv[1])
workers._cores = lambda: processes
workers.FEW = 1
os.umask(int(umask, 8))
for words in commands:
    sys.argv[1:] = ["--debug", *words]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""
"""Commands, in so many processes: a small catalog would never need more than one."""
FORMATS = ("csv", "cyclonedx", "kubeflow", "sqlite")
GIT = """
[color]
  ui = always
[core]
  abbrev = 8
  quotepath = true
[diff]
  renames = copies
  noprefix = true
[i18n]
  logOutputEncoding = ISO-8859-1
[log]
  date = relative
  decorate = full
  showSignature = true
  mailmap = false
"""
"""What somebody may have set for himself."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Surroundings of a build."""

    folder: str
    processes: int = 1
    umask: str = "022"
    git: str = ""
    more: dict[str, str] = field(default_factory=dict)


HERE = Place(folder="a", more={"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"})
ELSEWHERE = (
    Place(
        folder="another/and deeper/Größe 模型 'n\"",
        processes=3,
        umask="077",
        git=GIT,
        more={"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "4711"},
    ),
    Place(
        folder="b" * 100,
        processes=2,
        umask="000",
        more={
            # The locale of a bare container, and Python without its usual help there.
            "TZ": "America/St_Johns",
            "LC_ALL": "POSIX",
            "LANG": "POSIX",
            "PYTHONHASHSEED": "1",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
            "COLUMNS": "40",
            "NO_COLOR": "1",
        },
    ),
)


def commit(root: Path, author: str, time: str) -> None:
    person = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", author), ("EMAIL", "a@example.org"), ("DATE", time))
    }
    for words in (["add", "-A"], ["commit", "-q", "-m", f"Von {author}\n\nÜber 模型"]):
        subprocess.run(["git", *words], cwd=root, check=True, env={**os.environ, **person})


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with a history of two commits."""
    root = tmp_path_factory.mktemp("first") / "registry"
    root.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True)
    put(root, "catalog.yaml", {"format": 1, "name": "Erste"})
    commit(root, "Ünal İlker", "2026-01-01T23:30:00+0530")
    fill(root)
    commit(root, "李", "2026-11-21T23:59:59-0330")
    return root


def made(registry: Path, base: Path, place: Place) -> dict[str, bytes]:
    """Every file of the site and of the exports that are made there."""
    root = base / place.folder / "registry"
    root.parent.mkdir(parents=True)
    subprocess.run(["git", "clone", "-q", str(registry), str(root)], check=True)
    home = base / f"home of {place.processes}"
    home.mkdir()
    (home / ".gitconfig").write_text(place.git)
    kept = ("PATH", "SYSTEMROOT", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
    environment = {key: os.environ[key] for key in kept if key in os.environ}
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), **place.more}

    commands = [
        ["site", "build", "--site-url", "https://registry.example/folder/"],
        *(["export", name, "--output", f"build/exports/{name}"] for name in FORMATS),
        ["export", "csv", "--models", "--output", "build/exports/models.csv"],
        ["export", "huggingface-card", "--output", "build/exports/cards/"],
    ]
    (root / "build" / "exports").mkdir(parents=True)
    told = json.dumps([place.processes, place.umask, commands])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, told], cwd=root, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    files = [path for part in ("site", "exports") for path in (root / "build" / part).rglob("*")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files if path.is_file()}


@pytest.fixture(scope="module")
def first(registry: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return made(registry, tmp_path_factory.mktemp("here"), HERE)


def test_what_is_compared_is_all_that_is_made(first: dict[str, bytes]) -> None:
    for path in ("api/index.json", "api/models.csv", "api/catalog.sqlite", "api/changes.atom", "sitemap.xml"):
        assert first[f"build/site/{path}"]
    assert {path.split("/")[2] for path in first if path.startswith("build/exports/")} == {
        *FORMATS,
        "models.csv",
        "cards",
    }


@pytest.mark.parametrize("place", ELSEWHERE, ids=["another-user", "bare-container"])
def test_the_same_commit_gives_the_same_bytes(
    registry: Path, tmp_path: Path, first: dict[str, bytes], place: Place
) -> None:
    """Time zone, language, hash seed, umask, folder, processes, Git's settings: none of them is seen."""
    found = made(registry, tmp_path, place)
    assert sorted(found) == sorted(first)
    assert [path for path in first if first[path] != found[path]] == []
