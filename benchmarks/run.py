"""Measures budmodel on a generated catalog and prints times, memory and ratios.

    python benchmarks/run.py [N] [--keep DIR]

N models (default 10,000), each with a version, a scan and a results file. Every command runs as a process
of its own: one warm-up, then RUNS counted runs; the median is printed. Ratios compare commands of the
same run, so they hold on a machine whose speed drifts.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generate import WHEN, generate

HERE = Path(__file__).parent
RUNS = 5
DEPLOY, IMPORTS = "deploy-check (warm)", "what deploy-check imports"


@dataclass(frozen=True)
class Row:
    """The median wall seconds of a command, and the peak memory of its process."""

    name: str
    seconds: float
    spread: tuple[float, float]
    peak_mb: float


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="?", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="generate there and leave it (used again when it exists)")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="budmodel-bench-"))
    try:
        if not (folder / "catalog").is_dir():
            print(f"generating {options.models} models …", file=sys.stderr)
            generate(folder, options.models)
        report(measure(folder))
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path) -> list[Row]:
    """All rows; the catalog's first model is changed for the incremental check and restored."""
    budmodel = [sys.executable, "-m", "budmodel"]
    cache = folder.parent / f"{folder.name}-cache"
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}

    def row(name: str, command: Sequence[str], runs: int = RUNS, accepted: Sequence[int] = (0,)) -> Row:
        print(f"  {name} …", file=sys.stderr)
        return _time(name, command, folder, environment, runs, accepted)

    rows = [
        row("python -c pass", [sys.executable, "-c", "pass"]),
        row("--help", [*budmodel, "--help"]),
        row("loader alone", [sys.executable, str(HERE / "loader.py"), str(folder)], 3),
        row("check (cold, whole)", [*budmodel, "check", "--now", WHEN], 3),
        row("list (warm)", [*budmodel, "list"]),
    ]
    asked = max((folder / "catalog" / "models").iterdir()).name
    question = [*budmodel, "deploy-check", asked, "--use", "internal", "--now", WHEN]
    rows.append(row(DEPLOY, question, accepted=(0, 1)))
    rows.append(row("deploy-check --at (warm)", [*question, "--at", "HEAD"], accepted=(0, 1)))
    rows.append(row(IMPORTS, [sys.executable, "-c", "import budmodel.operations.deploying, click"]))
    model = min((folder / "catalog" / "models").iterdir()) / "model.yaml"
    before = model.read_bytes()
    model.write_bytes(before.replace(b"tags: [llm", b"tags: [changed, llm"))
    try:
        rows.append(
            row("check --base, one file (warm)", [*budmodel, "check", "--base", "HEAD", "--now", WHEN])
        )
    finally:
        model.write_bytes(before)
    rows.append(row("site build (cold)", [*budmodel, "site", "build", "--output", str(cache / "site")], 1))
    return rows


def _time(
    name: str,
    command: Sequence[str],
    folder: Path,
    environment: dict[str, str],
    runs: int,
    accepted: Sequence[int] = (0,),
) -> Row:
    seconds, peak = [], 0.0
    for turn in range(runs + 1 if runs > 1 else 1):
        began = time.perf_counter()
        with subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accepted:
            raise SystemExit(f"{name}: exit code {process.returncode}; nothing was measured")
        if turn > 0 or runs == 1:
            seconds.append(time.perf_counter() - began)
            peak = max(peak, _megabytes(usage))
    return Row(name, statistics.median(seconds), (min(seconds), max(seconds)), peak)


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def report(rows: Sequence[Row]) -> None:
    """The table on standard output."""
    by_name = {row.name: row for row in rows}
    print(f"{'what':32} {'median s':>9} {'min-max s':>15} {'peak MB':>8}")
    for row in rows:
        low, high = row.spread
        print(f"{row.name:32} {row.seconds:9.3f} {low:7.3f}-{high:7.3f} {row.peak_mb:8.0f}")
    loader, check = by_name["loader alone"].seconds, by_name["check (cold, whole)"].seconds
    print(f"\ncheck (cold, whole) / loader alone: {check / loader:.2f}")
    print(f"{DEPLOY} / {IMPORTS}: {by_name[DEPLOY].seconds / by_name[IMPORTS].seconds:.2f}")
    print(f"--help / python -c pass: {by_name['--help'].seconds / by_name['python -c pass'].seconds:.1f}")


if __name__ == "__main__":
    main()
