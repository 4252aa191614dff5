"""Text that a spreadsheet reads as text."""

from __future__ import annotations

import re

MOST = 32_767
"""Characters (in UTF-16) of a cell: Excel lets what is longer run into the next row."""
BEGINS = "=+-@\uff1d\uff0b\uff0d\uff20"
"""What begins a formula, in full width as well (https://owasp.org/www-community/attacks/CSV_Injection)."""
# Where a reader's language sets cells apart by a semicolon or tab, our quotes mean nothing to his program:
# one of his cells, or rows, may begin inside one of ours.
_formula = re.compile(
    rf"(\A|[;\t\r\n])(?=(?:[^\S\t\r\n]|[\"\u200b\ufeff])*+[{re.escape(BEGINS)}]|\A[\t\r\n])"
)


def inert(cell: object) -> object:
    """A text that a spreadsheet would run as a formula, as text; numbers and everything else as they are."""
    return _cut(_formula.sub(r"\1'", cell)) if isinstance(cell, str) else cell


def _cut(text: str) -> str:
    if len(text) <= MOST // 2:
        return text
    raw = text.encode("utf-16-le")
    return text if len(raw) <= 2 * MOST else raw[: 2 * (MOST - 1)].decode("utf-16-le", "ignore") + "…"
