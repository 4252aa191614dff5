"""Kubeflow's catalog: only the keys that its reader knows, in types that no YAML reader takes for others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML

from render.exports.export_catalog import MANY_LINES, WORDS, exported

MODEL_KEYS = {
    "name", "description", "readme", "maturity", "language", "tasks", "provider", "logo", "license",
    "licenseLink", "libraryName", "customProperties", "externalId", "id", "createTimeSinceEpoch",
    "lastUpdateTimeSinceEpoch", "source_id", "artifacts",
}  # fmt: skip
"""The JSON names of CatalogModel, and the artifacts (kubeflow/model-registry, catalog/pkg/openapi)."""
ARTIFACT_KEYS = {
    "uri",
    "artifactType",
    "name",
    "createTimeSinceEpoch",
    "lastUpdateTimeSinceEpoch",
    "customProperties",
}
SCHEMES = ("oci://", "http://", "https://", "s3://", "gs://", "az://", "file://")
"""basecatalog.ValidArtifactURISchemes."""


def source(root: Path, *names: str) -> dict[str, Any]:
    """The file as YAML 1.1 (PyYAML, and what Kubernetes uses) reads it; YAML 1.2 must agree."""
    text = exported(root, "kubeflow", *names).decode("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    assert YAML(typ="safe", pure=True).load(text) == found
    return found


def model(root: Path, name: str) -> dict[str, Any]:
    (found,) = source(root, name)["models"]
    return dict(found)


def test_the_reader_knows_every_key(root: Path) -> None:
    found = source(root)
    assert set(found) == {"source", "models"}
    for one in found["models"]:
        assert set(one) <= MODEL_KEYS
        assert all(
            isinstance(one[key], str)
            for key in one
            if key not in ("language", "tasks", "customProperties", "artifacts")
        )
        for artifact in one.get("artifacts", ()):
            assert set(artifact) <= ARTIFACT_KEYS
            assert artifact["uri"].startswith(SCHEMES)
        for value in one["customProperties"].values():
            kind = value["metadataType"]
            assert (kind, set(value) - {"metadataType"}) in (
                ("MetadataStringValue", {"string_value"}),
                ("MetadataDoubleValue", {"double_value"}),
            )
            assert isinstance(value.get("string_value", ""), str)


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
