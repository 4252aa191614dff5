"""Measures `site build`: from nothing, with nothing changed, after one model changed; and mkdocs alone.

    python benchmarks/site_build.py [N] [--pages P]

Builds the site of N models (default 10,000) and of a tenth of them, so that the last column shows whether
time grows with the catalog. mkdocs with the same theme and configuration makes P pages (default 1,000) of the
size of a model's page. Memory is that of all processes of a build together (proportional set size on Linux),
looked at ten times a second. Take the figures on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from generate import commit, generate

HERE = Path(__file__).parent


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="?", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=1_000, help="pages of mkdocs alone")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="budmodel-bench-"))
    try:
        few, many = max(1, options.models // 10), options.models
        small, large = (measure(folder / str(count), count) for count in (few, many))
        print(f"{'site build':<28}{few:>9,} models{many:>9,} models   memory   times as long")
        for (name, fast, _), (_, slow, peak) in zip(small, large, strict=True):
            print(f"{name:<28}{fast:>14.2f} s{slow:>14.2f} s{peak:>6.0f} MB{slow / fast:>11.1f}")
        alone = mkdocs(folder / "mkdocs", options.pages)
        mine = large[0][1] / many
        print(f"mkdocs alone: {alone / options.pages * 1000:.1f} ms a page (of {options.pages:,})")
        print(f"budmodel: {mine * 1000:.1f} ms a model, with its page and seven files beside it")
        print(f"ratio: {alone / options.pages / mine:.1f}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path, models: int) -> list[tuple[str, float, float]]:
    """Name, wall seconds and peak memory in MB of each kind of build."""
    generate(folder, models)
    build = [sys.executable, "-m", "budmodel", "-C", str(folder), "site", "build"]
    rows = [("from nothing", *timed(build, folder)), ("nothing changed", *timed(build, folder))]
    record = sorted((folder / "catalog" / "models").iterdir())[models // 2] / "model.yaml"
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace("made up for measuring", "made up to measure"), encoding="utf-8")
    # As it is published: the clock of a commit is the commit's, that of uncommitted files is today's.
    commit(folder)
    rows.append(("one model changed", *timed(build, folder)))
    return rows


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall seconds and peak memory of a command and all its processes."""
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PYTHONPATH": str(HERE.parent / "tools"),
    }
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    peaks: list[float] = [0.0]
    watcher = threading.Thread(target=watch, args=(process, peaks), daemon=True)
    watcher.start()
    if process.wait():
        raise SystemExit(f"{' '.join(command)} failed")
    return time.perf_counter() - start, max(peaks)


def watch(process: subprocess.Popen[bytes], peaks: list[float]) -> None:
    """Notes the memory of a process and its children until it ends."""
    while process.poll() is None:
        peaks.append(sum(pss(pid) for pid in family(process.pid)))
        time.sleep(0.1)


def family(pid: int) -> list[int]:
    """A process and its children."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(one for child in listed for one in family(int(child)))]


def pss(pid: int) -> float:
    """The memory of a process in MB; what it shares with others counts in part."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def mkdocs(folder: Path, pages: int) -> float:
    """Wall seconds of mkdocs with the same theme over Markdown pages as long as a model's."""
    docs = folder / "docs"
    docs.mkdir(parents=True)
    shutil.copytree(HERE.parent / "site" / "theme", folder / "theme")
    (folder / "mkdocs.yml").write_text(
        "site_name: bench\ntheme:\n  name: material\n  custom_dir: theme\n  font: false\nplugins: []\n"
        "markdown_extensions: [tables, attr_list, pymdownx.superfences, pymdownx.highlight]\n",
        encoding="utf-8",
    )
    table = "| a | b | c |\n|---|---|---|\n" + "| one | two | three |\n" * 12
    for number in range(pages):
        body = f"# Model {number}\n\nSome sentence about it.\n\n" + f"## Part\n\n{table}\n" * 3
        (docs / f"model-{number}.md").write_text(
            f"{body}\n```sh\nbudmodel show model-{number}\n```\n", encoding="utf-8"
        )
    (docs / "index.md").write_text("# Home\n", encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-f", str(folder / "mkdocs.yml")]
    start = time.perf_counter()
    subprocess.run(
        command, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, check=True, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
