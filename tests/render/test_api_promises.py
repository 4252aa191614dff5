"""The API's promises: nothing is lost within a version, and no change without a line in its changelog."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from budmodel.render.openapi import API_VERSION, document
from render.api_shape import GOLDEN, broken, files_of, golden, shape

CHANGELOG = Path(__file__).parents[2] / "site" / "docs" / "reference" / "api-changelog.md"


def surface(node: Any) -> Any:
    """What programs can rely on: the document without its words."""
    if isinstance(node, list):
        return [surface(item) for item in node]
    if not isinstance(node, dict):
        return node
    words = {"description": str, "summary": str, "title": str, "examples": list}
    return {
        key: surface(value)
        for key, value in node.items()
        if not (key in words and isinstance(value, words[key]))
    }


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(surface(value), sort_keys=True).encode()).hexdigest()


def test_the_api_does_not_change_without_a_line_in_its_changelog() -> None:
    told = re.findall(
        r"^## (\d+\.\d+\.\d+).*?\n\nDigest: `([0-9a-f]{64})`", CHANGELOG.read_text("utf-8"), re.MULTILINE
    )
    expected = (API_VERSION, digest(document()))
    assert told and told[0] == expected, f"tell the change in {CHANGELOG.name}; its digest is {expected[1]}"


def test_words_may_change_and_fields_may_not() -> None:
    other = document()
    other["info"]["description"] = "other words"
    assert digest(other) == digest(document())
    del other["components"]["schemas"]["ModelInList"]["properties"]["description"]
    assert digest(other) != digest(document())


def test_nothing_that_programs_rely_on_is_lost() -> None:
    assert broken(golden(), shape()) == []


def test_what_was_added_is_relied_on_from_now_on() -> None:
    current = golden() == shape()
    assert current, f"the API has more than {GOLDEN.name} says; run python tests/render/api_shape.py"


Document = dict[str, Any]
MODELS = "/api/models.json"


def listed(api: Document) -> Document:
    found: Document = api["components"]["schemas"]["ModelInList"]
    return found


def envelope(api: Document) -> Document:
    found: Document = api["paths"][MODELS]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return found


def put(node: Document, key: str, value: object) -> None:
    node[key] = value


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda api: api["paths"].pop(MODELS), "/api/models.json is gone"),
        (lambda api: listed(api)["properties"].pop("tags"), "result[].tags is gone"),
        (
            lambda api: put(listed(api)["properties"]["architecture"], "type", "integer"),
            "result[].architecture was string and is integer",
        ),
        (
            lambda api: put(listed(api)["properties"]["tags"]["items"], "type", ["string", "null"]),
            "result[].tags[] was string and is null or string",
        ),
        (lambda api: listed(api)["required"].remove("tags"), "result[].tags was always there"),
        (
            lambda api: listed(api)["properties"]["status"]["enum"].remove("archived"),
            "result[].status no longer takes the value 'archived'",
        ),
        (
            lambda api: put(envelope(api)["properties"]["schema_version"], "const", 2),
            "schema_version no longer takes the value 1",
        ),
        (
            lambda api: listed(api)["properties"]["source"]["oneOf"].append({"type": "string"}),
            "result[].source was object and is object or string",
        ),
        (
            lambda api: api["components"]["schemas"]["CustomSource"]["required"].remove("type"),
            "result[].source.type was always there",
        ),
    ],
    ids=["file", "field", "type", "null", "optional", "value", "version", "branch", "branch-field"],
)
def test_what_breaks_a_program_is_told(change: Callable[[Document], object], told: str) -> None:
    api = copy.deepcopy(document())
    change(api)
    found = broken(golden(), {**shape(), "files": files_of(api)})
    assert [one for one in found if told in one and "raise SCHEMA_VERSION" in one], found


@pytest.mark.parametrize(
    "change",
    [
        lambda api: put(api["paths"], "/api/new.json", api["paths"][MODELS]),
        lambda api: put(listed(api)["properties"], "new", {"type": "string"}),
        lambda api: listed(api)["required"].append("description"),
        lambda api: listed(api)["properties"]["status"]["enum"].append("retired"),
        lambda api: put(listed(api)["properties"]["tags"], "description", "other words"),
    ],
    ids=["file", "field", "required", "value", "words"],
)
def test_what_is_added_breaks_nothing(change: Callable[[Document], object]) -> None:
    api = copy.deepcopy(document())
    change(api)
    assert broken(golden(), {**shape(), "files": files_of(api)}) == []


def test_tables_keep_their_columns() -> None:
    now = shape()
    before = copy.deepcopy(now)
    now["models.csv"].append("new")
    now["catalog.sqlite"]["tables"]["models"]["new"] = "TEXT"
    assert broken(before, now) == []
    now["models.csv"].insert(1, "newer")
    now["catalog.sqlite"]["tables"]["overview"].pop("scan")
    assert [one.partition(":")[0] for one in broken(before, now)] == ["models.csv", "catalog.sqlite"]
