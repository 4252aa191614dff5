"""``budmodel scan``, ``scans`` and ``import --scan`` through the command line, with a real clamd."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from budmodel.store.yaml_reader import load
from cli.small_catalog import MIT, Registry
from scanners.clamd_server import EICAR, MARKER, Clamd, needs_clamd, running_clamd
from scanners.structure_files import safetensors, tensor
from signing import KeyPair
from sources.s3_server import S3Server, aws, s3  # noqa: F401

pytestmark = needs_clamd
ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = safetensors({"w": tensor("F32", [2, 2], 0, 16)}, b"\0" * 16)
KEY = KeyPair.make()
WHO = "scanner@example.org"


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    with running_clamd() as server:
        yield server


@pytest.fixture(autouse=True)
def endpoint(clamd: Clamd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDMODEL_CLAMD", clamd.unix)
    monkeypatch.delenv("BUDMODEL_SIGNING_KEY", raising=False)


def tiny(registry: Registry, files: dict[str, bytes], version: str = "1.0.0", name: str = "tiny") -> Path:
    """A version of these files, and the folder that holds them."""
    folder = registry.root.parent / f"bytes-{name}-{version}"
    lines = []
    for path, content in sorted(files.items()):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f"  - {{path: {path}, size: {len(content)}, sha256: {digest!r}}}\n")
    registry.write(
        f"models/{name}/model.yaml",
        f"name: {name}\narchitecture: llama\nlicense_type: MIT\nsource: {{type: custom}}\n"
        f"default_version: {version}\nowners: [a]\nparameter_count: 4\n",
    )
    registry.write(
        f"models/{name}/versions/{version}.yaml",
        f"version: {version}\nreleased: 2026-01-01T00:00:00Z\nchangelog: A test.\nfiles:\n" + "".join(lines),
    )
    return folder


def key_file(registry: Registry, key: KeyPair = KEY) -> str:
    """A private key on the disk, which the catalog trusts."""
    path = registry.root.parent / "id"
    path.write_bytes(key.private)
    path.chmod(0o600)
    registry.write("allowed_signers", KEY.allowed(WHO))
    return str(path)


def record(registry: Registry, name: str = "tiny", version: str = "1.0.0") -> Any:
    return load((registry.root / f"catalog/models/{name}/scans/{version}.yaml").read_bytes())


def test_a_clean_version_passes_and_its_record_proves_it(empty: Registry) -> None:
    folder = tiny(empty, {"model.safetensors": WEIGHTS, "README.md": b"# words\n"})
    outcome = empty("scan", "tiny", "--path", str(folder), "--key", key_file(empty))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "tiny@1.0.0: PASSED (2 files, 97 bytes; 2 read)\n"
    found = record(empty)
    assert found["status"] == "PASSED"
    assert {row["engine"] for row in found["files"]} == {"clamav", "content", "safetensors"}
    assert found["signature"]["signer"] == WHO
    assert empty("scan-verify", "tiny").code == 0


def test_malware_fails_and_is_named(empty: Registry) -> None:
    folder = tiny(empty, {"model.bin": EICAR})
    outcome = empty("scan", "tiny@1.0.0", "--path", str(folder))
    assert outcome.code == 1
    assert outcome.out.startswith("tiny@1.0.0: FAILED (1 file, 68 bytes; 1 read)\n")
    assert "malware:Eicar-Test-Signature" in outcome.out
    assert "the records are not signed; give --key, or the gate says scan-unsigned" in outcome.err


def test_json_is_one_object(empty: Registry) -> None:
    folder = tiny(empty, {"a.txt": b"words\n"})
    outcome = empty("scan", "tiny", "--path", str(folder), "--json")
    assert outcome.json["schema_version"] == 1
    assert outcome.json["total"] == 1
    (version,) = outcome.json["result"]["versions"]
    assert (version["name"], version["version"], version["status"]) == ("tiny", "1.0.0", "PASSED")
    assert (version["result"], version["written"], version["files_read"]) == ("passed", True, 1)


def test_no_clamd_is_told_and_nothing_passes(empty: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDMODEL_CLAMD", f"unix:{empty.root}/none.sock")
    folder = tiny(empty, {"a.txt": b"words\n"})
    outcome = empty("scan", "tiny", "--path", str(folder))
    assert outcome.code == 4
    assert record(empty)["status"] == "SCANNING"
    assert "none.sock" in record(empty)["attempt"]["error"]


def test_a_dry_run_reads_and_writes_nothing(empty: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDMODEL_CLAMD", "unix:/nowhere")
    folder = tiny(empty, {"a.txt": b"words\n"})
    before = empty.files()
    outcome = empty("scan", "--all", "--path", str(folder), "--dry-run")
    assert (outcome.code, outcome.out) == (
        0,
        f"tiny@1.0.0: would scan 1 file, 6 bytes from {folder} (now not scanned)\n",
    )
    assert empty.files() == before
    assert empty("scan", "tiny", "--dry-run").out == (
        "tiny@1.0.0: would scan 1 file, 6 bytes whose place is not recorded; add --path DIR "
        "(now not scanned)\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say what to scan"),
        (("tiny", "--all"), "only one of these"),
        (("--changed",), "--changed and --base REV belong together"),
        (("--all", "--shard", "3/2"), "write I/N"),
        (("tinny",), "did you mean tiny?"),
        (("tiny", "--skip", " "), "--skip needs a reason"),
    ],
)
def test_wrong_usage_is_one_sentence(empty: Registry, arguments: tuple[str, ...], said: str) -> None:
    tiny(empty, {"a.txt": b"words\n"})
    outcome = empty("scan", *arguments)
    assert outcome.code in (2, 3)
    assert said in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_skip_is_recorded_with_its_reason(empty: Registry) -> None:
    tiny(empty, {"a.txt": b"words\n"})
    assert empty("scan", "tiny", "--skip", "scanned by the vendor").code == 0
    assert (record(empty)["status"], record(empty)["reason"]) == ("SKIPPED", "scanned by the vendor")


def test_shards_share_all_versions_among_themselves(empty: Registry) -> None:
    for number in range(12):
        tiny(empty, {"a.txt": b"%d\n" % number}, name=f"m{number}")
    shards = [
        {
            version["name"]
            for version in empty("scan", "--all", "--shard", f"{part}/3", "--dry-run", "--json").json[
                "result"
            ]["versions"]
        }
        for part in (1, 2, 3)
    ]
    assert sorted(name for shard in shards for name in shard) == sorted(f"m{number}" for number in range(12))


def test_scans_lists_what_is_known(empty: Registry) -> None:
    folder = tiny(empty, {"a.txt": b"words\n"})
    tiny(empty, {"b.txt": b"others\n"}, name="other")
    empty("scan", "tiny", "--path", str(folder), "--key", key_file(empty))
    rows = {row["name"]: row for row in empty("scans", "--json").json["result"]}
    assert rows["tiny"]["status"] == "PASSED"
    assert rows["tiny"]["signature"]["kind"] == "trusted"
    assert (rows["other"]["status"], rows["other"]["text"]) == (None, "not scanned")
    # The signatures of the tests bear no date, which the policy does not believe.
    assert rows["tiny"]["stale"] == ["the signatures of clamav bear no date"]
    assert (rows["tiny"]["ok"], rows["tiny"]["text"][17:]) == (
        False,
        ", in doubt: the signatures of clamav bear no date",
    )
    outcome = empty("scans")
    assert outcome.code == 0
    assert WHO in outcome.out
    assert "1 of 2 versions passed" in outcome.err


def test_the_local_import_reads_once_for_both(empty: Registry) -> None:
    folder = empty.root.parent / "new"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    outcome = empty(
        "import",
        "local",
        str(folder),
        "--name",
        "new",
        "--architecture",
        "llama",
        "--license",
        "MIT",
        "--scan",
        "--key",
        key_file(empty),
        "--json",
    )
    assert outcome.code == 0
    scan = outcome.json["result"]["scan"]
    assert (scan["status"], scan["files_read"], scan["written"]) == ("PASSED", 0, True)
    assert record(empty, "new")["status"] == "PASSED"
    again = empty("scan", "new", "--path", str(folder), "--key", key_file(empty)).out
    assert again.startswith(f"new@1.0.0: PASSED (1 file, {len(WEIGHTS)} bytes; none read again")


def test_an_import_of_malware_is_recorded_and_fails(empty: Registry) -> None:
    folder = empty.root.parent / "new"
    folder.mkdir()
    (folder / "model.bin").write_bytes(MARKER)
    outcome = empty(
        "import",
        "local",
        str(folder),
        "--name",
        "new",
        "--architecture",
        "llama",
        "--parameter-count",
        "4",
        "--scan",
    )
    assert outcome.code == 1
    assert record(empty, "new")["status"] == "FAILED"


def test_an_import_without_clamd_begins_nothing(empty: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDMODEL_CLAMD", "unix:/nowhere")
    folder = empty.root.parent / "new"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"words\n")
    before = empty.files()
    assert empty("import", "local", str(folder), "--name", "new", "--scan").code == 4
    assert empty.files() == before


def test_s3_is_read_once_and_bound_to_its_place(
    empty: Registry,
    s3: S3Server,  # noqa: F811
    aws: pytest.MonkeyPatch,  # noqa: F811
) -> None:
    bucket = s3.bucket(versioned=True)
    s3.put(bucket, "tiny/1.0.0/model.safetensors", WEIGHTS)
    uri = f"s3://{bucket}/tiny/1.0.0/"
    outcome = empty(
        "import",
        "s3",
        uri,
        "--endpoint-url",
        s3.endpoint,
        "--name",
        "tiny",
        "--architecture",
        "llama",
        "--scan",
        "--json",
    )
    assert outcome.code == 0, outcome.err
    assert outcome.json["result"]["scan"]["files_read"] == 0
    assert record(empty)["locations"] == [uri]
    # Somebody puts other bytes there: that is no verdict on the version, and its verdict stays.
    s3.put(bucket, "tiny/1.0.0/model.safetensors", WEIGHTS[:-1] + b"\1")
    outcome = empty("scan", "tiny", "--endpoint-url", s3.endpoint, "--json")
    assert outcome.code == 4
    (version,) = outcome.json["result"]["versions"]
    assert (version["status"], version["result"]) == ("PASSED", "incomplete")
    assert "is not the file that the version records" in version["error"]


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)], ids=["int", "kill"])
def test_a_run_that_is_ended_leaves_a_clear_state(empty: Registry, how: signal.Signals, code: int) -> None:
    """The real process, interrupted or killed once its record says that it runs; the next run finishes."""
    folder = tiny(empty, {f"f{number}.txt": b"%d\n" % number * 50_000 for number in range(400)})
    command = [
        sys.executable,
        "-P",
        "-m",
        "budmodel",
        "-C",
        str(empty.root),
        "scan",
        "tiny",
        "--path",
        str(folder),
    ]
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tools")},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    scan = empty.root / "catalog/models/tiny/scans/1.0.0.yaml"
    while not scan.exists() and process.poll() is None:
        pass
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    if process.returncode == 0:
        pytest.skip("this machine was faster than the signal")
    assert process.returncode == code, (out, err)
    assert "Traceback" not in err
    assert record(empty)["status"] == "SCANNING"
    assert empty("scan", "tiny", "--path", str(folder)).code == 0
    assert record(empty)["status"] == "PASSED"
    assert [path.name for path in scan.parent.iterdir()] == ["1.0.0.yaml"]


@pytest.mark.skipif(shutil.which("sh") is None, reason="no sh")
def test_the_script_scans_a_branch_of_a_real_remote(empty: Registry, clamd: Clamd, tmp_path: Path) -> None:
    key = key_file(empty)
    empty.write("licenses/MIT.yaml", MIT)
    empty.commit_all("The base")
    remote, clone = tmp_path / "remote.git", tmp_path / "clone"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", remote], check=True)
    empty.git("push", "-q", str(remote), "main")
    empty.git("checkout", "-q", "-b", "new-model")
    bucket = tmp_path / "bucket"
    folder = tiny(empty, {"model.safetensors": WEIGHTS})
    # The branch brings a hook and a signer of its own; neither counts.
    empty.commit_all("Add a model")
    empty.git("push", "-q", str(remote), "new-model")
    subprocess.run(["git", "clone", "-q", "-b", "new-model", remote, clone], check=True)
    assert not bucket.exists()
    environment = {
        **os.environ,
        "BUDMODEL": str(tmp_path / "budmodel"),
        "BUDMODEL_SIGNING_KEY": key,
        "BUDMODEL_CLAMD": clamd.unix,
    }
    (tmp_path / "budmodel").write_text(
        f'#!/bin/sh\nPYTHONPATH={ROOT / "tools"} exec {sys.executable} -P -m budmodel "$@"\n'
    )
    (tmp_path / "budmodel").chmod(0o755)
    command = [
        "sh",
        str(ROOT / "scripts/scan-branch.sh"),
        str(clone),
        "new-model",
        "origin/main",
        "--path",
        str(folder),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    log = subprocess.run(
        ["git", "-C", remote, "log", "--format=%an: %s", "new-model"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert log[:2] == ["budmodel scan: Record 1 scan record", "budmodel scan: Record 1 scan record"]
    shown = [
        load(
            subprocess.run(
                ["git", "-C", remote, "show", f"new-model~{back}:catalog/models/tiny/scans/1.0.0.yaml"],
                capture_output=True,
                check=True,
            ).stdout
        )
        for back in (1, 0)
    ]
    assert [one["status"] for one in shown] == ["SCANNING", "PASSED"]
    assert shown[1]["signature"]["signer"] == WHO
    # A second run has nothing to say.
    head = subprocess.run(
        ["git", "-C", remote, "rev-parse", "new-model"], capture_output=True, check=True
    ).stdout
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert (
        subprocess.run(
            ["git", "-C", remote, "rev-parse", "new-model"], capture_output=True, check=True
        ).stdout
        == head
    )
    assert json.loads(empty("scans", "--json").out)["total"] == 1
