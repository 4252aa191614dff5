"""``budmodel add``."""

from __future__ import annotations

import io
import json
import sys

import pytest

from cli.small_catalog import NOW, Registry

SEED = {
    "name": "my-model",
    "architecture": "llama",
    "parameter_count": 7000000000,
    "description": "Caf\u00e9 \U0001f600: ours",
    "source": "custom",
    "storage_path": "s3://bud-models/my-model/1.0.0/",
    "license_type": "MIT",
    "tags": ["llm"],
}


def test_add_takes_the_seed_unchanged(empty: Registry) -> None:
    (empty.root / "seed.json").write_text(json.dumps(SEED))
    outcome = empty("add", "--from", str(empty.root / "seed.json"), "--now", NOW)
    assert outcome.code == 0, outcome.err
    assert outcome.out == (
        "wrote catalog/models/my-model/model.yaml\n"
        "wrote catalog/models/my-model/versions/1.0.0.yaml\n"
        "next: budmodel check catalog/models/my-model\n"
    )
    assert empty.read("models/my-model/model.yaml") == (
        "# yaml-language-server: $schema=../../../schemas/v1/model.schema.json\n"
        "name: my-model\n"
        "architecture: llama\n"
        "parameter_count: 7000000000\n"
        'description: "Café 😀: ours"\n'
        "license_type: MIT\n"
        "tags: [llm]\n"
        "source:\n"
        "  type: custom\n"
        "default_version: 1.0.0\n"
    )
    assert empty.read("models/my-model/versions/1.0.0.yaml") == (
        "# yaml-language-server: $schema=../../../../schemas/v1/version.schema.json\n"
        "version: 1.0.0\n"
        'released: "2026-11-22T12:00:00Z"\n'
        "changelog: First registration.\n"
        "storage_path: s3://bud-models/my-model/1.0.0/\n"
    )


def test_add_from_stdin_with_a_name_of_its_own(empty: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"architecture: bert\nnum_params: 110M\n")))
    assert empty("add", "bert-base", "-f", "-").code == 0
    assert list(empty.files()) == ["catalog/models/bert-base/model.yaml"]
    assert "parameter_count: 110000000\n" in empty.read("models/bert-base/model.yaml")


def test_add_with_options(empty: Registry) -> None:
    outcome = empty(
        "add", "x", "--architecture", "llama", "--parameter-count", "8B", "--license", "MIT", "--tag", "a",
        "--tag", "b", "--owner", "me", "--model-id", "org/x", "--context-length", "128K", "--json",
    )  # fmt: skip
    assert outcome.json == {
        "schema_version": 1,
        "total": 1,
        "result": {
            "written": ["catalog/models/x/model.yaml"],
            "deleted": [],
            "dry_run": False,
            "diff": None,
            "commit": None,
            "branch": None,
            "notes": [],
            "next": ["budmodel version add x 1.0.0 --storage-path URI", "budmodel check catalog/models/x"],
        },
    }
    assert "context_length: 128000\n" in empty.read("models/x/model.yaml")


def test_add_an_api_needs_no_count(empty: Registry) -> None:
    assert empty("add", "gpt-5", "--architecture", "gpt", "--source", "api").code == 0


def test_dry_run_writes_nothing(empty: Registry) -> None:
    outcome = empty("add", "x", "--architecture", "llama", "--parameter-count", "8B", "--dry-run")
    assert outcome.out.startswith("--- /dev/null\n+++ b/catalog/models/x/model.yaml\n@@")
    assert empty.files() == {}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["llama-3"], "llama-3 exists already at catalog/models/llama-3; change it with budmodel set llama-3 "
                      "field=value"),
        (["llama_3"], "llama_3 would be mistaken for llama-3, which exists; choose another name"),
        (["../../x"], "'../../x' was not added: name: '../../x' is not well formed; write "
                      "lower-case letters and digits, with single . _ - between them, such as llama-3.1-70b"),
        (["index"], "'index' was not added: name: the name is reserved; choose another"),
        ([], "a name is missing; write budmodel add NAME …, or name: in the file"),
        (["x", "--description", "a\x00b"], "description: control character U+0000; remove it"),
        (["x", "--version", "1.1", "--storage-path", "s3://b/x"], None),
        (["x", "--source", "api", "--storage-path", "s3://b/x"],
         "a model with source api has no files, so leave storage_path out"),
    ],
)  # fmt: skip
def test_add_refuses(registry: Registry, arguments: list[str], sentence: str | None) -> None:
    before = registry.files()
    outcome = registry("add", *arguments, "--architecture", "llama", "--parameter-count", "8B")
    assert outcome.code == 2
    if sentence is not None:
        assert outcome.err == f"budmodel: {sentence}\n"
    assert registry.files() == before


def test_add_tells_all_problems_at_once(empty: Registry) -> None:
    (empty.root / "x.yaml").write_text("name: x\narchitectur: llama\nparameter_count: 7.5\n")
    outcome = empty("add", "-f", str(empty.root / "x.yaml"))
    assert outcome.code == 2
    assert outcome.err == (
        "budmodel: 'x' was not added, 3 problems:\n"
        "  architecture is missing; add architecture: …\n"
        "  parameter_count must be a whole number, not 7.5; write plain digits, such as 8000000000\n"
        "  unknown key architectur; did you mean architecture?\n"
    )


def test_add_from_a_bad_file(empty: Registry) -> None:
    path = empty.root / "x.json"
    assert empty("add", "-f", str(path)).err == (
        f"budmodel: cannot read {path}: No such file or directory; name a JSON or YAML file, or - for stdin\n"
    )
    path.write_text('{"name": "a", "name": "b"}')
    assert empty("add", "-f", str(path)).err == (
        f"budmodel: {path}:1:15: the key 'name' stands here a second time; keep one\n"
    )
    path.write_text("[1]")
    assert empty("add", "-f", str(path)).err == (
        f"budmodel: {path} holds no mapping; write the record's fields as JSON or YAML\n"
    )
