"""The JSON Schemas say what the records accept: no less, and where JSON Schema can say it no more."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from budmodel.operations.schemas import drift, write_schemas
from budmodel.schema import values
from budmodel.schema.base import Record
from budmodel.schema.examples import EXAMPLES
from budmodel.schema.jsonschema import RECORDS, STRINGS, schemas
from budmodel.schema.kinds import KINDS, classify
from budmodel.store.yaml_reader import YamlError, load

ROOT = Path(__file__).parent.parent.parent
KIND_NAMES = [name for name, kind in KINDS.items() if kind.record is not None]
ALL = schemas()
VALIDATORS = {
    name: Draft202012Validator(ALL[f"{name}.schema.json"], format_checker=Draft202012Validator.FORMAT_CHECKER)
    for name in KIND_NAMES
}
SHA = "a" * 64


def record_accepts(kind: str, data: Any) -> bool:
    record = KINDS[kind].record
    assert record is not None
    try:
        record.model_validate(data)
    except ValidationError:
        return False
    return True


def schema_accepts(kind: str, data: Any) -> bool:
    return VALIDATORS[kind].is_valid(data)


def example(kind: str, **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(EXAMPLES[kind][0]), **changes}


def test_the_files_in_the_repository_are_the_generated_ones() -> None:
    assert drift(ROOT / "schemas" / "v1") == [], "run: budmodel schema, and commit schemas/"


def test_there_is_a_schema_for_every_kind_of_record() -> None:
    assert set(ALL) == {f"{name}.schema.json" for name in KIND_NAMES}
    assert set(EXAMPLES) == set(KIND_NAMES)


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_a_schema_is_valid_and_says_what_it_is(kind: str) -> None:
    schema = ALL[f"{kind}.schema.json"]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:budmodel:schema:v1:{kind}"
    assert schema["title"] and schema["description"] and schema["examples"]
    for place in (schema, *schema.get("$defs", {}).values()):
        assert place["additionalProperties"] is False
    assert "discriminator" not in str(schema)


def test_writing_makes_a_folder_hold_exactly_the_schemas(tmp_path: Path) -> None:
    folder = tmp_path / "schemas" / "v1"
    assert write_schemas(folder) == sorted(ALL)
    assert drift(folder) == [] and write_schemas(folder) == []
    (folder / "model.schema.json").write_text("{}")
    (folder / "old.schema.json").write_text("{}")
    (folder / "scan.schema.json").unlink()
    (folder / "README.md").write_text("kept")
    wrong = ["model.schema.json", "old.schema.json", "scan.schema.json"]
    assert drift(folder) == wrong and write_schemas(folder) == wrong
    assert drift(folder) == [] and (folder / "README.md").exists()


@pytest.mark.parametrize(("kind", "number"), [(k, n) for k in KIND_NAMES for n in range(len(EXAMPLES[k]))])
def test_every_example_is_valid(kind: str, number: int) -> None:
    data = EXAMPLES[kind][number]
    record = KINDS[kind].record
    assert record is not None
    record.model_validate(data)
    assert [error.message for error in VALIDATORS[kind].iter_errors(data)] == []


def catalog_files() -> Iterator[str]:
    for path in sorted((ROOT / "catalog").rglob("*.yaml")):
        yield path.relative_to(ROOT / "catalog").as_posix()


@pytest.mark.parametrize("path", list(catalog_files()) or [None])
def test_schema_and_record_agree_on_the_catalog(path: str | None) -> None:
    place = classify(path) if path else None
    if path is None or place is None or place.kind.record is None:
        return
    try:
        data = load((ROOT / "catalog" / path).read_bytes(), max_bytes=place.kind.max_bytes)
    except YamlError:
        return
    assert schema_accepts(place.kind.name, data) == record_accepts(place.kind.name, data)


def mutations(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every example with one required key dropped, one unknown key added, one value of a wrong type."""
    schema = ALL[f"{kind}.schema.json"]
    data = EXAMPLES[kind][0]
    for key in schema.get("required", []):
        yield f"without {key}", {name: value for name, value in data.items() if name != key}
    yield "unknown key", {**data, "no_such_key": 1}
    for key in data:
        yield f"{key} of a wrong type", {**data, key: {"a": {"b": [object.__name__]}}}
    for key, value in data.items():
        if isinstance(value, dict) and key not in ("annotations", "aliases", "source"):
            yield f"unknown key in {key}", {**data, key: {**value, "no_such_key": 1}}
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"unknown key in {key}.0", {**data, key: [{**value[0], "no_such_key": 1}]}
            for inner in value[0]:
                yield f"{key}.0.{inner} of a wrong type", {**data, key: [{**value[0], inner: [[1]]}]}


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_both_refuse_what_is_wrong(kind: str) -> None:
    accepted = [
        (what, schema_accepts(kind, data), record_accepts(kind, data))
        for what, data in mutations(kind)
        if schema_accepts(kind, data) or record_accepts(kind, data)
    ]
    assert accepted == []


def without(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in keys}


BEYOND_FIELDS: list[tuple[str, dict[str, Any], bool]] = [
    ("model", without(example("model"), "parameter_count"), False),
    ("model", example("model", parameter_count=None), False),
    ("model", without(example("model"), "parameter_count", "source"), False),
    ("model", example("model", parameter_count=None, source={"type": "api"}), True),
    ("model", example("model", api={"provider": "x", "model_id": "x"}), False),
    ("model", example("model", status="active"), False),
    ("model", without(example("model"), "status"), False),
    ("model", example("model", status="active", successor=None, retires_on=None), True),
    ("model", example("model", name="leaderboard"), False),
    ("model", example("model", name="con.x"), False),
    ("model", example("model", name="a.json"), False),
    ("model", example("model", name="console"), True),
    ("model", example("model", links={"homepage": "https://u:p@example.org"}), False),
    ("model", example("model", links={"homepage": "https://example.org/@user?a=b@c"}), True),
    ("version", example("version", source={"type": "api"}), False),
    ("version", example("version", source={"type": "api"}, storage_path=None, files=[]), True),
    ("version", example("version", source={"type": "api"}, storage_path=None), False),
    *(
        ("version", example("version", storage_path=uri), good)
        for uri, good in {
            "s3://bucket/a/b": True,
            "s3://bucket": True,
            "hf://org/name@main": True,
            "file:///srv/models": True,
            "ftp://bucket/a": False,
            "s3:///a": False,
            "s3://key:secret@bucket/a": False,
            "s3://key@bucket/a": False,
            "hf://user:secret@org/a": False,
            "s3://bucket/../b": False,
            "s3://bucket/a/..": False,
            "s3://bucket/./b": False,
            "s3://../b": False,
            "file:///srv/%2e%2E/etc": False,
            "s3://bucket/a?X-Amz-Signature=1": False,
            "s3://bucket/a?": False,
            "s3://bucket/a#b": False,
            "s3://bucket/a b": False,
            "s3://bucket/..a/b...c": True,
        }.items()
    ),
    *(
        ("version", example("version", files=[{"path": path, "size": 1, "sha256": SHA}]), good)
        for path, good in {
            "a/b.c": True,
            "..a/b": True,
            "/a": False,
            "a/": False,
            "a//b": False,
            "../a": False,
            "a/..": False,
            "./a": False,
            "a\\b": False,
            "": False,
        }.items()
    ),
    ("scan", without(example("scan"), "manifest_sha256"), False),
    ("scan", example("scan", finished=None), False),
    ("scan", example("scan", status="PASSED"), False),
    ("scan", example("scan", status="PASSED", findings=[]), True),
    ("scan", example("scan", status="SKIPPED"), False),
    ("scan", example("scan", status="SKIPPED", reason="x"), True),
    ("scan", without(example("scan", status="SCANNING"), "manifest_sha256", "finished"), True),
    ("waiver", without(example("waiver"), "findings"), False),
    ("waiver", example("waiver", findings=[]), False),
    ("waiver", without(example("waiver", rules=["scan-missing"]), "findings"), True),
    ("policy", example("policy", denied=[{"reason": "x"}]), False),
    ("policy", example("policy", denied=[{"reason": "x", "sha256": SHA, "source": "a/b"}]), False),
    ("policy", example("policy", denied=[{"reason": "x", "sha256": None, "source": "a/b"}]), True),
    ("results", {"results": []}, False),
    ("model", example("model", annotations={"no-domain": "x"}), False),
    ("model", example("model", annotations={"a.b/c": 5}), False),
    ("model", example("model", annotations={f"{'a' * 200}.b/c": "x"}), False),
    ("policy", example("policy", severity={"not_a_rule": "error"}), False),
    ("license", example("license", reviewed={"by": "x", "on": "2024-02-30"}), False),
]


@pytest.mark.parametrize(("kind", "data", "good"), BEYOND_FIELDS)
def test_both_know_what_goes_beyond_single_fields(kind: str, data: dict[str, Any], good: bool) -> None:
    assert (record_accepts(kind, data), schema_accepts(kind, data)) == (good, good)


def test_the_schemas_know_every_validator() -> None:
    """A new validator is added to the schemas too, or noted there as something that they cannot say."""
    assert set(STRINGS) == {getattr(values, name) for name in dir(values) if name.startswith("_check_")}
    with_validators = {
        record for record in records(Record) if record.__pydantic_decorators__.model_validators
    }
    inherited = {record for record in with_validators if not RECORDS.keys().isdisjoint(record.__mro__[1:])}
    assert set(RECORDS) == with_validators - inherited


def records(base: type[Record]) -> Iterator[type[Record]]:
    for record in base.__subclasses__():
        yield record
        yield from records(record)
