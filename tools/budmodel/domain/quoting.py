"""Other people's words inside our sentences."""

from __future__ import annotations


def one_line(text: str, most: int = 200) -> str:
    """Free text as part of a message: on one line, without its full stop, and not longer than ``most``."""
    flat = " ".join(text.split()).rstrip(".")
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"
