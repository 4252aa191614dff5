"""Plain text for terminals: aligned tables that fit, key-value facts. Data in, lines out."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

GAP = "  "
NARROWEST = 6
"""Columns are not cut below this."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> Iterator[str]:
    """Rows below a header, aligned; cut to the terminal's width, and whole in a pipe.

    Args:
        header: the titles.
        rows: as many cells each.
        right: indexes of columns that are aligned to the right.
    """
    cells = [[one_line(cell) for cell in row] for row in (header, *rows)]
    widths = [max(width(row[index]) for row in cells) for index in range(len(header))]
    room = _room()
    if room is not None:
        widths = _fit(widths, room)
    rights = frozenset(right)
    for row in cells:
        yield GAP.join(_pad(cell, widths[i], i in rights) for i, cell in enumerate(row)).rstrip()


def facts(pairs: Iterable[tuple[str, object]]) -> Iterator[str]:
    """``key  value`` lines, aligned; pairs without a value are left out."""
    shown = [(key, one_line(str(value))) for key, value in pairs if value not in (None, "", [], (), {})]
    longest = max((len(key) for key, _ in shown), default=0)
    for key, value in shown:
        yield f"{key:<{longest}}{GAP}{value}"


def one_line(text: str) -> str:
    """A text on one line, without characters that would move the cursor."""
    return "".join(
        c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def width(text: str) -> int:
    """Columns that a text takes in a terminal: East Asian wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def size(count: int) -> str:
    """Bytes with a decimal unit: ``4.58 GB``."""
    for unit, scale in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return plural(count, "byte")


def plural(count: int, noun: str) -> str:
    """``1 model``, ``2 models``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _room() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _fit(widths: list[int], room: int) -> list[int]:
    """Takes from the widest column until all fit."""
    widths = list(widths)
    while sum(widths) + len(GAP) * (len(widths) - 1) > room and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _pad(cell: str, columns: int, right: bool) -> str:
    if width(cell) > columns:
        while cell and width(cell) > columns - 1:
            cell = cell[:-1]
        cell += "…"
    space = " " * (columns - width(cell))
    return space + cell if right else cell + space
