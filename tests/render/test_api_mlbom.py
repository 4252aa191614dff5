"""The ML-BOM of each model in the API: what the export says, and nothing of the commit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from render.exports.export_catalog import exported, fill
from render.html_reader import read_html
from render.site_catalog import build, put


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with licences, scans, results and lineage of all kinds."""
    root = tmp_path_factory.mktemp("boms")
    fill(root)
    hub = {"type": "huggingface", "model_id": "Org/Parent"}
    put(
        root,
        "models/no-version/model.yaml",
        {"name": "no-version", "architecture": "x", "parameter_count": 1},
    )
    parent = json.loads((root / "catalog/models/passed/model.yaml").read_text())
    put(root, "models/passed/model.yaml", {**parent, "source": hub})
    build(root, root / "build" / "site")
    return root


def boms(root: Path) -> dict[str, dict[str, Any]]:
    paths = sorted((root / "build/site/api/models").glob("*/mlbom.json"))
    return {path.parent.name: json.loads(path.read_text("utf-8")) for path in paths}


def test_every_model_has_one_that_says_what_the_export_says(registry: Path) -> None:
    found = boms(registry)
    pages = [path.parent.name for path in (registry / "build/site/models").glob("*/model.yaml")]
    assert sorted(found) == sorted(pages)
    for name, bom in found.items():
        whole = json.loads(exported(registry, "cyclonedx", name, commit=None, commit_time=None))
        assert bom.pop("serialNumber").startswith("urn:uuid:")
        del whole["serialNumber"]
        assert bom == whole, name
    (ancestor,) = found["failed"]["components"][0]["pedigree"]["ancestors"]
    assert ancestor["purl"] == "pkg:huggingface/Org/Parent"


def test_the_validator_takes_it(registry: Path) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    for bom in boms(registry).values():
        assert validator.validate_str(json.dumps(bom)) is None


def test_a_commit_that_changes_nothing_of_it_leaves_it_as_it_is(registry: Path, tmp_path: Path) -> None:
    other = build(registry, tmp_path / "site", commit="e" * 40, commit_time="2027-01-01T00:00:00Z").output
    for name in boms(registry):
        path = f"api/models/{name}/mlbom.json"
        assert (other / path).read_bytes() == (registry / "build/site" / path).read_bytes()


def test_serial_numbers_differ(registry: Path) -> None:
    numbers = [bom["serialNumber"] for bom in boms(registry).values()]
    assert len(set(numbers)) == len(numbers)


def test_the_page_leads_to_it(registry: Path) -> None:
    links = read_html(registry / "build/site/models/passed/index.html").links
    assert "../../api/models/passed/mlbom.json" in links
