"""Writing YAML: values as text that every reader takes for the same, and whole new files.

Strings are quoted wherever a YAML 1.1 or a YAML 1.2 reader could take them for something else
(https://yaml.org/type/, https://yaml.org/spec/1.2.2/#103-core-schema). What is written is read again with
:mod:`budmodel.store.yaml_reader`, and refused if it is not exactly the data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from budmodel.errors import DataError

WIDTH = 100
"""Columns that a flow list or folded text may fill."""
MAX_BYTES = 16 << 20

_PLAIN = re.compile(r"[A-Za-z0-9_/][^\n\r\t]*\Z")
_UNSAFE_INSIDE = re.compile(r": | #|:\Z|\s\Z|[\x00-\x1f\x7f-\x9f\xa0\u2028\u2029\ufeff]")
# libyaml, a YAML 1.1 scanner, refuses : and ? in brackets, which YAML 1.2 allows.
_UNSAFE_IN_FLOW = re.compile(r"[\[\]{},:?]")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
_NUMBERS = re.compile(
    r"""(?: 0b[01_]+ | 0o?[0-9_]+ | 0x[0-9a-f_]+ | [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?
    | [0-9_]*\.?[0-9_]*(?:e[-+]?[0-9]+)? | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[t\s].*)? )\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]")
_BREAK = re.compile(r"(?<=\S) (?=\S)")
_ODD = re.compile(r"\A\s|\A\Z|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]|[ \t]\n|[ \t]\Z|\n\n\Z")
"""Text that a block scalar would not keep, or not visibly."""


def dump(data: Mapping[str, Any], *, header: str = "", rows: Collection[str] = ()) -> bytes:
    """A new file: two spaces of indentation, lists of scalars on one line where they fit, key order kept.

    Args:
        data: JSON-like data (mappings, sequences, strings, finite numbers, booleans, None).
        header: comment lines for the top of the file.
        rows: top keys whose value is a list that reads like a table: one line for each item, however long.

    Raises:
        DataError: the data cannot be written so that every reader reads the same.
    """
    lines = mapping_lines(data, 0, rows) if data else ["{}"]
    head = header if not header or header.endswith("\n") else header + "\n"
    return verified(head + "\n".join(lines) + "\n", data, "cannot write this data as YAML")


def mapping_lines(data: Mapping[str, Any], indent: int, rows: Collection[str] = ()) -> list[str]:
    """A block mapping, each line with its indentation."""
    lines: list[str] = []
    for key, value in data.items():
        start = " " * indent + _key(key) + ":"
        if key in rows and value:
            lines += [start, *(f"  - {flow(item)}" for item in value)]
            continue
        lines += _attach(start, *render(value, indent + 2, len(start) + 1))
    return lines


def sequence_lines(items: Sequence[Any], indent: int) -> list[str]:
    """A block sequence, each line with its indentation."""
    lines: list[str] = []
    for item in items:
        head, body = render(item, indent + 2, indent + 2)
        if not head:
            head, body = body[0].lstrip(" "), body[1:]
        lines += _attach(" " * indent + "-", head, body)
    return lines


def _attach(start: str, head: str, body: Sequence[str]) -> list[str]:
    return [f"{start} {head}" if head else start, *body]


def render(value: Any, indent: int, column: int, *, block: bool = False) -> tuple[str, list[str]]:
    """A value as what stands after its key or dash, and the lines below, indented by ``indent``."""
    if isinstance(value, Mapping) and value:
        return "", mapping_lines(value, indent)
    if is_list(value) and value:
        line = flow(value)
        if not block and column + len(line) <= WIDTH and not any(_is_nested(item) for item in value):
            return line, []
        return "", sequence_lines(value, indent)
    if isinstance(value, str):
        return _text(value, indent, column)
    return flow(value), []


def is_list(value: Any) -> bool:
    """Whether a value is written as a sequence."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping) or is_list(value)


def _text(text: str, indent: int, column: int) -> tuple[str, list[str]]:
    odd = _ODD.search(text)
    if not odd and "\n" in text:
        mark = "|" if text.endswith("\n") else "|-"
        return mark, [" " * indent + line if line else "" for line in text.removesuffix("\n").split("\n")]
    short = _string(text)
    if odd or column + len(short) <= WIDTH or not _BREAK.search(text):
        return short, []
    return ">-", [" " * indent + line for line in _folded(text, WIDTH - indent)]


def _folded(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in _BREAK.split(text):
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def flow(value: Any) -> str:
    """A value on one line, collections in brackets.

    Raises:
        DataError: YAML has no such value.
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key, flow=True)}: {flow(item)}" for key, item in value.items()) + "}"
    if is_list(value):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, str):
        return _string(value, flow=True)
    if isinstance(value, float):
        # YAML 1.1 wants a point in a number with an exponent.
        return re.sub(r"\A(-?\d+)e", r"\1.0e", repr(value))
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    kind = type(value).__name__
    raise DataError(f"a {kind} cannot be written as YAML; give text, numbers, lists or mappings.")


def _key(key: Any, *, flow: bool = False) -> str:
    if not isinstance(key, str):
        raise DataError(f"the key {key!r} is not text; write keys as text.")
    return _string(key, flow=flow)


def _string(text: str, *, flow: bool = False) -> str:
    """A string on one line: plain where no reader can misread it, else quoted."""
    first = text[:1]
    plain = _PLAIN.match(text) or (first.isalpha() and not first.isascii())
    if (
        plain
        and not _UNSAFE_INSIDE.search(text)
        and not (flow and _UNSAFE_IN_FLOW.search(text))
        and text.lower() not in _WORDS
        and not _NUMBERS.match(text)
    ):
        return str(text)
    if ("\\" in text or '"' in text) and not _INVISIBLE.search(text):
        return "'" + text.replace("'", "''") + "'"
    return _escaped(text)


def _escaped(text: str) -> str:
    # JSON's escapes are YAML's too, but for what JSON leaves raw and YAML would fold or refuse.
    quoted = json.dumps(str(text), ensure_ascii=False)
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def verified(text: str, data: Any, problem: str) -> bytes:
    """The text as bytes, once the reader has confirmed that it says exactly the data."""
    from budmodel.store.yaml_reader import YamlError, load

    try:
        raw = text.encode()
        if same(load(raw, max_bytes=MAX_BYTES), data):
            return raw
    except (YamlError, UnicodeError):
        pass
    raise DataError(f"{problem}.")


def same(one: Any, other: Any) -> bool:
    """Equality that tells 1 from 1.0 and True."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str) and isinstance(other, str):
        return str(one) == str(other)
    return type(one) is type(other) and bool(one == other)
