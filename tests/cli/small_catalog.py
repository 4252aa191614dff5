"""A small registry in a temporary folder, and the real command line on it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from budmodel.cli.main import run

NOW = "2026-11-22T12:00:00Z"
SHA = "ab" * 32
COMMIT = "c" * 40

MODEL = """\
# yaml-language-server: $schema=../../../schemas/v1/model.schema.json
# Checked by hand.
name: llama-3
architecture: llama
parameter_count: 8030261248   # counted
description: Pretrained 8B model.
license_type: llama-3-community
tags: [llm, base]
source: {type: huggingface, model_id: meta-llama/Meta-Llama-3-8B}
default_version: 1.0.0
aliases: {production: 1.0.0}
status: active
owners:
  - ml-platform   # the team
"""
VERSION = f"""\
version: {{version}}
released: 2024-07-23T00:00:00Z   # as the Hub says
changelog: First import.
source: {{{{type: huggingface, model_id: meta-llama/Meta-Llama-3-8B, revision: {COMMIT}}}}}
storage_path: s3://bud-models/llama-3/{{version}}/
files:
  - {{{{path: model.safetensors, size: 1000, sha256: "{SHA}"}}}}
"""
CHILD = """\
name: llama-3-instruct
architecture: Llama
parameter_count: 70600000000
license_type: MIT AND LLAMA-3-community
tags: [chat]
status: deprecated
base_models:
  - {model: llama-3, relation: finetune}
"""
API = """\
name: gpt-5
architecture: gpt
license_type: openai-tos
source: {type: api}
"""
LICENSE = """\
id: llama-3-community
name: Llama 3 Community License
aliases: [llama3]
commercial_use: conditional
derivatives: true
monthly_active_users_limit: 700000000
source: the text
"""
REVIEWED = "reviewed: {by: legal, on: 2026-01-01}\n"
MIT = f"id: MIT\nname: MIT License\ncommercial_use: true\nsource: the text\n{REVIEWED}"
WAIVER = """\
rules: [scan-missing]
targets: [llama-3@1.0.0]
manifest_sha256: {manifest}
reason: nobody has seen the bytes
approved_by: sec
expires: 2027-05-22
"""


@dataclass
class Outcome:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


class Registry:
    """A registry and the command line on it."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str] | None) -> None:
        self.root = root
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Outcome:
        assert self._capsys is not None, "made for its files alone"
        self._capsys.readouterr()
        try:
            code = run(["-C", str(self.root), *arguments])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        captured = self._capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    def write(self, path: str, text: str) -> Path:
        """Writes a file below catalog/."""
        file = self.root / "catalog" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        return file

    def read(self, path: str) -> str:
        """A file below catalog/, byte for byte."""
        return (self.root / "catalog" / path).read_bytes().decode()

    def files(self) -> dict[str, bytes]:
        """All files with their bytes, to show that nothing was written."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and ".git" not in path.parts
        }

    def git(self, *arguments: str, when: str = "2026-01-01T00:00:00Z") -> str:
        """Real Git."""
        env = {**os.environ, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        return subprocess.run(
            ["git", "-C", str(self.root), *arguments], env=env, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit_all(self, message: str, when: str = "2026-01-01T00:00:00Z") -> str:
        """A repository with everything committed."""
        if not (self.root / ".git").exists():
            self.git("init", "-q", "-b", "main")
            self.git("config", "user.name", "Ada")
            self.git("config", "user.email", "ada@example.org")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, when=when)
        return self.git("rev-parse", "HEAD")


def fill(registry: Registry) -> Registry:
    """Three models, two licences."""
    registry.write("models/llama-3/model.yaml", MODEL)
    registry.write("models/llama-3/versions/1.0.0.yaml", VERSION.format(version="1.0.0"))
    registry.write("models/llama-3/versions/1.1.0.yaml", VERSION.format(version="1.1.0"))
    registry.write("models/llama-3-instruct/model.yaml", CHILD)
    registry.write("models/gpt-5/model.yaml", API)
    registry.write("licenses/llama-3-community.yaml", LICENSE)
    registry.write("licenses/MIT.yaml", MIT)
    return registry
