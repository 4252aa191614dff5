"""Pydantic's errors in our words: one sentence each, with the place inside the document and a way out."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from budmodel.findings import FieldPath
from budmodel.schema import wording

MOST = 200
"""Most problems of one document that are listed; a last one says how many more there are."""
_MOST_TEXT = 60


class Problem(NamedTuple):
    """What is wrong with a document, where inside it, and how to mend it."""

    field_path: FieldPath
    message: str
    fix: str = ""


def problems(record: type[BaseModel], data: object, error: ValidationError) -> list[Problem]:
    """The problems of a document, one for each place (a union reports one for each of its members)."""
    found: dict[FieldPath, Problem] = {}
    kinds: dict[FieldPath, str] = {}
    more: set[FieldPath] = set()
    first_more: FieldPath = ()
    for detail in error.errors(include_url=False):
        path = _real_path(data, detail)
        if path in found:
            if kinds[path] == "bool_type" and detail["type"] == "literal_error":
                others = wording.quoted_words(detail["ctx"]["expected"])
                found[path] = _not_yes_or_no(path, detail.get("input"), others)
            continue
        if len(found) < MOST:
            found[path] = _translate(record, data, path, detail)
            kinds[path] = detail["type"]
            continue
        first_more = first_more or path
        more.add(path)
    listed = list(found.values())
    if more:
        message = f"{len(more)} more problems are not listed"
        listed.append(Problem(first_more, message, "mend the others first"))
    return listed


def _real_path(data: object, detail: ErrorDetails) -> FieldPath:
    """The error's location without the names of union members, which stand nowhere in the document."""
    location = detail["loc"]
    path, here = _follow(data, location)
    if detail["type"] == "missing":
        return path if path == location else (*path, location[-1])
    if here is not detail["input"]:
        # A key may be called as a union's member is: then the member's name led astray.
        for index in range(len(location)):
            other, there = _follow(data, (*location[:index], *location[index + 1 :]))
            if there is detail["input"]:
                return other
    return path


def _follow(data: object, location: FieldPath) -> tuple[FieldPath, object]:
    """Those parts of a location that lead on in a document, and what is at its end."""
    path: list[str | int] = []
    here: Any = data
    for part in location:
        if _leads_on(here, part):
            path.append(part)
            here = here[part]
    return tuple(path), here


def _leads_on(here: Any, part: str | int) -> bool:
    if isinstance(here, dict):
        return isinstance(part, str) and part in here
    return isinstance(here, list) and isinstance(part, int) and part < len(here)


def _translate(record: type[BaseModel], data: object, path: FieldPath, detail: ErrorDetails) -> Problem:
    kind = detail["type"]
    where = ".".join(_key(part) for part in path) or "the document"
    value = detail.get("input")
    if kind == "missing":
        return Problem(path, f"{where} is missing", f"add {_key(path[-1])}: …")
    if kind == "extra_forbidden":
        known = sorted(_fields_at(record, path[:-1]))
        import difflib

        near = difflib.get_close_matches(str(path[-1])[:_MOST_TEXT], known, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]}?" if near else f"remove it; known keys: {', '.join(known)}"
        return Problem(path, f"unknown key {where}", hint)
    if not path and data is None:
        return Problem(path, "the file is empty", "write the record, or remove the file")
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        # The short form of a registration: source: huggingface.
        bare = isinstance(value, str) and path[-1:] == ("source",) and value.isalnum()
        how = f"write {where}: {{type: {value}}}" if bare else "write key: value lines below it"
        return Problem(path, f"{where} must be a mapping, not {show(value)}", how)
    if kind == "list_type":
        return Problem(path, f"{where} must be a list, not {show(value)}", "write - item lines below it")
    if kind == "string_type":
        how = "write one text" if value is None or isinstance(value, (list, dict)) else "put it in quotes"
        return Problem(path, f"{where} must be text, not {show(value)}", how)
    if kind in ("int_type", "int_from_float", "int_parsing"):
        how = wording.whole_number(value, path)
        return Problem(path, f"{where} must be a whole number, not {show(value)}", how)
    if kind in ("float_type", "float_parsing"):
        return Problem(path, f"{where} must be a number, not {show(value)}", wording.number(value, path))
    if kind == "bool_type":
        return _not_yes_or_no(path, value)
    said = detail.get("ctx", {})
    if kind == "string_pattern_mismatch":
        how = wording.WELL_FORMED.get(said.get("pattern", ""), "")
        return Problem(path, f"{where}: {show(value)} is not well formed", how or _look_up(where))
    if kind == "literal_error":
        allowed = wording.quoted_words(said["expected"])
        words = " or ".join([", ".join(allowed[:-1]), allowed[-1]] if len(allowed) > 1 else allowed)
        how = wording.one_of(value, allowed)
        return Problem(path, f"{where} must be {words}, not {show(value)}", how)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        types_ = _types_at(record, path)
        how = wording.one_of(value.get("type") if isinstance(value, dict) else None, types_)
        return Problem(
            path, f"{where} has no known type", how.replace("write one of:", "write type: and one of", 1)
        )
    how = wording.CHECKED.get(kind) or wording.limits(kind, said) or _look_up(where)
    message = detail["msg"]
    if "Input" in message:
        message = f"{message[0].lower() + message[1:]}, not {show(value)}"
    return Problem(path, f"{where}: {message}", how)


def _not_yes_or_no(path: FieldPath, value: object, others: tuple[str, ...] = ()) -> Problem:
    where = ".".join(_key(part) for part in path)
    words = ["true", "false", *others]
    wanted = f"{', '.join(words[:-1])} or {words[-1]}"
    return Problem(path, f"{where} must be {wanted}, not {show(value)}", wording.yes_or_no(value, others))


def _look_up(where: str) -> str:
    return f"see {where} on the page reference/files"


def _key(part: str | int) -> str:
    """A key in an error message: most are words; one that is empty or long must not make it unreadable."""
    text = str(part)
    return text if 0 < len(text) <= _MOST_TEXT and text.isprintable() else show(text)


def show(value: object) -> str:
    """A value in an error message: short, on one line, and without control characters.

    Escapes and cuts inside a word would hide a credential from those who redact the message.
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if not isinstance(value, str):
        text = str(value)
        return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 3] + "…"
    flat = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(value.split()))
    text = repr(flat)
    if len(text) <= _MOST_TEXT:
        return text
    head = flat[: _MOST_TEXT - 5].rpartition(" ")[0]
    return repr(f"{head} …") if head else f"a text of {len(value)} characters"


def _fields_at(record: type[BaseModel], path: FieldPath) -> set[str]:
    """The keys that are known at a place: the fields of every record type that may stand there."""
    return {name for model in _models_at(record, path) for name in model.model_fields}


def _types_at(record: type[BaseModel], path: FieldPath) -> tuple[str, ...]:
    """What ``type`` may say at a place."""
    fields = [
        model.model_fields["type"] for model in _models_at(record, path) if "type" in model.model_fields
    ]
    return tuple(str(word) for field in fields for word in get_args(field.annotation))


def _models_at(record: type[BaseModel], path: FieldPath) -> list[type[BaseModel]]:
    candidates: list[Any] = [record]
    for part in path:
        candidates = [inner for candidate in candidates for inner in _step(candidate, part)]
    return [item for item in candidates if isinstance(item, type) and issubclass(item, BaseModel)]


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
