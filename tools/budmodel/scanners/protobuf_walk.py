"""A walk through a protobuf message as it streams by: known messages are entered, all else is skipped.

The encoding: https://protobuf.dev/programming-guides/encoding/. A schema says which fields hold messages and
which small values are kept; tensors' bytes pass by without being kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from budmodel.scanners.window import Reading, StructureError, UndecidedError, Window

MAX_DEPTH = 100
"""Messages within messages; protobuf's own readers stop there."""
MAX_FIELDS = 10_000_000
"""Fields of a file: large graphs have some hundred thousand. Numbers that repeat one field count once."""
MAX_TEXT = 4096
"""Bytes of a value that is kept."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}

Values = dict[int, bytes | int]
"""The kept values of a message, by field number; of a repeated one the last, as protobuf's readers do."""


@dataclass(eq=False, slots=True)
class Message:
    """What a walk knows of one kind of message."""

    name: str
    messages: Mapping[int, Message] = field(default_factory=dict)
    """Fields that hold messages; may be filled after the making, since kinds contain each other."""
    texts: frozenset[int] = frozenset()
    """Fields whose bytes are kept."""
    numbers: frozenset[int] = frozenset()
    """Varint fields that are kept."""


@dataclass(eq=False, slots=True)
class Open:
    """A message that the walk is in."""

    kind: Message
    end: int | None
    """Offset of its end in the file; None for the outermost of a file whose size nobody knows yet."""
    number: int
    """Number of the field that holds it, in the message around it."""
    last: int = -1
    """Number and wire type of the field that was read last."""
    values: Values = field(default_factory=dict)
    children: list[tuple[int, Values]] = field(default_factory=list)
    """Field number and values of messages in it that hold nothing but values."""


def walk(window: Window, root: Message, leave: Callable[[Open, list[Open]], None]) -> Reading:
    """Walks through one message that takes the whole file.

    Args:
        window: where the bytes come from.
        root: the kind of the message.
        leave: told every message at its end, with the messages around it, outermost first.

    Raises:
        StructureError: a length, a type or a number cannot be.
        UndecidedError: nested deeper, or more fields, than are looked at.
    """
    stack = [Open(root, window.total, 0)]
    fields = 0
    while stack:
        inside = stack[-1]
        if inside.end is None and not window.have(1) and not window.ended:
            yield
            continue
        if window.at == inside.end or (inside.end is None and not window.have(1)):
            stack.pop()
            leave(inside, stack)
            continue
        while (number := window.varint(_left(inside, window))) is None:
            yield from window.more()
        window.drop(number[1])
        tag, kind = number[0] >> 3, number[0] & 7
        fields += inside.last != number[0] or kind == _BYTES
        inside.last = number[0]
        if fields > MAX_FIELDS:
            raise UndecidedError("limit", f"the file has more than {MAX_FIELDS} fields")
        if kind == _VARINT:
            while (number := window.varint(_left(inside, window))) is None:
                yield from window.more()
            window.drop(number[1])
            _expect(inside, tag, kind, window)
            if tag in inside.kind.numbers:
                inside.values[tag] = number[0]
            elif inside.last < 0x80:
                window.drop_run(_runs(inside.last), _left(inside, window))
        elif kind == _BYTES:
            while (number := window.varint(_left(inside, window))) is None:
                yield from window.more()
            window.drop(number[1])
            _expect(inside, tag, kind, window)
            yield from _bytes(window, stack, tag, number[0])
        elif kind in _WIDTHS:
            _fits(_WIDTHS[kind], inside, window)
            _expect(inside, tag, kind, window)
            yield from window.skip(_WIDTHS[kind])
            if inside.last < 0x80:
                window.drop_run(_runs(inside.last), _left(inside, window))
        else:
            raise StructureError(
                "wire-type", f"a field at byte {window.at} has wire type {kind}, which ONNX never uses"
            )


def _bytes(window: Window, stack: list[Open], tag: int, length: int) -> Reading:
    inside = stack[-1]
    _fits(length, inside, window)
    if tag in inside.kind.messages:
        if len(stack) >= MAX_DEPTH:
            raise UndecidedError("limit", f"messages nest deeper than {MAX_DEPTH} levels")
        stack.append(Open(inside.kind.messages[tag], window.at + length, tag))
    elif tag in inside.kind.texts:
        if length > MAX_TEXT:
            raise StructureError(
                "text",
                f"a name at byte {window.at} in {inside.kind.name} has {length} bytes, over {MAX_TEXT}",
            )
        yield from window.need(length)
        inside.values[tag] = window.take(length)
    else:
        yield from window.skip(length)


@cache
def _runs(key: int) -> re.Pattern[bytes]:
    """Whole fields of one key, which is one byte: old files write each number of a list as a field."""
    mark = re.escape(bytes([key]))
    # Numbers of ten bytes, which may be over 64 bits, are left to be read one by one.
    number = rb"[\x80-\xff]{0,8}+[\x00-\x7f]" if key & 7 == _VARINT else rb".{%d}" % _WIDTHS[key & 7]
    return re.compile(rb"(?s:%b%b)*+" % (mark, number))


def _left(inside: Open, window: Window) -> int:
    return 1 << 62 if inside.end is None else inside.end - window.at


def _fits(length: int, inside: Open, window: Window) -> None:
    left = None if inside.end is None else inside.end - window.at
    if left is not None and length > left:
        raise StructureError(
            "length",
            f"a field at byte {window.at} in {inside.kind.name} claims {length} bytes, and {left} are left",
        )


def _expect(inside: Open, tag: int, kind: int, window: Window) -> None:
    """Readers skip a known field of another wire type as unknown, so it would hide what it holds."""
    known = inside.kind
    wants = (
        _VARINT if tag in known.numbers else _BYTES if tag in known.messages or tag in known.texts else kind
    )
    if tag == 0 or tag >= 1 << 29 or wants != kind:
        raise StructureError("field", f"field {tag} of {known.name} before byte {window.at} cannot be")
