"""GGUF headers: counts, lengths and offsets that the file can hold, and chat templates that run nothing.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little endian. What
is not needed for the judgement (vocabularies, values) passes by; kept are the keys, the tensors' places and
the chat templates.
"""

from __future__ import annotations

import struct

from budmodel.domain.quoting import one_line, shown
from budmodel.scanners.gguf_tensors import Tensors
from budmodel.scanners.interface import Inspect, Subject
from budmodel.scanners.structure import Reader, StructureInspection, StructureScanner
from budmodel.scanners.templates import judge_template
from budmodel.scanners.window import Reading, StructureError, UndecidedError, Window

MAX_KEYS = 65_536
MAX_KEY = 65_535
"""Bytes of a key, as the specification says."""
MAX_NAME = 1024
"""Bytes of a tensor's name; llama.cpp takes 63."""
MAX_TENSORS = 500_000
MAX_TEXTS = 8_000_000
"""Texts of all arrays together: vocabularies and their merges have some hundred thousand."""
MAX_TEMPLATE = 1 << 20
MAX_KEPT = 64 << 20
"""Bytes of keys, names and templates that are kept."""
MAX_DIMENSIONS = 4
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a scalar, by its type."""
_U32, _BOOL, _TEXT, _ARRAY = 4, 7, 8, 9
_LENGTH = struct.Struct("<Q")


class GgufScanner(StructureScanner):
    """The engine ``gguf``."""

    name = "gguf"

    def open(self, subject: Subject, inspect: Inspect) -> StructureInspection:
        return StructureInspection(self.name, subject, _Gguf(Window(subject.size)))


class _Gguf(Reader):
    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._tensors = Tensors()
        self._alignment = 32
        self._data_start: int | None = None
        self._got = b""
        self._kept = 0
        self._texts = 0

    def read(self) -> Reading:
        yield from self._take(8)
        if not self._got.startswith(b"GGUF"):
            raise StructureError("magic", "the file does not begin with GGUF")
        version = int.from_bytes(self._got[4:], "little")
        if version not in (2, 3):
            kind = "big-endian GGUF" if version and not version & 0xFFFF else f"version {version} of GGUF"
            raise UndecidedError("unsupported", f"{kind} is not read here; versions 2 and 3 are")
        yield from self._take(16)
        tensors, keys = struct.unpack("<QQ", self._got)
        self._fits(keys * 13 + tensors * 24, f"{keys} keys and {tensors} tensors")
        if keys > MAX_KEYS or tensors > MAX_TENSORS:
            raise UndecidedError(
                "limit",
                f"{keys} keys and {tensors} tensors are more than the {MAX_KEYS} and {MAX_TENSORS} read",
            )
        yield from self._pairs(keys)
        for _ in range(tensors):
            yield from self._tensor()
        self._data_start = -(-self.window.at // self._alignment) * self._alignment

    def check_end(self, total: int) -> None:
        if self._data_start is None:
            raise StructureError("short", "the file has no header")
        self._tensors.check(total - self._data_start, self._alignment)
        self.undecided = self._tensors.undecided()

    def _pairs(self, count: int) -> Reading:
        seen: set[bytes] = set()
        for _ in range(count):
            yield from self._text(MAX_KEY, "key", "a key")
            key = self._got
            if key in seen:
                raise StructureError("duplicate", f"the key {_named(key)} is there twice")
            seen.add(key)
            yield from self._take(4)
            yield from self._value(key, int.from_bytes(self._got, "little"))

    def _value(self, key: bytes, kind: int) -> Reading:
        templating = b"chat_template" in key
        if key == b"general.alignment" and kind != _U32:
            raise StructureError("alignment", "general.alignment is not of type uint32")
        if key == b"tokenizer.chat_template" and kind != _TEXT:
            raise StructureError("template", "tokenizer.chat_template is no text")
        if kind == _TEXT and templating:
            yield from self._text(MAX_TEMPLATE, "template", f"the template {_named(key)}")
            self._judge(key, self._got)
        elif kind == _TEXT:
            yield from self._skip_text()
        elif kind == _ARRAY:
            yield from self._array(key)
        elif kind in _WIDTHS:
            yield from self._take(_WIDTHS[kind])
            self._scalar(key, kind, self._got)
        else:
            raise StructureError("type", f"the key {_named(key)} has the unknown type {kind}")

    def _scalar(self, key: bytes, kind: int, raw: bytes) -> None:
        if kind == _BOOL and raw not in (b"\0", b"\1"):
            raise StructureError("bool", f"the key {_named(key)} is neither true nor false")
        if key == b"general.alignment":
            self._alignment = int.from_bytes(raw, "little")
            if self._alignment < 1 or self._alignment & (self._alignment - 1):
                raise StructureError("alignment", f"general.alignment {self._alignment} is no power of two")

    def _array(self, key: bytes) -> Reading:
        yield from self._take(12)
        kind, count = struct.unpack("<IQ", self._got)
        if kind in _WIDTHS:
            self._fits(count * _WIDTHS[kind], f"the array {_named(key)}")
            yield from self.window.skip(count * _WIDTHS[kind])
        elif kind == _TEXT:
            self._fits(count * 8, f"the array {_named(key)}")
            self._texts += count
            if self._texts > MAX_TEXTS:
                raise UndecidedError(
                    "limit", f"the arrays hold more than the {MAX_TEXTS} texts that are read"
                )
            for _ in range(count):
                yield from self._skip_text()
        else:
            what = "arrays" if kind == _ARRAY else f"the unknown type {kind}"
            raise StructureError("type", f"the array {_named(key)} holds {what}")

    def _skip_text(self) -> Reading:
        window = self.window
        if not window.have(8):
            yield from window.need(8)
        (length,) = _LENGTH.unpack(window.take(8))
        if window.have(length):  # most texts are short: no generator for them
            window.drop(length)
            return
        self._fits(length, "a text")
        yield from window.skip(length)

    def _tensor(self) -> Reading:
        yield from self._text(MAX_NAME, "name", "a tensor's name")
        name = self._got
        yield from self._take(4)
        count = int.from_bytes(self._got, "little")
        if count > MAX_DIMENSIONS:
            raise StructureError(
                "dimensions", f"tensor {_named(name)} has {count} dimensions, and 4 are the most"
            )
        yield from self._take(8 * count + 12)
        *sizes, kind, offset = struct.unpack(f"<{count}QIQ", self._got)
        self._tensors.add(name, _named(name), sizes, kind, offset)

    def _text(self, most: int, detail: str, what: str) -> Reading:
        """A text that is kept, in ``_got``; a longer one is refused before any of it is kept."""
        yield from self._take(8)
        length = int.from_bytes(self._got, "little")
        self._fits(length, what)
        if length > most:
            raise StructureError(
                detail, f"{what} at byte {self.window.at} has {length} bytes, and {most} are the most"
            )
        self._kept += length
        if self._kept > MAX_KEPT:
            raise UndecidedError("limit", f"the header holds more than the {MAX_KEPT} bytes that are kept")
        yield from self._take(length)

    def _take(self, length: int) -> Reading:
        if not self.window.have(length):
            yield from self.window.need(length)
        self._got = self.window.take(length)

    def _fits(self, length: int, what: str) -> None:
        left = self.window.left
        if left is not None and length > left:
            raise StructureError(
                "length", f"{what} at byte {self.window.at} would take {length} bytes, and {left} are left"
            )

    def _judge(self, key: bytes, raw: bytes) -> None:
        try:
            source = raw.decode()
        except UnicodeDecodeError:
            raise StructureError("template", f"the template {_named(key)} is not UTF-8") from None
        for found in judge_template(source, shown(key.decode("utf-8", "replace"))):
            self.note(found)


def _named(raw: bytes) -> str:
    return f"'{one_line(shown(raw[:200].decode('utf-8', 'replace')), 80)}'"
