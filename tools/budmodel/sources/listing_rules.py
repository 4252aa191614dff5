"""What the paths of a listing must be before anything uses them: every source's answer goes through here.

A path of a listing becomes a path in a record and, with those who download the model, a file on their disk.
So it must mean one file on every system: it does not climb, hides nothing from a reader, and is not mistaken
for another where letter case or Unicode forms are one (Windows, macOS).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from budmodel.errors import BudmodelError
from budmodel.sources.interface import MAX_FILES

MAX_PATH = 1024
"""Characters of a path in a version record."""
MAX_PART = 255
"""Bytes of a file's or folder's name on the usual file systems (Linux NAME_MAX)."""
MAX_SIZE = 1 << 60
"""Bytes of a file in a version record."""

# Control characters, line separators, byte order marks, non-characters, halves of surrogate pairs (Python's
# stand-in for bytes that are no UTF-8), the replacement character (others' stand-in), and what changes
# the direction of the text after it, so that a reader sees another name ("Trojan Source").
_UNREADABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffd\ufffe\uffff]"
)
_SHOWN = 120


def shown(path: str) -> str:
    """A path for a message: what cannot be printed is escaped, what is long is cut in the middle."""
    if len(path) > _SHOWN:
        path = f"{path[: _SHOWN // 2]}…{path[-_SHOWN // 2 :]}"
    return "".join(_escaped(char) for char in path)


def _escaped(char: str) -> str:
    if char.isprintable() and char != "\ufffd":
        return char
    return char.encode("unicode_escape").decode("ascii")


def fault_of(path: str) -> str | None:
    """What is wrong with one path, as the end of a sentence that begins with it; None where nothing is."""
    if _UNREADABLE.search(path):
        return "has characters that cannot be read (control characters, or bytes that are not UTF-8)"
    if path.startswith("/"):
        return "begins with /, and a file path is relative"
    if "\\" in path:
        return "has a backslash, which separates folders on Windows"
    parts = path.split("/")
    if any(part in (".", "..") for part in parts):
        return "has a part '.' or '..', which leads to another place"
    if "" in parts:
        return "has an empty part (a doubled or last /)"
    if len(path) > MAX_PATH:
        return f"is longer than {MAX_PATH} characters"
    if any(len(part.encode()) > MAX_PART for part in parts):
        return f"has a part longer than {MAX_PART} bytes, which no file system keeps"
    return None


def check_count(count: int, where: str, error: type[BudmodelError]) -> None:
    """Refuses more files than a version may list.

    Raises:
        BudmodelError: ``error``, when there are more.
    """
    if count > MAX_FILES:
        raise error(
            f"{where} holds more than {MAX_FILES:,} files, which is no model; name the folder of one model."
        )


def check_paths(paths: Iterable[str], where: str, error: type[BudmodelError]) -> None:
    """Refuses a listing in which a path is unsafe by itself or is taken for another one.

    Args:
        paths: all paths of the listing.
        where: what was listed, for the message.
        error: what to raise: bad input for a folder, something outside for a store's answer.

    Raises:
        BudmodelError: ``error``, naming the first such path.
    """
    spelled: dict[str, str] = {}
    files: set[str] = set()
    for path in paths:
        fault = fault_of(path)
        if fault is not None:
            raise error(f"{where} has a file '{shown(path)}' whose name {fault}; rename it there.")
        if path in files:
            raise error(f"{where} lists '{shown(path)}' twice; nothing was taken from it.")
        files.add(path)
        # Folders count as well: A/x and a/y are in one folder where letter case is one.
        for end in [*_slashes(path), len(path)]:
            other = spelled.setdefault(_folded(path[:end]), path[:end])
            if other != path[:end]:
                raise error(
                    f"{where} has {other!a} and {path[:end]!a}, which are one name where letter case or "
                    "Unicode forms are one (Windows, macOS); rename one of them there."
                )
    for path in files:
        if folder := next((path[:end] for end in _slashes(path) if path[:end] in files), None):
            raise error(
                f"{where} has '{shown(folder)}' both as a file and as a folder; rename one of them there."
            )


def _slashes(path: str) -> list[int]:
    return [place for place, char in enumerate(path) if char == "/"]


def _folded(path: str) -> str:
    """Equal for names that a file system may take for one (Unicode's canonical caseless matching, D145)."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())
