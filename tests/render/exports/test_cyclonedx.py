"""The ML-BOM: the specification's own validator takes it, and it says what the catalog says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import assume, given
from hypothesis import strategies as st
from packageurl import PackageURL

from budmodel.render.exports.uris import uri
from render.exports.export_catalog import COMMIT_TIME, exported

OWN = Path(__file__).parents[3]


def bom(root: Path, *names: str) -> dict[str, Any]:
    text = exported(root, "cyclonedx", *names).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found: dict[str, Any] = json.loads(text)
    return found


def part(root: Path, name: str) -> dict[str, Any]:
    (found,) = bom(root, name)["components"]
    assert found["type"] == "machine-learning-model"
    return dict(found)


def properties(component: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in component["properties"]}


@pytest.mark.parametrize("names", [(), ("passed",), ("hostile", "remote", "no-version")])
def test_the_validator_takes_it(root: Path, names: tuple[str, ...]) -> None:
    found = bom(root, *names)
    refs = [one["bom-ref"] for one in found["components"]]
    assert found["dependencies"] == [{"ref": "registry", "dependsOn": refs}]
    assert found["metadata"]["timestamp"] == COMMIT_TIME


def test_the_validator_takes_real_models() -> None:
    """A few of each kind: its licences take the validator seconds for the whole catalog."""
    names = (
        "alt-profanity-check",
        "discolm-120b-gptq",
        "flux.1-dev",
        "gpt-4o",
        "llama-3.1-8b-instruct",
        "magika",
    )
    assert len(bom(OWN, *names)["components"]) == len(names)


def test_the_validator_takes_an_empty_catalog(nothing: Path) -> None:
    assert bom(nothing)["components"] == []


def test_the_serial_number_follows_the_content(root: Path) -> None:
    one, other = bom(root, "passed"), bom(root, "yanked")
    assert one["serialNumber"] == bom(root, "passed")["serialNumber"] != other["serialNumber"]


@pytest.mark.parametrize(
    ("name", "licenses"),
    [
        ("passed", [{"license": {"id": "Apache-2.0", "acknowledgement": "declared"}}]),
        ("either", "MIT OR (Apache-2.0 AND LicenseRef-llama-3.1-community)"),
        ("with-exception", "GPL-2.0-or-later WITH Classpath-exception-2.0"),
        ("waived", [{"license": {"name": "LicenseRef-nobody-knows-it", "acknowledgement": "declared"}}]),
        ("unlicensed", None),
    ],
    ids=["spdx", "expression", "exception", "unknown", "none"],
)
def test_licences_are_in_the_words_of_spdx(root: Path, name: str, licenses: object) -> None:
    if isinstance(licenses, str):
        licenses = [{"expression": licenses, "acknowledgement": "declared"}]
    assert part(root, name).get("licenses") == licenses


def test_a_licence_that_spdx_lacks_bears_its_name(root: Path) -> None:
    (known,) = part(root, "unscanned")["licenses"]
    assert known["license"]["name"] == "LicenseRef-llama-3.1-community"
    assert known["license"]["properties"] == [{"name": "budmodel:license:name", "value": "Llama 3.1"}]


def test_files_are_parts_with_their_digests(root: Path) -> None:
    (file,) = part(root, "passed")["components"]
    assert (file["type"], file["name"]) == ("file", "model.safetensors")
    assert file["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert properties(file) == {"budmodel:size": "1500000000"}


def test_the_package_url_names_the_commit(root: Path) -> None:
    found = PackageURL.from_string(part(root, "passed")["purl"])
    assert (found.type, found.namespace, found.name, found.version) == (
        "huggingface",
        "org",
        "passed",
        "b" * 40,
    )
    assert "purl" not in part(root, "remote")


def test_what_a_model_was_made_of_is_its_pedigree(root: Path) -> None:
    pedigree = part(root, "other-bytes")["pedigree"]
    assert pedigree["ancestors"] == [
        {"type": "machine-learning-model", "name": "org/base", "purl": "pkg:huggingface/org/base"}
    ]
    assert pedigree["notes"] == "quantized of hf:org/base"


def test_results_are_a_quantitative_analysis_with_their_source(root: Path) -> None:
    card = part(root, "odd-words@1.0.0")["modelCard"]
    (metric,) = card["quantitativeAnalysis"]["performanceMetrics"]
    assert (metric["type"], metric["value"], metric["slice"]) == (
        "mmlu acc (fraction)",
        "0.25",
        "num_fewshot=5",
    )
    assert metric["confidenceInterval"] == {"lowerBound": "0.2304", "upperBound": "0.2696"}
    assert properties(card) == {"budmodel:result:mmlu:acc": "maker; |`pipe`| not a link; 2026-01-01"}
    linked = part(root, "passed")["externalReferences"]
    assert {"type": "quality-metrics", "url": "https://example.org/report"} in linked


def test_a_finding_is_a_vulnerability_that_a_waiver_does_not_close(root: Path) -> None:
    (found,) = bom(root, "failed")["vulnerabilities"]
    assert found["id"] == "Eicar-Test-Signature@model.safetensors"
    assert found["ratings"] == [{"severity": "critical", "method": "other"}]
    assert found["analysis"] == {"state": "in_triage", "detail": "a test file (waived until 2027-01-01)"}
    assert found["affects"] == [{"ref": "failed@1.0.0"}]


@pytest.mark.parametrize(
    ("name", "state"),
    [("passed", "passed"), ("failed", "failed"), ("unscanned", "not-scanned"), ("other-bytes", "unproven")],
)
def test_the_verdict_is_told(root: Path, name: str, state: str) -> None:
    assert properties(part(root, name))["budmodel:scan"] == state


def test_a_waiver_says_what_is_missing_and_until_when(root: Path) -> None:
    told = properties(part(root, "waived"))
    assert (told["budmodel:scan"], told["budmodel:waiver"]) == (
        "not-scanned",
        "scan-missing until 2027-05-22: later",
    )


@given(st.from_regex(r"https?://[a-z0-9.-]+[^\s<>\"]*", fullmatch=True))
def test_any_link_of_a_catalog_is_a_uri(link: str) -> None:
    """RFC 3986, section 2: what is neither reserved nor unreserved is percent-encoded."""
    address = uri(link)
    assume(address is not None)
    component = {"type": "data", "name": "x", "externalReferences": [{"type": "other", "url": address}]}
    text = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]})
    assert _validator.validate_str(text) is None


_validator = JsonStrictValidator(SchemaVersion.V1_6)
