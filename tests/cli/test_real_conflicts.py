"""Conflicts as they are met in the wild, found in catalogs that hold them, by real licence records."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from cli.small_catalog import NOW, Registry

LICENSES = Path(__file__).resolve().parents[2] / "catalog" / "licenses"


@pytest.fixture
def real(empty: Registry) -> Registry:
    """An empty catalog with all licence records of this repository."""
    shutil.copytree(LICENSES, empty.root / "catalog" / "licenses")
    return empty


def put(registry: Registry, name: str, license_: str, *bases: str) -> None:
    lines = [
        f"name: {name}",
        "architecture: llama",
        "parameter_count: 8000000000",
        f"license_type: {license_}",
    ]
    if bases:
        lines.append(f"base_models: [{', '.join(bases)}]")
    registry.write(f"models/{name}/model.yaml", "\n".join([*lines, "owners: [team]", ""]))


def conflicts(registry: Registry, rule: str = "license-lineage-conflict") -> list[str]:
    result = registry("check", "--now", NOW, "--json").json["findings"]
    return [one["message"] for one in result if one["rule"] == rule]


def test_a_merge_of_a_non_commercial_parent_published_freely(real: Registry) -> None:
    put(real, "story-13b", "cc-by-nc-sa-4.0")
    put(real, "code-13b", "Apache-2.0")
    put(
        real,
        "merged-13b",
        "Apache-2.0",
        "{model: story-13b, relation: merge}",
        "{model: code-13b, relation: merge}",
    )
    (message,) = conflicts(real)
    assert "it allows commercial use, which the ancestor's licence forbids" in message
    assert "share-alike: derivatives stay under CC-BY-NC-SA-4.0" in message
    assert message.endswith("(merged-13b ← story-13b)")


def test_a_llama_derivative_without_the_name(real: Registry) -> None:
    put(real, "llama-3.1-8b", "llama3.1")
    put(real, "reflection-8b", "llama3.1", "{model: llama-3.1-8b, relation: finetune}")
    put(real, "llama-reflection-8b", "llama3.1", "{model: llama-3.1-8b, relation: finetune}")
    (message,) = conflicts(real)
    assert message.startswith("reflection-8b (llama3.1)")
    assert 'its name must begin with "Llama"' in message


def test_a_quantization_of_a_fine_tune_under_a_freer_licence(real: Registry) -> None:
    put(
        real,
        "tuned-8b",
        "llama3.1",
        "{model: 'hf:meta-llama/Llama-3.1-8B', relation: finetune, license_type: llama3.1}",
    )
    put(real, "llama-tuned-8b-gguf", "MIT", "{model: tuned-8b, relation: quantized}")
    found = conflicts(real)
    assert any("the limit of 700000000 monthly active users is gone" in one for one in found)
    assert any("(llama-tuned-8b-gguf ← tuned-8b ← hf:meta-llama/Llama-3.1-8B)" in one for one in found)


def test_outputs_that_may_not_train_others(real: Registry) -> None:
    put(
        real,
        "student-7b",
        "MIT",
        "{model: 'hf:meta-llama/Llama-2-70b', relation: distilled, license_type: llama2}",
    )
    (message,) = conflicts(real)
    assert "outputs may not train other models" in message


def version(registry: Registry, name: str, text: bytes) -> None:
    digest = hashlib.sha256(text).hexdigest()
    registry.write(
        f"models/{name}/versions/1.0.0.yaml",
        f'version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\nchangelog: x\nlicense_text_sha256: "{digest}"\n',
    )


def with_text(registry: Registry, id_: str, text: bytes) -> None:
    record = registry.read(f"licenses/{id_}.yaml")
    digest = hashlib.sha256(text).hexdigest()
    assert "texts:\n" in record
    registry.write(f"licenses/{id_}.yaml", record.replace("texts:\n", f'texts:\n  - sha256: "{digest}"\n', 1))


def test_a_card_that_names_one_licence_beside_the_text_of_another(real: Registry) -> None:
    """The record says Apache, the file in the repository is Llama's agreement."""
    text = b"LLAMA 3.1 COMMUNITY LICENSE AGREEMENT"
    with_text(real, "llama-3.1-community", text)
    put(real, "free-8b", "Apache-2.0")
    version(real, "free-8b", text)
    (message,) = conflicts(real, "license-unreviewed")
    assert message.endswith("free-8b@1.0.0 froze, which is that of llama-3.1-community")
    answer = real("license", "check", "free-8b", "--use", "commercial", "--now", NOW, "--json")
    assert (answer.code, answer.json["decision"]) == (1, "deny")


def test_one_name_for_several_texts(real: Registry) -> None:
    """Two models under Kimi's modified MIT, one of which brought another text of that name."""
    known, other = b"Modified MIT License, of July", b"Modified MIT License, of November"
    with_text(real, "kimi-k2-modified-mit", known)
    for name, text in (("kimi-one", known), ("kimi-two", other)):
        put(real, name, "kimi-k2-modified-mit")
        version(real, name, text)
    (message,) = conflicts(real, "license-unreviewed")
    assert (
        message == "kimi-k2-modified-mit is recorded with other texts than the one that kimi-two@1.0.0 froze"
    )


@pytest.mark.parametrize(
    ("license_", "circumstances", "code"),
    [
        ("hunyuan-3d-2.0-community", ["--mau", "5", "--territory", "DE"], "territory"),
        ("llama-3.2-community", ["--mau", "700_000_001", "--territory", "US"], "too-many-users"),
        ("stability-ai-community", [], "revenue-limit"),
        ("mistral-research", [], "research-only"),
        ("llama-2-community", [], "users-not-stated"),
    ],
)
def test_limits_are_told_with_their_clause(
    real: Registry, license_: str, circumstances: list[str], code: str
) -> None:
    put(real, "limited", license_)
    real.write("models/limited/versions/1.0.0.yaml", "version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\n")
    answer = real("license", "check", "limited", "--use", "commercial", *circumstances, "--json").json
    (reason,) = [one for one in answer["reasons"] if one["code"] == code]
    assert reason["clause"].startswith(f"{license_}: ")
