"""The odd cases of real files, and files that are broken or hostile."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budmodel.errors import BudmodelError, ConflictError, DataError, NotFoundError, UsageError
from budmodel.operations.benchmark_importing import Import, StatedRun, plan_import
from budmodel.operations.benchmark_reading import read_results
from budmodel.operations.planning import carry_out
from budmodel.operations.workspace import open_workspace
from budmodel.schema.values import parse_timestamp
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree
from budmodel.store.yaml_reader import load

BENCHMARKS = Path(__file__).parents[2] / "catalog" / "benchmarks.yaml"
NOW = parse_timestamp("2026-11-23T00:00:00Z")
MODEL = """\
name: tiny
architecture: llama
parameter_count: 1000
source: {type: huggingface, model_id: acme/Tiny-1B}
default_version: 1.0.0
"""
VERSION = """\
version: 1.0.0
released: 2026-01-01T00:00:00Z
source: {type: huggingface, model_id: acme/Tiny-1B, revision: 0123456789012345678901234567890123456789}
"""
HARDWARE = "accelerators:\n  - {id: nvidia-h100-80gb, name: H100, memory_gb: 80, aliases: [h100]}\n"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    folder = tmp_path / "registry" / "catalog" / "models" / "tiny"
    (folder / "versions").mkdir(parents=True)
    (folder / "model.yaml").write_text(MODEL)
    (folder / "versions" / "1.0.0.yaml").write_text(VERSION)
    root = folder.parents[1]
    (root / "catalog.yaml").write_text("format: 1\n")
    (root / "hardware.yaml").write_text(HARDWARE)
    shutil.copy(BENCHMARKS, root / "benchmarks.yaml")
    return root.parent


def written(tmp_path: Path, data: Any, name: str = "results.json") -> str:
    path = tmp_path / name
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return str(path)


def imported(registry: Path, path: str, **stated: Any) -> Import:
    snapshot = Snapshot(WorkTree(registry))
    return plan_import(snapshot, "tiny", "1.0.0", [read_results(path)], StatedRun(**stated), NOW)


def rows_of(result: Import) -> list[dict[str, Any]]:
    return [row for change in result.plan.changes for row in load(change.new or b"")["results"]]


def lm_eval(results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"results": results, "versions": {}, "config": {"model_args": "pretrained=acme/Tiny-1B"}, **more}


def vllm(**more: Any) -> dict[str, Any]:
    return {
        "model_id": "acme/Tiny-1B",
        "completed": 100,
        "num_prompts": 100,
        "request_throughput": 1.0,
        "output_throughput": 50.0,
        "median_ttft_ms": 10.0,
        "p99_ttft_ms": 20.0,
        "date": "20260816-160853",
        **more,
    }


def test_old_and_new_metric_names_are_the_same(registry: Path, tmp_path: Path) -> None:
    old = lm_eval({"arc_challenge": {"acc": 0.5, "acc_stderr": 0.01, "acc_norm": 0.6}})
    new = lm_eval({"arc_challenge": {"acc,none": 0.5, "acc_stderr,none": 0.01, "acc_norm,none": 0.6}})
    found = [rows_of(imported(registry, written(tmp_path, one))) for one in (old, new)]
    for rows in found:
        assert [(row["metric"], row["value"], row.get("stderr")) for row in rows] == [
            ("acc", 0.5, 0.01),
            ("acc_norm", 0.6, None),
        ]


def test_percent_is_recorded_as_fractions(registry: Path, tmp_path: Path) -> None:
    # The 0.9 of a file that counts to 100 is no 90 %.
    path = written(tmp_path, lm_eval({"winogrande": {"acc": 73.5, "acc_stderr": 1.2}, "piqa": {"acc": 0.9}}))
    assert [(row["value"], row.get("stderr")) for row in rows_of(imported(registry, path))] == [
        (0.735, 0.012),
        (0.009, None),
    ]


@pytest.mark.parametrize("broken", ["NaN", "Infinity", "-Infinity", '"0.5"', "true", "null", "[1]"])
def test_what_is_no_number_is_no_result(registry: Path, tmp_path: Path, broken: str) -> None:
    text = json.dumps(lm_eval({"winogrande": {"acc": 0.5}, "piqa": {"acc": "HERE"}})).replace(
        '"HERE"', broken
    )
    assert [row["benchmark"] for row in rows_of(imported(registry, written(tmp_path, text)))] == [
        "winogrande"
    ]


@pytest.mark.parametrize("value", [-1, -0.5, 101, 1e300])
def test_impossible_values_are_left_out(registry: Path, tmp_path: Path, value: float) -> None:
    data = [
        {"dataset": {"id": "openai/gsm8k"}, "value": value},
        {"dataset": {"id": "TIGER-Lab/MMLU-Pro"}, "value": 55.3},
    ]
    result = imported(registry, written(tmp_path, data))
    assert [row["benchmark"] for row in rows_of(result)] == ["mmlu_pro"]
    assert any("cannot be" in note for note in result.notes)


def test_part_of_the_questions_is_said(registry: Path, tmp_path: Path) -> None:
    data = lm_eval({"winogrande": {"acc,none": 0.5}}, **{"n-samples": {"winogrande": {"effective": 50}}})
    data["config"]["limit"] = 50.0
    (row,) = rows_of(imported(registry, written(tmp_path, data)))
    assert row["samples"] == 50
    assert row["settings"]["limit"] == 50


def test_results_of_another_model_are_refused(registry: Path, tmp_path: Path) -> None:
    data = lm_eval({"winogrande": {"acc": 0.5}})
    data["config"]["model_args"] = "pretrained=other/Large-70B,dtype=float16"
    path = written(tmp_path, data)
    with pytest.raises(ConflictError, match=r"not of tiny: it holds those of other/Large-70B.*--force"):
        imported(registry, path)
    forced = imported(registry, path, force=True)
    assert forced.added == 1
    assert any("names other/Large-70B" in note for note in forced.notes)


@pytest.mark.parametrize(
    "name", ["acme/Tiny-1B", "tiny-1b", "/data/hub/acme/Tiny-1B/", "hosted/TINY_1B", "tiny"]
)
def test_the_model_is_known_by_all_its_names(registry: Path, tmp_path: Path, name: str) -> None:
    assert imported(registry, written(tmp_path, vllm(model_id=name))).added == 3


def test_file_without_a_model_is_taken_with_a_word(registry: Path, tmp_path: Path) -> None:
    data = {"results": {"winogrande": {"acc": 0.5}}, "versions": {}}
    result = imported(registry, written(tmp_path, data))
    assert result.added == 1
    assert any("does not say which model" in note for note in result.notes)


def test_second_import_adds_nothing(registry: Path, tmp_path: Path) -> None:
    path = written(tmp_path, vllm())
    with open_workspace(registry) as workspace:
        carry_out(workspace, imported(registry, path).plan)
    again = imported(registry, path)
    assert (again.added, again.known, again.plan.changes) == (0, 3, ())


def test_failed_requests_are_part_of_the_result(registry: Path, tmp_path: Path) -> None:
    result = imported(registry, written(tmp_path, vllm(completed=90, failed=10)))
    assert {row["settings"]["failed_requests"] for row in rows_of(result)} == {10}
    assert any("10 of 100 requests failed" in note for note in result.notes)


def test_run_without_an_answer_is_refused(registry: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no request of the run was answered"):
        imported(registry, written(tmp_path, vllm(completed=0)))


@pytest.mark.parametrize(
    ("more", "words"),
    [({"median_ttft_ms": 30.0}, "lies above"), ({"median_ttft_ms": -1.0}, "negative")],
)
def test_impossible_times_are_refused(
    registry: Path, tmp_path: Path, more: dict[str, float], words: str
) -> None:
    with pytest.raises(DataError, match=words):
        imported(registry, written(tmp_path, vllm(**more)))


def test_percentiles_under_another_name(registry: Path, tmp_path: Path) -> None:
    data = vllm(p50_e2el_ms=100.0, p99_e2el_ms=200.0)
    found = {
        (row["benchmark"], row["metric"]): row["value"]
        for row in rows_of(imported(registry, written(tmp_path, data)))
    }
    assert found["inference_latency", "p50_ms"] == 100.0
    assert found["inference_latency", "p99_ms"] == 200.0


def test_hardware_and_engine_are_the_users(registry: Path, tmp_path: Path) -> None:
    path = written(tmp_path, vllm())
    rows = rows_of(imported(registry, path, hardware="h100:4", engine="vllm:0.25.1"))
    assert {json.dumps(row["hardware"]) for row in rows} == {
        '{"accelerator": "nvidia-h100-80gb", "count": 4}'
    }
    assert {json.dumps(row["engine"]) for row in rows} == {'{"name": "vllm", "version": "0.25.1"}'}
    with pytest.raises(NotFoundError, match=r"no accelerator 'h10' .*h100"):
        imported(registry, path, hardware="h10")
    with pytest.raises(UsageError, match="how many"):
        imported(registry, path, hardware="h100:many")


def test_scores_that_a_judge_did_not_give(registry: Path, tmp_path: Path) -> None:
    lines = [
        {
            "question_id": 81,
            "model": "tiny",
            "judge": ["gpt-4", "single-v1"],
            "score": score,
            "turn": turn,
            "tstamp": 1.7e9,
        }
        for turn, score in enumerate((8, -1, 6), start=1)
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    result = imported(registry, written(tmp_path, text, "gpt-4_single.jsonl"))
    (row,) = rows_of(result)
    assert (row["value"], row["samples"], row["settings"]["judgments"]) == (7, 2, 2)
    assert any("1 judgments hold no score" in note for note in result.notes)


def test_evalplus_run_counts_tasks(registry: Path, tmp_path: Path) -> None:
    tasks = {
        f"HumanEval/{index}": [{"base_status": "pass", "plus_status": "pass" if index else "fail"}]
        for index in range(4)
    }
    rows = rows_of(
        imported(registry, written(tmp_path, {"hash": "x", "eval": tasks, "date": "2026-01-02 03:04"}))
    )
    assert {(row["benchmark"], row["value"]) for row in rows} == {
        ("humaneval", 1.0),
        ("humaneval_plus", 0.75),
    }


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"results": {}, "results": {"a": {"acc": 1}}, "versions": {}}', "twice"),
        ("[]", "no importer knows"),
        ('{"results": {}, "versions": {}}', "holds no number"),
        ("\xff", "no importer|not JSON|UTF-8"),
        ("1" * 10_000, "nested too deeply|no importer"),
    ],
)
def test_broken_files_are_one_sentence(registry: Path, tmp_path: Path, text: str, error: str) -> None:
    with pytest.raises(BudmodelError, match=error) as refused:
        imported(registry, written(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_results(str(tmp_path / "nothing.json"))
    with pytest.raises(UsageError, match="folder without run_spec"):
        read_results(str(tmp_path))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
SEEDS: list[Any] = [
    lm_eval({"winogrande": {"acc": 0.5}}, groups={}, configs={}),
    vllm(),
    {"args": {}, "benchmarks": [{"metrics": {"request_latency": {"median": 1, "percentiles": {"p99": 2}}}}]},
    {"aiperf_version": "1", "request_latency": {"unit": "ms", "p50": 1, "p99": 2}, "input_config": {}},
    {"config_general": {}, "results": {"mmlu|5": {"acc": 0.5}}, "config_tasks": {}},
    [{"question_id": 1, "judge": ["a"], "score": 5, "model": "tiny"}],
    {"status": "success", "eval": {"task": "a", "model": "b"}, "results": {"scores": []}},
    {"model-index": [{"results": [{"dataset": {"type": "gsm8k"}, "metrics": [{"value": 1}]}]}]},
    {"a": {"pass@1": {"humaneval": 50.0}}},
]  # fmt: skip


def mutated(value: Any, draw: Any) -> Any:
    """The value with some of its parts replaced by anything."""
    if draw(st.integers(0, 9)) == 0:
        return draw(JSON)
    if isinstance(value, dict):
        return {key: mutated(inner, draw) for key, inner in value.items()}
    if isinstance(value, list):
        return [mutated(inner, draw) for inner in value]
    return value


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_file_is_results_or_a_sentence(registry: Path, tmp_path: Path, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(SEEDS))
    path = written(tmp_path, mutated(seed, data.draw))
    try:
        result = imported(registry, path, force=True)
    except BudmodelError as error:
        assert "\n" not in str(error)
        return
    for row in rows_of(result):
        assert row["source"]
        assert abs(row["value"]) < 1e300
    medians = {
        (row["benchmark"], json.dumps(row.get("settings"))): row["value"]
        for row in rows_of(result)
        if row["metric"] == "p50_ms"
    }
    for row in rows_of(result):
        if (
            row["metric"] == "p99_ms"
            and (key := (row["benchmark"], json.dumps(row.get("settings")))) in medians
        ):
            assert medians[key] <= row["value"]
