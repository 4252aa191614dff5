"""A realistic catalog of N models for measuring: each with a version, a scan and a file of results.

    python benchmarks/generate.py DIR [N]

The content is made up and deterministic (a seeded generator); it says so in each description, and it never
enters the real catalog. The folder becomes a Git repository with one commit, packed as a clone has it, of a
day when no evidence was stale (``WHEN``).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from budmodel.domain.manifest import manifest_sha256
from budmodel.schema.version import File

ARCHITECTURES = ("llama", "qwen3", "mistral", "gemma2", "phi3", "bert", "whisper", "qwen3_moe")
LICENSES = ("Apache-2.0", "MIT", "llama-3.1-community", "CC-BY-NC-4.0", "gemma")
TASKS = ("text-generation", "feature-extraction", "automatic-speech-recognition")
WHEN = "2026-01-15T00:00:00Z"
"""The time of the commit, by which the site judges; check is told it with ``--now``."""
POLICY = "# Made for measuring: nobody signed these records.\nscans:\n  signatures_required: false\n"


def main() -> None:
    """Generates a catalog."""
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    folder = Path(sys.argv[1])
    generate(folder, int(sys.argv[2]) if len(sys.argv) == 3 else 10_000)


def generate(folder: Path, count: int) -> None:
    """Writes the catalog of ``count`` models into an absent or empty folder and commits it."""
    rng = random.Random(20_261_122)
    catalog = folder / "catalog"
    (catalog / "models").mkdir(parents=True)
    (catalog / "licenses").mkdir()
    (catalog / "catalog.yaml").write_text("format: 1\n")
    (catalog / "policy.yaml").write_text(POLICY)
    for license_ in LICENSES:
        (catalog / "licenses" / f"{license_}.yaml").write_text(_license(license_))
    for number in range(count):
        _model(catalog / "models", number, rng)
    _git(folder, "init", "-q", "-b", "main")
    commit(folder)
    _git(folder, "repack", "-adq")


def commit(folder: Path) -> None:
    """Commits everything, as of the day of the catalog."""
    _git(folder, "add", "catalog")
    _git(folder, "commit", "-qm", "catalog")


def _git(folder: Path, *args: str) -> None:
    settings = ["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0"]
    times = {"GIT_AUTHOR_DATE": WHEN, "GIT_COMMITTER_DATE": WHEN}
    subprocess.run(["git", *settings, *args], cwd=folder, env={**os.environ, **times}, check=True)


def _license(name: str) -> str:
    return (
        f"id: {name}\nname: {name}\ncommercial_use: true\nderivatives: true\nsource: made up for measuring\n"
    )


def _model(models: Path, number: int, rng: random.Random) -> None:
    architecture = ARCHITECTURES[number % len(ARCHITECTURES)]
    name = f"{architecture.replace('_', '-')}-bench-{number:05d}"
    home = models / name
    for folder in ("versions", "scans", "benchmarks/1.0.0"):
        (home / folder).mkdir(parents=True)
    files = [
        File(path=path, size=rng.randrange(1, 10**9), sha256=f"{rng.getrandbits(256):064x}")
        for path in ("config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    ]
    revision = f"{rng.getrandbits(160):040x}"
    parent = f"{architecture.replace('_', '-')}-bench-{number - len(ARCHITECTURES):05d}"
    (home / "model.yaml").write_text(_model_yaml(name, architecture, number, rng, parent))
    (home / "versions" / "1.0.0.yaml").write_text(_version_yaml(architecture, name, revision, files))
    (home / "scans" / "1.0.0.yaml").write_text(_scan_yaml(name, revision, files))
    (home / "benchmarks" / "1.0.0" / "2026-01-01-bench-00000000.yaml").write_text(_results_yaml(rng))


def _model_yaml(name: str, architecture: str, number: int, rng: random.Random, parent: str) -> str:
    lineage = f"base_models:\n  - {{model: {parent}, relation: finetune}}\n" if number % 40 >= 8 else ""
    parameters = rng.randrange(10**8, 10**11)
    return f"""\
# yaml-language-server: $schema=../../../schemas/v1/model.schema.json
name: {name}
architecture: {architecture}
parameter_count: {parameters}
description: A model made up for measuring; number {number} of its kind, with a sentence of usual length.
context_length: {rng.choice((4096, 8192, 32768, 131072))}
license_type: {LICENSES[number % len(LICENSES)]}
license_restrictions:
  commercial_use: true
  derivatives: true
requirements:
  min_gpu_memory_gb: {max(1, parameters * 2 // 10**9)}
tags: [llm, chat, bench]
source: {{type: huggingface, model_id: bench/{name}}}
default_version: 1.0.0
status: active
{lineage}owners: [ml-platform]
modalities: {{input: [text], output: [text]}}
tasks: [{TASKS[number % len(TASKS)]}]
languages: [en, de]
links:
  homepage: https://example.org/{name}
"""


def _version_yaml(architecture: str, name: str, revision: str, files: list[File]) -> str:
    listed = "".join(
        f'  - {{path: {file.path}, size: {file.size}, sha256: "{file.sha256}"}}\n' for file in files
    )
    return f"""\
# yaml-language-server: $schema=../../../../schemas/v1/version.schema.json
version: 1.0.0
released: 2026-01-01T00:00:00Z
changelog: First import.
source: {{type: huggingface, model_id: bench/{name}, revision: "{revision}"}}
fingerprint:
  architecture: {architecture}
  vocab_size: 128256
  hidden_size: 4096
  num_hidden_layers: 32
format: safetensors
precision: bf16
files:
{listed}"""


def _scan_yaml(name: str, revision: str, files: list[File]) -> str:
    rows = "".join(
        f"  - {{path: {file.path}, engine: {engine}, {format_}verdict: clean, "
        f"bytes_seen: {file.size}, bytes_total: {file.size}}}\n"
        for file in files
        for engine, format_ in _engines(file.path.rpartition(".")[2])
    )
    return f"""\
name: {name}
version: 1.0.0
status: PASSED
manifest_sha256: "{manifest_sha256(files)}"
source: {{type: huggingface, model_id: bench/{name}, revision: "{revision}"}}
started: 2026-01-01T00:00:00Z
finished: 2026-01-01T01:00:00Z
engines:
  - {{name: clamav, version: 1.4.6, database: {{version: "27800", date: "2026-01-01T00:00:00Z"}}}}
  - {{name: content, version: 0.1.0}}
  - {{name: safetensors, version: 0.1.0}}
files:
{rows}"""


def _engines(format_: str) -> list[tuple[str, str]]:
    """The engines that see a file of a format, each with what its row says of the format."""
    seen = [("clamav", ""), ("content", f"format: {format_}, ")]
    return [*seen, ("safetensors", "")] if format_ == "safetensors" else seen


def _results_yaml(rng: random.Random) -> str:
    rows = "".join(
        f"""\
  - benchmark: {benchmark}
    metric: {metric}
    value: {rng.random():.4f}
    unit: fraction
    settings: {{num_fewshot: 5}}
    date: "2026-01-01"
    source: https://example.org/made-up-for-measuring
    origin: measured
"""
        for benchmark, metric in (("mmlu", "acc"), ("humaneval", "pass_at_1"))
    )
    return f"results:\n{rows}"


if __name__ == "__main__":
    main()
