"""Measures the commands that read Git's history, on 10,000 models and 1,000 commits.

    python benchmarks/history.py [MODELS] [COMMITS] [--keep DIR]

Each commit changes another model. Every command runs as a process of its own: one warm-up, then five counted
runs; the median is printed. "here" is the same question about the files on disk.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from generate import generate
from run import Row, _time

FIRST = 1_735_689_600
"""2025-01-01T00:00:00Z: the time of the first of the commits; they are an hour apart."""


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="?", type=int, default=10_000)
    parser.add_argument("commits", nargs="?", type=int, default=1_000)
    parser.add_argument("--keep", type=Path, help="generate there and leave it (used again when it exists)")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="budmodel-bench-"))
    try:
        if not (folder / "catalog").is_dir():
            print(f"generating {options.models} models, {options.commits} commits …", file=sys.stderr)
            generate(folder, options.models)
            commits(folder, options.commits)
        for row in measure(folder):
            low, high = row.spread
            print(f"{row.name:32} {row.seconds:9.3f} {low:7.3f}-{high:7.3f} {row.peak_mb:8.0f}")
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def commits(folder: Path, count: int) -> None:
    """Adds commits through ``git fast-import``, and checks the last one out."""
    models = sorted((folder / "catalog" / "models").iterdir())
    tip = _git(folder, "rev-parse", "HEAD").decode().strip()
    stream = b"".join(_stream(models, count, tip))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream, check=True)
    _git(folder, "reset", "-q", "--hard", "main")
    _git(folder, "repack", "-adq")


def _stream(models: Sequence[Path], count: int, tip: str) -> Iterator[bytes]:
    for number in range(count):
        # Every tenth commit is about the first model, which is asked about.
        model = models[0 if number % 10 == 0 else number % len(models)]
        text = (model / "model.yaml").read_bytes() + f"contact: team-{number}@example.org\n".encode()
        said = f"Change {number}"
        yield (
            f"commit refs/heads/main\ncommitter Ada <ada@example.org> {FIRST + 3600 * number} +0000\n"
            f"data {len(said)}\n{said}\n" + (f"from {tip}\n" if number == 0 else "")
        ).encode()
        path = f"catalog/models/{model.name}/model.yaml"
        yield f"M 100644 inline {path}\ndata {len(text)}\n".encode() + text + b"\n"


def measure(folder: Path) -> Iterator[Row]:
    """All rows."""
    budmodel = [sys.executable, "-m", "budmodel"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder.parent / f"{folder.name}-cache")}
    name = min((folder / "catalog" / "models").iterdir()).name
    day = "2025-01-20"
    question = ("--use", "internal", "--mau", "9")
    for label, command in {
        "python -c pass": [sys.executable, "-c", "pass"],
        "history": [*budmodel, "history", name],
        "list, here": [*budmodel, "list"],
        "list --at": [*budmodel, "list", "--at", day],
        "show, here": [*budmodel, "show", name],
        "show --at": [*budmodel, "show", name, "--at", day],
        "deploy-check, here": [*budmodel, "deploy-check", name, *question],
        "deploy-check --at": [*budmodel, "deploy-check", name, *question, "--at", day],
        "lineage --at": [*budmodel, "lineage", name, "--at", day],
        "version list --at": [*budmodel, "version", "list", name, "--at", day],
        "report audit --at": [*budmodel, "report", "audit", name, "--at", day],
    }.items():
        print(f"  {label} …", file=sys.stderr)
        yield _time(label, command, folder, environment, 5, (0, 1))


def _git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True).stdout


if __name__ == "__main__":
    main()
