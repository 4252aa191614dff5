"""Fields as people type them, and what may stand in them."""

from __future__ import annotations

from typing import Any

import pytest

from budmodel.errors import UsageError
from budmodel.operations.fields import find_field
from budmodel.operations.layout import MODEL_ORDER
from budmodel.operations.setting import parse_assignments
from budmodel.operations.versions import semver_hint
from budmodel.schema.model import Model


@pytest.mark.parametrize(
    ("text", "path", "kinds"),
    [
        ("parameter_count", ("parameter_count",), {"integer"}),
        ("requirements.min_gpu_memory_gb", ("requirements", "min_gpu_memory_gb"), {"number"}),
        ("source.model_id", ("source", "model_id"), {"text"}),
        ("source", ("source",), {"mapping"}),
        ("tags", ("tags",), {"list"}),
        ("base_models.0.relation", ("base_models", 0, "relation"), {"text"}),
        ("annotations.acme.com/cost", ("annotations", "acme.com/cost"), {"text"}),
        ("aliases.v1.0", ("aliases", "v1.0"), {"text"}),
        ("gated", ("gated",), {"boolean"}),
        ("status", ("status",), {"text"}),
    ],
)
def test_fields(text: str, path: tuple[object, ...], kinds: set[str]) -> None:
    field = find_field(Model, text)
    assert field.path == path
    assert field.kinds == kinds


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("licence_type", "no field 'licence_type'; did you mean license_type?"),
        ("requirements.min_gpu_memory", "no field 'requirements.min_gpu_memory'; "
                                        "did you mean requirements.min_gpu_memory_gb?"),
        ("links.zzz",
         "no field 'links.zzz'; links has demo, documentation, homepage, license, model_card, paper, "
                      "repository"),
        ("status.x", "no field 'status.x'; status has no fields of its own"),
    ],
)  # fmt: skip
def test_unknown_fields(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_field(Model, text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("parameter_count=8B", 8_000_000_000),
        ("parameter_count=1_000", 1000),
        ("contact=1.10", "1.10"),
        ("contact='null'", "null"),
        ("description=a: [b", "a: [b"),
        ("tags=[a, 'b c']", ["a", "b c"]),
        ("gated=true", True),
        ("source={type: custom}", {"type": "custom"}),
        ("description=", None),
        ("description=null", None),
        ("tags+=x", ["x"]),
        ("tags+=[x, y]", ["x", "y"]),
        ("base_models+={model: a, relation: merge}", [{"model": "a", "relation": "merge"}]),
    ],
)
def test_values(text: str, value: Any) -> None:
    (assignment,) = parse_assignments([text])
    assert assignment.value == value


def test_all_problems_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        parse_assignments(["tagz=1", "parameter_count=x"])
    assert str(caught.value).splitlines() == [
        "no field 'tagz'; did you mean tags?",
        "  parameter_count: 'x' is not a number; write 8B, 1.5B or 8000000000",
    ]


def test_the_order_of_keys_knows_every_field() -> None:
    assert set(MODEL_ORDER) == set(Model.model_fields)


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1", "1.0.0"), ("1.1", "1.1.0"), ("v1.2.3", "1.2.3"), ("01.2", "1.2.0"), ("1.0-rc1", "1.0.0-rc1"),
     ("latest", None), ("1.2.3.4", None), ("", None), ("²", None)],
)  # fmt: skip
def test_semver_hints(text: str, meant: str | None) -> None:
    assert semver_hint(text) == meant
