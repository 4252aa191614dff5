"""The commands of the guides, run in order by a shell: real Git, clamd and S3, a registry of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from scanners.clamd_server import needs_clamd, running_clamd
from scanners.structure_files import safetensors, tensor
from signing import KeyPair
from sources.s3_server import ACCESS_KEY, SECRET_KEY, S3Server, clean_environment, s3  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
NAME = "support-assistant-8b"
WEIGHTS = safetensors({"w": tensor("F32", [2, 2], 0, 16)}, b"\0" * 16)
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]*)")?\n(.*?)^```$', re.M | re.S)


class Block(NamedTuple):
    """A fenced block of a guide."""

    language: str
    title: str
    text: str


def blocks(guide: str, title: str = "") -> list[Block]:
    """The shell blocks of a guide that have a title."""
    text = (ROOT / "site/docs/guides" / f"{guide}.md").read_text()
    return [block for found in BLOCK.findall(text) if (block := Block(*found))[:2] == ("sh", title)]


def block(guide: str, title: str) -> str:
    """The text of the one block with a title."""
    text = (ROOT / "site/docs/guides" / f"{guide}.md").read_text()
    (found,) = [found[2] for found in BLOCK.findall(text) if found[1] == title]
    return str(found)


class Desk:
    """Where somebody works: a clone of a registry, their home, and the command on the search path."""

    def __init__(self, home: Path) -> None:
        self.clone = home / "registry"
        self.environment = {
            **clean_environment(),
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "PYTHONPATH": str(ROOT / "tools"),
            "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        (home / "bin").mkdir()
        script = home / "bin/budmodel"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m budmodel "$@"\n')
        script.chmod(0o755)

    def run(self, script: str, code: int = 0) -> str:
        """Runs lines of a guide; the first that fails ends them. Returns what they printed."""
        told = subprocess.run(
            ["sh", "-eu", "-c", script],
            cwd=self.clone,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert told.returncode == code, told.stdout + told.stderr
        return told.stdout


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A clone of a registry that holds some models, its licences and one trusted key; and the weights."""
    key = KeyPair.make()
    found = Desk(tmp_path)
    base = found.clone / "catalog"
    for name in ("qwen3-8b", "llama-3.1-8b", "llama-3.1-8b-instruct"):
        shutil.copytree(ROOT / f"catalog/models/{name}", base / f"models/{name}")
    shutil.copytree(ROOT / "catalog/licenses", base / "licenses")
    for name in ("catalog.yaml", "benchmarks.yaml", "hardware.yaml"):
        shutil.copy(ROOT / "catalog" / name, base)
    (base / "allowed_signers").write_text(key.allowed("scanner@example.org"))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/scanner").write_bytes(key.private)
    (tmp_path / ".ssh/scanner").chmod(0o600)
    (found.clone / ".gitignore").write_text(f"/{NAME}/\n")
    found.run(
        "git config --global user.name Ann; git config --global user.email ann@example.org\n"
        "git init -q -b main; git add -A; git commit -q -m Begin\n"
        "git clone -q --bare . ../origin.git; git remote add origin ../origin.git; git fetch -q"
    )
    (found.clone / NAME).mkdir()
    (found.clone / NAME / "model.safetensors").write_bytes(WEIGHTS)
    return found


@pytest.fixture
def clamd(desk: Desk) -> Iterator[None]:
    """A daemon whose signatures are of today."""
    with running_clamd(dated=(27_000, datetime.now(UTC))) as server:
        desk.environment["BUDMODEL_CLAMD"] = server.unix
        yield


def running(waiver: str) -> str:
    """The waiver as one that has not ended on the day of the test."""
    end = datetime.now(UTC).date() + timedelta(days=30)
    text, count = re.subn(r"(?m)^expires: .*$", f"expires: {end}", waiver)
    assert count == 1
    return text


@pytest.fixture
def waived(desk: Desk) -> Desk:
    """The registry with the waivers under which its models may be used, unscanned as they are."""
    shutil.copytree(ROOT / "catalog/waivers", desk.clone / "catalog/waivers")
    for path in (desk.clone / "catalog/waivers").iterdir():
        path.write_text(running(path.read_text()))
    desk.run("git add -A; git commit -q -m Waivers; git push -q origin main")
    return desk


def findings(desk: Desk) -> list[tuple[str, str]]:
    """What the gate says of the branch."""
    script = "budmodel check --base origin/main --format json || true"
    return [(one["rule"], one["severity"]) for one in json.loads(desk.run(script))["findings"]]


@needs_clamd
def test_a_custom_model_is_onboarded_as_the_guide_says(desk: Desk, clamd: None) -> None:
    told = "".join(desk.run(one.text) for one in blocks("onboard-a-custom-model"))
    assert "qwen3-8b" in told
    desk.run(block("onboard-a-custom-model", "denied"), code=1)
    assert findings(desk) == []
    assert "add-support-assistant" in desk.run("git -C ../origin.git branch")
    question = f"budmodel deploy-check {NAME} --use commercial --json"
    assert json.loads(desk.run(question))["decision"] == "allow"


def test_a_waiver_stands_in_for_the_scan_once_it_is_merged(desk: Desk) -> None:
    guide = "onboard-a-custom-model"
    for one in blocks(guide):
        if re.search("budmodel add|import local|git commit", one.text):
            desk.run(one.text)
    assert ("scan-missing", "error") in findings(desk)
    (digest,) = re.findall(r"[0-9a-f]{64}", desk.run(f"budmodel show {NAME} | grep manifest_sha256"))
    branch, send = blocks(guide, "waiver")
    desk.run(branch.text)
    path = "catalog/waivers/support-assistant-8b.yaml"
    (desk.clone / path).parent.mkdir(exist_ok=True)
    (desk.clone / path).write_text(running(re.sub(r"[0-9a-f]{64}", digest, block(guide, path))))
    desk.run(send.text)
    assert {severity for _, severity in findings(desk)} == {"warning"}
    desk.run("git push -q origin HEAD:main; git fetch -q; git switch -q add-support-assistant")
    desk.run("budmodel check --base origin/main")
    assert ("scan-missing", "error") not in findings(desk)


def test_the_files_can_come_from_a_bucket(desk: Desk, s3: S3Server) -> None:  # noqa: F811
    bucket = s3.bucket()
    s3.put(bucket, f"{NAME}/1.0.0/model.safetensors", WEIGHTS)
    keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_REGION": "us-east-1"}
    desk.environment.update(keys)
    guide = "onboard-a-custom-model"
    for one in blocks(guide)[:2]:
        desk.run(one.text)
    script = block(guide, "instead, from a bucket").replace("my-models", bucket)
    desk.run(script.replace("https://minio.example.org", s3.endpoint))
    version = (desk.clone / f"catalog/models/{NAME}/versions/1.0.0.yaml").read_text()
    assert f"s3://{bucket}/{NAME}/1.0.0/" in version and SECRET_KEY not in version


def test_the_pipeline_of_the_deployment_guide(waived: Desk) -> None:
    first, one_line = blocks("deploy")[:2]
    assert "warn: qwen3-8b@1.0.0" in waived.run(first.text)
    waived.run("budmodel site build")
    step = block("deploy", "a step of the pipeline")
    published = "https://models.example.org/api"
    waived.environment["MODEL"] = "qwen3-8b"
    for script in (one_line.text, step):
        waived.run(script.replace(published, "build/site/api"))
    waived.run("budmodel deploy-check qwen3-8b --use commercial --max-age 24h")
    # No: withdrawn. Wrong: no such model. Undecided: no such site.
    waived.run("budmodel version yank qwen3-8b 1.0.0 --reason wrong --commit; budmodel site build")
    no = waived.run(step.replace(published, "build/site/api"), code=1)
    assert "deny" in no and "may be deployed" not in no
    waived.run("budmodel deploy-check qwen3-8b --use commercial", code=1)
    waived.run("budmodel deploy-check no-such --use commercial --catalog build/site/api", code=2)
    waived.run("budmodel deploy-check qwen3-8b --use commercial --catalog http://127.0.0.1:9/api", code=4)


def test_a_registry_begins_empty_as_the_guide_says(waived: Desk) -> None:
    waived.run(block("first-steps", "in your copy"))
    assert not (waived.clone / "catalog/models").exists()
    waived.run("git commit -q -m Begin; budmodel list; budmodel license show MIT; budmodel init ../another")
    waived.run("budmodel --root ../another check")


def test_a_licence_is_added_and_judged_as_the_guide_says(desk: Desk) -> None:
    guide = "licences"
    look, parent, _, add = blocks(guide)
    desk.run(look.text)
    path = "catalog/licenses/acme-model-licence.yaml"
    (desk.clone / path).write_text(block(guide, path))
    desk.run("git switch -q -c add-acme-licence origin/main")
    desk.run(add.text)
    assert findings(desk) == []
    desk.run("git push -q origin HEAD:main; git fetch -q")
    desk.run("budmodel add my-model --architecture qwen3 --parameter-count 8B --license acme-1.0 --owner us")
    desk.run("budmodel version add my-model 1.0.0 --storage-path s3://b/m/ --set-default")
    # The parent whose version the guide names is there, and its licence allows this one.
    assert "qwen3-8b@1.0.0" in desk.run(parent.text)
    assert "license-lineage-conflict" not in {rule for rule, _ in findings(desk)}
    for asked, decision in {
        "--use commercial": "warn",
        "--use commercial --mau 1M": "allow",
        "--use commercial --mau 2M": "deny",
        "--use research --mau 1M --redistribute": "deny",
        "--use research --mau 1M --derivative": "allow",
    }.items():
        script = f"budmodel license check my-model {asked} --json || true"
        assert json.loads(desk.run(script))["decision"] == decision, asked


def test_the_acknowledgment_of_the_deployment_guide(waived: Desk) -> None:
    ask = "budmodel deploy-check llama-3.1-8b-instruct --use commercial --mau 5 --as ann@example.org --json"
    policy = "catalog/policy.yaml"
    (waived.clone / policy).write_text(block("deploy", policy))
    waived.run("git add -A; git commit -q -m Policy")
    denied = json.loads(waived.run(ask, code=1))
    assert "acknowledgment-missing" in {reason["code"] for reason in denied["reasons"]}
    (acknowledge,) = [one.text for one in blocks("deploy") if "license acknowledge " in one.text]
    assert "ann@example.org" in waived.run(acknowledge)
    allowed = json.loads(waived.run(ask))
    assert "acknowledgment-missing" not in {reason["code"] for reason in allowed["reasons"]}
