"""What programs rely on in the static API, as flat facts: files, fields, types, columns.

``tests/goldens/api/1.json`` holds the facts as they landed. What is added is taken over by::

    python tests/render/api_shape.py

which refuses what would break a program that was written for the facts of before.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from budmodel.render.api import SCHEMA_VERSION
from budmodel.render.exports.csv_table import COLUMNS
from budmodel.render.exports.sqlite_schema import TABLES, USER_VERSION, VIEWS
from budmodel.render.openapi import document

GOLDEN = Path(__file__).parents[1] / "goldens" / "api" / f"{SCHEMA_VERSION}.json"
Facts = Mapping[str, Any]


def shape() -> dict[str, Any]:
    """The facts of the API as the code has it."""
    return {
        "files": files_of(document()),
        "models.csv": list(COLUMNS),
        "catalog.sqlite": {"user_version": USER_VERSION, "tables": _tables()},
    }


def files_of(api: Facts) -> dict[str, Any]:
    """Each kind of file: its media type, and its fields by where they stand."""
    found: dict[str, Any] = {}
    for path, item in api["paths"].items():
        ((media, content),) = item["get"]["responses"]["200"]["content"].items()
        fields: dict[str, Any] = {}
        for where, one in _fields(content.get("schema", {}), api["components"]["schemas"], "", ()):
            known = fields.setdefault(where, one)
            # The branches of a choice: what only one of them has, or may leave out, may be absent.
            types = sorted({*known["types"], *one["types"]})
            values = [one_.get("values") for one_ in (known, one)]
            fields[where] = {"types": types, "always": known["always"] and one["always"]}
            if all(values):
                fields[where]["values"] = sorted({*values[0], *values[1]}, key=repr)
        found[path] = {"media": media, "fields": dict(sorted(fields.items()))}
    return found


def _fields(
    schema: Facts, named: Facts, where: str, above: tuple[str, ...], always: bool = True
) -> Iterator[tuple[str, dict[str, Any]]]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in above:
            yield from _fields(named[name], named, where, (*above, name), always)
        return
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        shared = set.intersection(*(_always(choice, named) for choice in choices))
        for choice in choices:
            for inner, one in _fields(choice, named, where, above, always):
                first = inner.removeprefix(f"{where}.").partition(".")[0]
                yield inner, one if inner == where or first in shared else {**one, "always": False}
        return
    stated = schema.get("enum", [schema["const"]] if "const" in schema else None)
    kinds = schema.get("type", sorted({_kind(value) for value in stated or ()}) or "any")
    fact: dict[str, Any] = {"types": [kinds] if isinstance(kinds, str) else sorted(kinds), "always": always}
    if stated is not None:
        fact["values"] = sorted(stated, key=repr)
    if where:
        yield where, fact
    if "items" in schema:
        yield from _fields(schema["items"], named, f"{where}[]", above)
    for key, inner in schema.get("properties", {}).items():
        required = key in schema.get("required", ())
        yield from _fields(inner, named, f"{where}.{key}" if where else key, above, required)
    others = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
    for inner in others:
        if isinstance(inner, dict):
            yield from _fields(inner, named, f"{where}{{}}", above)


def _always(schema: Facts, named: Facts) -> set[str]:
    """The fields that an object always has."""
    if "$ref" in schema:
        return _always(named[schema["$ref"].rpartition("/")[2]], named)
    return set(schema.get("required", ()))


def _kind(value: object) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return kinds[type(value)]


def _tables() -> dict[str, dict[str, str]]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(TABLES + VIEWS)
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE sql IS NOT NULL")]
        return {
            name: {row[1]: row[2] for row in database.execute(f"PRAGMA table_info({name})")}
            for name in sorted(names)
        }


def broken(before: Facts, now: Facts) -> list[str]:
    """What a program that relies on the facts of before would miss, one sentence each."""
    found = list(_broken_files(before["files"], now["files"]))
    columns = before["models.csv"]
    if now["models.csv"][: len(columns)] != columns:
        found.append("models.csv: a column is gone, renamed or moved; new columns come last")
    old, new = before["catalog.sqlite"], now["catalog.sqlite"]
    if new["user_version"] == old["user_version"]:
        for table, known in old["tables"].items():
            for column, type_ in known.items():
                if new["tables"].get(table, {}).get(column) != type_:
                    found.append(f"catalog.sqlite: {table}.{column} is gone or has another type")
    return [f"{one}: keep it, or raise {_version(one)} and keep the old one beside it" for one in found]


def _version(sentence: str) -> str:
    return "USER_VERSION" if sentence.startswith("catalog.sqlite") else "SCHEMA_VERSION"


def _broken_files(before: Facts, now: Facts) -> Iterator[str]:
    for path, old in before.items():
        new = now.get(path)
        if new is None:
            yield f"{path} is gone"
        elif new["media"] != old["media"]:
            yield f"{path} was {old['media']} and is {new['media']}"
        else:
            for where, fact in old["fields"].items():
                yield from (f"{path}: {where} {what}" for what in _broken(fact, new["fields"].get(where)))


def _broken(old: Facts, new: Facts | None) -> Iterator[str]:
    if new is None:
        yield "is gone"
        return
    if new["types"] != old["types"]:
        yield f"was {' or '.join(old['types'])} and is {' or '.join(new['types'])}"
    if old["always"] and not new["always"]:
        yield "was always there and may be absent"
    lost = [value for value in old.get("values", ()) if value not in new.get("values", (value,))]
    if lost:
        yield f"no longer takes the value {lost[0]!r}"
    # Words may get new ones, as the promises say; a number that stands for itself may not.
    if {type(value) for value in old.get("values", ())} - {str} and new.get("values") != old["values"]:
        yield "was one fixed value and is not"


def golden() -> dict[str, Any]:
    """The facts as they landed."""
    found: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


def _text(value: Any, indent: str = "") -> str:
    """JSON with each fact on a line of its own, so that a review shows what changed."""
    inside = value.values() if isinstance(value, dict) and "types" not in value else ()
    if not any(isinstance(inner, dict | list) for inner in inside):
        return json.dumps(value)
    deeper = indent + " "
    lines = [f"{deeper}{json.dumps(key)}: {_text(one, deeper)}" for key, one in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}" + ("" if indent else "\n")


def main() -> int:
    """Takes over what was added."""
    now = shape()
    lost = broken(golden(), now) if GOLDEN.is_file() else []
    for sentence in lost:
        print(sentence, file=sys.stderr)
    if not lost:
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_text(_text(now), encoding="utf-8")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
