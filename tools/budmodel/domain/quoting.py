"""Other people's words inside our sentences."""

from __future__ import annotations


def one_line(text: str, most: int = 200) -> str:
    """Free text as part of a message: on one line, without its full stop, and not longer than ``most``."""
    flat = " ".join(text.split()).rstrip(".")
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def shown(path: str) -> str:
    """A path for people: control characters, and bytes that are not UTF-8, as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in path)


def markdown_text(text: str) -> str:
    """Free text as it is, on one line of a Markdown document with tables, HTML, links and formulas."""
    flat = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_[]|<>&!~$" else c for c in flat)
