"""Measures the list of models and the other large pages in Chromium, as people feel them.

    python benchmarks/browser.py [MODELS] [--site DIR]

Serves the site of a generated catalog (or one that was built before) on localhost, opens each page five times
in a fresh profile and prints medians: sizes, first paint, when the list answers, how long a letter,
a tick of a filter and a click on a heading take until the next frame is painted, and what scripts hold.
Needs the packages of the group "test" and a Chromium (BUDMODEL_CHROMIUM or on the search path).
"""

from __future__ import annotations

import argparse
import gzip
import os
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from budmodel.render.serve import serve
from generate import generate

RUNS = 5
GOAL_FILTER_MS, GOAL_PAINT_MS = 100, 1500
PAGES = ("", "models/", "leaderboard/", "security/", "changes/", "licenses/", "compare/")
FILES = ("models/index.html", "models/table.json", "models/words.json", "leaderboard/index.html")
PAINT = """() => new Promise((done) => {
  const found = performance.getEntriesByName("first-contentful-paint")[0];
  if (found) done(found.startTime);
  else new PerformanceObserver((list) => {
    const one = list.getEntriesByName("first-contentful-paint")[0];
    if (one) done(one.startTime);
  }).observe({ type: "paint", buffered: true });
})"""
# From the event to the frame after the one in which the page has changed.
AFTER = """(act) => new Promise((done) => {
  const begin = performance.now();
  new Function(act)();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin)));
})"""
ACTS = {
    "first letter of a search": "const e = document.querySelector('[name=words]'); e.value = 'l';"
    " e.dispatchEvent(new Event('input'))",
    "next letters": "const e = document.querySelector('[name=words]'); e.value = 'llama-bench-01';"
    " e.dispatchEvent(new Event('input'))",
    "search cleared": "const e = document.querySelector('[name=words]'); e.value = '';"
    " e.dispatchEvent(new Event('input'))",
    "filter ticked": "document.querySelector('[data-facet=commercial] input').click()",
    "second filter": "document.querySelector('[data-facet=architecture] input').click()",
    "sorted by parameters": "document.querySelector('[data-key=parameters] button').click()",
    "sorted by licence": "document.querySelector('[data-key=license] button').click()",
}


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="?", type=int, default=10_000)
    parser.add_argument("--site", type=Path, help="a site that was built before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="budmodel-bench-") as folder:
        site = options.site or _built(Path(folder), options.models)
        _sizes(site)
        ready: queue.Queue[str] = queue.Queue()
        threading.Thread(target=serve, args=(site, "127.0.0.1", 0, ready.put), daemon=True).start()
        for line in _measured(ready.get(timeout=10)):
            print(line, flush=True)


def _built(folder: Path, models: int) -> Path:
    print(f"generating and building {models} models …", file=sys.stderr)
    generate(folder, models)
    subprocess.run([sys.executable, "-m", "budmodel", "-C", str(folder), "site", "build"], check=True)
    return folder / "build" / "site"


def _sizes(site: Path) -> None:
    for name in FILES:
        content = (site / name).read_bytes()
        packed = len(gzip.compress(content, 9, mtime=0))
        print(f"{name:32} {len(content) / 1000:9.1f} kB {packed / 1000:9.1f} kB gzip")


def _measured(address: str) -> Iterator[str]:
    from playwright.sync_api import sync_playwright

    path = os.environ.get("BUDMODEL_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for page in PAGES:
            yield _row(f"/{page} first paint", _runs(chromium, address + page, _painted), GOAL_PAINT_MS)
        yield _row("/models/ answers", _runs(chromium, address + "models/", _answers), GOAL_PAINT_MS)
        for name, act in ACTS.items():
            times = _runs(chromium, address + "models/", lambda page, act=act: _acted(page, act))
            yield _row(name, times, GOAL_FILTER_MS)
        used = _runs(chromium, address + "models/", _memory)
        yield f"{'memory of scripts':32} {statistics.median(used):9.1f} MB"
        chromium.close()


def _runs(chromium: Any, address: str, measure: Callable[[Any], float]) -> list[float]:
    found = []
    for _ in range(RUNS):
        # The policy of the pages would refuse the functions that are put into them here.
        context = chromium.new_context(bypass_csp=True)
        page = context.new_page()
        page.goto(address)
        found.append(measure(page))
        context.close()
    return found


def _painted(page: Any) -> float:
    return float(page.evaluate(PAINT))


def _answers(page: Any) -> float:
    page.wait_for_selector("html[data-models=ready]")
    return float(page.evaluate("performance.now()"))


def _acted(page: Any, act: str) -> float:
    page.wait_for_selector("html[data-models=ready]")
    page.wait_for_load_state("networkidle")
    return float(page.evaluate(AFTER, act))


def _memory(page: Any) -> float:
    _answers(page)
    page.wait_for_load_state("networkidle")
    return float(page.evaluate("performance.memory.usedJSHeapSize")) / 1e6


def _row(name: str, times: list[float], goal: int) -> str:
    middle = statistics.median(times)
    spread = f"{min(times):.0f}-{max(times):.0f}"
    return f"{name:32} {middle:9.1f} ms {spread:>12} {middle / goal:6.2f} of {goal} ms"


if __name__ == "__main__":
    main()
