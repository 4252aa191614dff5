"""Fields by the names that people type: ``license_restrictions.commercial_use``.

The schema tells what may stand in a field, so that ``contact=1.10`` stays text and
``parameter_count=8B`` counts.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from budmodel.domain.suggest import nearest
from budmodel.errors import UsageError
from budmodel.findings import FieldPath


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a record and the kinds of value that may stand there."""

    path: FieldPath
    kinds: frozenset[str]
    """Of: text, integer, number, boolean, list, mapping."""
    item_kinds: frozenset[str] = frozenset()
    """For a list: the kinds of its items."""

    @property
    def name(self) -> str:
        """As it was typed."""
        return ".".join(str(part) for part in self.path)


def find_field(record: type[BaseModel], text: str) -> Field:
    """The field that a dotted text names.

    Raises:
        UsageError: there is none; with the nearest name where one is near.
    """
    here: list[Any] = [record]
    path: list[str | int] = []
    rest = text
    while rest:
        if any(get_origin(candidate) is dict for candidate in here):
            # Keys of a free mapping may hold dots: acme.com/cost-center.
            part, rest = rest, ""
        else:
            part, _, rest = rest.partition(".")
        step: str | int = int(part) if part.isdecimal() and part.isascii() and _has_list(here) else part
        following = [inner for candidate in here for inner in _below(candidate, step)]
        if not following:
            raise UsageError(_unknown(text, part, path, here))
        path.append(step)
        here = following
    if not path:
        raise UsageError("a field is missing before the equals sign; write field=value")
    items = [
        inner
        for candidate in here
        if get_origin(candidate) is list
        for inner in _unwrap(get_args(candidate)[0])
    ]
    return Field(tuple(path), frozenset(map(_kind, here)), frozenset(map(_kind, items)))


def _has_list(candidates: list[Any]) -> bool:
    return any(get_origin(candidate) is list for candidate in candidates)


def _unknown(text: str, part: str, path: list[str | int], here: list[Any]) -> str:
    known = sorted({name for candidate in here if _is_record(candidate) for name in candidate.model_fields})
    near = nearest(part, known)
    above = ".".join(str(item) for item in path)
    if near:
        return f"no field {text!r}; did you mean {above + '.' if above else ''}{near}?"
    if known:
        return f"no field {text!r}; {above or 'the record'} has {', '.join(known)}"
    return f"no field {text!r}; {above} has no fields of its own"


def _is_record(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def _below(candidate: Any, part: str | int) -> Iterator[Any]:
    if _is_record(candidate) and part in candidate.model_fields:
        info = candidate.model_fields[part]
        yield from _unwrap(info.annotation)
    elif get_origin(candidate) is list and isinstance(part, int):
        yield from _unwrap(get_args(candidate)[0])
    elif get_origin(candidate) is dict:
        yield from _unwrap(get_args(candidate)[1])


def _unwrap(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _unwrap(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            if member is not type(None):
                yield from _unwrap(member)
    elif origin is Literal:
        yield from {type(value) for value in get_args(annotation)}
    else:
        yield annotation


def _kind(candidate: Any) -> str:
    if _is_record(candidate) or get_origin(candidate) is dict:
        return "mapping"
    if get_origin(candidate) is list:
        return "list"
    return {bool: "boolean", int: "integer", float: "number"}.get(candidate, "text")
