"""The commands over real protocols: the loopback Hub, a real S3 server, a folder; import, verify, sync."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cli.small_catalog import Registry
from sources.conftest import hub  # noqa: F401
from sources.hub_server import HubServer
from sources.s3_server import S3Server, aws, s3  # noqa: F401

ID = "acme/Tiny-Llama"
NEXT = "b" * 40
RECORDED = Path(__file__).parents[2] / ".." / "shared" / "data" / "hf" / "api"
BODIES = sorted(RECORDED.glob("*.json"))
CARD = """\
---
license: mit
language: [en]
pipeline_tag: text-generation
base_model: acme/base
model-index:
  - name: tiny
    results:
      - task: {type: text-generation}
        dataset: {name: MMLU, type: mmlu}
        metrics: [{type: accuracy, value: 0.5}]
---
# Tiny

Tiny Llama is a small model for tests and for nothing else.
"""


def safetensors(rows: int = 4, fill: bytes = b"\0") -> bytes:
    """A file with one bf16 tensor of ``rows`` × 8."""
    size = rows * 8 * 2
    header = json.dumps({"w": {"dtype": "BF16", "shape": [rows, 8], "data_offsets": [0, size]}}).encode()
    return struct.pack("<Q", len(header)) + header + fill * size


def model_files(**changes: bytes) -> dict[str, bytes]:
    config: dict[str, Any] = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": 8,
        "vocab_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "max_position_embeddings": 2048,
    }
    return {
        "config.json": json.dumps(config).encode(),
        "model.safetensors": safetensors(),
        "README.md": CARD.encode(),
        **{key.replace("__", "."): value for key, value in changes.items()},
    }


@pytest.fixture
def tiny(hub: HubServer) -> HubServer:  # noqa: F811
    hub.add(ID, model_files(), lfs=["model.safetensors"])
    return hub


class TestHub:
    def test_import_check_and_a_clean_second_run(self, tiny: HubServer, empty: Registry) -> None:
        empty.write(
            "licenses/MIT.yaml",
            "id: MIT\nname: MIT License\nsource: read\nreviewed: {by: l, on: 2026-01-01}\n",
        )
        outcome = empty("import", "hf", ID, "--json")
        assert outcome.code == 0, outcome.err
        assert outcome.json["result"]["decision"] == "new"
        model = empty("show", "tiny-llama", "--json").json["result"]["model"]
        assert (model["architecture"], model["parameter_count"]) == ("llama", 32)
        assert (model["context_length"], model["license_type"]) == (2048, "MIT")
        before = empty.files()
        again = empty("import", "hf", ID)
        assert again.code == 0
        assert again.out == f"tiny-llama@1.0.0: up to date with hf:{ID} at aaaaaaaaaa\n"
        assert empty.files() == before
        checked = empty("check", "--format", "json").json
        rules = {finding["rule"] for finding in checked["findings"]}
        assert not rules & {
            "schema-invalid",
            "yaml-invalid",
            "files-missing",
            "source-unpinned",
            "unknown-file",
        }

    def test_outdated_sync_and_verify(self, tiny: HubServer, empty: Registry) -> None:
        assert empty("import", "hf", ID).code == 0
        assert empty("outdated").code == 0
        matches = empty("verify", "tiny-llama")
        assert (matches.code, matches.out) == (
            0,
            f"tiny-llama@1.0.0 matches hf:{ID}@{'a' * 40} (3 by digest)\n",
        )
        tiny.add(
            ID, model_files(model__safetensors=safetensors(fill=b"\1")), lfs=["model.safetensors"], sha=NEXT
        )
        moved = empty("outdated", "--json")
        assert moved.code == 1
        assert moved.json["result"][0]["changes"]["changed"] == [["model.safetensors", 138, 138]]
        assert empty("sync").code == 0
        version = empty.read("models/tiny-llama/versions/1.1.0.yaml")
        assert f"revision: {NEXT}\n" in version
        assert empty("outdated").code == 0
        assert empty("verify", "tiny-llama@1.1.0", "--full").code == 0

    @pytest.mark.parametrize(
        ("status", "headers", "code"),
        [(404, {"X-Error-Code": "RepoNotFound"}, 2), (403, {"X-Error-Code": "GatedRepo"}, 4), (500, {}, 4)],
    )
    def test_refusals_are_one_sentence_and_write_nothing(
        self,
        tiny: HubServer,
        empty: Registry,
        monkeypatch: pytest.MonkeyPatch,
        status: int,
        headers: dict[str, str],
        code: int,
    ) -> None:
        token = "hf_" + "s" * 34
        monkeypatch.setenv("HF_TOKEN", token)
        tiny.refuse("/api/models/", status, headers)
        outcome = empty("import", "hf", ID)
        assert (outcome.code, outcome.out) == (code, ""), outcome.err
        assert outcome.err.count("\n") == 1
        assert token not in outcome.err
        assert empty.files() == {}

    @pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
    def test_a_kill_in_the_middle_leaves_nothing(
        self, tiny: HubServer, empty: Registry, how: signal.Signals, code: int
    ) -> None:
        tiny.stall("resolve", 60)
        command = [sys.executable, "-m", "budmodel", "-C", str(empty.root), "import", "hf", ID]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "tools")}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as child:
            deadline = time.monotonic() + 60
            while not any("resolve" in path for path in tiny.paths()) and time.monotonic() < deadline:
                time.sleep(0.05)
            child.send_signal(how)
            _, errors = child.communicate(timeout=60)
        assert child.returncode == code, errors
        assert "Traceback" not in errors
        assert empty.files() == {}

    def test_a_wrong_id_is_wrong_usage(self, tiny: HubServer, empty: Registry) -> None:
        outcome = empty("import", "hf", "not an id")
        assert outcome.code == 2
        assert outcome.err.count("\n") == 1
        assert tiny.log == []


@pytest.mark.skipif(not BODIES, reason="the recorded answers are not on this machine")
@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.name.removesuffix(".api.json"))
def test_every_recorded_answer_imports_and_a_second_run_is_clean(
    hub: HubServer,  # noqa: F811
    empty: Registry,
    path: Path,
) -> None:
    body = json.loads(path.read_bytes())
    hub.replay(body)
    stated = ("--architecture", "stated", "--parameter-count", "1B")
    first = empty("import", "hf", body["id"], "--json", *stated)
    assert first.code == 0, first.err
    before = empty.files()
    again = empty("import", "hf", body["id"], "--json", *stated)
    assert again.json["result"]["decision"] == "unchanged"
    assert empty.files() == before


@pytest.mark.usefixtures("aws")
class TestS3:
    def test_the_seed_s_custom_registration_is_filled_and_verified(
        self,
        s3: S3Server,  # noqa: F811
        empty: Registry,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        bucket = s3.bucket()
        for path, content in model_files().items():
            s3.put(bucket, f"mine/1.0.0/{path}", content)
        uri = f"s3://{bucket}/mine/1.0.0/"
        seed = tmp_path / "seed.json"
        seed.write_text(
            json.dumps(
                {
                    "name": "mine",
                    "source": "custom",
                    "storage_path": uri,
                    "architecture": "llama",
                    "parameter_count": 32,
                }
            )
        )
        assert empty("add", "--from", str(seed)).code == 0
        filled = empty("import", "s3", uri, "--name", "mine", "--endpoint-url", s3.endpoint, "--json")
        assert filled.code == 0, filled.err
        assert filled.json["result"]["decision"] == "filled"
        again = empty("import", "s3", uri, "--name", "mine", "--endpoint-url", s3.endpoint, "--json")
        assert again.json["result"]["decision"] == "unchanged"
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint)
        assert empty("verify", "mine").code == 0
        assert empty("verify", "mine", "--full").out == f"mine@1.0.0 matches {uri} (3 by digest)\n"
        s3.put(bucket, "mine/1.0.0/config.json", b"{}")
        s3.client.delete_object(Bucket=bucket, Key="mine/1.0.0/README.md")
        s3.put(bucket, "mine/1.0.0/extra.bin", b"x")
        broken = empty("verify", "mine", "--json")
        assert broken.code == 1
        assert broken.json["total"] == 3
        place = broken.json["result"]["places"][0]
        assert {item["path"]: item["problem"] for item in place["problems"]} == {
            "config.json": "size",
            "README.md": "missing",
            "extra.bin": "extra",
        }

    def test_an_object_replaced_by_one_of_the_same_size_is_found(
        self,
        s3: S3Server,  # noqa: F811
        empty: Registry,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint)
        bucket = s3.bucket(versioned=True)
        for path, content in model_files().items():
            s3.put(bucket, f"m/{path}", content)
        assert empty("import", "s3", f"s3://{bucket}/m", "--name", "m").code == 0
        assert empty("verify", "m").out == f"m@1.0.0 matches s3://{bucket}/m/ (3 by entity tag)\n"
        s3.put(bucket, "m/model.safetensors", safetensors(fill=b"\1"))
        outcome = empty("verify", "m", "--json")
        assert outcome.code == 1
        assert [item["problem"] for item in outcome.json["result"]["places"][0]["problems"]] == ["sha256"]
        # The same bytes again: another object, nothing wrong.
        s3.put(bucket, "m/model.safetensors", safetensors())
        assert empty("verify", "m").code == 0

    def test_a_place_that_cannot_be_read_is_never_a_match(self, empty: Registry, registry: Registry) -> None:
        registry.write(
            "models/llama-3/versions/3.0.0.yaml",
            "version: 3.0.0\nreleased: 2024-07-23T00:00:00Z\nstorage_path: file:///srv/m/\n"
            f"files:\n  - {{path: a, size: 1, sha256: {'ab' * 32}}}\n",
        )
        outcome = registry("verify", "llama-3@3.0.0")
        assert (outcome.code, outcome.out, outcome.err) == (
            4,
            "",
            "budmodel: file:///srv/m/: a place of file: cannot be read from here; name a copy of it with "
            "--path DIR\n",
        )

    def test_a_versioned_bucket_pins_its_objects(self, s3: S3Server, empty: Registry) -> None:  # noqa: F811
        bucket = s3.bucket(versioned=True)
        for path, content in model_files().items():
            s3.put(bucket, f"m/{path}", content)
        outcome = empty("import", "s3", f"s3://{bucket}/m", "--name", "m", "--endpoint-url", s3.endpoint)
        assert outcome.code == 0, outcome.err
        assert empty.read("models/m/versions/1.0.0.yaml").count("version_id: ") == 3


class TestFolder:
    def test_import_and_verify_a_local_copy(self, empty: Registry, tmp_path: Path) -> None:
        folder = tmp_path / "My Model"
        folder.mkdir()
        for path, content in model_files().items():
            (folder / path).write_bytes(content)
        outcome = empty("import", "local", str(folder), "--name", "mine", "--now", "2026-01-01")
        assert outcome.code == 0, outcome.err
        assert 'released: "2026-01-01T00:00:00Z"\n' in empty.read("models/mine/versions/1.0.0.yaml")
        assert str(folder).encode() not in b"".join(empty.files().values())
        assert empty("import", "local", str(folder), "--name", "mine").out.startswith(
            "mine@1.0.0: up to date"
        )
        assert empty("verify", "mine", "--path", str(folder)).out == (
            f"mine@1.0.0 matches {folder} (3 by digest)\n"
        )
        asked = empty("verify", "mine")
        assert (asked.code, asked.err) == (
            4,
            "budmodel: mine@1.0.0 names no place that can be asked; name a copy with --path DIR\n",
        )
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-1] + b"\1")
        wrong = empty("verify", "mine", "--path", str(folder))
        assert wrong.code == 1
        assert wrong.out.startswith(f"mine@1.0.0 does not match {folder}: 1 problem (compared 3 by digest)\n")
        assert "  model.safetensors: sha256 is " in wrong.out

    def test_a_version_without_files_cannot_be_verified(self, registry: Registry) -> None:
        assert registry("version", "add", "llama-3", "2.0.0").code == 0
        outcome = registry("verify", "llama-3@2.0.0")
        assert (outcome.code, outcome.err) == (
            4,
            "budmodel: llama-3@2.0.0 does not list its files, so there is nothing to compare with; record "
            "them with budmodel import\n",
        )
