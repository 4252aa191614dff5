"""``budmodel benchmark import`` and ``add``, as a user runs them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from cli.small_catalog import Registry

BENCHMARKS = Path(__file__).parents[2] / "catalog" / "benchmarks.yaml"

RUN = {
    "results": {"winogrande": {"acc,none": 0.7, "acc_stderr,none": 0.01}, "own_task": {"acc,none": 0.1}},
    "versions": {"winogrande": 1.0},
    "n-shot": {"winogrande": 5},
    "n-samples": {"winogrande": {"effective": 1267}},
    "config": {"model_args": "pretrained=somewhere/llama-3"},
    "lm_eval_version": "0.4.8",
    "date": 1751326796.89,
}
EXPECTED = """\
# yaml-language-server: $schema=../../../../../schemas/v1/results.schema.json
results:
  - benchmark: winogrande
    metric: acc
    value: 0.7
    unit: fraction
    stderr: 0.01
    samples: 1267
    settings:
      num_fewshot: 5
      harness: lm-eval
      task_version: "1.0"
    tool:
      name: lm-evaluation-harness
      version: 0.4.8
    date: "2025-06-30"
    source: results.json (sha256 {sha256})
    origin: measured
"""


@pytest.fixture
def results(registry: Registry, tmp_path: Path) -> Path:
    registry.write("benchmarks.yaml", BENCHMARKS.read_text(encoding="utf-8"))
    path = tmp_path / "results.json"
    path.write_text(json.dumps(RUN))
    return path


def test_import_writes_one_file_and_says_what_it_left_out(registry: Registry, results: Path) -> None:
    outcome = registry("benchmark", "import", "llama-3", str(results))
    assert outcome.code == 0
    assert "left out, as catalog/benchmarks.yaml does not define it: own_task acc" in outcome.err
    (path,) = [path for path in registry.files() if "2025-06-30-lm-eval-" in path]
    sha256 = hashlib.sha256(results.read_bytes()).hexdigest()
    folded = " ".join(registry.files()[path].decode().split()).replace(">- ", "")
    assert folded == " ".join(EXPECTED.format(sha256=sha256).split())
    again = registry("benchmark", "import", "llama-3", str(results))
    assert (again.code, again.out) == (0, "")
    assert "1 result of llama-3" in again.err
    assert "already recorded" in again.err


def test_dry_run_writes_nothing(registry: Registry, results: Path) -> None:
    before = registry.files()
    outcome = registry("benchmark", "import", "llama-3", str(results), "--dry-run")
    assert (outcome.code, registry.files()) == (0, before)
    assert "+  - benchmark: winogrande" in outcome.out


def test_json_names_what_was_written(registry: Registry, results: Path) -> None:
    written = registry("benchmark", "import", "llama-3", str(results), "--json").json
    assert "benchmarks/" in json.dumps(written)


def test_add_records_a_published_number(registry: Registry, results: Path) -> None:
    command = ["benchmark", "add", "llama-3", "--benchmark", "mmlu", "--value", "0.66"]
    outcome = registry(
        *command,
        "--source",
        "https://example.org/report",
        "--setting",
        "num_fewshot=5",
        "--date",
        "2026-01-02",
    )
    assert outcome.code == 0
    (path,) = [path for path in registry.files() if "2026-01-02-published-" in path]
    text = registry.files()[path].decode()
    assert "value: 0.66\n" in text
    assert "num_fewshot: 5\n" in text
    assert "source: https://example.org/report\n" in text
    assert "origin: maker\n" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--benchmark", "mmlu", "--value", "66", "--source", "https://a.org"], "percent as a fraction"),
        (["--benchmark", "mmlu", "--value", "0.6", "--source", "a paper"], "must be the http(s) address"),
        (["--benchmark", "mmlv", "--value", "0.6", "--source", "https://example.org"], "mmlu"),
        (["--benchmark", "mmlu", "--metric", "f1", "--value", "0.6", "--source", "https://a.org"], "has acc"),
        (["--benchmark", "mmlu", "--value", "nan", "--source", "https://example.org"], "nan cannot be"),
    ],
)  # fmt: skip
def test_add_refuses(registry: Registry, results: Path, arguments: list[str], words: str) -> None:
    before = registry.files()
    outcome = registry("benchmark", "add", "llama-3", *arguments)
    assert outcome.code == 2
    assert words in outcome.err
    assert registry.files() == before


def test_unreadable_file_writes_nothing_of_the_others(
    registry: Registry, results: Path, tmp_path: Path
) -> None:
    before = registry.files()
    outcome = registry("benchmark", "import", "llama-3", str(results), str(tmp_path / "nothing.json"))
    assert outcome.code == 2
    assert registry.files() == before
