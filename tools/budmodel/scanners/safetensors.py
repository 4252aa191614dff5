"""Safetensors headers: every byte of the file belongs to exactly one tensor, or the file is refused.

The format: https://huggingface.co/docs/safetensors/index. What its library (0.8.0) refuses is refused here,
and besides duplicate keys, unknown fields, anything but ``{`` at the beginning and more metadata than tools
write. A header's grammar is smaller than JSON (two levels of objects with known keys), so it is read by that
grammar: nothing nests, and no tree of a hostile document is ever built.
"""

from __future__ import annotations

import codecs

from budmodel.scanners.interface import Inspect, Subject
from budmodel.scanners.safetensors_header import Header, read_header
from budmodel.scanners.structure import Reader, StructureInspection, StructureScanner
from budmodel.scanners.window import Reading, StructureError, Window

MAX_HEADER = 100_000_000
"""Bytes of the header; the reference's own limit."""
_PREFIX = 8
_PIECE = 1 << 20


class SafetensorsScanner(StructureScanner):
    """The engine ``safetensors``."""

    name = "safetensors"

    def open(self, subject: Subject, inspect: Inspect) -> StructureInspection:
        return StructureInspection(self.name, subject, _Safetensors(Window(subject.size)))


class _Safetensors(Reader):
    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._data_start = 0
        self._header: Header | None = None

    def read(self) -> Reading:
        yield from self.window.need(_PREFIX)
        length = int.from_bytes(self.window.take(_PREFIX), "little")
        if length > MAX_HEADER:
            raise StructureError("length", f"the header claims {length} bytes, and {MAX_HEADER} are the most")
        left = self.window.left
        if left is not None and length > left:
            raise StructureError("length", f"the header claims {length} bytes, and only {left} follow")
        yield from self.window.need(length)
        header = self.window.take_whole(length)
        self._data_start = _PREFIX + length
        _check_utf8(header)
        self._header = read_header(header)
        self._header.check_layout()

    def check_end(self, total: int) -> None:
        if self._header is None:
            raise StructureError("short", "the file has no header")
        end = self._data_start + self._header.data_end
        if end != total:
            raise StructureError(
                "size", f"the header describes {end} bytes of file, and the file has {total}"
            )


def _check_utf8(header: bytearray) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(header), _PIECE):
            decoder.decode(header[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise StructureError("utf-8", "the header is not UTF-8") from None
