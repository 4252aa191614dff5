"""What all containers share: names that mean one thing only, and limits against bombs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal

from budmodel.domain.quoting import shown
from budmodel.scanners.interface import Found, Severity

MOST_MEMBERS = 100_000
RATIO = 200
"""Times that content may be larger than what it was compressed to; numbers and texts stay far below."""
FREE = 64 << 20
"""Bytes that may come out of anything, however small it is."""
_DRIVE = re.compile(r"[A-Za-z]:")


class BadContainerError(Exception):
    """The container is not what it says, or says two things."""

    def __init__(
        self,
        detail: str,
        message: str,
        *,
        code: str = "bad-container",
        severity: Severity = "high",
        member: str = "",
    ) -> None:
        super().__init__(message)
        self.found = Found(
            code=code, detail=detail, severity=severity, message=message, member=shown(member)[:300]
        )


class OpenQuestionError(Exception):
    """Something that cannot be decided here, which is not a pass."""

    def __init__(self, verdict: Literal["error", "limit", "unsupported"], message: str) -> None:
        super().__init__(message)
        self.verdict = verdict


def check_names(names: Iterable[str]) -> None:
    """Refuses names that lead out of the container, and names that some system takes for one another.

    Raises:
        BadContainerError: there is such a name.
        OpenQuestionError: there are too many members.
    """
    seen: dict[str, str] = {}
    for count, name in enumerate(names, 1):
        if count > MOST_MEMBERS:
            raise OpenQuestionError("limit", f"it has more than {MOST_MEMBERS} members")
        parts = name.rstrip("/").split("/")
        # A tar of a folder begins with the folder itself.
        bare = name.removeprefix("./")
        if not bare:
            continue
        if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name or _DRIVE.match(name):
            raise BadContainerError("path", "a member's name leads out of the container", member=name)
        folded = unicodedata.normalize("NFC", bare.rstrip("/")).casefold()
        if folded in seen:
            raise BadContainerError("duplicate", "two members have the same name", member=name)
        seen[folded] = name


def bounded(pieces: Iterable[bytes], compressed: int) -> Iterator[bytes]:
    """The pieces, until more came out than any honest content makes of so few bytes.

    Raises:
        BadContainerError: it is a bomb.
    """
    most = max(FREE, compressed * RATIO)
    made = 0
    for piece in pieces:
        made += len(piece)
        if made > most:
            raise BadContainerError(
                "ratio",
                f"more than {most} bytes come out of {compressed} compressed ones",
                code="zip-bomb",
            )
        yield piece
