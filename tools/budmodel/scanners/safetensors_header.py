"""The text of a safetensors header, read by the header's own grammar."""

from __future__ import annotations

import hashlib
import json
import re
from array import array

from budmodel.domain.quoting import one_line, shown
from budmodel.scanners.window import StructureError, UndecidedError

MAX_TENSORS = 250_000
"""The largest models have some ten thousand in a file."""
MAX_NAME = 1 << 16
"""Bytes of a tensor's name, a field or a dtype."""
MAX_METADATA = 16 << 20
"""Bytes of ``__metadata__``; training notes of image models take a few MiB."""
MAX_DIMENSIONS = 64
_U64 = (1 << 64) - 1
BITS = {
    b"BOOL": 8, b"F4": 4, b"F6_E2M3": 6, b"F6_E3M2": 6, b"U8": 8, b"I8": 8, b"F8_E5M2": 8, b"F8_E4M3": 8,
    b"F8_E8M0": 8, b"F8_E4M3FNUZ": 8, b"F8_E5M2FNUZ": 8, b"I16": 16, b"U16": 16, b"F16": 16, b"BF16": 16,
    b"I32": 32, b"U32": 32, b"F32": 32, b"C64": 64, b"F64": 64, b"I64": 64, b"U64": 64,
}  # fmt: skip
"""Bits of one element, by dtype."""

_SPACE = rb"[ \t\n\r]*+"
# Possessive, so that a hostile string costs its length once and keeps no way back.
_STRING = re.compile(rb'"((?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+)"')
_NUMBER = re.compile(rb"(0|[1-9][0-9]{0,19}+)(?![0-9.eE])")
_TOKEN = {mark: re.compile(_SPACE + re.escape(mark) + _SPACE) for mark in (b"{", b"}", b"[", b"]", b":")}
_TOKEN[b","] = re.compile(_SPACE + rb"," + _SPACE)
_PADDING = re.compile(rb" *+")
_FIELDS = (b"dtype", b"shape", b"data_offsets")


class Header:
    """Where the tensors of a file lie, relative to the end of the header."""

    def __init__(self) -> None:
        self.starts = array("Q")
        self.ends = array("Q")
        self.data_end = 0

    def check_layout(self) -> None:
        """Tensors lie one after the other, from the first byte, without a hole.

        Raises:
            StructureError: they do not.
        """
        at = 0
        for start, end in sorted(zip(self.starts, self.ends, strict=True)):
            if start != at:
                what = "overlap" if start < at else "hole"
                raise StructureError(
                    what, f"the data has a {what} at byte {min(start, at)} behind the header"
                )
            at = end
        self.data_end = at


def read_header(text: bytearray) -> Header:
    """The header of a file, whose text is UTF-8.

    Raises:
        StructureError: it is none, or contradicts itself.
        UndecidedError: more tensors than are looked at.
    """
    if not text.startswith(b"{"):
        raise StructureError("json", "the header does not begin with an opening brace")
    return _Parser(text).header()


class _Parser:
    def __init__(self, text: bytearray) -> None:
        self._text = text
        self._at = 0

    def header(self) -> Header:
        header = Header()
        names: set[bytes] = set()
        self._expect(b"{")
        more = not self._accept(b"}")
        while more:
            name = self._string()
            # A digest stands for the name, so that many long names take no memory.
            key = hashlib.blake2b(_decoded(name), digest_size=16).digest()
            if key in names:
                raise StructureError("duplicate", f"the header names {_named(name)} twice")
            names.add(key)
            if len(names) > MAX_TENSORS:
                raise UndecidedError("limit", f"the header names more than {MAX_TENSORS} tensors")
            self._expect(b":")
            if _decoded(name) == b"__metadata__":
                self._metadata()
            else:
                self._tensor(name, header)
            more = self._more(b"}")
        if _PADDING.fullmatch(self._text, self._at) is None:
            raise StructureError("json", f"the header goes on after its end, at byte {self._at}")
        return header

    def _metadata(self) -> None:
        begin, keys = self._at, set[bytes]()
        self._expect(b"{")
        more = not self._accept(b"}")
        while more:
            key = _decoded(self._string(MAX_METADATA, "metadata"))
            if key in keys:
                raise StructureError("duplicate", f"the metadata names {_named(key)} twice")
            keys.add(key)
            self._expect(b":")
            _decoded(self._string(MAX_METADATA, "metadata"))
            if self._at - begin > MAX_METADATA:
                raise StructureError(
                    "metadata", f"the metadata is longer than {MAX_METADATA} bytes, which no tool writes"
                )
            more = self._more(b"}")

    def _tensor(self, name: bytes, header: Header) -> None:
        dtype: bytes | None = None
        lists: dict[bytes, list[int]] = {}
        self._expect(b"{")
        more = not self._accept(b"}")
        while more:
            field = _decoded(self._string())
            if field not in _FIELDS:
                raise StructureError("field", f"tensor {_named(name)} has an unknown field {_named(field)}")
            if field in lists or (field == b"dtype" and dtype is not None):
                raise StructureError("duplicate", f"tensor {_named(name)} has {_named(field)} twice")
            self._expect(b":")
            if field == b"dtype":
                dtype = _decoded(self._string())
            else:
                lists[field] = self._numbers()
            more = self._more(b"}")
        if dtype is None or len(lists) != 2:
            raise StructureError("field", f"tensor {_named(name)} lacks dtype, shape or data_offsets")
        start, end = _span(name, dtype, lists[b"shape"], lists[b"data_offsets"])
        header.starts.append(start)
        header.ends.append(end)

    def _numbers(self) -> list[int]:
        numbers: list[int] = []
        self._expect(b"[")
        more = not self._accept(b"]")
        while more:
            match = _NUMBER.match(self._text, self._at)
            if match is None or int(match[1]) > _U64:
                raise StructureError("number", f"byte {self._at} of the header begins no size that can be")
            numbers.append(int(match[1]))
            self._at = match.end()
            if len(numbers) > MAX_DIMENSIONS:
                raise StructureError(
                    "shape", f"a list at byte {self._at} has more than {MAX_DIMENSIONS} sizes"
                )
            more = self._more(b"]")
        return numbers

    def _string(self, most: int = MAX_NAME, detail: str = "name") -> bytes:
        """A text without its quotes; its escapes are as they stand."""
        match = _STRING.match(self._text, self._at, self._at + most + 2)
        if match is None:
            if self._text[self._at : self._at + 1] == b'"' and len(self._text) - self._at > most + 2:
                raise StructureError(
                    detail, f"the text at byte {self._at} of the header does not end within {most} bytes"
                )
            raise StructureError("json", f"byte {self._at} of the header begins no text where one must be")
        self._at = match.end()
        return bytes(match[1])

    def _accept(self, mark: bytes) -> bool:
        match = _TOKEN[mark].match(self._text, self._at)
        if match is not None:
            # The space after the last brace is the padding, which is looked at by itself.
            self._at = match.end() if mark != b"}" else match.start() + match[0].index(mark) + 1
        return match is not None

    def _expect(self, mark: bytes) -> None:
        if not self._accept(mark):
            raise StructureError(
                "json", f"byte {self._at} of the header is not {mark.decode()} as it must be"
            )

    def _more(self, closing: bytes) -> bool:
        """Whether a comma follows; else the closing mark must."""
        if self._accept(b","):
            return True
        self._expect(closing)
        return False


def _span(name: bytes, dtype: bytes, shape: list[int], offsets: list[int]) -> tuple[int, int]:
    if dtype not in BITS:
        raise StructureError("dtype", f"tensor {_named(name)} has the unknown dtype {_named(dtype)}")
    if len(offsets) != 2 or offsets[1] < offsets[0]:
        raise StructureError("offsets", f"tensor {_named(name)} has data_offsets that are no span")
    elements = 1
    for size in shape:
        elements *= size
        if elements > _U64:
            raise StructureError("overflow", f"tensor {_named(name)} has more elements than can be counted")
    bits = elements * BITS[dtype]
    if bits > _U64 or bits % 8:
        raise StructureError(
            "overflow", f"tensor {_named(name)} is no whole number of bytes that can be counted"
        )
    if offsets[1] - offsets[0] != bits // 8:
        raise StructureError(
            "shape",
            f"tensor {_named(name)} has {offsets[1] - offsets[0]} bytes, and its shape says {bits // 8}",
        )
    return offsets[0], offsets[1]


def _decoded(raw: bytes) -> bytes:
    """A JSON string's text as UTF-8, with its escapes resolved."""
    if b"\\" not in raw:
        return raw
    try:
        return str(json.loads(b'"' + raw + b'"')).encode()
    except ValueError:  # half of a surrogate pair
        raise StructureError("json", "a text of the header has half a character") from None


def _named(raw: bytes) -> str:
    return f"'{one_line(shown(raw[:200].decode('utf-8', 'replace')), 80)}'"
