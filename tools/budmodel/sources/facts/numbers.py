"""Numbers and words of foreign documents, taken only where they are plausible."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

LARGEST = 10**15
"""Nothing that a configuration counts is larger; what claims to be is a mistake or an attack."""


def whole(value: Any, *, least: int = 1, most: int = LARGEST) -> int | None:
    """A whole number in the range, also when written ``4096.0``; None for all else, booleans too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        if not isfinite(value) or value != int(value):
            return None
        value = int(value)
    return value if least <= value <= most else None


def real(value: Any) -> float | None:
    """A finite number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def word(value: Any, *, most: int = 400) -> str | None:
    """A text that is not empty and not too long, without blanks around it."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    return text if 0 < len(text) <= most else None


def table(value: Any) -> Mapping[str, Any]:
    """A mapping, or an empty one."""
    return value if isinstance(value, dict) else {}


def words(value: Any) -> list[str]:
    """A text or a list of texts as a list of texts; what is no text is left out."""
    items = value if isinstance(value, list) else [value]
    return [text for item in items[:1000] if (text := word(item)) is not None]


def first(config: Mapping[str, Any], *keys: str, least: int = 1) -> int | None:
    """The first of the keys that holds a plausible whole number."""
    for key in keys:
        found = whole(config.get(key), least=least)
        if found is not None:
            return found
    return None
