"""A sentence for everything that a record can get wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import budmodel.schema
from budmodel.schema.base import Record
from budmodel.schema.governance import Waiver
from budmodel.schema.kinds import KINDS
from budmodel.schema.license import License
from budmodel.schema.model import Model
from budmodel.schema.problems import problems
from budmodel.schema.version import Version
from budmodel.schema.wording import CHECKED, WELL_FORMED

MODEL: dict[str, Any] = {"name": "x", "architecture": "llama", "parameter_count": 1}
VERSION: dict[str, Any] = {"version": "1.0.0", "released": "2026-01-01T00:00:00Z"}
FILE: dict[str, Any] = {"path": "a", "size": 1, "sha256": "ab" * 32}
LICENSE: dict[str, Any] = {"id": "x", "name": "x", "source": "x"}
WAIVER: dict[str, Any] = {
    "rules": ["scan-missing"],
    "targets": ["x@1.0.0"],
    "reason": "r",
    "approved_by": "a",
    "expires": "2027-01-01",
}
SOURCES = "".join(path.read_text() for path in Path(budmodel.schema.__path__[0]).glob("*.py"))


def patterns(node: Any) -> Iterator[str]:
    """Every pattern of Pydantic's core schemas."""
    if isinstance(node, dict):
        if node.get("type") == "str" and isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for key, value in node.items():
            if key != "metadata":
                yield from patterns(value)
    elif isinstance(node, (list, tuple)):
        for item in node:
            yield from patterns(item)


def test_every_pattern_of_the_records_has_a_sentence() -> None:
    used: set[str] = set()
    for kind in KINDS.values():
        if kind.record is not None:
            kind.record.model_rebuild(force=True)
            used |= set(patterns(kind.record.__pydantic_core_schema__))
    assert len(used) > 20
    assert used == set(WELL_FORMED)
    assert all(fix.startswith("write ") and "^" not in fix for fix in WELL_FORMED.values())


def test_every_check_of_ours_has_a_fix() -> None:
    assert set(re.findall(r'PydanticCustomError\(\s*"([a-z_]+)"', SOURCES)) == set(CHECKED)


@pytest.mark.parametrize(
    ("record", "data", "message", "fix"),
    [
        (Model, {**MODEL, "parameter_count": "8B"}, "parameter_count must be a whole number, not '8B'",
         "write 8000000000"),
        (Model, {**MODEL, "parameter_count": 7e9}, "parameter_count must be a whole number, not 7000000000.0",
         "write 7000000000"),
        (Model, {**MODEL, "parameter_count": "7e9"}, "parameter_count must be a whole number, not '7e9'",
         "write 7000000000"),
        (Model, {**MODEL, "parameter_count": "8,030,261,248"},
         "parameter_count must be a whole number, not '8,030,261,248'", "write 8030261248"),
        (Model, {**MODEL, "parameter_count": "16GB"}, "parameter_count must be a whole number, not '16GB'",
         "write plain digits, such as 8000000000"),
        (Model, {**MODEL, "parameter_count": 7.5}, "parameter_count must be a whole number, not 7.5",
         "write plain digits, such as 8000000000"),
        (Model, {**MODEL, "context_length": "128K"}, "context_length must be a whole number, not '128K'",
         "write 128000"),
        (Model, {**MODEL, "requirements": {"min_gpu_memory_gb": "80GB"}},
         "requirements.min_gpu_memory_gb must be a number, not '80GB'", "write 80"),
        (Version, {**VERSION, "files": [{**FILE, "size": "16GB"}]},
         "files.0.size must be a whole number, not '16GB'", "write 16000000000"),
        (Version, {**VERSION, "files": [{**FILE, "size": "1.5 GiB"}]},
         "files.0.size must be a whole number, not '1.5 GiB'", "write 1610612736"),
        (Version, {**VERSION, "files": [{**FILE, "size": "16B"}]},
         "files.0.size must be a whole number, not '16B'", "write 16"),
        (Version, {**VERSION, "files": [{**FILE, "sha256": "AB"}]},
         "files.0.sha256: 'AB' is not well formed", "write the 64 lower-case hex digits of the SHA-256"),
        (Version, {**VERSION, "files": [{**FILE, "path": "../a"}]},
         "files.0.path: a file path is relative, with / and without empty, . or .. parts",
         "write the path inside the artifact, such as weights/model.safetensors"),
        (Version, {**VERSION, "released": "today"}, "released: 'today' is not well formed",
         "write a time in UTC, such as 2026-11-01T00:00:00Z"),
        (Version, {**VERSION, "released": "2026-02-30T00:00:00Z"}, "released: there is no such date or time",
         "write a time in UTC, such as 2026-11-01T00:00:00Z"),
        (Version, {**VERSION, "version": "1.0"}, "version: '1.0' is not well formed",
         "write 1.0.0, or another version of three numbers"),
        (Version, {**VERSION, "storage_path": "s3://jane:x@b/c"},
         "storage_path: a URI in a record must not hold credentials",
         "take the user and the password out; readers bring their own"),
        (Version, {**VERSION, "storage_path": "bucket/c"}, "storage_path: 'bucket/c' is not well formed",
         "write a location such as s3://bucket/my-model/1.0.0/"),
        (Model, {**MODEL, "status": "activ"},
         "status must be active, deprecated or archived, not 'activ'", "did you mean active?"),
        (Model, {**MODEL, "status": "gone"},
         "status must be active, deprecated or archived, not 'gone'",
         "write one of: active, deprecated, archived"),
        (Model, {**MODEL, "source": {"type": "hugginface"}}, "source has no known type",
         "did you mean huggingface?"),
        (Model, {**MODEL, "source": {}}, "source has no known type",
         "write type: and one of huggingface, custom, api"),
        (Model, {**MODEL, "source": "huggingface"}, "source must be a mapping, not 'huggingface'",
         "write source: {type: huggingface}"),
        (Model, {**MODEL, "gated": "yes"}, "gated must be true or false, not 'yes'", "write true"),
        (License, {**LICENSE, "commercial_use": "maybe"},
         "commercial_use must be true, false or conditional, not 'maybe'",
         "write true, false or conditional"),
        (Model, {**MODEL, "annotations": {"x": "y"}}, "annotations.x: 'x' is not well formed",
         "write a key like example.org/cost-center"),
        (Model, {**MODEL, "tags": ["x" * 97]}, "tags.0: String should have at most 96 characters",
         "shorten it to 96 characters"),
        (Model, {**MODEL, "parameter_count": 0},
         "parameter_count: input should be greater than or equal to 1, not 0",
         "write a number of at least 1"),
        (Model, {**MODEL, "name": "index"}, "name: the name is reserved", "choose another"),
        (Waiver, {**WAIVER, "expires": "soon"}, "expires: 'soon' is not well formed",
         "write a date such as 2026-11-01, or a time in UTC such as 2026-11-01T00:00:00Z"),
        (Waiver, {**WAIVER, "targets": ["x"]}, "targets.0: 'x' is not well formed",
         "write NAME@VERSION, such as my-model@1.0.0"),
        (Waiver, {**WAIVER, "targets": []},
         "targets: List should have at least 1 item after validation, not 0", "list at least 1"),
    ],
)  # fmt: skip
def test_sentences(record: type[Record], data: dict[str, Any], message: str, fix: str) -> None:
    with pytest.raises(ValidationError) as caught:
        record.model_validate(data)
    (problem,) = problems(record, data, caught.value)
    assert (problem.message, problem.fix) == (message, fix)
