"""Edits change what was asked for and nothing else; new files read back as what was written."""

from __future__ import annotations

from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from budmodel.errors import DataError
from budmodel.store.yaml_edit import DELETE, edit
from budmodel.store.yaml_reader import load
from budmodel.store.yaml_write import WIDTH, dump

MODEL = b"""\
# yaml-language-server: $schema=x
name: llama   # the name
tags:   # for search
  # best first
  - chat # first
  - llm
note: |-  # shown on the page
  one
  two

# who to ask
owner: {team: ml, seats: [1, 2]}  # in brackets
base:
- model: x # the base
  relation: finetune
- model: z
empty:
last:
  k: v # kept
"""

EXAMPLES: list[tuple[str, dict[Any, Any], list[tuple[str, str]]]] = [
    ("scalar", {("name",): "no"}, [("name: llama ", 'name: "no" ')]),
    ("same value", {("name",): "llama", ("absent",): DELETE}, []),
    ("longer list", {("tags",): ["chat", "llm", "de"]}, [("  - llm\n", "  - llm\n  - de\n")]),
    ("one item", {("tags", 1): "new"}, [("- llm", "- new")]),
    ("shorter list", {("tags",): ["de"]}, [("  - chat # first\n  - llm\n", "  - de\n")]),
    ("list to scalar", {("tags",): "x"}, [("tags:   #", "tags: x   #"), ("  - chat # first\n  - llm\n", "")]),
    ("literal", {("note",): "y\nz\n"}, [("|-  #", "|  #"), ("  one\n  two\n", "  y\n  z\n")]),
    ("literal to mapping", {("note",): {"a": 1}}, [("note: |-", "note:"), ("  one\n  two\n", "  a: 1\n")]),
    ("in brackets", {("owner", "team"): "x, y"}, [("team: ml", 'team: "x, y"')]),
    ("more in brackets", {("owner", "b"): 5}, [("2]}", "2], b: 5}")]),
    ("less in brackets", {("owner", "seats"): DELETE}, [(", seats: [1, 2]", "")]),
    ("brackets to null", {("owner",): None}, [("{team: ml, seats: [1, 2]}", "null")]),
    (
        "first key of an item",
        {("base", 0, "model"): DELETE},
        [("model: x # the base\n  relation", "relation")],
    ),
    ("new key of an item", {("base", 0, "r"): 1}, [("finetune\n", "finetune\n  r: 1\n")]),
    ("item to text", {("base", 1): "s"}, [("- model: z", "- s")]),
    (
        "empty list",
        {("base",): []},
        [("base:\n- model: x # the base\n  relation: finetune\n- model: z\n", "base: []\n")],
    ),
    ("below an empty key", {("empty", "a", "y"): 2}, [("empty:\n", 'empty:\n  a:\n    "y": 2\n')]),
    ("empty key filled", {("empty",): "x"}, [("empty:\n", "empty: x\n")]),
    ("last key of a mapping", {("last", "k"): DELETE}, [("last:\n  k: v # kept\n", "last: {}\n")]),
    ("last key", {("last",): DELETE}, [("last:\n  k: v # kept\n", "")]),
    ("new key", {("new",): ["a", 1]}, [("  k: v # kept\n", "  k: v # kept\nnew: [a, 1]\n")]),
    ("mapping, key by key", {("last",): {"k": "w", "l": "m"}}, [("k: v # kept\n", "k: w # kept\n  l: m\n")]),
]


def replaced(text: str, steps: list[tuple[str, str]]) -> str:
    for old, new in steps:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(
    ("changes", "steps"), [example[1:] for example in EXAMPLES], ids=[e[0] for e in EXAMPLES]
)
def test_examples(changes: dict[Any, Any], steps: list[tuple[str, str]], ending: str) -> None:
    before = MODEL.decode()
    for text in (before, before.removesuffix("\n")):
        wanted = replaced(before, steps)
        if not text.endswith("\n"):
            wanted = wanted.removesuffix("\n")
        done = edit(b"\xef\xbb\xbf" + text.replace("\n", ending).encode(), changes)
        assert done.decode("utf-8-sig") == wanted.replace("\n", ending)
        assert done.startswith(b"\xef\xbb\xbf")


def test_order_of_new_keys() -> None:
    order = ["zero", "name", "description", "tags"]
    assert b"the name\ndescription: d\ntags:" in edit(MODEL, {("description",): "d"}, order=order)
    assert edit(MODEL, {("zero",): 0}, order=order).startswith(
        b"# yaml-language-server: $schema=x\nzero: 0\nname"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"a: 1\n"),
        (b"# c\n", b"# c\na: 1\n"),
        (b"# c", b"# c\na: 1"),
        (b"{}\n", b"a: 1\n"),
        (b"{b: 2}", b"{b: 2, a: 1}"),
    ],
)
def test_documents_without_keys(before: bytes, after: bytes) -> None:
    assert edit(before, {("a",): 1}) == after


def test_flow_that_only_yaml_1_2_reads() -> None:
    text = b"a: {uri: s3://b/c}  # where\nlit: |  # head\n  x\n\n# next\nb:\n  - 1 # one\n"
    done = edit(text, {("a", "uri"): "s3://d/e", ("lit",): "z", ("b",): [1, 2], ("c",): {"d": 1}})
    assert done == (
        b'a: {uri: "s3://d/e"}  # where\nlit: z  # head\n\n# next\nb:\n  - 1 # one\n  - 2\nc:\n  d: 1\n'
    )
    assert edit(text, {("b",): [1, 2]}) == text + b"  - 2\n"


def test_deleting_everything() -> None:
    assert edit(b"# c\na: 1\n", {("a",): DELETE}) == b"# c\n{}\n"


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        (b"a: [1, # one\n  2]\n", ("a",), [3]),
        (b"a: 1\n", ("a", "b"), 2),
        (b"a: [1]\n", ("a", 1), 2),
        (b"a: [1]\n", ("a", 0), DELETE),
        (b"- a\n", ("a",), 1),
        (b"a: &x 1\n", ("a",), 2),
        (b"a: 1\rb: 2\r", ("a",), 2),
        (b"a: 1\n", ("b",), "\x07"),
        (b"a: 1\n", ("b",), float("nan")),
        (b"a: 1\n", ("b",), object()),
        (b"-\n  # c\n  a: 1\n", (0,), 2),
    ],
)
def test_refused(text: bytes, path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(DataError):
        edit(text, {path: value})


TRICKY = [
    *("", "no", "On", "y", "null", "~", "true", "1.10", "0123", "12e34", "1e5", "0x1F", "0o17"),
    *("0b1", "1_000", "12:30:45", "2024-07-23", "2024-07-23T00:00:00Z", ".inf", ".5", "+1", "-"),
    *("- x", "? x", ": x", "a: b", "a:", "a #b", "#a", "&a", "*a", "!a", "|", ">", "%a", "@a"),
    *("`a`", "'a'", '"a"', "a\\b", "[a", "{a", "a, b", "<<", "=", "---", "...", " a", "a "),
    *("a\n", "a\n\n", "\na", " a\nb", "a\n  b", "a \nb", "a\tb", "\t", "a\r\nb", "\xa0a", "日本"),
    *("😀", "1.0.0", "7b", "a\n#b", "_", "word " * 40 + "end", "x" * 200, "long  gaps " * 20),
    *("- item\n- item", "a\n---\nb", "https://example.org/a?b=c#d"),
]
REFUSED = "\u2028\u2029\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
TEXT = st.one_of(
    st.sampled_from(TRICKY),
    st.text(st.sampled_from("ab01 .:#-,[]{}\"'\\\n\t?!&*|>%@`~=<eE_+x日é"), max_size=40),
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters=REFUSED), max_size=20),
)
SCALARS = st.one_of(
    TEXT,
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
)
KEYS = TEXT.filter(lambda text: len(text) < 120)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
RECORDS = st.dictionaries(KEYS, VALUES, max_size=5)


@settings(deadline=None)
@given(RECORDS)
def test_dump_reads_back(data: dict[str, Any]) -> None:
    text = dump(data, header="# made by a test")
    assert repr(load(text)) == repr(data)
    assert text.startswith(b"# made by a test\n") and text.endswith(b"\n")


@pytest.mark.parametrize("text", TRICKY)
def test_both_yaml_versions_read_the_same_text(text: str) -> None:
    for data in ({"a": text}, {"a": [text]}, {"a": {"b": {text: text}}}, {"a": [{"b": [[text]]}]}):
        assert pyyaml.safe_load(dump(data)) == data
        assert load(dump(data)) == data


def test_dump_style() -> None:
    data = {
        "name": "x",
        "short": ["a", 1],
        "long": ["n" * 30, "m" * 30, "o" * 40],
        "files": [{"path": "a", "size": 1}, {"path": "b"}],
        "text": "one\ntwo\n",
        "prose": "word " * 30 + "end",
        "none": {},
    }
    assert dump(data).decode() == (
        "name: x\nshort: [a, 1]\nlong:\n"
        f"  - {'n' * 30}\n  - {'m' * 30}\n  - {'o' * 40}\n"
        "files:\n  - path: a\n    size: 1\n  - path: b\ntext: |\n  one\n  two\nprose: >-\n"
        f"  {' '.join(['word'] * 19)}\n  {' '.join(['word'] * 11)} end\nnone: {{}}\n"
    )
    assert all(len(line) <= WIDTH for line in dump(data).decode().splitlines())


def _commented(data: dict[str, Any], marks: list[int], ending: str) -> bytes:
    """The dumped record with comments beside some of the lines that hold a whole plain entry, and between."""
    lines = []
    for index, (key, value) in enumerate(data.items()):
        block = dump({key: value}).decode().splitlines()
        if marks[index % len(marks)] & 1:
            lines.append(f"# above {index}")
        if marks[index % len(marks)] & 2 and not isinstance(value, str):
            block[0] += f"  # beside {index}"
        lines += block
        if marks[index % len(marks)] & 4:
            lines.append("")
    return ending.join([*lines, "# the end", ""]).encode()


@settings(deadline=None)
@given(
    RECORDS.filter(bool),
    VALUES,
    st.data(),
    st.lists(st.integers(0, 7), min_size=1),
    st.sampled_from(["\n", "\r\n"]),
)
def test_an_edit_changes_only_its_value(
    data: dict[str, Any], value: Any, draw: st.DataObject, marks: list[int], ending: str
) -> None:
    text = _commented(data, marks, ending)
    key = draw.draw(st.sampled_from(sorted(data)))
    action = draw.draw(st.sampled_from(["set", "delete", "insert", "below"]))
    path: tuple[Any, ...] = (key,)
    expected = dict(data)
    if action == "set":
        expected[key] = value
    elif action == "delete":
        del expected[key]
    elif action == "insert":
        path = ("brand-new",)
        expected["brand-new"] = value
    else:
        path = (key, "brand-new")
        if data[key] is not None and not isinstance(data[key], dict):
            with pytest.raises(DataError):
                edit(text, {path: value})
            return
        expected[key] = (data[key] or {}) | {"brand-new": value}
    done = edit(text, {path: DELETE if action == "delete" else value})
    assert load(done) == expected
    _assert_untouched(text, done, data, key, inserted=action == "insert")


def _assert_untouched(before: bytes, after: bytes, data: dict[str, Any], key: str, *, inserted: bool) -> None:
    """Every line of the other entries, and every comment between them, stands as it was."""
    lines, rest = before.split(b"\n"), after.split(b"\n")
    first = next(index for index, line in enumerate(lines) if line.startswith(dump_key(key)))
    following = list(data)[list(data).index(key) + 1 :]
    last = next(
        (index for index, line in enumerate(lines) if following and line.startswith(dump_key(following[0]))),
        len(lines),
    )
    if inserted:
        assert all(line in rest for line in lines)
        return
    assert rest[:first] == lines[:first]
    tail = len(lines) - last
    assert not tail or rest[-tail:] == lines[last:]


def dump_key(key: str) -> bytes:
    return dump({key: 1}).removesuffix(b" 1\n")


def test_wide_dashes() -> None:
    text = b"a:\n  -   1 # one\n  -   2\n"
    assert edit(text, {("a", 0): {"b": 1, "c": 2}}) == b"a:\n  - b: 1 # one\n    c: 2\n  -   2\n"
