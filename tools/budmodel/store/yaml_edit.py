"""Editing YAML by splicing text: what is not edited stays byte for byte; and writing new files.

The event stream of libyaml gives the span of every value; an edit replaces that span, or whole lines.
Every result is read again with :mod:`budmodel.store.yaml_reader`, and an edit whose result is not exactly
what was asked for is refused. Strings are quoted wherever a YAML 1.1 or a YAML 1.2 reader could take
them for something else (https://yaml.org/type/, https://yaml.org/spec/1.2.2/#103-core-schema).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from budmodel.errors import DataError
from budmodel.findings import FieldPath

WIDTH = 100
"""Columns that a flow list or folded text may fill."""
MAX_BYTES = 16 << 20


class _Delete:
    def __repr__(self) -> str:
        return "DELETE"


DELETE: Final = _Delete()
"""As a value in :func:`edit`: remove the key. Removing a key that is not there changes nothing."""

# ---- writing values


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
    lines = _mapping_lines(data, 0, rows) if data else ["{}"]
    head = header if not header or header.endswith("\n") else header + "\n"
    return _verified(head + "\n".join(lines) + "\n", data, "cannot write this data as YAML")


def _mapping_lines(data: Mapping[str, Any], indent: int, rows: Collection[str] = ()) -> list[str]:
    lines: list[str] = []
    for key, value in data.items():
        start = " " * indent + _key(key) + ":"
        if key in rows and value:
            lines += [start, *(f"  - {_flow(item)}" for item in value)]
            continue
        lines += _attach(start, *_render(value, indent + 2, len(start) + 1))
    return lines


def _sequence_lines(items: Sequence[Any], indent: int) -> list[str]:
    lines: list[str] = []
    for item in items:
        head, body = _render(item, indent + 2, indent + 2)
        if not head:
            head, body = body[0].lstrip(" "), body[1:]
        lines += _attach(" " * indent + "-", head, body)
    return lines


def _attach(start: str, head: str, body: Sequence[str]) -> list[str]:
    return [f"{start} {head}" if head else start, *body]


def _render(value: Any, indent: int, column: int, *, block: bool = False) -> tuple[str, list[str]]:
    """A value as what stands after its key or dash, and the lines below, indented by ``indent``."""
    if isinstance(value, Mapping) and value:
        return "", _mapping_lines(value, indent)
    if _is_list(value) and value:
        flow = _flow(value)
        if not block and column + len(flow) <= WIDTH and not any(_is_nested(item) for item in value):
            return flow, []
        return "", _sequence_lines(value, indent)
    if isinstance(value, str):
        return _text(value, indent, column)
    return _flow(value), []


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping) or _is_list(value)


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


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key, flow=True)}: {_flow(item)}" for key, item in value.items()) + "}"
    if _is_list(value):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
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


# ---- reading spans


@dataclass(slots=True)
class _Node:
    """A value with its span in the text. A block collection ends where its last scalar does.

    ``flow``: a collection in brackets; ``block``: a literal or folded scalar.
    """

    kind: str
    start: int
    end: int
    flow: bool = False
    block: bool = False
    column: int = 0
    keys: list[_Node] = field(default_factory=list)
    items: list[_Node] = field(default_factory=list)
    text: str = ""

    def child(self, part: str | int) -> _Node | None:
        if self.kind == "mapping":
            pairs = zip(self.keys, self.items, strict=True)
            return next((item for key, item in pairs if key.text == part), None)
        if self.kind == "sequence" and isinstance(part, int) and 0 <= part < len(self.items):
            return self.items[part]
        return None


def _parse(text: str) -> _Node:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        return _build(YAML(typ="safe").parse(text), text)
    except MarkedYAMLError:
        # Slower, but it reads all of YAML 1.2, as the reader does in its second try.
        return _build(YAML(typ="safe", pure=True).parse(text), text)


def _build(stream: Iterable[Any], text: str) -> _Node:
    from ruamel.yaml import events

    root = _Node("none", 0, 0)
    stack: list[_Node] = []
    for event in stream:
        if isinstance(event, events.MappingEndEvent | events.SequenceEndEvent):
            _finish(stack.pop(), event.end_mark.index)
            continue
        if isinstance(event, events.ScalarEvent):
            node = _scalar(event, text)
        elif isinstance(event, events.MappingStartEvent | events.SequenceStartEvent):
            kind = "mapping" if isinstance(event, events.MappingStartEvent) else "sequence"
            mark = event.start_mark
            node = _Node(kind, mark.index, mark.index, bool(event.flow_style), column=mark.column)
        else:
            continue
        if not stack:
            root = node
        elif stack[-1].kind == "mapping" and len(stack[-1].keys) == len(stack[-1].items):
            stack[-1].keys.append(node)
        else:
            stack[-1].items.append(node)
        if node.kind != "scalar":
            stack.append(node)
    return root


def _scalar(event: Any, text: str) -> _Node:
    start, end = event.start_mark.index, event.end_mark.index
    header = text[start:end].split("\n", 1)[0].split("#")[0]
    if event.style in ("|", ">") and "+" not in header:
        # libyaml counts the blank lines below as part of a block scalar; without + they say nothing.
        end = start + len(text[start:end].rstrip())
    column = event.start_mark.column
    return _Node("scalar", start, end, block=event.style in ("|", ">"), column=column, text=event.value)


def _finish(node: _Node, end: int) -> None:
    # The event ends where the next token begins; comments in between are not part of the value.
    node.end = end if node.flow else max(node.items[-1].end, (node.keys or node.items)[-1].end)


# ---- splicing


def edit(text: bytes, changes: Mapping[FieldPath, Any], *, order: Sequence[str] = ()) -> bytes:
    """The document with some values set or removed, and every other byte as it was.

    Args:
        text: a whole document that :func:`budmodel.store.yaml_reader.load` accepts.
        changes: path to the new value, or :data:`DELETE`. Missing mappings on the way are made. A list
            index must name an item that exists; lists grow by being set as a whole.
        order: the usual order of top-level keys, for the place of a new one.

    Raises:
        DataError: the change cannot be made by splicing; edit the file by hand.
    """
    from budmodel.store.yaml_reader import YamlError, load

    mark = b"\xef\xbb\xbf" if text.startswith(b"\xef\xbb\xbf") else b""
    try:
        data = load(text, max_bytes=MAX_BYTES)
    except YamlError as error:
        place = f"line {error.line}, column {error.column}"
        raise DataError(f"{place}: {error.message}; mend the file by hand first.") from None
    if re.search(rb"\r(?!\n)", text):
        raise DataError("a line ends in a lone carriage return; mend the file by hand first.")
    editor = _Editor(text[len(mark) :].decode(), data, order)
    for path, value in changes.items():
        editor.apply(path, value)
    names = ", ".join(".".join(map(str, path)) for path in changes)
    return mark + _verified(editor.text, editor.data, f"cannot edit {names} by machine; edit it by hand")


def _verified(text: str, data: Any, problem: str) -> bytes:
    """The text as bytes, once the reader has confirmed that it says exactly the data."""
    from budmodel.store.yaml_reader import YamlError, load

    try:
        raw = text.encode()
        if _same(load(raw, max_bytes=MAX_BYTES), data):
            return raw
    except (YamlError, UnicodeError):
        pass
    raise DataError(f"{problem}.")


def _same(one: Any, other: Any) -> bool:
    """Equality that tells 1 from 1.0 and True."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if _is_list(one) and _is_list(other):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, str) and isinstance(other, str):
        return str(one) == str(other)
    return type(one) is type(other) and bool(one == other)


_NOTHING: Final = object()


def _hand(path: FieldPath, why: str) -> DataError:
    return DataError(f"cannot edit {'.'.join(map(str, path))} by machine ({why}); edit it by hand.")


class _Editor:
    """The text and the data that it must say, changed in step."""

    def __init__(self, text: str, data: Any, order: Sequence[str]) -> None:
        self.text = text
        self.data = data
        self.order = order
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def apply(self, path: FieldPath, value: Any) -> None:
        """Sets or removes one value; mappings, and lists of one length, are changed part by part."""
        old = self._look_up(path)
        if value is DELETE:
            if old is not _NOTHING:
                self._delete(path)
        elif old is _NOTHING:
            self._insert(path, value)
        elif isinstance(value, Mapping) and isinstance(old, dict) and value and old:
            for key, item in value.items():
                self.apply((*path, key), item)
            for key in [key for key in old if key not in value]:
                self.apply((*path, key), DELETE)
        elif _is_list(value) and isinstance(old, list) and len(value) == len(old):
            for index, item in enumerate(value):
                self.apply((*path, index), item)
        elif not _same(old, value):
            self._replace(path, value)

    # -- data

    def _look_up(self, path: FieldPath) -> Any:
        here = self.data
        for part in path:
            in_mapping = isinstance(here, dict) and part in here
            in_list = isinstance(here, list) and isinstance(part, int) and 0 <= part < len(here)
            if not in_mapping and not in_list:
                return _NOTHING
            here = here[part]
        return here

    def _store(self, path: FieldPath, value: Any) -> None:
        if not path:
            self.data = _copy(value)
        else:
            self._look_up(path[:-1])[path[-1]] = _copy(value)

    # -- text

    def _chain(self, path: FieldPath) -> list[_Node]:
        """The nodes from the root to the value."""
        from ruamel.yaml.error import MarkedYAMLError

        try:
            chain = [_parse(self.text)]
        except MarkedYAMLError:
            raise _hand(path, "the layout is unusual") from None
        for part in path:
            below = chain[-1].child(part)
            if below is None:
                raise _hand(path, "the place was not found")
            chain.append(below)
        return chain

    def _splice(self, start: int, end: int, new: str) -> None:
        self.text = self.text[:start] + new.replace("\n", self.newline) + self.text[end:]

    def _line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        """Where the content of a line ends, before its line break."""
        end = self.text.find("\n", at)
        end = len(self.text) if end < 0 else end
        return end - 1 if end and self.text[end - 1] == "\r" else end

    def _value_end(self, at: int) -> int:
        """The end of the line where a span ends; that of a kept block scalar ends behind its line break."""
        return self._line_end(at - 1 if at and self.text[at - 1] == "\n" else at)

    def _refuse_comments(self, path: FieldPath, node: _Node) -> None:
        """A flow collection that is written anew would lose the comments inside."""
        at, gaps = node.start, ""
        for scalar in _scalars(node):
            gaps += self.text[at : scalar.start]
            at = scalar.end
        if "#" in gaps + self.text[at : node.end]:
            raise _hand(path, "there is a comment inside the brackets")

    # -- replace

    def _replace(self, path: FieldPath, value: Any) -> None:
        chain = self._chain(path)
        node = chain[-1]
        if node.flow:
            self._refuse_comments(path, node)
        if any(above.flow for above in chain[:-1]):
            if node.start == node.end:
                return self._replace(path[:-1], _with(self._look_up(path[:-1]), path[-1], value))
            self._splice(node.start, node.end, _flow(value))
        elif not path:
            self._replace_root(node, value)
        elif self._grows(path, node, value):
            end = self._value_end(node.end)
            self._splice(end, end, _below(_sequence_lines(value[len(node.items) :], node.column)))
        else:
            self._replace_block(path, node, chain[-2], value)
        return self._store(path, value)

    def _replace_root(self, node: _Node, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise _hand(("the root",), "a record is a mapping")
        in_brackets = not value or (node.flow and self.data)
        new = _flow(value) if in_brackets else "\n".join(_mapping_lines(value, 0))
        if node.start < node.end:
            self._splice(node.start, node.end if node.flow else self._value_end(node.end), new)
        else:
            ended = not self.text or self.text.endswith("\n")
            self._splice(len(self.text), len(self.text), f"{new}\n" if ended else f"\n{new}")

    def _grows(self, path: FieldPath, node: _Node, value: Any) -> bool:
        """Whether a block list only gets more items at its end."""
        old = self._look_up(path)
        is_block = node.kind == "sequence" and not node.flow and _is_list(value)
        return is_block and len(value) > len(old) and _same(value[: len(old)], old)

    def _replace_block(self, path: FieldPath, node: _Node, parent: _Node, value: Any) -> None:
        anchor = self._anchor(path, node, parent)
        was_list = node.kind == "sequence" and not node.flow
        indent = node.column if was_list and _is_list(value) else parent.column + 2
        column = anchor - self._line_start(anchor) + 1
        head, body = _render(value, indent, column, block=was_list)
        if node.flow and isinstance(value, Mapping) and value and column + len(_flow(value)) <= WIDTH:
            head, body = _flow(value), []
        beside = node.flow or (node.kind == "scalar" and not node.block)
        if head and not body and beside and node.start < node.end:
            self._splice(node.start, node.end, head)
        elif parent.kind == "sequence" and not head:
            # One space, whatever stood there: the lines below line up with it.
            self._put(node, anchor, body[0].lstrip(" "), body[1:], gap=" ")
        else:
            self._put(node, anchor, head, body)

    def _anchor(self, path: FieldPath, node: _Node, parent: _Node) -> int:
        """Just behind the colon or the dash that the value belongs to."""
        if parent.kind == "mapping":
            name = next(key for key in parent.keys if key.text == path[-1])
            return self.text.index(":", name.end) + 1
        anchor = len(self.text[: node.start].rstrip(" "))
        if self.text[anchor - 1] != "-":
            raise _hand(path, "the item does not stand beside its dash")
        return anchor

    def _put(self, node: _Node, anchor: int, head: str, body: Sequence[str], gap: str = "") -> None:
        """Writes ``head`` behind the anchor and ``body`` below, in place of the old value and its lines."""
        first, end = self._line_start(node.start), self._value_end(node.end)
        if first <= anchor:
            gap = gap or self.text[anchor : node.start] or " "
            comment = self._comment(node, end)
            self._splice(anchor, end, (gap + head if head else "") + comment + _below(body))
            return
        # The old value stands on lines of its own: they go; what stands beside and above them stays.
        before, beside = self._line_end(self._line_start(first - 1)), self._line_end(anchor)
        if head:
            self._splice(before, end, "")
            self._splice(beside, beside, _below(body))
            self._splice(anchor, anchor, f" {head}")
        else:
            self._splice(before, end, _below(body))

    def _comment(self, node: _Node, end: int) -> str:
        """The comment that stands beside a value (beside the header, for a block scalar), with its gap."""
        if node.block:
            header = re.search(r"[ \t]+#.*", self.text[node.start : self._line_end(node.start)])
            return header[0] if header else ""
        return self.text[node.end : end] if node.kind == "scalar" or node.flow else ""

    # -- insert and delete

    def _insert(self, path: FieldPath, value: Any) -> None:
        sizes = reversed(range(len(path)))
        depth = next(size for size in sizes if self._look_up(path[:size]) is not _NOTHING)
        above, key = path[:depth], path[depth]
        for part in reversed(path[depth + 1 :]):
            value = {part: value}
        data = self._look_up(above)
        if not isinstance(data, dict | None) or not isinstance(key, str):
            raise _hand(path, "only mappings get new keys; set a list as a whole")
        chain = self._chain(above)
        if not data or any(node.flow for node in chain):
            self._replace(above, _with(data or {}, key, value))
            return
        lines = _mapping_lines({key: value}, chain[-1].column)
        at = self._place(key, chain[-1], above)
        if at is None:
            start = chain[-1].start
            self._splice(start, start, "\n".join(lines) + "\n")
        else:
            self._splice(at, at, _below(lines))
        data[key] = _copy(value)

    def _place(self, key: str, mapping: _Node, above: FieldPath) -> int | None:
        """The end of the line behind which a new key goes; None: before all others."""
        after = len(mapping.items) - 1
        if not above and key in self.order:
            before = self.order[: self.order.index(key)]
            places = {name.text: index for index, name in enumerate(mapping.keys)}
            after = next((places[name] for name in reversed(before) if name in places), -1)
        return self._value_end(_entry_end(mapping, after)) if after >= 0 else None

    def _delete(self, path: FieldPath) -> None:
        above, key = path[:-1], path[-1:]
        data = self._look_up(above)
        if not key or not isinstance(data, dict):
            raise _hand(path, "an item is removed by setting its list as a whole")
        chain = self._chain(above)
        rest = {name: value for name, value in data.items() if name != key[0]}
        if not rest or any(node.flow for node in chain):
            self._replace(above, rest)
            return
        self._delete_lines(path, chain[-1])
        del data[key[0]]

    def _delete_lines(self, path: FieldPath, mapping: _Node) -> None:
        index = next(place for place, name in enumerate(mapping.keys) if name.text == path[-1])
        name = mapping.keys[index]
        start, end = self._line_start(name.start), self._value_end(_entry_end(mapping, index))
        if self.text[start : name.start].strip():
            # The first key beside the dash of an item: the next one takes its place.
            following = mapping.keys[index + 1].start
            if "#" in self.text[end:following]:
                raise _hand(path, "a comment stands between it and the next key")
            self._splice(name.start, following, "")
        elif end == len(self.text):
            self._splice(self._line_end(self._line_start(start - 1)) if start else 0, end, "")
        else:
            self._splice(start, self.text.index("\n", end) + 1, "")


def _below(lines: Sequence[str]) -> str:
    return "".join("\n" + line for line in lines)


def _entry_end(mapping: _Node, index: int) -> int:
    # The span of an empty value is just behind the colon.
    return max(mapping.keys[index].end, mapping.items[index].end)


def _scalars(node: _Node) -> Iterator[_Node]:
    if node.kind == "scalar":
        yield node
    for index, item in enumerate(node.items):
        if node.keys:
            yield node.keys[index]
        yield from _scalars(item)


def _with(data: Any, part: str | int, value: Any) -> Any:
    changed = _copy(data)
    changed[part] = value
    return changed


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if _is_list(value) else value
