"""Where the values of a YAML document stand: the event stream of libyaml gives the span of every value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Node:
    """A value with its span in the text. A block collection ends where its last scalar does.

    ``flow``: a collection in brackets; ``block``: a literal or folded scalar.
    """

    kind: str
    start: int
    end: int
    flow: bool = False
    block: bool = False
    column: int = 0
    keys: list[Node] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    text: str = ""

    def child(self, part: str | int) -> Node | None:
        """The value below a key or an index; None where there is none."""
        if self.kind == "mapping":
            pairs = zip(self.keys, self.items, strict=True)
            return next((item for key, item in pairs if key.text == part), None)
        if self.kind == "sequence" and isinstance(part, int) and 0 <= part < len(self.items):
            return self.items[part]
        return None


def parse(text: str) -> Node:
    """The document's root.

    Raises:
        MarkedYAMLError: it is not YAML.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        return _build(YAML(typ="safe").parse(text), text)
    except MarkedYAMLError:
        # Slower, but it reads all of YAML 1.2, as the reader does in its second try.
        return _build(YAML(typ="safe", pure=True).parse(text), text)


def _build(stream: Iterable[Any], text: str) -> Node:
    from ruamel.yaml import events

    root = Node("none", 0, 0)
    stack: list[Node] = []
    for event in stream:
        if isinstance(event, events.MappingEndEvent | events.SequenceEndEvent):
            _finish(stack.pop(), event.end_mark.index)
            continue
        if isinstance(event, events.ScalarEvent):
            node = _scalar(event, text)
        elif isinstance(event, events.MappingStartEvent | events.SequenceStartEvent):
            kind = "mapping" if isinstance(event, events.MappingStartEvent) else "sequence"
            mark = event.start_mark
            node = Node(kind, mark.index, mark.index, bool(event.flow_style), column=mark.column)
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


def _scalar(event: Any, text: str) -> Node:
    start, end = event.start_mark.index, event.end_mark.index
    header = text[start:end].split("\n", 1)[0].split("#")[0]
    if event.style in ("|", ">") and "+" not in header:
        # libyaml counts the blank lines below as part of a block scalar; without + they say nothing.
        end = start + len(text[start:end].rstrip())
    column = event.start_mark.column
    return Node("scalar", start, end, block=event.style in ("|", ">"), column=column, text=event.value)


def _finish(node: Node, end: int) -> None:
    # The event ends where the next token begins; comments in between are not part of the value.
    node.end = end if node.flow else max(node.items[-1].end, (node.keys or node.items)[-1].end)


def scalars(node: Node) -> Iterator[Node]:
    """All scalars of a value, keys included, in the order of the text."""
    if node.kind == "scalar":
        yield node
    for index, item in enumerate(node.items):
        if node.keys:
            yield node.keys[index]
        yield from scalars(item)
