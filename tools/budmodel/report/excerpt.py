"""A line of a file with a caret under one of its characters, as a terminal shows it."""

from __future__ import annotations

import unicodedata

from budmodel.report.words import visible_character

TAB = 4
BEFORE = 60
AFTER = 40
"""How many characters are shown before and after the column; a line may be a megabyte long."""

_JOINERS = frozenset("\u200c\u200d")


def excerpt(line: str, column: int) -> tuple[str, int]:
    """The part of a line around a column, safe to print, and how many terminal cells stand before the column.

    Args:
        line: the line as it stands in the file.
        column: 1-based, in characters; a column beyond the line's end means its end.

    Returns:
        The text with tabs as spaces and hidden characters as escapes, and the offset of the caret.
    """
    target = min(max(column - 1, 0), len(line))
    start, stop = max(0, target - BEFORE), min(len(line), target + AFTER)
    shown = "…" if start else ""
    cells = len(shown)
    offset = cells
    for index in range(start, stop):
        if index == target:
            offset = cells
        text, width = _cell(line[index], cells)
        shown += text
        cells += width
    if target >= stop:
        offset = cells
    return shown + ("…" if stop < len(line) else ""), offset


def _cell(character: str, at: int) -> tuple[str, int]:
    """What a character looks like, and how many cells it takes when it begins at cell ``at``."""
    if character == "\t":
        width = TAB - at % TAB
        return " " * width, width
    text = visible_character(character)
    if len(text) > 1:
        return text, len(text)
    # Unicode TR 11: wide and fullwidth characters take two cells. Marks that combine take none.
    if unicodedata.category(character) in ("Mn", "Me") or character in _JOINERS:
        return text, 0
    return text, 2 if unicodedata.east_asian_width(character) in "WF" else 1
