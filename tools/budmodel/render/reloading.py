"""What `site serve` adds to a built site: pages that load themselves again when it was built anew.

The script is answered by the server alone, at an address that no file of a site can have, so that nothing of
it is ever in the built folder; it comes from the page's own origin, as the pages' policy demands.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SCRIPT_PATH = "/-/reload.js"
NEWS_PATH = "/-/news"
TAG = b'<script src="/-/reload.js" defer></script>'
WAIT = 20.0
"""Seconds after which a question for news is answered in any case."""
QUIET = 0.3
"""Seconds without a change after which a build begins: editors write a file in several steps."""
State = Mapping[str, tuple[int, int]]
"""Size in bytes and time of change in nanoseconds, by path."""
SCRIPT = b"""// Served by budmodel site serve, and no part of the site.
(async () => {
  let seen = null;
  // A browser keeps six connections to a host for all its tabs: those that nobody sees ask for nothing.
  const shown = () => new Promise((done) => {
    if (!document.hidden) done();
    else document.addEventListener("visibilitychange", () => shown().then(done), { once: true });
  });
  for (;;) {
    await shown();
    try {
      const answer = await fetch("/-/news" + (seen === null ? "" : `?seen=${seen}`));
      const now = await answer.text();
      if (seen !== null && now !== seen) location.reload();
      seen = now;
    } catch {
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
})();
"""


@dataclass
class News:
    """A number that grows whenever the site was built anew; whoever asks waits until that changes."""

    count: int = field(default_factory=lambda: time.time_ns() // 10**6)
    """Begins with the time, so that pages load again after the server was started again."""
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self) -> None:
        """Says that there is a new site."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def after(self, seen: str) -> int:
        """The count, once it is another than the one that was seen, or after a while."""
        with self._changed:
            if seen == str(self.count):
                self._changed.wait(WAIT)
            return self.count


def with_script(html: bytes) -> bytes:
    """A page that loads itself again."""
    head, found, rest = html.rpartition(b"</body>")
    return head + TAG + found + rest if found else html + TAG


def watched(root: Path) -> tuple[Path, ...]:
    """What a registry's site is made of."""
    return (root / "catalog", root / "site", root / "schemas", root / "mkdocs.yml")


def look(paths: Iterable[Path]) -> State:
    """The files below some paths, with their sizes and times."""
    return {path: (size, time_ns) for path, size, time_ns in _facts(paths)}


def _facts(paths: Iterable[Path]) -> Iterator[tuple[str, int, int]]:
    waiting = [str(path) for path in paths]
    while waiting:
        path = waiting.pop()
        try:
            facts = os.lstat(path)
            if stat.S_ISDIR(facts.st_mode):
                with os.scandir(path) as items:
                    waiting += [item.path for item in items if item.name != "__pycache__"]
            else:
                yield path, facts.st_size, facts.st_mtime_ns
        except OSError:
            continue


def rebuild_on_change(
    paths: Iterable[Path], known: State, rebuild: Callable[[frozenset[str]], bool], news: News
) -> None:
    """Builds anew whenever a file changed, until somebody interrupts.

    Args:
        paths: what to watch.
        known: what lay there before the site was built that is served now.
        rebuild: builds the site, and says whether there is a new one; it is given the paths of all files that
            changed since the last one that it built.
        news: told of each new site.
    """
    places = tuple(paths)
    pending: frozenset[str] = frozenset()
    while True:
        start = time.monotonic()
        now = look(places)
        # To look at a large catalog takes its time; most of the time nobody looks.
        pause = max(0.3, 4 * (time.monotonic() - start))
        if now == known:
            time.sleep(pause)
            continue
        time.sleep(QUIET)
        if look(places) != now:
            continue
        pending |= {path for path, _ in known.items() ^ now.items()}
        known = now
        if rebuild(pending):
            pending = frozenset()
            news.tell()
