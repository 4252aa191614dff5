"""The API's promises: no change without a line in its changelog."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from budmodel.render.openapi import API_VERSION, document

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
