"""Pydantic's errors in our words: one sentence each, with the place inside the document and a way out."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from budmodel.findings import FieldPath


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a document, where inside it, and how to mend it."""

    field_path: FieldPath
    message: str
    fix: str = ""


def problems(record: type[BaseModel], data: object, error: ValidationError) -> list[Problem]:
    """All problems of a document, one for each place (a union reports one for each of its members)."""
    found: dict[FieldPath, Problem] = {}
    for detail in error.errors(include_url=False):
        path = _real_path(data, detail)
        if path not in found:
            found[path] = _translate(record, data, path, detail)
    return list(found.values())


def _real_path(data: object, detail: ErrorDetails) -> FieldPath:
    """The error's location without the names of union members, which stand nowhere in the document."""
    path: list[str | int] = []
    here: Any = data
    location = detail["loc"]
    for index, part in enumerate(location):
        if _leads_on(here, part):
            path.append(part)
            here = here[part]
        elif index == len(location) - 1 and detail["type"] == "missing":
            path.append(part)
    return tuple(path)


def _leads_on(here: Any, part: str | int) -> bool:
    if isinstance(here, dict):
        return isinstance(part, str) and part in here
    return isinstance(here, list) and isinstance(part, int) and part < len(here)


def _translate(record: type[BaseModel], data: object, path: FieldPath, detail: ErrorDetails) -> Problem:
    kind = detail["type"]
    where = ".".join(str(part) for part in path) or "the document"
    value = detail.get("input")
    if kind == "missing":
        return Problem(path, f"{where} is missing", f"add {path[-1]}: …")
    if kind == "extra_forbidden":
        known = sorted(_fields_at(record, path[:-1]))
        import difflib

        near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]}?" if near else f"remove it; known keys: {', '.join(known)}"
        return Problem(path, f"unknown key {where}", hint)
    if not path and data is None:
        return Problem(path, "the file is empty", "write the record, or remove the file")
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return Problem(
            path, f"{where} must be a mapping, not {_show(value)}", "write key: value lines below it"
        )
    if kind == "list_type":
        return Problem(path, f"{where} must be a list, not {_show(value)}", "write - item lines below it")
    if kind == "string_type":
        return Problem(path, f"{where} must be text, not {_show(value)}", "put it in quotes")
    if kind in ("int_type", "int_from_float", "int_parsing"):
        return Problem(
            path, f"{where} must be a whole number, not {_show(value)}", "write plain digits: 70000000000"
        )
    if kind == "bool_type":
        return Problem(path, f"{where} must be true or false, not {_show(value)}", "write true or false")
    if kind == "string_pattern_mismatch":
        expected = detail.get("ctx", {}).get("pattern", "")
        return Problem(path, f"{where}: {_show(value)} is not well formed", f"it must match {expected}")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        expected = detail.get("ctx", {}).get("expected_tags", "type")
        return Problem(path, f"{where} has no known type", f"write type: one of {expected}")
    message = detail["msg"]
    return Problem(
        path,
        f"{where}: {message[0].lower() + message[1:]}, not {_show(value)}"
        if "Input" in message
        else f"{where}: {message}",
    )


def _show(value: object) -> str:
    """A value in an error message: short, on one line, and without control characters."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _fields_at(record: type[BaseModel], path: FieldPath) -> set[str]:
    """The keys that are known at a place: the fields of every record type that may stand there."""
    candidates: list[Any] = [record]
    for part in path:
        candidates = [inner for candidate in candidates for inner in _step(candidate, part)]
    return {name for candidate in candidates for name in _as_model(candidate)}


def _as_model(candidate: Any) -> Iterator[str]:
    if isinstance(candidate, type) and issubclass(candidate, BaseModel):
        yield from candidate.model_fields


def _step(candidate: Any, part: str | int) -> Iterator[Any]:
    if isinstance(candidate, type) and issubclass(candidate, BaseModel):
        if isinstance(part, str) and part in candidate.model_fields:
            yield from _unwrap(candidate.model_fields[part].annotation)
    elif get_origin(candidate) is list and isinstance(part, int):
        yield from _unwrap(get_args(candidate)[0])
    elif get_origin(candidate) is dict and isinstance(part, str):
        yield from _unwrap(get_args(candidate)[1])


def _unwrap(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _unwrap(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _unwrap(member)
    else:
        yield annotation
