"""Every recorded file of ../shared/data/bench: the right numbers, or a sentence that says what it is.

The expected numbers were read from the files themselves, by their keys, not taken from the importers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from budmodel.errors import BudmodelError
from budmodel.operations.benchmark_importing import StatedRun, plan_import
from budmodel.operations.benchmark_reading import read_results
from budmodel.schema.values import parse_timestamp
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree
from budmodel.store.yaml_reader import load

ROOT = Path(__file__).parents[2]
BENCH = ROOT.parent / "shared" / "data" / "bench"
NOW = parse_timestamp("2026-11-23T00:00:00Z")
LM = "lm_eval/"
SWEEP = "vllm/SERVE--max_num_seqs=4-BENCH--max_concurrency=2-num_prompts=8/"

pytestmark = pytest.mark.skipif(not BENCH.is_dir(), reason="../shared/data/bench is not here")

# file, the name that it gives its model, and (benchmark, metric) → value for some or all rows.
IMPORTED: list[tuple[str, str, dict[tuple[str, str], float]]] = [
    (
        "aiperf/profile_export_aiperf.trimmed.json",
        "Qwen3-4B-Instruct-2507-FP8",
        {
            ("throughput", "tokens_per_second"): 1792.2310692134672,
            ("inference_latency", "p50_ms"): 2191.4849815,
            ("inference_latency", "p99_ms"): 6997.258709539996,
            ("time_to_first_token", "p50_ms"): 26.7700945,
            ("time_to_first_token", "p99_ms"): 66.76023583999999,
            ("inter_token_latency", "p50_ms"): 8.731694873219372,
            ("inter_token_latency", "p99_ms"): 9.838724690325117,
        },
    ),
    ("eval_results_yaml/API_evalResults_excerpt.json", "", {("gsm8k", "acc"): 0.862}),
    (
        "eval_results_yaml/Ch3nOff--dual-loop-controller/.eval_results/mmlu_pro.yaml",
        "",
        {("mmlu_pro", "acc"): 0.553},
    ),
    # The annotated specification holds one entry with a number.
    ("eval_results_yaml/SPEC_eval_results.yaml", "", {("gpqa_diamond", "acc"): 0.412}),
    (
        "eval_results_yaml/Vedika-advanced-AI--Aura-Gen-2.0/.eval_results/gpqa_diamond.yaml",
        "",
        {("gpqa_diamond", "acc"): 0.7222},
    ),
    # Percent there; base and extended tests in two tables.
    (
        "evalplus/results@2024-03-22.json",
        "ajibawa-2023/Code-13B",
        {
            ("humaneval", "pass_at_1"): 0.561,
            ("humaneval_plus", "pass_at_1"): 0.518,
            ("mbpp", "pass_at_1"): 0.529,
            ("mbpp_plus", "pass_at_1"): 0.426,
        },
    ),
    # Nulls for MBPP.
    (
        "evalplus/results@2024-12-26.json",
        "ajibawa-2023/Code-13B",
        {("humaneval", "pass_at_1"): 0.561, ("humaneval_plus", "pass_at_1"): 0.524},
    ),
    # Seconds there.
    (
        "guidellm/Qwen_Qwen3-4B-Thinking-2507_tp4_quant-fp8_benchmarks.json",
        "Qwen3-4B-Thinking-2507",
        {
            ("throughput", "tokens_per_second"): 48.92818442323981,
            ("inference_latency", "p50_ms"): 20889.4727230,
            ("inference_latency", "p99_ms"): 21541.6555405,
            ("time_to_first_token", "p50_ms"): 38.51747512817383,
            ("time_to_first_token", "p99_ms"): 66.09249114990234,
            ("inter_token_latency", "p50_ms"): 20.379306750330173,
            ("inter_token_latency", "p99_ms"): 21.01822379514036,
            ("time_per_output_token", "p50_ms"): 20.39888361468911,
            ("time_per_output_token", "p99_ms"): 21.035373443737626,
        },
    ),
    (
        "guidellm/Qwen_Qwen3-30B-A3B_tp4_quant-fp8_benchmarks.json",
        "Qwen3-30B-A3B",
        {("throughput", "tokens_per_second"): 25.859765493102046},
    ),
    (
        "guidellm/openai_gpt-oss-20b_tp4_quant-none_benchmarks.json",
        "gpt-oss-20b",
        {("throughput", "tokens_per_second"): 33.417378943280085},
    ),
    (
        f"{LM}0.2-0.3/baseline-70m-deduped_step143000.json",
        "",
        {("logiqa", "acc"): 0.22427035330261136, ("logiqa", "acc_norm"): 0.27342549923195086,
         ("winogrande", "acc"): 0.5011838989739542},
    ),
    (
        f"{LM}0.2-0.3/pythia-12b-0shot-global_step143000_eval_results_12-15-2022-23-32-34.json",
        "",
        {("piqa", "acc"): 0.766050054406964},
    ),
    (
        f"{LM}0.2-0.3/pythia-12b-deduped-5shot-global_step143000_eval_results_12-20-2022-11-52-04.json",
        "",
        {("piqa", "acc"): 0.76550598476605},
    ),
    (
        f"{LM}0.2-0.3/pythia-1b-5shot-global_step143000_eval_results_11-28-2022-15-10-39.json",
        "",
        {("arc_challenge", "acc"): 0.26109215017064846},
    ),
    (
        f"{LM}0.4.3/google__gemma-2-9b__results_2025-03-06T01-03-47.080313.json",
        "gemma-2-9b",
        {("mmlu", "acc"): 0.26157242558040167},
    ),
    (
        f"{LM}0.4.3/meta-llama__Llama-3.1-8B__results_2025-03-06T22-33-41.820962.json",
        "Llama-3.1-8B",
        {("winogrande", "acc"): 0.734017363851618},
    ),
    (
        f"{LM}0.4.3/meta-llama__Meta-Llama-3-8B-Instruct__results_2024-08-25T21-59-12.123082.json",
        "Meta-Llama-3-8B-Instruct",
        {("gsm8k", "acc"): 0.7725549658832449},
    ),
    (
        f"{LM}0.4.3/meta-llama__Meta-Llama-3.1-70B-Instruct__results_2024-08-26T11-40-14.123429.json",
        "Meta-Llama-3.1-70B-Instruct",
        {("gsm8k", "acc"): 0.8165276724791509},
    ),
    (
        f"{LM}0.4.3/state-spaces__mamba-1.4b__results_2025-03-03T18-54-46.768410.json",
        "mamba-1.4b",
        {("winogrande", "acc"): 0.6140489344909235},
    ),
    (
        f"{LM}0.4.3/state-spaces__mamba2-130m__results_2025-03-02T06-44-13.841373.json",
        "mamba2-130m",
        {("winogrande", "acc"): 0.5256511444356748},
    ),
    (
        f"{LM}0.4.3/state-spaces__mamba2-2.7b__results_2025-03-05T23-27-32.612019.json",
        "mamba2-2.7b",
        {("winogrande", "acc"): 0.6385161799526441},
    ),
    (
        f"{LM}0.4.8/Qwen__Qwen2.5-3B__results_2025-03-03T00-58-03.320716.json",
        "Qwen2.5-3B",
        {("mmlu", "acc"): 0.6504059250818972},
    ),
    (
        f"{LM}0.4.8/RWKV-block__rwkv7-1.5B-world-pytorch__results_2025-02-25T19-51-18.697369.json",
        "v7-1B5-world/",
        {("lambada_openai", "acc"): 0.6856200271686397},
    ),
    (
        f"{LM}0.4.8/SmerkyG__RWKV7-Goose-0.1B-Pile-HF__results_2025-02-25T02-50-33.665339.json",
        "RWKV7-Goose-0.1B-Pile-HF",
        {("lambada_openai", "acc"): 0.4577915777217155},
    ),
    (
        f"{LM}0.4.8/meta-llama__Llama-3.2-1B__results_2025-03-03T00-05-19.750676.json",
        "Llama-3.2-1B",
        {("mmlu", "acc"): 0.3673978065802592},
    ),
    (
        f"{LM}0.4.8/qwen__qwen2.5-1.5B__results_2025-03-18T01-39-56.000360.json",
        "qwen2.5-1.5B",
        {("arc_challenge", "acc"): 0.4121160409556314},
    ),
    (f"{LM}pre0.4/output__arc.json", "xglm-1.7B", {("boolq", "acc"): 0.5859327217125382}),
    (f"{LM}pre0.4/output__w.json", "", {("winogrande", "acc"): 0.5}),
    (
        "mt_bench/gpt-4_single__griffin.jsonl",
        "Meta-Llama-3-8B-Instruct-Griffin",
        {("mt_bench", "score"): 2.7},
    ),
    (
        "vllm/Mistral-7B-Instruct-v0.3_tp1_len8192.trimmed.json",
        "Mistral-7B-Instruct-v0.3",
        {
            ("throughput", "tokens_per_second"): 364.1353570550752,
            ("inference_latency", "p50_ms"): 722.1482610038947,
            ("time_to_first_token", "p50_ms"): 66.60886348981876,
            ("time_to_first_token", "p99_ms"): 67.64576128887711,
            ("time_per_output_token", "p50_ms"): 7.083130455879762,
            ("inter_token_latency", "p99_ms"): 71.76749565231148,
        },
    ),
    (f"{SWEEP}run=0.json", "opt-125m", {("time_to_first_token", "p50_ms"): 44.92285849846667}),
    (f"{SWEEP}run=1.json", "opt-125m", {("throughput", "tokens_per_second"): 199.36907134182283}),
    (f"{SWEEP}summary.json", "opt-125m", {("time_to_first_token", "p99_ms"): 762.4942294094944}),
    (
        "vllm/bench_serve_v0.25.1.json",
        "opt-125m",
        {
            ("throughput", "tokens_per_second"): 82.89297074037474,
            ("time_to_first_token", "p50_ms"): 55.68139649994919,
            ("time_to_first_token", "p99_ms"): 734.4049174101428,
            ("inter_token_latency", "p50_ms"): 10.492878499917424,
            ("time_per_output_token", "p99_ms"): 11.979541883350674,
        },
    ),
]  # fmt: skip

# file, words of the refusal.
REFUSED = [
    ("helm/mmlu-subject=philosophy,method=multiple_choice_joint,model=openai_gpt2", "subject=philosophy"),
    (
        "helm/mmlu-subject=philosophy,method=multiple_choice_joint,model=openai_gpt2/run_spec.json",
        "name the run's folder",
    ),
    ("helm/narrative_qa-model=openai_gpt2/stats.json", "narrative_qa f1"),
    ("inspect/data_cvebench_empty_choices.json", "cvebench mean"),
    ("inspect/data_cyse2_vuln_exploit_challenges.json", "cyse2_vulnerability_exploit accuracy"),
    ("inspect/data_intercode_ctf_local_path.json", "gdm_intercode_ctf accuracy"),
    ("inspect/data_with_llm_scoring.json", "simpleqa_verified accuracy"),
    # Its average over two subjects is no MMLU.
    ("lighteval/results_2026-01-21T03-44-18.458309.json", "mmlu:anatomy|5 acc"),
    (f"{LM}0.4.0/out__results.json", "wmdp exact_match"),
    (f"{LM}0.4.0/scheming_evals_mc_task_output__results.json", "scheming_evals_mc_prompt_task bypass"),
    (f"{LM}0.4.10.dev0/google__gemma-2b__results_2026-01-16T15-23-47.285735.json", "masakhaner_luo_prompt_1"),
    (f"{LM}0.4.13.dev0/Qwen__Qwen3-8B__results_2026-07-08T16-04-34.219874.json", "negotiationtom acc"),
    (f"{LM}0.4.2/_models__huggingface__Qwen__Qwen1.5-0.5B__results_2024-06-03T02-36-43.418367.json", "steer"),
    (
        f"{LM}0.4.2/meta-llama__Meta-Llama-3-8B__results_2024-06-17T12-20-26.826621.json",
        "bias_classification acc",
    ),
    (
        f"{LM}0.4.3/meta-llama__Meta-Llama-3-8B-Instruct__results_2024-08-21T03-41-15.831724.json",
        "asdiv acc",
    ),
    (f"{LM}0.4.4/gpt2__results_2024-09-30T13-37-24.988855.json", "beep acc"),
    (f"{LM}0.4.8/gpt-4o-mini__results_2025-06-30T19-37-57.457759.json", "battery_electrolyte_qa"),
    # Infinity and NaN are no results.
    (f"{LM}0.4.8/gpt-4o-mini__results_2025-06-30T19-40-09.461247.json", "holds no number that is a result"),
    (f"{LM}0.4.9.2/all-results-original__results_2025-12-17T20-51-30.688049.json", "nl2foam"),
    (f"{LM}0.4.x/results_nugen_test_results__results.json", "aibe exact_match"),
    (f"{LM}pre0.4/flan_t5_large__flan_t5_large_atis.json", "atis acc"),
    (f"{LM}pre0.4/output__cb.json", "cb acc"),
    (f"{LM}pre0.4/pythia6-9b__pythia6-9b_massive-en-100.json", "massive-en acc"),
    ("mt_bench/question.jsonl", "the questions of MT-Bench"),
]


def rows_of(file: str, name: str) -> list[dict[str, Any]]:
    snapshot = Snapshot(WorkTree(ROOT))
    stated = StatedRun(model=name.rpartition("/")[2] or None, force=True)
    read = read_results(str(BENCH / file))
    if name:
        named = {one for found in read.parsed.sets for one in found.models}
        stated = StatedRun(model=next(one for one in named if one.endswith(name)))
    found = plan_import(snapshot, "gpt2", "1.0.0", [read], stated, NOW)
    return [row for change in found.plan.changes for row in load(change.new or b"")["results"]]


@pytest.mark.parametrize(("file", "name", "expected"), IMPORTED, ids=[file for file, _, _ in IMPORTED])
def test_numbers_are_those_of_the_file(file: str, name: str, expected: dict[tuple[str, str], float]) -> None:
    rows = rows_of(file, name)
    for (benchmark, metric), value in expected.items():
        found = [row["value"] for row in rows if (row["benchmark"], row["metric"]) == (benchmark, metric)]
        assert any(one == pytest.approx(value, rel=1e-9) for one in found), (benchmark, metric, found)
    if len(expected) == 1 and not file.startswith(("lm_eval", "guidellm", SWEEP)):
        assert len(rows) == 1
    for row in rows:
        assert row["source"] and row["origin"]


@pytest.mark.parametrize(("file", "words"), REFUSED, ids=[file for file, _ in REFUSED])
def test_what_cannot_be_recorded_is_named(file: str, words: str) -> None:
    with pytest.raises(BudmodelError) as refused:
        rows_of(file, "")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_every_file_is_in_a_table() -> None:
    listed = {file for file, _, _ in IMPORTED} | {file for file, _ in REFUSED}
    beside = ("run_spec.json", "scenario.json", "stats.json")
    found = {path.relative_to(BENCH).as_posix() for path in BENCH.rglob("*") if path.is_file()}
    rest = sorted(file for file in found - listed if not file.endswith(beside))
    # Runs of the same tasks by the same tool as one that is listed.
    assert all(file.startswith((f"{LM}0.4.2/", f"{LM}0.4.9.2/", f"{LM}pre0.4/vicuna")) for file in rest), rest
    for file in rest:
        with pytest.raises(BudmodelError, match=r"steer|nl2foam|massive-de"):
            rows_of(file, "")
