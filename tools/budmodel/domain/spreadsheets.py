"""Text that a spreadsheet reads as text."""

from __future__ import annotations

_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula, or is dropped before one (https://owasp.org/www-community/attacks/CSV_Injection)."""


def inert(cell: object) -> object:
    """A text that a spreadsheet would run as a formula, as text; numbers and everything else as they are."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_STARTS) else cell
