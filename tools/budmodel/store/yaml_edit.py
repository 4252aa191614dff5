"""Editing YAML by splicing text: what is not edited stays byte for byte.

An edit replaces the span of a value, or whole lines. Every result is read again with
:mod:`budmodel.store.yaml_reader`, and an edit whose result is not exactly what was asked for is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from budmodel.errors import DataError
from budmodel.findings import FieldPath
from budmodel.store.yaml_spans import Node, parse, scalars
from budmodel.store.yaml_write import (
    MAX_BYTES,
    WIDTH,
    flow,
    is_list,
    mapping_lines,
    render,
    same,
    sequence_lines,
    verified,
)


class _Delete:
    def __repr__(self) -> str:
        return "DELETE"


DELETE: Final = _Delete()
"""As a value in :func:`edit`: remove the key. Removing a key that is not there changes nothing."""


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
    return mark + verified(editor.text, editor.data, f"cannot edit {names} by machine; edit it by hand")


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
        elif is_list(value) and isinstance(old, list) and len(value) == len(old):
            for index, item in enumerate(value):
                self.apply((*path, index), item)
        elif not same(old, value):
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

    def _chain(self, path: FieldPath) -> list[Node]:
        """The nodes from the root to the value."""
        from ruamel.yaml.error import MarkedYAMLError

        try:
            chain = [parse(self.text)]
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

    def _refuse_comments(self, path: FieldPath, node: Node) -> None:
        """A flow collection that is written anew would lose the comments inside."""
        at, gaps = node.start, ""
        for scalar in scalars(node):
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
            self._splice(node.start, node.end, flow(value))
        elif not path:
            self._replace_root(node, value)
        elif self._grows(path, node, value):
            end = self._value_end(node.end)
            self._splice(end, end, _below(sequence_lines(value[len(node.items) :], node.column)))
        else:
            self._replace_block(path, node, chain[-2], value)
        return self._store(path, value)

    def _replace_root(self, node: Node, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise _hand(("the root",), "a record is a mapping")
        in_brackets = not value or (node.flow and self.data)
        new = flow(value) if in_brackets else "\n".join(mapping_lines(value, 0))
        if node.start < node.end:
            self._splice(node.start, node.end if node.flow else self._value_end(node.end), new)
        else:
            ended = not self.text or self.text.endswith("\n")
            self._splice(len(self.text), len(self.text), f"{new}\n" if ended else f"\n{new}")

    def _grows(self, path: FieldPath, node: Node, value: Any) -> bool:
        """Whether a block list only gets more items at its end."""
        old = self._look_up(path)
        is_block = node.kind == "sequence" and not node.flow and is_list(value)
        return is_block and len(value) > len(old) and same(value[: len(old)], old)

    def _replace_block(self, path: FieldPath, node: Node, parent: Node, value: Any) -> None:
        anchor = self._anchor(path, node, parent)
        was_list = node.kind == "sequence" and not node.flow
        indent = node.column if was_list and is_list(value) else parent.column + 2
        column = anchor - self._line_start(anchor) + 1
        head, body = render(value, indent, column, block=was_list)
        if node.flow and isinstance(value, Mapping) and value and column + len(flow(value)) <= WIDTH:
            head, body = flow(value), []
        beside = node.flow or (node.kind == "scalar" and not node.block)
        if head and not body and beside and node.start < node.end:
            self._splice(node.start, node.end, head)
        elif parent.kind == "sequence" and not head:
            # One space, whatever stood there: the lines below line up with it.
            self._put(node, anchor, body[0].lstrip(" "), body[1:], gap=" ")
        else:
            self._put(node, anchor, head, body)

    def _anchor(self, path: FieldPath, node: Node, parent: Node) -> int:
        """Just behind the colon or the dash that the value belongs to."""
        if parent.kind == "mapping":
            name = next(key for key in parent.keys if key.text == path[-1])
            return self.text.index(":", name.end) + 1
        anchor = len(self.text[: node.start].rstrip(" "))
        if self.text[anchor - 1] != "-":
            raise _hand(path, "the item does not stand beside its dash")
        return anchor

    def _put(self, node: Node, anchor: int, head: str, body: Sequence[str], gap: str = "") -> None:
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

    def _comment(self, node: Node, end: int) -> str:
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
        lines = mapping_lines({key: value}, chain[-1].column)
        at = self._place(key, chain[-1], above)
        if at is None:
            start = chain[-1].start
            self._splice(start, start, "\n".join(lines) + "\n")
        else:
            self._splice(at, at, _below(lines))
        data[key] = _copy(value)

    def _place(self, key: str, mapping: Node, above: FieldPath) -> int | None:
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

    def _delete_lines(self, path: FieldPath, mapping: Node) -> None:
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


def _entry_end(mapping: Node, index: int) -> int:
    # The span of an empty value is just behind the colon.
    return max(mapping.keys[index].end, mapping.items[index].end)


def _with(data: Any, part: str | int, value: Any) -> Any:
    changed = _copy(data)
    changed[part] = value
    return changed


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if is_list(value) else value
