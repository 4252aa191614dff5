"""The OpenAPI document says what the built files hold, no more and no less."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from budmodel.render.openapi import OPENAPI, document
from budmodel.render.openapi_paths import ENDPOINTS, JSON, Endpoint, endpoint_of
from budmodel.schema.jsonschema import render

DOCUMENT = document()
FREE = {
    "settings",
    "conditions",
    "annotations",
    "source",
    "aliases",
    "severity",
    "engines",
    "max_age_days_by_format",
}
"""Mappings whose keys people choose."""


def files(site: Path) -> dict[str, Path]:
    found = [path for folder in ("api", "schemas") for path in (site / folder).rglob("*") if path.is_file()]
    return {f"/{path.relative_to(site).as_posix()}": path for path in sorted(found)}


def schema_of(endpoint: Endpoint) -> dict[str, Any]:
    answer = DOCUMENT["paths"][endpoint.path]["get"]["responses"]["200"]
    schema: dict[str, Any] = answer["content"][endpoint.media]["schema"]
    return schema


def validator(endpoint: Endpoint) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({**schema_of(endpoint), "components": DOCUMENT["components"]})


def json_files(site: Path) -> Iterator[tuple[Endpoint, str, Any]]:
    for path, file in files(site).items():
        endpoint = endpoint_of(path)
        if endpoint is not None and endpoint.media == JSON:
            yield endpoint, path, json.loads(file.read_bytes())


def nodes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all objects with fixed fields."""
    if isinstance(value, dict):
        if not path or path[-1] not in FREE:
            yield path
        for key, inner in value.items():
            yield from nodes(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from nodes(inner, (*path, number))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def test_the_document_is_valid_openapi_3_1() -> None:
    errors = list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors())
    assert errors == []
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_the_validator_can_say_no() -> None:
    broken = copy.deepcopy(DOCUMENT)
    del broken["paths"]["/api/models/{name}.json"]["get"]["parameters"]
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def test_every_file_is_described_and_every_description_has_a_file(site: Path) -> None:
    described = {path: endpoint_of(path) for path in files(site)}
    assert [path for path, endpoint in described.items() if endpoint is None] == []
    used = {endpoint.path for endpoint in described.values() if endpoint is not None}
    assert {endpoint.path for endpoint in ENDPOINTS} - used == set()


def test_every_body_is_what_its_schema_says(site: Path) -> None:
    wrong = [
        f"{path}: {error.json_path} {error.message}"
        for endpoint, path, body in json_files(site)
        for error in validator(endpoint).iter_errors(body)
    ]
    assert wrong == []


def test_a_field_more_or_of_another_type_is_refused_everywhere(site: Path) -> None:
    """A schema that lets everything pass would prove nothing."""
    tried = 0
    for endpoint, path, body in json_files(site):
        if endpoint.result is None:
            continue
        check = validator(endpoint)
        for place in nodes(body):
            node = at(body, place)
            node["nobody_knows_it"] = 1
            assert not check.is_valid(body), (path, place)
            del node["nobody_knows_it"]
            for key in node:
                kept, node[key] = node[key], None
                assert not check.is_valid(body), (path, place, key)
                node[key] = kept
                tried += 1
        assert check.is_valid(body)
    assert tried > 500


def test_a_field_that_is_always_there_is_missed(site: Path) -> None:
    (endpoint,) = (one for one in ENDPOINTS if one.path == "/api/models.json")
    body = json.loads((site / "api/models.json").read_bytes())
    for field in ("name", "architecture", "tags", "status"):
        less = copy.deepcopy(body)
        del less["result"][0][field]
        assert not validator(endpoint).is_valid(less), field


@pytest.mark.parametrize("path", ["/api/openapi.json", "/schemas/v1/{kind}.schema.json"])
def test_documents_without_an_envelope_are_checked_too(path: str) -> None:
    (endpoint,) = (one for one in ENDPOINTS if one.path == path)
    assert not validator(endpoint).is_valid({})
    assert not validator(endpoint).is_valid({"openapi": "2.0", "$schema": "x"})


def test_the_feed_is_what_its_media_type_says(site: Path) -> None:
    for path, file in files(site).items():
        endpoint = endpoint_of(path)
        if endpoint is not None and endpoint.media == "application/atom+xml":
            assert ElementTree.fromstring(file.read_bytes()).tag == "{http://www.w3.org/2005/Atom}feed"


def test_the_document_comes_from_the_code_alone(site: Path) -> None:
    assert (site / OPENAPI).read_bytes() == render(document())


def test_what_names_a_file_whole_comes_before_what_varies() -> None:
    found = [endpoint_of(f"/api/models/{name}.json") for name in ("leaderboard", "x")]
    assert [endpoint.path for endpoint in found if endpoint is not None] == [
        "/api/models/leaderboard.json",
        "/api/models/{name}.json",
    ]
    assert endpoint_of("/api/other.json") is None
