"""How far a long reading is, on one line of a terminal; nothing where nobody watches."""

from __future__ import annotations

import time
from typing import Self, TextIO

INTERVAL = 0.1
"""Least seconds between two changes of the line."""
_WIDTH = 78
_UNITS = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


class ProgressLine:
    """Called as a :data:`budmodel.sources.interface.Progress`; leaves no trace when it is cleared."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.shown = stream.isatty()
        """Whether somebody watches."""
        self._last = 0.0
        self._dirty = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def __call__(self, label: str, done: int, total: int) -> None:
        """Shows a label (a file's name), and what is done of what there is to do."""
        now = time.monotonic()
        if not self.shown or now - self._last < INTERVAL:
            return
        self._last, self._dirty = now, True
        state = f"{done * 100 // total:3d} % of {_size(total)}" if total > 0 else _size(done)
        # A name from elsewhere may hold characters that steer the terminal.
        name = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in label)
        room = _WIDTH - len(state) - 2
        name = name if len(name) <= room else f"…{name[-room + 1 :]}"
        self.stream.write(f"\r\x1b[K{name}  {state}")
        self.stream.flush()

    def clear(self) -> None:
        """Removes the line, so that other text may follow."""
        if self._dirty:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self._dirty = False


def _size(count: int) -> str:
    for unit, scale in _UNITS:
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return str(count)
