"""Safetensors, GGUF and ONNX files made here, whole or broken, and how an engine is run over them."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from budmodel.scanners.interface import (
    HEAD,
    Inspect,
    MemberResult,
    Outcome,
    ScanConfig,
    Scanner,
    Subject,
)
from budmodel.schema.governance import ScanPolicy

CONFIG = ScanConfig(policy=ScanPolicy())


def no_members(
    member: str, size: int | None, pieces: Iterable[bytes], *, engines: Iterable[str] | None = None
) -> MemberResult:
    raise AssertionError("a structure engine opens no members")


_INSPECT: Inspect = no_members


def run(
    scanner: Scanner,
    data: bytes,
    *,
    cuts: Iterable[int] = (),
    size: int | None = -1,
    path: str = "model.bin",
    member: str = "",
    files: Iterable[str] = (),
) -> Outcome:
    """The outcome for bytes that come in pieces ending at ``cuts``; a size of -1 is the true one."""
    subject = Subject(
        path=path,
        member=member,
        name=path.rpartition("/")[2],
        size=len(data) if size == -1 else size,
        format=scanner.name,
        head=data[:HEAD],
        files=frozenset(files),
    )
    assert not scanner.needs_spool(subject)
    inspection = scanner.open(subject, _INSPECT)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        inspection.feed(data[start:end])
    outcome = inspection.finish(None)
    inspection.close()
    assert (outcome.engine, outcome.bytes_seen) == (scanner.name, len(data))
    return outcome


def codes(outcome: Outcome) -> list[tuple[str, str]]:
    return [(found.code, found.detail) for found in outcome.found]


# Safetensors


def tensor(dtype: str, shape: list[Any], start: Any, end: Any) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def safetensors(header: Mapping[str, Any] | bytes, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


GOOD_TENSORS: dict[str, Any] = {
    "a": tensor("F32", [2, 2], 0, 16),
    "b": tensor("U8", [3], 16, 19),
    "c": tensor("F16", [0], 19, 19),
    "__metadata__": {"format": "pt", "note": 'a "quoted"\nvalue é'},
}
GOOD_SAFETENSORS = safetensors(GOOD_TENSORS, bytes(19))

# GGUF


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def pair(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def texts(key: str, values: Iterable[str]) -> bytes:
    items = list(values)
    return pair(key, 9, struct.pack("<IQ", 8, len(items)) + b"".join(map(text, items)))


def place(name: str, sizes: list[int], kind: int, offset: int) -> bytes:
    return text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset)


def gguf(
    pairs: Iterable[bytes] = (),
    places: Iterable[bytes] = (),
    data: bytes = b"",
    *,
    version: int = 3,
    counts: tuple[int, int] | None = None,
    alignment: int = 32,
) -> bytes:
    pairs, places = list(pairs), list(places)
    tensors, keys = counts or (len(places), len(pairs))
    header = b"GGUF" + struct.pack("<IQQ", version, tensors, keys) + b"".join([*pairs, *places])
    return header + bytes(-len(header) % alignment if places else 0) + data


TEMPLATE = "{% for m in messages %}{{ m['role'] ~ ': ' ~ m.content | trim }}\n{% endfor %}"
GOOD_PAIRS = [
    pair("general.architecture", 8, text("llama")),
    pair("llama.block_count", 4, struct.pack("<I", 2)),
    pair("tokenizer.ggml.add_bos_token", 7, b"\1"),
    pair("tokenizer.ggml.scores", 9, struct.pack("<IQ3f", 6, 3, 0.0, 1.0, 2.0)),
    texts("tokenizer.ggml.tokens", ["<s>", "</s>", "é"]),
    pair("tokenizer.chat_template", 8, text(TEMPLATE)),
]
GOOD_PLACES = [place("a", [2, 2], 0, 0), place("b", [32], 8, 32), place("c", [5], 24, 96)]
GOOD_GGUF = gguf(GOOD_PAIRS, GOOD_PLACES, bytes(128))

# ONNX


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def part(number: int, value: int | str | bytes) -> bytes:
    """One field: a varint, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def entry(key: str, value: str | bytes) -> bytes:
    return part(1, key) + part(2, value)


def external(*entries: bytes) -> bytes:
    """A TensorProto whose bytes are elsewhere."""
    return part(8, "w") + part(14, 1) + b"".join(part(13, one) for one in entries)


def node(operator: str, domain: str = "", attribute: bytes = b"") -> bytes:
    more = (part(7, domain) if domain else b"") + (part(5, attribute) if attribute else b"")
    return part(1, "x") + part(2, "y") + part(4, operator) + more


def onnx(*graph: bytes, more: bytes = b"") -> bytes:
    return part(1, 8) + part(2, "tests") + part(7, b"".join(graph)) + part(8, part(2, 17)) + more


GOOD_ONNX = onnx(
    part(1, node("Relu", attribute=part(1, "axis") + part(3, 1) + part(20, 2))),
    part(5, part(1, 4) + part(2, 1) + part(8, "w") + part(9, bytes(16))),
    part(2, "graph"),
)
