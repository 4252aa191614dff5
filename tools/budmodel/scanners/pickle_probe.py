"""Whether a file of any format, read as a pickle from its first byte, would call something.

Loaders do not ask what a file is: ``torch.load`` unpickles whatever lies at the name. And a pickle may begin
like a picture, a text or a tar, as its first operation may be a number of any eight bytes. So every file is
followed as a pickle while it streams by, until an operation fails: for nearly all files the first one does.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Generator
from contextlib import suppress
from typing import Any

from budmodel.scanners.pickle_walk import COMPUTED, Walker
from budmodel.scanners.window import Reading, ShortError, Window

MOST_OPERATIONS = 2_000_000
_KEPT = 8192
"""Bytes of an argument that are looked at: names are shorter."""
_CODES = {ord(operation.code): operation for operation in pickletools.opcodes}
_LENGTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: 1,
    pickletools.TAKEN_FROM_ARGUMENT4: 4,
    pickletools.TAKEN_FROM_ARGUMENT4U: 4,
    pickletools.TAKEN_FROM_ARGUMENT8U: 8,
}
_Argument = Generator[None, None, tuple[Any, bool]]


class Probe:
    """Follows one file. Its memory does not grow with the file."""

    def __init__(self) -> None:
        self.endless = False
        """Whether it goes on as a pickle for longer than anybody follows it."""
        self._window = Window(None)
        self._walker = Walker(io.BytesIO())
        self._names: set[str] = set()
        self._reading: Reading | None = self._follow()
        self._step()

    def feed(self, piece: bytes) -> None:
        """The next bytes."""
        if self._reading is not None:
            self._window.push(piece)
            self._step()

    def finish(self) -> tuple[str, ...]:
        """What it would call, sorted; empty where loading it as a pickle would call nothing."""
        self._window.end()
        self._step()
        self._note()
        return tuple(sorted(self._names))

    def _step(self) -> None:
        if self._reading is None:
            return
        # Whatever goes wrong here goes wrong for who loads it, too: that is its end as a pickle.
        with suppress(Exception):
            next(self._reading)
            return
        self._reading = None
        self._note()
        self._window = Window(None)

    def _note(self) -> None:
        walk = self._walker.walk
        if walk.calls:
            computed = {"a name that is computed"} if COMPUTED in walk.odd else set()
            self._names |= {name for name in walk.names if name.isprintable()} | computed

    def _follow(self) -> Reading:
        window = self._window
        for _ in range(MOST_OPERATIONS):
            yield from window.need(1)
            operation = _CODES[window.take(1)[0]]
            argument, known = yield from _argument(window, operation)
            if known:
                self._walker.do(operation.name, argument)
            else:
                self._walker.skipped()
            if operation.name == "STOP":
                self._note()
                self._walker = Walker(io.BytesIO())
        self.endless = True


def _argument(window: Window, operation: pickletools.OpcodeInfo) -> _Argument:
    """What an operation is given; whether that is known, since what is too long is passed over."""
    form = operation.arg
    if form is None:
        return None, True
    if form.n >= 0:
        yield from window.need(form.n)
        return form.reader(io.BytesIO(window.take(form.n))), True
    if form.n == pickletools.UP_TO_NEWLINE:
        return (yield from _lines(window, form))
    width = _LENGTHS[form.n]
    yield from window.need(width)
    prefix = window.take(width)
    length = int.from_bytes(prefix, "little", signed=form.n == pickletools.TAKEN_FROM_ARGUMENT4)
    if length < 0:
        raise ShortError
    if length > _KEPT:
        yield from window.skip(length)
        return None, False
    yield from window.need(length)
    return form.reader(io.BytesIO(prefix + window.take(length))), True


def _lines(window: Window, form: pickletools.ArgumentDescriptor) -> _Argument:
    count = 2 if form.name == "stringnl_noescape_pair" else 1
    raw = b""
    for _ in range(count):
        line = yield from window.line(_KEPT)
        if line is None:
            if count == 2:
                raise ShortError
            return None, False
        raw += line + b"\n"
    return form.reader(io.BytesIO(raw)), True
