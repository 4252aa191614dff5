"""The model card: README.md with YAML front matter.

Strict reading comes first. What the Hub accepts beyond it (repeated keys, anchors, tags, YAML 1.1 habits) is
read by a tolerant builder over the same event stream, with caps on size, depth and number of nodes, so that
neither a nest of aliases nor a tag can do anything but fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML, events
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]  # a C class without stubs
from ruamel.yaml.error import YAMLError

from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.notes import Notes
from budmodel.sources.facts.numbers import table
from budmodel.sources.facts.text import plain
from budmodel.store.yaml_reader import YamlError, load

MAX_FRONT_MATTER = 256 << 10
MAX_CARD = 4 << 20
MAX_NODES = 20_000
MAX_DEPTH = 32
_SLOW_MAX = 32 << 10
"""Largest text for the parser in Python, which takes what libyaml refuses."""
_FRONT = re.compile(r"\A\s*---[ \t]*\n(.*?)(?:\n|\A)---[ \t]*(?:\n|\Z)", re.DOTALL)
_KEYWORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,20})?\Z")


@dataclass(frozen=True, slots=True)
class Card:
    """A card's front matter and the Markdown after it."""

    data: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""


def read_card(documents: Documents) -> Card:
    """The card of the repository; where it has no readable front matter, what the source says of it."""
    stated = table(documents.listing.facts.get("cardData"))
    path = next((path for path in ("README.md", "readme.md") if path in documents.paths), None)
    raw = documents.whole(path, MAX_CARD) if path is not None else None
    if raw is None:
        return Card(stated)
    card = parse_card(raw, documents.notes)
    return card if card.data else Card(stated, card.body)


def parse_card(raw: bytes, notes: Notes) -> Card:
    """Front matter and body of a card's bytes; what cannot be read is a note and an empty front matter."""
    text = plain(raw.decode("utf-8", "replace"))
    match = _FRONT.match(text)
    if match is None:
        return Card(body=text)
    body = text[match.end() :]
    try:
        data = parse_front_matter(match[1])
    except ValueError as error:
        notes.add("information", "README.md", f"the card's front matter was passed over: {error}")
        return Card(body=body)
    if data is None:
        return Card(body=body)
    if not isinstance(data, dict):
        notes.add("information", "README.md", "the card's front matter is not a mapping and was passed over")
        return Card(body=body)
    return Card(data, body)


def parse_front_matter(text: str) -> Any:
    """The data of a YAML text, strictly where possible, else tolerantly.

    Raises:
        ValueError: too large, nested too deeply, too many nodes, or not YAML.
    """
    raw = text.encode("utf-8", "replace")
    if len(raw) > MAX_FRONT_MATTER:
        raise ValueError(f"it has {len(raw)} bytes, more than the {MAX_FRONT_MATTER} that are read")
    try:
        return load(raw, max_bytes=MAX_FRONT_MATTER)
    except YamlError:
        pass
    try:
        return _Builder(CParser(raw)).document()
    except (YAMLError, UnicodeError) as error:
        if len(raw) > _SLOW_MAX:
            raise ValueError(f"not YAML: {str(error).splitlines()[0][:200]}") from None
    try:
        return _Builder(YAML(typ="safe", pure=True).parse(raw)).document()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except (YAMLError, UnicodeError, AssertionError, IndexError, AttributeError) as error:
        raise ValueError(f"not YAML: {(str(error).splitlines() or ['no reason given'])[0][:200]}") from None


class _Builder:
    """Events of the first document to data: the first of two equal keys stays, tags do not act."""

    def __init__(self, source: Any) -> None:
        self._next = source.get_event if hasattr(source, "get_event") else iter(source).__next__
        self._nodes = 0
        self._anchors: dict[str, tuple[Any, int]] = {}

    def document(self) -> Any:
        for event in self._events():
            if isinstance(event, events.StreamEndEvent):
                return None
            if not isinstance(event, events.StreamStartEvent | events.DocumentStartEvent):
                return self._node(event, 0)
        return None

    def _events(self) -> Iterator[Any]:
        while True:
            try:
                yield self._next()
            except StopIteration:
                return

    def _count(self, nodes: int = 1) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise ValueError(f"it has more than {MAX_NODES} nodes")

    def _node(self, event: Any, depth: int) -> Any:
        self._count()
        if depth > MAX_DEPTH:
            raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, events.AliasEvent):
            value, size = self._anchors.get(event.anchor or "", (None, 0))
            # What an alias stands for counts each time: that is how a small text becomes a large tree.
            self._count(size)
            return value
        before = self._nodes
        value = self._value(event, depth)
        if getattr(event, "anchor", None):
            self._anchors[event.anchor] = (value, self._nodes - before)
        return value

    def _value(self, event: Any, depth: int) -> Any:
        if isinstance(event, events.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(inner := self._next(), events.SequenceEndEvent):
                items.append(self._node(inner, depth + 1))
            return items
        if isinstance(event, events.MappingStartEvent):
            return self._mapping(depth)
        text: str = getattr(event, "value", "")
        if getattr(event, "implicit", (False,))[0]:
            if text.lower() in _KEYWORDS:
                return _KEYWORDS[text.lower()]
            if _NUMBER.match(text):
                return float(text) if "." in text else int(text)
        return text

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := self._next(), events.MappingEndEvent):
            if not isinstance(event, events.ScalarEvent):
                raise ValueError("a key is not a word")
            found.setdefault(event.value, self._node(self._next(), depth + 1))
        return found
