"""GGUF headers: architecture, context length and number of elements, read with bounds of our own.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Counts and lengths in the file are
never trusted: each item costs at least its bytes, and the bytes that are read have a limit.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from budmodel.sources.facts.numbers import LARGEST, whole

MAX_BYTES = 64 << 20
"""Most bytes of one file's header (large vocabularies take about 10 MiB)."""
CHUNK = 4 << 20
MAX_KEYS = 4096
MAX_TENSORS = 200_000
MAX_TEXT = 1 << 20
MAX_TEXTS = 2_000_000
"""Most texts of an array: vocabularies and their merges have some hundred thousand."""
_WANTED = 200
"""Longest text that is kept, in bytes."""
_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_TEXT, _ARRAY = 8, 9

# enum llama_ftype: https://github.com/ggml-org/llama.cpp/blob/master/include/llama.h
FILE_TYPES = {
    0: "f32", 1: "f16", 2: "q4_0", 3: "q4_1", 7: "q8_0", 8: "q5_0", 9: "q5_1", 10: "q2_k", 11: "q3_k_s",
    12: "q3_k_m", 13: "q3_k_l", 14: "q4_k_s", 15: "q4_k_m", 16: "q5_k_s", 17: "q5_k_m", 18: "q6_k",
    19: "iq2_xxs", 20: "iq2_xs", 21: "q2_k_s", 22: "iq3_xs", 23: "iq3_xxs", 24: "iq1_s", 25: "iq4_nl",
    26: "iq3_s", 27: "iq3_m", 28: "iq2_s", 29: "iq2_m", 30: "iq4_xs", 31: "iq1_m", 32: "bf16", 38: "mxfp4",
}  # fmt: skip


class GgufError(ValueError):
    """The bytes are no GGUF header that is worth reading on."""


@dataclass(frozen=True, slots=True)
class GgufSummary:
    """What a header says."""

    architecture: str | None = None
    elements: int | None = None
    """Sum of the tensors' elements."""
    context_length: int | None = None
    file_type: str | None = None
    numbers: dict[str, int] = field(default_factory=dict)
    """Whole numbers of ``<architecture>.*`` without that prefix: ``block_count``, ``embedding_length``."""


class _Bytes:
    """A file from its start on, read in chunks when they are needed."""

    def __init__(self, read: Callable[[int, int], bytes | None]) -> None:
        self._read = read
        self._have = bytearray()
        self._at = 0

    def take(self, length: int) -> bytes:
        end = self._at + length
        if end > MAX_BYTES:
            raise GgufError(f"the header is longer than {MAX_BYTES} bytes")
        while len(self._have) < end:
            more = self._read(len(self._have), max(CHUNK, end - len(self._have)))
            if not more:
                raise GgufError("the header ends early")
            self._have += more
        taken = bytes(self._have[self._at : end])
        self._at = end
        return taken

    def number(self, kind: str) -> Any:
        return struct.unpack(kind, self.take(struct.calcsize(kind)))[0]

    def text(self) -> str:
        length = self.number("<Q")
        if length > MAX_TEXT:
            raise GgufError("a text is too long")
        return self.take(length)[:_WANTED].decode("utf-8", "replace")


def read_gguf(read: Callable[[int, int], bytes | None]) -> GgufSummary:
    """The summary of a header. ``read(start, length)`` gives at most ``length`` bytes, fewer at the end.

    Raises:
        GgufError: not GGUF version 2 or 3, or beyond one of the limits.
    """
    stream = _Bytes(read)
    if stream.take(4) != b"GGUF":
        raise GgufError("not GGUF")
    if stream.number("<I") not in (2, 3):
        raise GgufError("not version 2 or 3 of GGUF")
    tensors, keys = stream.number("<Q"), stream.number("<Q")
    if tensors > MAX_TENSORS or keys > MAX_KEYS:
        raise GgufError("the header claims more tensors or keys than are read")
    values: dict[str, Any] = {}
    for _ in range(keys):
        key = stream.text()
        value = _value(stream, stream.number("<I"))
        values.setdefault(key, value)
    return _summary(values, _count_elements(stream, tensors))


def _value(stream: _Bytes, kind: int) -> Any:
    if kind == _TEXT:
        return stream.text()
    if kind in _SCALARS:
        return stream.number(_SCALARS[kind])
    if kind != _ARRAY:
        raise GgufError("a value of an unknown type")
    inner, length = stream.number("<I"), stream.number("<Q")
    if inner in _SCALARS:
        width = struct.calcsize(_SCALARS[inner])
        if length > MAX_BYTES // width:
            raise GgufError("an array is too long")
        stream.take(length * width)
    elif inner == _TEXT:
        if length > MAX_TEXTS:
            raise GgufError("an array is too long")
        for _ in range(length):
            stream.text()
    else:
        raise GgufError("an array of arrays")
    return None


def _count_elements(stream: _Bytes, tensors: int) -> int | None:
    total = 0
    for _ in range(tensors):
        stream.text()
        dimensions = stream.number("<I")
        if dimensions > 8:
            raise GgufError("a tensor has too many dimensions")
        elements = 1
        for _ in range(dimensions):
            elements *= stream.number("<Q")
        stream.take(12)  # type and offset
        total += elements
        if total > LARGEST:
            raise GgufError("more elements than any model has")
    return total or None


def _summary(values: dict[str, Any], elements: int | None) -> GgufSummary:
    architecture = values.get("general.architecture")
    name = architecture if isinstance(architecture, str) and architecture else None
    numbers = {
        key.removeprefix(f"{name}."): count
        for key, value in values.items()
        if name and key.startswith(f"{name}.") and (count := whole(value)) is not None
    }
    file_type = values.get("general.file_type")
    return GgufSummary(
        architecture=name,
        elements=elements,
        context_length=numbers.get("context_length"),
        file_type=FILE_TYPES.get(file_type) if isinstance(file_type, int) else None,
        numbers=numbers,
    )
