# ruff: noqa: E501  (a table is read by its rows)
"""The safetensors engine refuses what the format's library refuses, and what that library lets pass.

Every case of LIKE_THE_LIBRARY was given to safetensors 0.8.0 (``safetensors.deserialize``), which refused it
too; every case of STRICTER is one that it accepted.
"""

from __future__ import annotations

import json
import random
import struct
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structure_files import CONFIG, GOOD_SAFETENSORS, codes, no_members, run, safetensors, tensor

from budmodel.scanners import safetensors_header
from budmodel.scanners.interface import Outcome, Subject
from budmodel.scanners.safetensors import SafetensorsScanner
from budmodel.scanners.safetensors_header import BITS

SCANNER = SafetensorsScanner(CONFIG)


def one(**fields: Any) -> dict[str, Any]:
    return {"a": {**tensor("U8", [4], 0, 4), **fields}}


def judged(data: bytes, **more: Any) -> Outcome:
    return run(SCANNER, data, **more)


LIKE_THE_LIBRARY: list[tuple[str, bytes, str]] = [
    ("empty", b"", "short"),
    ("no prefix", b"\0\0\0", "short"),
    ("no header", bytes(8), "json"),
    ("length 2^63", safetensors({}, length=1 << 63), "length"),
    ("length 2^64-1", safetensors({}, length=(1 << 64) - 1), "length"),
    ("length over 100 MB", safetensors({}, length=100_000_001), "length"),
    ("length beyond the file", safetensors({}, length=3), "length"),
    ("NUL padding", safetensors(b"{}\0\0"), "json"),
    ("hole at the start", safetensors({"a": tensor("U8", [4], 1, 5)}, bytes(5)), "hole"),
    ("hole", safetensors({"a": tensor("U8", [1], 0, 1), "b": tensor("U8", [1], 2, 3)}, bytes(3)), "hole"),
    ("overlap", safetensors({"a": tensor("U8", [2], 0, 2), "b": tensor("U8", [2], 1, 3)}, bytes(3)), "overlap"),
    ("twice the same", safetensors({"a": tensor("U8", [2], 0, 2), "b": tensor("U8", [2], 0, 2)}, bytes(2)), "overlap"),
    ("shape and size differ", safetensors(one(shape=[5]), bytes(4)), "shape"),
    ("elements overflow", safetensors(one(shape=[1 << 40, 1 << 40, 0], data_offsets=[0, 0])), "overflow"),
    ("bits overflow", safetensors(one(dtype="F64", shape=[1 << 61], data_offsets=[0, 0])), "overflow"),
    ("half a byte", safetensors(one(dtype="F4", shape=[1], data_offsets=[0, 1]), b"\0"), "overflow"),
    ("negative size", safetensors(one(shape=[-4]), bytes(4)), "number"),
    ("negative offset", safetensors(one(data_offsets=[-4, 0])), "number"),
    ("float", safetensors(one(shape=[4.0]), bytes(4)), "number"),
    ("exponent", safetensors(b'{"a":{"dtype":"U8","shape":[4e0],"data_offsets":[0,4]}}', bytes(4)), "number"),
    ("minus zero", safetensors(b'{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}'), "number"),
    ("boolean", safetensors(one(shape=[True]), bytes(4)), "number"),
    ("over 64 bits", safetensors(one(shape=[1 << 64]), bytes(4)), "number"),
    ("digits", safetensors(b'{"a":{"dtype":"U8","shape":[' + b"9" * 9000 + b"]}}"), "number"),
    ("leading zero", safetensors(b'{"a":{"dtype":"U8","shape":[04],"data_offsets":[0,4]}}', bytes(4)), "number"),
    ("backwards", safetensors(one(data_offsets=[4, 0]), bytes(4)), "offsets"),
    ("three offsets", safetensors(one(data_offsets=[0, 4, 4]), bytes(4)), "offsets"),
    ("trailing bytes", safetensors(one(), bytes(5)), "size"),
    ("short data", safetensors(one(), bytes(3)), "size"),
    ("data without tensors", safetensors({}, b"payload"), "size"),
    ("nesting", safetensors(b'{"a":' + b"[" * 100_000), "json"),
    ("nested objects", safetensors(b'{"a":' * 100_000), "field"),
    ("unknown dtype", safetensors(one(dtype="Q4"), bytes(4)), "dtype"),
    ("no dtype", safetensors({"a": {"shape": [4], "data_offsets": [0, 4]}}, bytes(4)), "field"),
    ("metadata of numbers", safetensors({"__metadata__": {"a": 1}}), "json"),
    ("metadata of objects", safetensors({"__metadata__": {"a": {}}}), "json"),
    ("metadata a list", safetensors({"__metadata__": []}), "json"),
    ("invalid UTF-8", safetensors(b'{"__metadata__":{"a":"\xff"}}'), "utf-8"),
    ("half a surrogate", safetensors(b'{"__metadata__":{"a":"\\ud800"}}'), "json"),
    ("control character", safetensors(b'{"__metadata__":{"a":"\n"}}'), "json"),
    ("comma at the end", safetensors(b'{"__metadata__":{},}'), "json"),
    ("no quotes", safetensors(b"{a:1}"), "json"),
    ("a list", safetensors(b"[]"), "json"),
    ("two documents", safetensors(b"{}{}"), "json"),
    ("field twice", safetensors(b'{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}'), "duplicate"),
    ("metadata twice", safetensors(b'{"__metadata__":{},"__metadata__":{}}'), "duplicate"),
]  # fmt: skip

STRICTER: list[tuple[str, bytes, str]] = [
    ("leading space", safetensors(b" {}"), "json"),
    ("line break behind", safetensors(b"{}\n"), "json"),
    ("tensor twice", safetensors(b'{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', bytes(4)), "duplicate"),
    ("twice by an escape", safetensors(b'{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', bytes(4)), "duplicate"),
    ("metadata key twice", safetensors(b'{"__metadata__":{"a":"1","a":"2"}}'), "duplicate"),
    ("unknown field", safetensors(one(code=[1]), bytes(4)), "field"),
    ("50 MB of metadata", safetensors(b'{"__metadata__":{"a":"' + b"x" * 50_000_000 + b'"}}'), "metadata"),
    ("name of 65 KiB", safetensors({"n" * (65 << 10): tensor("U8", [0], 0, 0)}), "name"),
    ("dimensions", safetensors(one(shape=[1] * 65 + [4]), bytes(4)), "shape"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "detail"), [pytest.param(d, w, id=n) for n, d, w in LIKE_THE_LIBRARY + STRICTER]
)
def test_wrong(data: bytes, detail: str) -> None:
    outcome = judged(data)
    assert (outcome.verdict, codes(outcome)) == ("found", [("bad-header", detail)])
    assert outcome.found[0].severity == "high"
    assert len(outcome.found[0].message) < 300
    assert judged(data, size=None).verdict == "found", "where the size is not known beforehand, too"


@pytest.mark.parametrize(
    "data",
    [
        GOOD_SAFETENSORS,
        safetensors({}),
        safetensors(b"{}      "),
        safetensors({"__metadata__": {}}),
        safetensors({"../../etc/x": tensor("U8", [4], 0, 4)}, bytes(4)),
        safetensors(one(shape=[]) | {"a": tensor("F32", [], 0, 4)}, bytes(4)),
        safetensors({"a": tensor("F4", [2], 0, 1)}, b"\0"),
        safetensors(b'{\n "a" :\t{"dtype":"U8" , "shape":[ 4 ],"data_offsets":[0 , 4] } }', bytes(4)),
        *(safetensors({"a": tensor(d.decode(), [8], 0, bits)}, bytes(bits)) for d, bits in BITS.items()),
    ],
)
def test_right(data: bytes) -> None:
    outcome = judged(data)
    assert (outcome.verdict, outcome.bytes_seen, outcome.bytes_total) == ("clean", len(data), len(data))
    assert judged(data, size=None) == outcome


def test_says_what_and_where() -> None:
    (found,) = judged(safetensors({"layer\n1": tensor("F32", [2], 0, 4)}, bytes(4))).found
    assert found.message == "tensor 'layer\\n1' has 4 bytes, and its shape says 8"


def test_another_size_than_promised_is_undecided() -> None:
    for size in (len(GOOD_SAFETENSORS) + 1, len(GOOD_SAFETENSORS) - 1):
        outcome = judged(GOOD_SAFETENSORS, size=size)
        assert outcome.verdict in ("error", "found")
        assert (outcome.bytes_seen, outcome.bytes_total) == (len(GOOD_SAFETENSORS), size)


def test_too_many_tensors_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    header = {f"t{n}": tensor("U8", [0], 0, 0) for n in range(11)}
    assert judged(safetensors(header)).verdict == "clean"
    monkeypatch.setattr(safetensors_header, "MAX_TENSORS", 10)
    outcome = judged(safetensors(header))
    assert (outcome.verdict, outcome.message) == ("limit", "the header names more than 10 tensors")


def test_memory_follows_the_header_and_not_the_data() -> None:
    size = 64 << 20
    inspection_data = safetensors({"a": tensor("U8", [size], 0, size)})
    piece = bytes(1 << 20)
    tracemalloc.start()
    subject = Subject(path="a", name="a", size=len(inspection_data) + size, format="safetensors", head=b"")
    inspection = SCANNER.open(subject, no_members)
    inspection.feed(inspection_data)
    for _ in range(64):
        inspection.feed(piece)
    assert inspection.finish(None).verdict == "clean"
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_a_claimed_header_takes_no_memory_before_it_comes() -> None:
    tracemalloc.start()
    assert judged(struct.pack("<Q", 99_999_999) + b"{", size=None).verdict == "found"
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@given(
    st.lists(st.integers(0, len(GOOD_SAFETENSORS)), max_size=6), st.integers(0, 300), st.binary(max_size=3)
)
def test_pieces_do_not_matter(cuts: list[int], at: int, put: bytes) -> None:
    data = GOOD_SAFETENSORS[:at] + put + GOOD_SAFETENSORS[at + len(put) :]
    whole = judged(data)
    assert judged(data, cuts=cuts) == whole
    assert judged(data, cuts=range(len(data))) == whole
    assert whole.verdict in ("clean", "found")


@given(st.integers(0, 7), st.integers(1, 255))
def test_any_change_of_the_length_is_seen(at: int, change: int) -> None:
    data = bytearray(GOOD_SAFETENSORS)
    data[at] ^= change
    assert judged(bytes(data)).verdict == "found"


@given(st.integers(0, len(GOOD_SAFETENSORS) - 1))
def test_a_truncated_file_is_seen(length: int) -> None:
    assert judged(GOOD_SAFETENSORS[:length]).verdict == "found"


@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 9), max_size=8))
def test_the_order_of_tensors_does_not_matter(rng: random.Random, sizes: list[int]) -> None:
    header, at = {}, 0
    for number, size in enumerate(sizes):
        header[f"t{number}"] = tensor("I16", [size], at, at + 2 * size)
        at += 2 * size
    items = list(header.items())
    rng.shuffle(items)
    assert judged(safetensors(dict(items), bytes(at))).verdict == "clean"
    # One byte more or less of data, or of one tensor's place, contradicts the rest.
    assert judged(safetensors(dict(items), bytes(at + 1))).verdict == "found"
    if at:
        name = next(name for name, one in items if one["shape"][0])
        moved = json.loads(json.dumps(header))
        moved[name]["data_offsets"][1] += 2
        assert judged(safetensors(moved, bytes(at))).verdict == "found"


@given(st.binary(max_size=200))
def test_any_header_is_judged(text: bytes) -> None:
    assert judged(safetensors(text)).verdict in ("clean", "found")
    assert judged(safetensors(b'{"a":' + text)).verdict == "found"


def test_the_engine_says_its_version() -> None:
    engine = SCANNER.start()
    assert engine.name == "safetensors"
    assert SCANNER.finish() == (engine, ())
