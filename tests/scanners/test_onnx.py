# ruff: noqa: E501  (a table is read by its rows)
"""The ONNX engine walks the protobuf, and finds bytes outside the version and operators that load code."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structure_files import CONFIG, GOOD_ONNX, codes, entry, external, node, onnx, part, run, varint

from budmodel.scanners import protobuf_walk
from budmodel.scanners.interface import Outcome
from budmodel.scanners.onnx import OnnxScanner

SCANNER = OnnxScanner(CONFIG)
PATH = "onnx/model.onnx"
FILES = (PATH, "onnx/model.onnx_data", "onnx/parts/one.bin", "config.json")


def judged(data: bytes, **more: Any) -> Outcome:
    return run(SCANNER, data, **{"path": PATH, "files": FILES, **more})


def located(location: str | bytes, *more: bytes) -> bytes:
    return onnx(part(5, external(entry("location", location), *more)))


# Every place of a model in which a tensor can lie.
ATTRIBUTE_TENSOR = part(1, "value")
PLACES: dict[str, Any] = {
    "initializer": lambda tensor: onnx(part(5, tensor)),
    "sparse values": lambda tensor: onnx(part(15, part(1, tensor))),
    "sparse indices": lambda tensor: onnx(part(15, part(2, tensor))),
    "attribute": lambda tensor: onnx(part(1, node("Constant", attribute=part(5, tensor)))),
    "attribute list": lambda tensor: onnx(part(1, node("Constant", attribute=part(10, tensor)))),
    "sparse attribute": lambda tensor: onnx(part(1, node("Constant", attribute=part(22, part(1, tensor))))),
    "sparse attribute list": lambda tensor: onnx(part(1, node("X", attribute=part(23, part(1, tensor))))),
    "subgraph": lambda tensor: onnx(part(1, node("If", attribute=part(6, part(5, tensor))))),
    "subgraph list": lambda tensor: onnx(part(1, node("If", attribute=part(11, part(5, tensor))))),
    "function": lambda tensor: onnx(more=part(25, part(7, node("Constant", attribute=part(5, tensor))))),
    "default of a function": lambda tensor: onnx(more=part(25, part(11, part(5, tensor)))),
    "training": lambda tensor: onnx(more=part(20, part(2, part(5, tensor)))),
    "a second graph": lambda tensor: onnx(more=part(7, part(5, tensor))),
}


@pytest.mark.parametrize("place", PLACES)
def test_external_data_is_found_wherever_it_is(place: str) -> None:
    bad = judged(PLACES[place](external(entry("location", "../../etc/passwd"))))
    assert (bad.verdict, codes(bad)) == ("found", [("external-data", "../../etc/passwd")])
    good = judged(PLACES[place](external(entry("location", "model.onnx_data"), entry("offset", "0"))))
    assert (good.verdict, good.found) == ("clean", ())


@pytest.mark.parametrize(
    "location",
    ["/etc/passwd", "../config.json", "parts/../../x", "./model.onnx_data", "parts//one.bin", "", "parts/", "C:\\x", "c:x", "parts\\one.bin", "\\\\host\\share", "a\0b", "model.onnx_data\n", "*/_ORT_MEM_ADDR_/*", b"\xff", "a\u202eb"],
)  # fmt: skip
def test_location_that_is_no_plain_name(location: str | bytes) -> None:
    outcome = judged(located(location))
    assert outcome.verdict == "found"
    assert [(found.code, found.severity) for found in outcome.found] == [("external-data", "high")]
    assert outcome.found[0].message.isprintable()


def test_location_within_the_version() -> None:
    assert judged(located("parts/one.bin")).verdict == "clean"
    absent = judged(located("config.json"))  # that is beside the folder of the model
    assert (absent.verdict, codes(absent)) == ("found", [("external-data", "config.json")])
    assert (
        absent.found[0].message == "a tensor's bytes lie in 'config.json', which is no file of this version"
    )
    assert judged(located("model.onnx_data"), path="model.onnx").verdict == "found"
    inside = judged(located("model.onnx_data"), member="model.onnx")
    assert inside.verdict == "unsupported"


@pytest.mark.parametrize(
    ("tensor", "detail"),
    [
        (external(), "no location"),
        (external(entry("offset", "1")), "no location"),
        (external(*[entry("location", "model.onnx_data")] * 2), "2 locations"),
        (external(entry("location", "model.onnx_data"), entry("offset", "-1")), "-1"),
        (external(entry("location", "model.onnx_data"), entry("length", "9" * 20)), "9" * 20),
        (external(entry("location", "model.onnx_data"), entry("length", "١")), "١"),
        (part(13, entry("location", "/x")), "/x"),  # not marked as external
        (
            external(part(1, "x") + part(1, "location") + part(2, "a") + part(2, "/x")),
            "/x",
        ),  # the last counts
    ],
)
def test_external_data_that_contradicts_itself(tensor: bytes, detail: str) -> None:
    assert codes(judged(onnx(part(5, tensor)))) == [("external-data", detail)]


@pytest.mark.parametrize(
    ("graph", "detail"),
    [
        (part(1, node("PyOp", "ai.onnx.contrib")), "ai.onnx.contrib"),
        (part(1, node("BertTokenizer", "com.microsoft.extensions")), "com.microsoft.extensions"),
        (part(1, node("PythonOp", "com.microsoft")), "com.microsoft:PythonOp"),
        (part(1, node("EPContext", "com.microsoft")), "com.microsoft:EPContext"),
        (part(1, node("If", attribute=part(6, part(1, node("PyOp", "mine"))))), "mine:PyOp"),
    ],
)
def test_operators_that_load_code(graph: bytes, detail: str) -> None:
    outcome = judged(onnx(graph))
    assert outcome.verdict == "found"
    assert ("custom-code", detail) in codes(outcome)


def test_custom_domains_are_told_and_pass() -> None:
    outcome = judged(onnx(part(1, node("Gelu", "com.microsoft")), part(1, node("Foo", "a.b"))))
    assert (outcome.verdict, codes(outcome)) == ("clean", [("custom-operators", "a.b, com.microsoft")])
    assert outcome.found[0].severity == "info"


WRONG: list[tuple[str, bytes, str]] = [
    ("empty", b"", "graph"),
    ("no graph", part(1, 8), "graph"),
    ("no version", part(7, b""), "graph"),
    ("length beyond the file", GOOD_ONNX + varint(7 << 3 | 2) + varint(1 << 40), "length"),
    ("length beyond the message", onnx(part(5, varint(9 << 3 | 2) + varint(99))), "length"),
    ("number beyond the message", onnx(part(5, b"\x08\x80")), "number"),
    ("number of 11 bytes", b"\x08" + b"\x80" * 10 + b"\0" + GOOD_ONNX, "number"),
    ("number over 64 bits", b"\x08" + b"\xff" * 9 + b"\x7f" + GOOD_ONNX, "number"),
    ("group", onnx(more=b"\x0b\x0c"), "wire-type"),
    ("wire type 6", onnx(more=b"\x0e"), "wire-type"),
    ("wire type 7", onnx(more=b"\x0f"), "wire-type"),
    ("field 0", onnx(more=b"\x00\x00"), "field"),
    ("graph as a number", onnx(more=varint(7 << 3) + b"\x01"), "field"),
    ("operator of fixed size", onnx(part(1, varint(4 << 3 | 5) + bytes(4))), "field"),
    ("fixed size beyond the message", onnx(part(1, varint(9 << 3 | 1) + bytes(4))), "length"),
    ("long name", onnx(part(1, node("x" * 5000))), "text"),
    ("entries", onnx(part(5, external(*[entry("checksum", "0")] * 17))), "entries"),
    ("cut off", GOOD_ONNX[:-1], "length"),
]


@pytest.mark.parametrize(("data", "detail"), [pytest.param(d, w, id=n) for n, d, w in WRONG])
def test_wrong(data: bytes, detail: str) -> None:
    outcome = judged(data)
    assert outcome.verdict == "found"
    assert codes(outcome)[0][0] == "bad-header"
    assert judged(data, size=None).verdict == "found"
    assert codes(outcome) == [("bad-header", detail)]


def test_nesting_is_a_limit() -> None:
    def nested(levels: int) -> bytes:
        graph = b""
        for _ in range(levels):
            graph = part(1, node("If", attribute=part(6, graph)))
        return onnx(graph)

    assert judged(nested(30)).verdict == "clean"
    deep = judged(nested(500))
    assert (deep.verdict, deep.message) == ("limit", "messages nest deeper than 100 levels")


def test_too_many_fields_are_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protobuf_walk, "MAX_FIELDS", 10)
    assert judged(onnx(part(2, "x") * 20)).verdict == "limit"
    assert judged(onnx(part(1, node("X")), more=(part(5, 1) + part(6, 1)) * 20)).verdict == "limit"


@pytest.mark.parametrize(
    "field", [b"\x3d0000", b"\x40\x80\x01", b"\x61" + bytes(8), b"\x40" + b"\xff" * 9 + b"\x01"]
)
def test_numbers_that_repeat_one_field_pass_quickly(field: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protobuf_walk, "MAX_FIELDS", 20)
    data = onnx(part(1, node("TreeEnsemble", attribute=part(1, "values") + field * 5000)))
    assert judged(data).verdict == "clean"
    assert judged(data, cuts=range(0, len(data), 7)).verdict == "clean"
    assert judged(data[:-6]).verdict == "found"


@given(
    st.lists(st.sampled_from([b"\x40", b"\x3d", b"\xff", b"\x01", b"\x80", b"\x52"]), max_size=60),
    st.integers(1, 40),
)
def test_runs_of_numbers_are_read_as_single_numbers_are(items: list[bytes], step: int) -> None:
    data = onnx(part(1, node("X", attribute=b"".join(items))))
    assert judged(data, cuts=range(len(data))) == judged(data) == judged(data, cuts=range(0, len(data), step))


def test_too_many_domains_are_a_limit() -> None:
    outcome = judged(onnx(*(part(1, node("X", f"d{n}")) for n in range(300))))
    assert (outcome.verdict, outcome.message) == ("limit", "operators come from more than 256 domains")


def test_right() -> None:
    for size in (-1, None):
        outcome = judged(GOOD_ONNX, size=size)
        assert (outcome.verdict, outcome.found, outcome.bytes_total) == ("clean", (), len(GOOD_ONNX))


def test_raw_data_is_not_kept() -> None:
    data = onnx(part(5, part(9, bytes(32 << 20))))
    pieces = range(0, len(data), 1 << 16)
    tracemalloc.start()
    assert judged(data, cuts=pieces).verdict == "clean"
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


SAMPLE = onnx(
    part(1, node("If", "a.b", attribute=part(6, part(5, external(entry("location", "model.onnx_data")))))),
    part(5, part(8, "w") + part(9, bytes(20))),
)


@given(st.lists(st.integers(0, len(SAMPLE)), max_size=6), st.integers(0, len(SAMPLE)), st.binary(max_size=4))
def test_pieces_do_not_matter(cuts: list[int], at: int, put: bytes) -> None:
    data = SAMPLE[:at] + put + SAMPLE[at + len(put) :]
    whole = judged(data)
    assert judged(data, cuts=cuts) == whole
    assert judged(data, cuts=range(len(data))) == whole
    assert judged(data, size=None, cuts=cuts) == judged(data, size=None)
    assert whole.verdict in ("clean", "found")


@given(st.binary(max_size=200))
def test_any_bytes_are_judged(data: bytes) -> None:
    assert judged(data).verdict != "error"
    assert judged(onnx(more=data)).verdict != "error"


def test_the_engine_says_its_version() -> None:
    engine = SCANNER.start()
    assert engine.name == "onnx"
    assert SCANNER.finish() == (engine, ())
