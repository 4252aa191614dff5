"""What is handed in becomes canonical records."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from budmodel.schema.model import Model
from budmodel.schema.problems import problems
from budmodel.schema.registration import Registration, normalise

SEED: dict[str, Any] = json.loads("""
{
  "name": "llama-3.1-70b-instruct",
  "architecture": "llama",
  "parameter_count": 70000000000,
  "context_length": 128000,
  "license_type": "llama-3.1-community",
  "license_restrictions": {"commercial_use": true, "monthly_active_users_limit": 700000000},
  "requirements": {"min_gpu_memory_gb": 140, "recommended_gpu": "nvidia-h100-80gb"},
  "tags": ["llm", "instruct"],
  "source": "custom",
  "storage_path": "s3://bud-models/llama-3.1-70b-instruct/1.0.0/"
}
""")
BODY = {"name": "x", "architecture": "llama", "parameter_count": 8_000_000_000}


def test_the_seeds_body_is_accepted_unchanged() -> None:
    before = json.dumps(SEED)
    result = normalise(SEED)
    assert json.dumps(SEED) == before
    assert result.storage_path == "s3://bud-models/llama-3.1-70b-instruct/1.0.0/"
    assert "storage_path" not in result.model
    assert result.model["source"] == {"type": "custom"}
    model = Model.model_validate(result.model)
    assert model.license_restrictions is not None
    assert model.license_restrictions.monthly_active_users_limit == 700_000_000
    assert list(result.model) == [key for key in SEED if key != "storage_path"]


@pytest.mark.parametrize("source", ["huggingface", "custom", "api"])
def test_a_source_may_be_a_bare_word(source: str) -> None:
    assert normalise({**BODY, "source": source}).model["source"] == {"type": source}


def test_a_source_may_be_a_mapping() -> None:
    source = {"type": "huggingface", "model_id": "org/name"}
    assert normalise({**BODY, "source": source}).model["source"] == source


def test_a_hub_model_keeps_its_storage_path() -> None:
    result = normalise({**BODY, "source": "huggingface", "storage_path": "s3://b/x/"})
    assert result == Registration(model={**BODY, "source": {"type": "huggingface"}}, storage_path="s3://b/x/")


def test_older_spellings() -> None:
    body = {"name": "x", "architecture": "llama", "num_params": "8B", "source_path": "s3://b/x/"}
    assert normalise(body) == Registration(model=BODY, storage_path="s3://b/x/")


def test_counts_may_be_written_as_people_write_them() -> None:
    body = {
        **BODY,
        "parameter_count": "70.6B",
        "active_parameter_count": "13b",
        "context_length": "128K",
        "license_restrictions": {"monthly_active_users_limit": "700M"},
    }
    model = Model.model_validate(normalise(body).model)
    assert (model.parameter_count, model.active_parameter_count) == (70_600_000_000, 13_000_000_000)
    assert model.context_length == 128_000
    assert model.license_restrictions is not None
    assert model.license_restrictions.monthly_active_users_limit == 700_000_000


def test_both_spellings_may_agree() -> None:
    assert normalise({**BODY, "num_params": "8B"}).model == BODY
    assert normalise({**BODY, "source_path": "s3://b/x/", "storage_path": None}).storage_path == "s3://b/x/"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"num_params": "7B"},
            "parameter_count and num_params mean the same but have different values; keep one of them",
        ),
        (
            {"storage_path": "s3://key:secret@b/x/", "source_path": "s3://b/y/"},
            "storage_path and source_path mean the same but have different values; keep one of them",
        ),
        ({"storage_path": 5}, "storage_path must be text such as s3://bucket/model/1.0.0/"),
        (
            {"source": "api", "storage_path": "s3://b/x/"},
            "a model with source api has no files, so leave storage_path out",
        ),
    ],
)
def test_contradictions_are_refused_in_one_sentence(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        normalise({**BODY, **changes})
    assert str(caught.value) == message


def test_what_is_wrong_stays_for_validation_to_report() -> None:
    body = {
        "id": "1",
        "name": "x",
        "architecture": "llama",
        "parameter_count": "many",
        "source": "hub",
        "tgas": [],
    }
    model = normalise(body).model
    with pytest.raises(ValidationError) as caught:
        Model.model_validate(model)
    found = {problem.field_path: problem for problem in problems(Model, model, caught.value)}
    assert set(found) == {("id",), ("parameter_count",), ("source",), ("tgas",)}
    assert found["tgas",].fix == "did you mean tags?"


def test_nulls_are_left_out() -> None:
    body = {**BODY, "description": None, "requirements": {"recommended_gpu": None}}
    assert normalise(body).model == {**BODY, "requirements": {}}
