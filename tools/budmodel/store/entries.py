"""A file of the catalog with what came of reading it: its data, its record, or what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from budmodel.findings import FieldPath
from budmodel.schema.base import Record
from budmodel.schema.problems import Problem, problems
from budmodel.store.tree import Tree, UnreadableError
from budmodel.store.yaml_reader import Document, Position, YamlError, load, load_with_positions

if TYPE_CHECKING:
    from budmodel.schema.kinds import Place

RecordT = TypeVar("RecordT", bound=Record)
_LINE_END = re.compile(rb"\n")
_LINE_MAX = 1 << 14
"""Most bytes of a line that are given for an excerpt."""


class Unreadable(NamedTuple):
    """Why a file gave no data at all."""

    message: str
    line: int = 1
    column: int = 1
    fix: str = ""


@dataclass(slots=True, kw_only=True)
class Entry(Generic[RecordT]):
    """A file of the catalog: what its path says, its bytes, its data, and its record where it has one."""

    path: str
    place: Place
    raw: bytes
    data: Any = None
    record: RecordT | None = None
    unreadable: Unreadable | None = None
    problems: tuple[Problem, ...] = ()
    _document: Document | None = field(default=None, repr=False)
    _starts: list[int] = field(default_factory=list, repr=False, compare=False)

    @property
    def valid(self) -> bool:
        """Whether the file holds a record."""
        return self.record is not None

    def says(self, key: str) -> str:
        """What the path says: ``name``, ``version`` or ``id``."""
        return self.place.says[key]

    def position(self, field_path: FieldPath) -> Position:
        """Line and column (1-based) of a place in the document; of its nearest parent where it has none."""
        if self._document is None:
            try:
                self._document = load_with_positions(self.raw, max_bytes=self.place.kind.max_bytes)
            except YamlError as error:
                return error.line, error.column
        positions = self._document.positions
        while field_path:
            if field_path in positions:
                return positions[field_path]
            field_path = field_path[:-1]
        return 1, 1

    def line(self, number: int) -> str:
        """A line of the file (1-based), for an excerpt."""
        if not self._starts:
            self._starts = [0, *(match.end() for match in _LINE_END.finditer(self.raw)), len(self.raw) + 1]
        if not 0 < number < len(self._starts):
            return ""
        start, stop = self._starts[number - 1], self._starts[number] - 1
        return self.raw[start : min(stop, start + _LINE_MAX)].decode("utf-8", "replace").rstrip("\r")


def read_entry(tree: Tree, path: str, place: Place) -> Entry[Any]:
    """Reads and validates one file; what is wrong with it becomes part of the entry."""
    try:
        raw = tree.read(path)
    except UnreadableError as error:
        return Entry(
            path=path, place=place, raw=b"", unreadable=Unreadable(str(error), fix="make it readable")
        )
    return parse_entry(path, place, raw)


def parse_entry(path: str, place: Place, raw: bytes) -> Entry[Any]:
    """As :func:`read_entry`, for bytes that are at hand."""
    entry: Entry[Any] = Entry(path=path, place=place, raw=raw)
    kind = place.kind
    if kind.record is None:
        return entry
    try:
        entry.data = load(raw, max_bytes=kind.max_bytes)
    except YamlError as error:
        entry.unreadable = Unreadable(error.message, error.line, error.column, error.fix)
        return entry
    try:
        entry.record = kind.record.model_validate(entry.data)
    except ValidationError as error:
        entry.problems = tuple(problems(kind.record, entry.data, error))
    return entry
