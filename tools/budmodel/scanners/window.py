"""The bytes of a file as they stream by, for a reader that takes its header out of them.

A reader is a generator. It yields where it needs more bytes than have come, and ends where the rest of the
file is data that it does not look at. So it sees the same bytes in the same order however the file is cut
into pieces, and it holds only what it has asked for.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Literal

from budmodel.scanners.interface import Found, Severity

Reading = Generator[None, None, None]


class StructureError(ValueError):
    """A header says what cannot be: it contradicts itself, the format or the file."""

    def __init__(
        self, detail: str, message: str, *, code: str = "bad-header", severity: Severity = "high"
    ) -> None:
        super().__init__(message)
        self.found = Found(code=code, detail=detail, severity=severity, message=message)


class UndecidedError(ValueError):
    """A header that this engine does not judge: too large (``limit``) or of a kind unknown to it."""

    def __init__(self, verdict: Literal["limit", "unsupported"], message: str) -> None:
        super().__init__(message)
        self.verdict = verdict


_RUN = 1 << 20
"""Bytes of a run that are matched at a time: a long match takes memory of its own."""


class ShortError(ValueError):
    """The file ended where the reader needed more."""


class Window:
    """The bytes that have come and were not taken yet, and where in the file they begin."""

    def __init__(self, total: int | None) -> None:
        self.total = total
        """Bytes of the whole file, where known."""
        self.at = 0
        """Offset in the file of the next byte to be taken."""
        self._have = bytearray()
        self._start = 0
        self._skip = 0
        self._ended = False

    def push(self, piece: bytes) -> None:
        """The next bytes of the file; what the reader wants to skip is not kept."""
        if self._skip:
            skipped = min(self._skip, len(piece))
            self._skip -= skipped
            self.at += skipped
            piece = piece[skipped:]
        if self._start:
            del self._have[: self._start]
            self._start = 0
        self._have += piece

    def end(self) -> None:
        """No more bytes come."""
        self._ended = True

    @property
    def ended(self) -> bool:
        """Whether no more bytes come."""
        return self._ended

    def more(self) -> Reading:
        """Waits for the next piece.

        Raises:
            ShortError: the file has ended.
        """
        if self._ended:
            raise ShortError
        yield

    @property
    def left(self) -> int | None:
        """Bytes of the file from here on, where known."""
        return None if self.total is None else self.total - self.at

    def have(self, length: int) -> bool:
        """Whether so many bytes can be taken now."""
        return len(self._have) - self._start >= length

    def need(self, length: int) -> Reading:
        """Waits until so many bytes can be taken.

        Raises:
            ShortError: the file ended before.
        """
        while not self.have(length):
            if self._ended:
                raise ShortError
            yield

    def take(self, length: int) -> bytes:
        """The next bytes, which :meth:`need` has made sure of."""
        start = self._start
        self._start = start + length
        self.at += length
        return bytes(self._have[start : start + length])

    def take_whole(self, length: int) -> bytearray:
        """As :meth:`take`, for a large part: what has come is handed over instead of copied."""
        taken, self._have = self._have, self._have[self._start + length :]
        del taken[self._start + length :]
        del taken[: self._start]
        self._start = 0
        self.at += length
        return taken

    def drop(self, length: int) -> None:
        """Lets bytes go that :meth:`have` has said are here."""
        self._start += length
        self.at += length

    def skip(self, length: int) -> Reading:
        """Lets bytes pass without keeping them.

        Raises:
            ShortError: the file ended before.
        """
        here = min(length, len(self._have) - self._start)
        self._start += here
        self.at += here
        self._skip = length - here
        while self._skip:
            if self._ended:
                raise ShortError
            yield

    def line(self, most: int) -> Generator[None, None, bytes | None]:
        """Takes what comes before the next line feed, and lets that go; None for more than ``most`` bytes.

        Raises:
            ShortError: the file ended before.
        """
        kept: bytearray | None = bytearray()
        while True:
            at = self._have.find(b"\n", self._start)
            part = self.take((len(self._have) if at < 0 else at) - self._start)
            if kept is not None:
                kept = kept + part if len(kept) + len(part) <= most else None
            if at >= 0:
                self.drop(1)
                return bytes(kept) if kept is not None else None
            yield from self.more()

    def drop_run(self, pattern: re.Pattern[bytes], most: int) -> None:
        """Lets go of what a pattern matches of the bytes that have come, ``most`` bytes at most."""
        end = self._start + min(most, _RUN)
        match = pattern.match(self._have, self._start, end)
        if match is not None:
            self.drop(match.end() - match.start())

    def varint(self, most: int) -> tuple[int, int] | None:
        """Peeks a protobuf varint of at most ``most`` bytes: value and length; None: more bytes are needed.

        Raises:
            StructureError: it does not end within ``most`` or ten bytes, or is over 64 bits.
        """
        have, start = self._have, self._start
        value = shift = 0
        most = min(most, 10)
        for position in range(start, min(len(have), start + most)):
            byte = have[position]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >= 1 << 64:
                    break
                return value, position - start + 1
            shift += 7
        else:
            if len(have) - start < most:
                return None
        raise StructureError("number", f"a number at byte {self.at} does not end where it must")
