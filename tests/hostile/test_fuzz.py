"""Random bytes and mutated records: every file is a value, and every position lies inside it."""

from __future__ import annotations

import io
import math
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from budmodel.domain.credentials import secrets_in
from budmodel.schema.kinds import KINDS, Place
from budmodel.store import yaml_reader
from budmodel.store.entries import Entry, parse_entry
from budmodel.store.yaml_reader import FLOW_COLON_MAX_BYTES, load, load_with_positions
from hostile.kit import FAILED, LICENSE, RESULT, SCAN, TOMBSTONE, VERSION, WAIVER, model, record

FAST = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
RECORDS = {
    "model": model("links: {paper: 'https://x.org/a'}", "base_models:", "- {model: hf:a/b, relation: merge}"),
    "version": record(VERSION, storage_path="s3://b/x"),
    "scan": record(SCAN, **FAILED),
    "results": RESULT,
    "license": LICENSE,
    "waiver": record(WAIVER),
    "tombstone": record(TOMBSTONE),
    "policy": "licenses: {denied: [MIT]}\nseverity: {scan-missing: warning}\n",
}
SAYS = {"name": "s", "version": "1.0.0", "id": "x"}
PIECES = [
    "\t",
    "\r",
    "\r\n",
    "\0",
    "&a ",
    "*a",
    "<<: ",
    "!x ",
    "? ",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "|",
    ">",
    "%",
    "#",
    "@",
    "---\n",
    "...\n",
    "\\",
    '"\\u202e"',
    '"\\UFFFFFFFF"',
    "\ufeff",
    "\u202e",
    "\x85",
    "é",
    "😀",
    "null",
    "~",
    "1e999",
    "{a: s3://b}",
    "  ",
    "\n",
]
# libyaml (YAML 1.1) wants quotes around words with ? in a flow collection.
KEYS = st.text(
    st.characters(
        codec="utf-8", exclude_characters="?:", exclude_categories=["Cc", "Cs", "Cf", "Cn", "Co", "Zl", "Zp"]
    ),
    max_size=12,
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    KEYS,
    st.sampled_from(
        [
            "NO",
            "on",
            "yes",
            "~",
            "null",
            "true",
            "1.10",
            "12e34",
            "0x1F",
            "0o17",
            "2024-01-01",
            "1:30",
            "<<",
            "=",
            "- x",
            "a: b",
            "# x",
            " x ",
            "",
        ]
    ),
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A kind and a valid record of it, with some pieces replaced, removed or put in."""
    kind = draw(st.sampled_from(sorted(RECORDS)))
    raw = RECORDS[kind].encode()
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(raw)))
        stop = min(len(raw), start + draw(st.integers(0, 6)))
        piece = draw(st.sampled_from(PIECES).map(str.encode) | st.binary(max_size=3))
        raw = raw[:start] + piece + raw[stop:]
    return kind, raw


def stands(entry: Entry[Any]) -> None:
    """Says something, and points into the file."""
    assert (entry.record is not None) + (entry.unreadable is not None) + bool(entry.problems) == 1
    lines = entry.raw.decode("utf-8", "replace").split("\n")
    places = [(entry.unreadable.line, entry.unreadable.column)] if entry.unreadable else []
    places += [entry.position(problem.field_path) for problem in entry.problems]
    for line, column in places:
        assert 1 <= line <= len(lines)
        # At the end of the file the column is one beyond its last line.
        assert 1 <= column <= len(lines[line - 1]) + 2
        assert entry.line(line).rstrip("\r")[:100] == lines[line - 1].rstrip("\r")[:100]
    for problem in entry.problems:
        assert problem.message.isprintable() and problem.fix.isprintable()
    if entry.unreadable:
        assert entry.unreadable.message.isprintable() and "Traceback" not in entry.unreadable.message
    secrets_in(entry.raw)


@FAST
@given(st.sampled_from(sorted(RECORDS)), st.binary(max_size=80))
def test_random_bytes(kind: str, raw: bytes) -> None:
    stands(parse_entry("catalog/x.yaml", Place(KINDS[kind], SAYS), raw))


@FAST
@given(st.sampled_from(sorted(RECORDS)), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_random_pieces(kind: str, text: str) -> None:
    stands(parse_entry("catalog/x.yaml", Place(KINDS[kind], SAYS), text.encode()))


@settings(FAST, max_examples=500)
@given(mutated())
def test_mutated_records(item: tuple[str, bytes]) -> None:
    kind, raw = item
    stands(parse_entry("catalog/x.yaml", Place(KINDS[kind], SAYS), raw))


@FAST
@given(mutated())
def test_both_ways_of_reading_agree(item: tuple[str, bytes]) -> None:
    """With and without positions: the same data or the same refusal."""
    outcomes: list[object] = []
    for read in (load, lambda raw: load_with_positions(raw).data):
        try:
            outcomes.append(repr(read(item[1])))
        except yaml_reader.YamlError as error:
            outcomes.append((error.message, error.line, error.column))
    assert outcomes[0] == outcomes[1]


def same(ours: object, theirs: object) -> bool:
    """Equal, and of the same types; a float may be an integer where YAML wrote it without a fraction."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return list(ours) == list(theirs) and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, float):
        return ours == theirs or (math.isnan(ours) and math.isnan(theirs))
    return type(ours) is type(theirs) and ours == theirs


@settings(FAST, max_examples=60)
@given(DOCUMENTS, st.booleans())
def test_what_ruamel_writes_is_read_as_it_was(document: object, flow: bool) -> None:
    """YAML 1.2.2 §10.3: the core schema. ruamel's pure safe loader and this reader agree on what it wrote."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = flow
    stream = io.BytesIO()
    yaml.dump(document, stream)
    raw = stream.getvalue()
    expected = YAML(typ="safe", pure=True).load(raw)
    assert same(load(raw), expected)
    assert same(load_with_positions(raw).data, expected)


@settings(FAST, max_examples=60)
@given(DOCUMENTS)
def test_the_slow_parser_agrees_with_the_fast_one(document: object) -> None:
    """A value with a colon in a flow collection sends the file to the other parser."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    stream = io.BytesIO()
    yaml.dump({"a": document}, stream)
    raw = stream.getvalue().removesuffix(b"...\n")
    fast = load(raw)
    slow = load(raw + b"b: {c: s3://d}\n")
    assert len(raw) < FLOW_COLON_MAX_BYTES
    assert same(slow, {**fast, "b": {"c": "s3://d"}})
