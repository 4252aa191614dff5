# ruff: noqa: E501  (a table is read by its rows)
"""The GGUF engine believes no count, no length and no offset."""

from __future__ import annotations

import random
import struct
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structure_files import (
    CONFIG,
    GOOD_GGUF,
    GOOD_PAIRS,
    GOOD_PLACES,
    TEMPLATE,
    codes,
    gguf,
    pair,
    place,
    run,
    text,
    texts,
)

from budmodel.scanners.gguf import GgufScanner
from budmodel.scanners.interface import Outcome

SCANNER = GgufScanner(CONFIG)
FLOATS = place("a", [8], 0, 0)


def judged(data: bytes, **more: Any) -> Outcome:
    return run(SCANNER, data, **more)


def array(kind: int, count: int, items: bytes = b"") -> bytes:
    return pair("x", 9, struct.pack("<IQ", kind, count) + items)


def aligned(value: int) -> bytes:
    return pair("general.alignment", 4, struct.pack("<I", value))


WRONG: list[tuple[str, bytes, str]] = [
    ("empty", b"", "short"),
    ("another magic", b"GGML" + GOOD_GGUF[4:], "magic"),
    ("no counts", GOOD_GGUF[:20], "short"),
    ("2^62 keys", gguf(counts=(0, 1 << 62)), "length"),
    ("2^62 tensors", gguf(counts=(1 << 62, 0)), "length"),
    ("array of 2^60 numbers", gguf([array(4, 1 << 60)]), "length"),
    ("array of 2^60 texts", gguf([array(8, 1 << 60)]), "length"),
    ("text of 2^60 bytes", gguf([pair("x", 8, struct.pack("<Q", 1 << 60))]), "length"),
    ("text of 2^60 bytes in an array", gguf([array(8, 1, struct.pack("<Q", 1 << 60))]), "length"),
    ("key of 2^60 bytes", gguf([struct.pack("<Q", 1 << 60) + bytes(20)]), "length"),
    ("key too long", gguf([pair("k" * 65_536, 0, b"\0")]), "key"),
    ("array of arrays", gguf([array(9, 1, struct.pack("<IQ", 0, 0))]), "type"),
    ("array of an unknown type", gguf([array(13, 0)]), "type"),
    ("unknown type", gguf([pair("x", 13, bytes(8))]), "type"),
    ("neither true nor false", gguf([pair("x", 7, b"\2")]), "bool"),
    ("key twice", gguf([pair("x", 0, b"\0"), pair("x", 0, b"\1")]), "duplicate"),
    ("alignment 0", gguf([aligned(0)]), "alignment"),
    ("alignment 48", gguf([aligned(48)]), "alignment"),
    ("alignment of 64 bits", gguf([pair("general.alignment", 10, bytes(8))]), "alignment"),
    ("template no text", gguf([texts("tokenizer.chat_template", ["a"])]), "template"),
    ("template not UTF-8", gguf([pair("tokenizer.chat_template", 8, text(b"\xff"))]), "template"),
    ("template too long", gguf([pair("tokenizer.chat_template", 8, text("x" * (1 << 20) + "x"))]), "template"),
    ("tensor twice", gguf([], [FLOATS, place("a", [8], 0, 32)], bytes(64)), "duplicate"),
    ("five dimensions", gguf([], [place("a", [1] * 5, 0, 0)], bytes(32)), "dimensions"),
    ("2^32-1 dimensions", gguf([], [text("a") + b"\xff" * 40]), "dimensions"),
    ("elements overflow", gguf([], [place("a", [1 << 40, 1 << 40, 0], 0, 0)], bytes(32)), "overflow"),
    ("bytes overflow", gguf([], [place("a", [1 << 62], 27, 0)], bytes(32)), "overflow"),
    ("half a block", gguf([], [place("a", [33], 8, 0)], bytes(64)), "blocks"),
    ("outside", gguf([], [FLOATS, place("b", [8], 0, 64)], bytes(64)), "outside"),
    ("far outside", gguf([], [place("a", [8], 0, 1 << 63)], bytes(64)), "outside"),
    ("not aligned", gguf([], [place("a", [8], 0, 4)], bytes(64)), "alignment"),
    ("hole at the start", gguf([], [place("a", [8], 0, 32)], bytes(64)), "hole"),
    ("hole", gguf([], [FLOATS, place("b", [8], 0, 64)], bytes(96)), "hole"),
    ("overlap", gguf([], [place("a", [16], 0, 0), place("b", [8], 0, 32)], bytes(64)), "overlap"),
    ("short data", gguf([], [FLOATS], bytes(31)), "outside"),
    ("trailing bytes", gguf([], [FLOATS], bytes(33)), "size"),
    ("no data", gguf([], [FLOATS])[:-7], "outside"),
    ("bytes without tensors", gguf(GOOD_PAIRS) + b"payload" * 20, "size"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "detail"), [pytest.param(d, w, id=n) for n, d, w in WRONG])
def test_wrong(data: bytes, detail: str) -> None:
    outcome = judged(data)
    assert (outcome.verdict, codes(outcome)) == ("found", [("bad-header", detail)])
    assert judged(data, size=None).verdict in ("found", "limit")


@pytest.mark.parametrize(
    "data",
    [
        GOOD_GGUF,
        gguf(),
        gguf(version=2),
        gguf(GOOD_PAIRS),
        gguf([], [FLOATS], bytes(32)),
        gguf([], [place("a", [1], 24, 0)], b"\0"),  # no padding behind the last tensor
        gguf([], [place("a", [1], 24, 0)], bytes(32)),
        gguf([], [place("a", [0], 0, 0), place("b", [8], 0, 0)], bytes(32)),
        gguf([aligned(8)], [place("a", [1], 0, 0), place("b", [1], 0, 8)], bytes(16), alignment=8),
        gguf([], reversed(GOOD_PLACES), bytes(128)),
    ],
)
def test_right(data: bytes) -> None:
    outcome = judged(data)
    assert (outcome.verdict, outcome.found) == ("clean", ())
    assert judged(data, size=None) == outcome


@pytest.mark.parametrize(
    ("data", "verdict", "message"),
    [
        (gguf(version=1), "unsupported", "version 1 of GGUF is not read here; versions 2 and 3 are"),
        (gguf(version=3 << 24), "unsupported", "big-endian GGUF is not read here; versions 2 and 3 are"),
        (gguf([], [place("a", [8], 99, 0)], bytes(32)), "unsupported", "tensors have types that are not known here: 99"),
        (gguf([pair(f"k{n}", 0, b"\0") for n in range(65_537)]), "limit", "65537 keys and 0 tensors are more than the 65536 and 500000 read"),
    ],
)  # fmt: skip
def test_undecided(data: bytes, verdict: str, message: str) -> None:
    outcome = judged(data)
    assert (outcome.verdict, outcome.message, outcome.found) == (verdict, message, ())


def test_an_unknown_type_does_not_hide_a_contradiction() -> None:
    data = gguf([], [place("a", [8], 99, 0), place("b", [16], 0, 32), place("c", [8], 0, 64)], bytes(96))
    assert codes(judged(data)) == [("bad-header", "overlap")]


@pytest.mark.parametrize("key", ["tokenizer.chat_template", "tokenizer.chat_template.tool_use"])
def test_templates_are_judged(key: str) -> None:
    data = gguf([pair(key, 8, text("{{ messages.__class__ }}"))])
    outcome = judged(data)
    assert (outcome.verdict, codes(outcome)) == ("found", [("template-code", "__class__")])
    assert key in outcome.found[0].message
    assert judged(gguf([pair(key, 8, text(TEMPLATE))])).verdict == "clean"


def test_vocabularies_pass_by_without_being_kept() -> None:
    data = gguf([texts("tokenizer.ggml.tokens", (f"token {n}" for n in range(200_000)))])
    tracemalloc.start()
    assert judged(data, cuts=range(0, len(data), 1 << 16)).verdict == "clean"
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@given(
    st.lists(st.integers(0, len(GOOD_GGUF)), max_size=6),
    st.integers(0, len(GOOD_GGUF)),
    st.binary(max_size=8),
)
def test_pieces_do_not_matter(cuts: list[int], at: int, put: bytes) -> None:
    data = GOOD_GGUF[:at] + put + GOOD_GGUF[at + len(put) :]
    whole = judged(data)
    assert judged(data, cuts=cuts) == whole
    assert judged(data, cuts=range(len(data))) == whole
    assert whole.verdict != "error"


@given(st.integers(0, len(GOOD_GGUF) - 32))
def test_a_truncated_file_is_seen(length: int) -> None:
    assert judged(GOOD_GGUF[:length]).verdict == "found"


@given(st.randoms(use_true_random=False), st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_the_order_of_tensors_does_not_matter(rng: random.Random, sizes: list[int]) -> None:
    places, at = [], 0
    for number, size in enumerate(sizes):
        places.append((f"t{number}", size, at))
        at = -(-(at + size) // 32) * 32
    rng.shuffle(places)
    assert judged(gguf([], [place(n, [s], 24, o) for n, s, o in places], bytes(at))).verdict == "clean"
    wrong = [place(n, [s], 24, o + 32 if n == "t0" else o) for n, s, o in places]
    assert judged(gguf([], wrong, bytes(at + 32))).verdict == "found"


@given(st.binary(max_size=120), st.integers(0, 3), st.integers(0, 3))
def test_any_header_is_judged(rest: bytes, tensors: int, keys: int) -> None:
    outcome = judged(gguf(counts=(tensors, keys)) + rest)
    assert outcome.verdict in ("clean", "found", "unsupported")


def test_the_engine_says_its_version() -> None:
    engine = SCANNER.start()
    assert engine.name == "gguf"
    assert SCANNER.finish() == (engine, ())
