"""safetensors headers: elements by dtype, read with bounds (https://github.com/huggingface/safetensors)."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Mapping
from math import prod

from budmodel.sources.facts.documents import parse_json
from budmodel.sources.facts.numbers import LARGEST, whole
from budmodel.sources.interface import MAX_HEADER

WIDTHS = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "F4": 0.5,
    "F6_E2M3": 0.75,
    "F6_E3M2": 0.75, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
    "C64": 8,
}  # fmt: skip
"""Bytes of an element."""
GUESS = 256 << 10
"""Bytes of the first request: most headers fit, so that one request is enough."""


class HeaderError(ValueError):
    """The bytes are no safetensors header."""


def read_header(read: Callable[[int, int], bytes | None]) -> Mapping[str, int]:
    """Elements of a file by dtype, from its header alone.

    Args:
        read: gives at most ``length`` bytes from ``start`` on, fewer at the end of the file.

    Raises:
        HeaderError: not a safetensors header, or larger than MAX_HEADER.
    """
    head = read(0, GUESS)
    if not head:
        raise HeaderError("nothing could be read")
    if len(head) < 8:
        raise HeaderError("the file is too short")
    (length,) = struct.unpack("<Q", head[:8])
    if not 2 <= length <= MAX_HEADER:
        raise HeaderError(f"a header of {length} bytes")
    body = head[8 : 8 + length]
    if len(body) < length:
        body += read(8 + len(body), length - len(body)) or b""
    if len(body) != length:
        raise HeaderError("the header ends early")
    return count_elements(body)


def count_elements(body: bytes) -> Mapping[str, int]:
    """Elements by dtype of a header's JSON.

    Raises:
        HeaderError: not such a header.
    """
    try:
        header = parse_json(body)
    except ValueError as error:
        raise HeaderError(f"not JSON: {error}") from None
    if not isinstance(header, dict):
        raise HeaderError("not an object")
    counts: Counter[str] = Counter()
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        dtype, shape = (
            (tensor.get("dtype"), tensor.get("shape")) if isinstance(tensor, dict) else (None, None)
        )
        if dtype not in WIDTHS or not isinstance(shape, list) or len(shape) > 16:
            raise HeaderError("a tensor without dtype or shape")
        if any(whole(size, least=0) is None for size in shape):
            raise HeaderError("a tensor with an impossible shape")
        counts[dtype] += prod(shape)
        if counts[dtype] > LARGEST:
            raise HeaderError("more elements than any model has")
    return counts
