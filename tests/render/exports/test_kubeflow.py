"""Kubeflow's catalog: only the keys that its reader knows, in types that no YAML reader takes for others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ruamel.yaml import YAML

from budmodel.schema.values import PARAMETER_MAX
from render.exports.export_catalog import MANY_LINES, WORDS, exported
from render.site_catalog import put

OWN = Path(__file__).parents[3]
TEXT = {"type": "string"}
MILLISECONDS = {"type": "string", "pattern": "^[0-9]+$"}
URI = {"type": "string", "format": "uri"}
LIST = {"type": "array", "items": TEXT}


def closed(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    """An object with these fields and no other."""
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


def value_of(kind: str, field: str, type_: str) -> dict[str, Any]:
    return closed(["metadataType", field], metadataType={"const": kind}, **{field: {"type": type_}})


PROPERTIES = {
    "type": "object",
    "additionalProperties": {
        "oneOf": [
            value_of("MetadataStringValue", "string_value", "string"),
            value_of("MetadataDoubleValue", "double_value", "number"),
            value_of("MetadataBoolValue", "bool_value", "boolean"),
        ]
    },
}
ARTIFACT = closed(
    ["artifactType", "uri"],
    artifactType={"const": "model-artifact"},
    uri={"type": "string", "pattern": "^(oci|https?|s3|gs|az|file)://"},
    name=TEXT,
    description=TEXT,
    externalId=TEXT,
    createTimeSinceEpoch=MILLISECONDS,
    lastUpdateTimeSinceEpoch=MILLISECONDS,
    customProperties=PROPERTIES,
)
MODEL = closed(
    ["name"],
    name={"type": "string", "minLength": 1},
    **dict.fromkeys(("description", "readme", "maturity", "provider", "license", "libraryName"), TEXT),
    **dict.fromkeys(("logo", "licenseLink"), URI),
    **dict.fromkeys(("externalId", "source_id"), TEXT),
    **dict.fromkeys(("language", "tasks"), LIST),
    **dict.fromkeys(("createTimeSinceEpoch", "lastUpdateTimeSinceEpoch"), MILLISECONDS),
    customProperties=PROPERTIES,
    artifacts={"type": "array", "items": ARTIFACT},
)
SOURCE = closed(["models"], source=TEXT, models={"type": "array", "items": MODEL})
"""What the service takes, in our words.

Names, types and what is required: kubeflow/model-registry, catalog/pkg/openapi/model_catalog_model.go at
147bdf12 and model_catalog_model_artifact.go at 08a49dc8; api/openapi/src/lib/common.yaml at 00a8ece4
(BaseModel, and MetadataValue, whose objects take no other field). The file itself: yaml_catalog.go in
catalog/internal/catalog/modelcatalog at 08f06502, which reads it with UnmarshalStrict (neither unknown nor
double keys) and takes times as decimal texts; the schemes of artifacts: ValidArtifactURISchemes in
catalog/internal/catalog/basecatalog/validation.go.
"""
SERVICE = jsonschema.Draft202012Validator(SOURCE, format_checker=jsonschema.FormatChecker())


def source(root: Path, *names: str) -> dict[str, Any]:
    """The file as YAML 1.1 (PyYAML, and what Kubernetes uses) reads it; YAML 1.2 must agree.

    The latter refuses keys that stand twice, as the service does.
    """
    text = exported(root, "kubeflow", *names).decode("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    assert YAML(typ="safe", pure=True).load(text) == found
    return found


def model(root: Path, name: str) -> dict[str, Any]:
    (found,) = source(root, name)["models"]
    return dict(found)


@pytest.mark.parametrize("own", [False, True], ids=["small", "real"])
def test_the_service_takes_every_field(root: Path, own: bool) -> None:
    found = source(OWN if own else root)
    assert [f"{error.json_path} {error.message}" for error in SERVICE.iter_errors(found)] == []
    names = [one["name"] for one in found["models"]]
    assert len(set(names)) == len(names) > 10
    for one in found["models"]:
        for artifact in one.get("artifacts", ()):
            # net/url of Go refuses a space, a control and a percent sign that encodes nothing.
            assert re.fullmatch(r"[\x21-\x7e]+", artifact["uri"])
            assert re.search(r"%(?![0-9A-Fa-f]{2})", artifact["uri"]) is None


def test_the_service_would_refuse_another_field_or_type(root: Path) -> None:
    found = source(root)
    for place, value in (("tags", ["x"]), ("createTimeSinceEpoch", 1), ("language", "en"), ("name", None)):
        assert not SERVICE.is_valid({"models": [{**found["models"][0], place: value}]})
    for properties in ({"x": {"string_value": "x"}}, {"x": "x"}):
        assert not SERVICE.is_valid({"models": [{"name": "x", "customProperties": properties}]})
    assert not SERVICE.is_valid({"models": [{"name": "x", "artifacts": [{"uri": "hf://org/x"}]}]})


def test_the_largest_number_is_a_number(tmp_path: Path) -> None:
    put(tmp_path, "models/x/model.yaml", {"name": "x", "architecture": "x", "parameter_count": PARAMETER_MAX})
    found = source(tmp_path)["models"][0]["customProperties"]["parameter_count"]
    assert found == {"metadataType": "MetadataDoubleValue", "double_value": PARAMETER_MAX}


def test_an_empty_catalog_has_no_models(nothing: Path) -> None:
    assert source(nothing)["models"] == []


def test_odd_words_are_texts(root: Path) -> None:
    found = model(root, "odd-words")
    assert set(WORDS) <= set(found["customProperties"])
    assert found["description"] == " ".join(MANY_LINES.split())


def test_facts_are_told(root: Path) -> None:
    found = model(root, "passed")
    assert (found["provider"], found["license"], found["tasks"]) == ("org", "apache-2.0", ["text-generation"])
    assert found["createTimeSinceEpoch"] == "1721692800000"
    assert found["customProperties"]["parameter_count"]["double_value"] == 8_030_000_000
    assert [one["uri"] for one in found["artifacts"]] == [
        f"https://huggingface.co/org/passed/tree/{'b' * 40}"
    ]


def test_nothing_points_at_bytes_that_were_withdrawn(root: Path) -> None:
    assert [name for name in ("yanked", "failed", "other-bytes") if "artifacts" in model(root, name)] == []


def test_a_waived_version_says_so(root: Path) -> None:
    (artifact,) = model(root, "waived")["artifacts"]
    told = {key: value["string_value"] for key, value in artifact["customProperties"].items()}
    assert (told["scan"], told["waived"]) == ("not-scanned", "scan-missing until 2027-05-22")
