"""A streamed answer as it arrives: server-sent events, when each piece of text came, and how many tokens.

The format is that of the HTML standard (https://html.spec.whatwg.org/multipage/server-sent-events.html);
the events are the chunks of OpenAI's API reference, ended by ``[DONE]``. The server is not trusted: a line,
an event, an answer and a count have limits, and what goes beyond them is a failed request.
"""

from __future__ import annotations

import json
from array import array
from typing import Any

MAX_EVENT = 256 << 10
"""Largest event in bytes."""
_WORDS = ("content", "reasoning_content", "reasoning")
"""Where a chunk of a chat holds text; servers name the thinking before an answer in two ways."""


class AnswerError(Exception):
    """A request failed; the message is a short reason, and holds nothing that the server said."""


class AnswerStream:
    """Takes an answer piece by piece, and keeps times and counts, never the text."""

    def __init__(self, max_tokens: int) -> None:
        """``max_tokens``: how many were asked for; the limits follow from it."""
        self.first: float | None = None
        """When the first text came."""
        self.last = 0.0
        """When the last text came."""
        self.ended: float | None = None
        """When the answer said that it is over."""
        self.pieces = 0
        """Chunks with text."""
        self.tokens: int | None = None
        """Generated tokens as the server counts them, where it does."""
        self.gaps = array("d")
        """Seconds between each two chunks with text."""
        self.done = False
        self._most_bytes = (64 << 10) + 4096 * max_tokens
        # Some servers send single characters; one that counts far more tokens than it may make is lying.
        self._most_pieces = 8 * max_tokens + 64
        self._most_tokens = 2 * max_tokens + 16
        self._bytes = self._size = 0
        self._line = bytearray()
        self._data: list[bytes] = []
        self._after_return = False

    def feed(self, piece: bytes, now: float) -> None:
        """Takes the next bytes, and the moment in seconds at which they came.

        Raises:
            AnswerError: the answer is none, or goes beyond a limit.
        """
        self._bytes += len(piece)
        if self._bytes > self._most_bytes:
            raise AnswerError("an answer far larger than asked for")
        if self.done or not piece:
            return
        if self._after_return and piece.startswith(b"\n"):
            piece = piece[1:]
            self._after_return = False
        if piece:
            self._after_return = piece.endswith(b"\r")
        *lines, rest = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            self._grow(line)
            whole = bytes(self._line)
            self._line.clear()
            self._take(whole, now)
        self._grow(rest)

    def close(self, now: float) -> None:
        """The answer's last bytes have come. A last event need not be followed by an empty line.

        Raises:
            AnswerError: it broke off, or has no text.
        """
        if not self.done:
            self._take(bytes(self._line), now)
            self._take(b"", now)
        if self.ended is None:
            raise AnswerError("an answer that broke off")
        if self.first is None:
            raise AnswerError("an answer without text")

    def _grow(self, part: bytes) -> None:
        self._line += part
        if len(self._line) + self._size > MAX_EVENT:
            raise AnswerError("an event that is too large")

    def _take(self, line: bytes, now: float) -> None:
        """One whole line; an empty one ends an event."""
        if line:
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
                self._size += len(line) + 1
            return
        if self._data and not self.done:
            self._event(b"\n".join(self._data), now)
        self._data.clear()
        self._size = 0

    def _event(self, data: bytes, now: float) -> None:
        if data.strip() == b"[DONE]":
            self.done, self.ended = True, now
            return
        try:
            value = json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError):
            raise AnswerError("an event that is not JSON") from None
        if not isinstance(value, dict) or value.get("error"):
            raise AnswerError("an error in the middle of an answer")
        choices = value.get("choices")
        for choice in choices[:1] if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                self._choice(choice, now)
        self._usage(value.get("usage"))

    def _choice(self, choice: dict[str, Any], now: float) -> None:
        delta = choice.get("delta")
        said = [delta.get(word) for word in _WORDS] if isinstance(delta, dict) else [choice.get("text")]
        if any(isinstance(text, str) and text for text in said):
            self.pieces += 1
            if self.pieces > self._most_pieces:
                raise AnswerError("an answer far longer than asked for")
            if self.first is None:
                self.first = now
            else:
                self.gaps.append(now - self.last)
            self.last = now
        if choice.get("finish_reason") is not None:
            self.ended = now

    def _usage(self, usage: Any) -> None:
        count = usage.get("completion_tokens") if isinstance(usage, dict) else None
        if type(count) is not int or count < 1:
            return
        if count > self._most_tokens:
            raise AnswerError("a count of tokens far beyond what was asked for")
        self.tokens = count
