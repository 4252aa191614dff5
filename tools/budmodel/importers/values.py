"""Values of foreign files, taken only where they are what they should be."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from budmodel.domain.quoting import one_line

MAX_TEXT = 300
_SLUG = re.compile(r"[^a-z0-9]+")


def number(value: Any) -> float | None:
    """A finite number; None for anything else, also for ``true`` and for text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        real = float(value)
    except OverflowError:
        return None
    return real if math.isfinite(real) else None


def count(value: Any) -> int | None:
    """A whole number of at least 0; floats such as 100.0 are taken."""
    real = number(value)
    if real is None or real < 0 or real > 10**15 or real != int(real):
        return None
    return int(real)


def text(value: Any) -> str | None:
    """A short text without control characters; None for anything else and for nothing."""
    if not isinstance(value, str) or not value.strip():
        return None
    return one_line(value.strip(), MAX_TEXT)


def table(value: Any) -> Mapping[str, Any]:
    """A mapping with text keys; an empty one for anything else."""
    if not isinstance(value, Mapping):
        return {}
    return {key: inner for key, inner in value.items() if isinstance(key, str)}


def rows(value: Any) -> list[Any]:
    """A list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def slug(name: str) -> str:
    """A name as ids are written: ``Pass@1`` becomes ``pass_1``."""
    return _SLUG.sub("_", name.casefold()).strip("_")[:96].strip("_") or "unnamed"


def day_of(value: Any) -> str | None:
    """The day (UTC) of a time: seconds since 1970, ``20240908-072303``, or ISO 8601."""
    seconds = number(value)
    if seconds is not None:
        # Between 2000 and 2100; monotonic clocks count from the machine's start and say nothing.
        if not 946_684_800 <= seconds <= 4_102_444_800:
            return None
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    said = text(value)
    if said is None:
        return None
    compact = re.match(r"(\d{4})(\d{2})(\d{2})-\d{6}\Z", said)
    try:
        if compact:
            return datetime(int(compact[1]), int(compact[2]), int(compact[3]), tzinfo=UTC).date().isoformat()
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date().isoformat()


def names(*values: Any) -> tuple[str, ...]:
    """Those that are names, each once."""
    return tuple(dict.fromkeys(name for name in map(text, values) if name))
