"""Changing fields of a model: ``budmodel set``. Comments, order and every untouched byte stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from budmodel.errors import DataError, UsageError
from budmodel.findings import FieldPath
from budmodel.operations.fields import Field, find_field
from budmodel.operations.layout import MODEL_ORDER, check_texts
from budmodel.operations.planning import FileChange, Plan, changed, validated
from budmodel.schema.model import Model
from budmodel.schema.registration import normalise
from budmodel.schema.values import parse_count
from budmodel.store.catalog import Snapshot
from budmodel.store.entries import Entry
from budmodel.store.tree import CATALOG
from budmodel.store.yaml_edit import DELETE, edit
from budmodel.store.yaml_reader import YamlError, load

_ASSIGNMENT = re.compile(r"(?P<field>[^=]*?)(?P<operator>[+-]?=)(?P<value>.*)\Z", re.DOTALL)
_QUOTED = re.compile(r"""(".*"|'.*')\Z""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One change to a field: set, append to a list, take out of a list, or delete (``value`` is None)."""

    field: Field
    operator: Literal["=", "+=", "-="]
    value: Any


def parse_assignments(texts: Iterable[str]) -> list[Assignment]:
    """``field=value``, ``field+=item``, ``field-=item``; ``field=`` and ``field=null`` delete.

    Values are YAML scalars or flow collections. Text fields take their value as it stands, unless it is in
    quotes; counts may be written 8B.

    Raises:
        UsageError: unknown fields or unreadable values; all of them at once.
    """
    found: list[Assignment] = []
    problems: list[str] = []
    for text in texts:
        try:
            found.append(_parse(text))
        except (UsageError, DataError) as error:
            problems.append(str(error))
    if problems:
        raise UsageError("\n  ".join(problems))
    return found


def _parse(text: str) -> Assignment:
    match = _ASSIGNMENT.match(text)
    if match is None:
        raise UsageError(f"{text!r} is no assignment; write field=value")
    field = find_field(Model, match["field"])
    operator = match["operator"]
    if field.path == ("name",):
        raise UsageError(
            "a name cannot be changed, since other records refer to it; "
            "add the model under its new name and remove this one with --successor"
        )
    if operator == "=":
        return Assignment(field, "=", _value(field.name, match["value"], field.kinds))
    if "list" not in field.kinds:
        raise UsageError(f"{field.name} is not a list; write {field.name}=value")
    value = _value(field.name, match["value"], field.item_kinds | {"list"})
    if value is None:
        raise UsageError(
            f"there is no value after {operator} for {field.name}; write {field.name}{operator}item"
        )
    return Assignment(
        field, "+=" if operator == "+=" else "-=", value if isinstance(value, list) else [value]
    )


def _value(name: str, text: str, kinds: frozenset[str]) -> Any:
    stripped = text.strip()
    if stripped in ("", "null", "~"):
        return None
    bracketed = "list" in kinds and stripped.startswith("[")
    if kinds <= {"text", "list"} and "text" in kinds and not bracketed and not _QUOTED.match(stripped):
        check_texts({name: text})
        return text
    value = _load(name, text)
    if isinstance(value, str) and kinds & {"integer", "number"} and "text" not in kinds:
        try:
            return parse_count(value)
        except ValueError as error:
            raise UsageError(f"{name}: {error}") from None
    return value


def _load(name: str, text: str) -> Any:
    try:
        return load(text.encode("utf-8", "surrogateescape"))
    except YamlError as error:
        raise UsageError(f"{name}: {error.message}; put the value in quotes, or write it as YAML") from None


def plan_set(snapshot: Snapshot, name: str, assignments: Iterable[Assignment]) -> Plan:
    """What changing some fields of a model writes; empty where nothing changes.

    Raises:
        DataError: the result would be invalid, or the file cannot be edited by machine.
    """
    entry = editable(snapshot, name)
    changes: dict[FieldPath, Any] = {}
    for assignment in assignments:
        path = assignment.field.path
        before = changes.get(path, _look_up(entry.data, path))
        changes[path] = _after(assignment, None if before is DELETE else before)
    return plan_changes(entry, changes)


def plan_merge(snapshot: Snapshot, name: str, body: Mapping[str, Any]) -> Plan:
    """What merging a document into a model writes, as RFC 7396 merges: mappings key by key, null deletes.

    Raises:
        UsageError: the document names another model, or a storage path.
        DataError: the result would be invalid.
    """
    if body.get("name", name) != name:
        raise UsageError(
            f"the document is about {body['name']!r}, not about {name}; a name cannot be changed"
        )
    if "storage_path" in body or "source_path" in body:
        raise UsageError(
            f"storage_path belongs to a version; write budmodel version add {name} VERSION --storage-path URI"
        )
    try:
        canonical = normalise(body).model
    except ValueError as error:
        raise UsageError(str(error)) from None
    changes: dict[FieldPath, Any] = {}
    _flatten(canonical, (), changes)
    changes.pop(("name",), None)
    changes.update((path, DELETE) for path in _nulls(body, ()))
    return plan_changes(editable(snapshot, name), changes)


def _nulls(body: Mapping[str, Any], above: FieldPath) -> Iterator[FieldPath]:
    for key, value in body.items():
        if value is None:
            yield (*above, key)
        elif isinstance(value, Mapping):
            yield from _nulls(value, (*above, key))


def _flatten(body: Mapping[str, Any], above: FieldPath, into: dict[FieldPath, Any]) -> None:
    for key, value in body.items():
        # A source is one of several shapes: merging two of them key by key would make a third.
        if isinstance(value, Mapping) and value and key != "source":
            _flatten(value, (*above, key), into)
        else:
            into[(*above, key)] = value


def plan_changes(entry: Entry[Any], changes: Mapping[FieldPath, Any]) -> Plan:
    """What editing a model's file writes."""
    name = entry.says("name")
    new = edit(entry.raw, changes, order=MODEL_ORDER)
    fields = ", ".join(dict.fromkeys(str(path[0]) for path in changes))
    return plan_text(entry, new, f"Set {fields} of {name}")


def plan_text(entry: Entry[Any], new: bytes, message: str) -> Plan:
    """What replacing a model's file by a whole new text writes.

    Raises:
        DataError: the text is no valid record, or names another model.
    """
    if new == entry.raw:
        return Plan(message=message, changes=())
    after = validated(entry.path, new)
    record = after.record
    if isinstance(record, Model) and record.name != entry.says("name"):
        line, column = after.position(("name",))
        raise DataError(
            f"{entry.path}:{line}:{column}: the name is {record.name}, but the folder says "
            f"{entry.says('name')}; a name cannot be changed"
        )
    return Plan(message=message, changes=changed([FileChange(entry.path, entry.raw, new)]))


def editable(snapshot: Snapshot, name: str) -> Entry[Any]:
    """The entry of a model.yaml that is readable YAML, be it valid or not: a bad field may be mended.

    Raises:
        DataError: it is missing, or no YAML.
    """
    path = f"{CATALOG}/models/{name}/model.yaml"
    entry = snapshot.entry(path)
    if entry is None:
        raise DataError(f"{path}:1:1: the file is missing; write it, or remove the folder")
    if entry.unreadable is not None or not isinstance(entry.data, dict):
        broken = entry.unreadable
        where = f"{broken.line}:{broken.column}: {broken.message}" if broken else "1:1: it is no mapping"
        raise DataError(f"{path}:{where}; mend it with budmodel edit {name}")
    return entry


def _look_up(data: Any, path: FieldPath) -> Any:
    for part in path:
        inside = isinstance(data, dict) and part in data
        if not inside and not (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            return None
        data = data[part]
    return data


def _after(assignment: Assignment, before: Any) -> Any:
    value = assignment.value
    if assignment.operator == "=":
        return DELETE if value is None else value
    items = list(before) if isinstance(before, list) else []
    if assignment.operator == "+=":
        return items + [item for item in _unique(value) if item not in items]
    left = [item for item in items if item not in value]
    return left or DELETE


def _unique(items: Iterable[Any]) -> list[Any]:
    """The items without repetitions; they may be mappings, which no set holds."""
    found: list[Any] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found
