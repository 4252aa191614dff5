"""The names under which well-known benchmarks are published, and the catalog's ids for them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A benchmark of the catalog and its metrics."""

    id: str
    metrics: tuple[str, ...]
    """The catalog's metrics; the first is meant where the source names none that is known."""
    unit: str = "fraction"
    largest: float = 1.0
    least: float = 0.0


_ACC = ("acc", "acc_norm")
# Ids, metrics and units as in catalog/benchmarks.yaml (a test compares them).
KNOWN = {
    known.id: known
    for known in (
        Known("mmlu", ("acc",)), Known("mmlu_pro", ("acc",)), Known("gpqa_diamond", ("acc",)),
        Known("humaneval", ("pass_at_1",)), Known("humaneval_plus", ("pass_at_1",)),
        Known("mbpp", ("pass_at_1",)),
        Known("mbpp_plus", ("pass_at_1",)), Known("humanevalpack", ("pass_at_1",)),
        Known("mt_bench", ("score",), "score", 10, 1), Known("alpaca_eval", ("win_rate",)),
        Known("hellaswag", ("acc_norm", "acc")), Known("arc_challenge", ("acc_norm", "acc")),
        Known("arc_easy", ("acc_norm", "acc")), Known("winogrande", ("acc",)), Known("piqa", ("acc_norm",
        "acc")),
        Known("gsm8k", ("acc",)), Known("truthfulqa", ("mc2",)), Known("drop", ("f1",)), Known("sciq", _ACC),
        Known("logiqa", ("acc_norm", "acc")), Known("lambada_openai", ("acc",)),
        Known("ifeval", ("prompt_strict",)),
        Known("swe_bench_verified", ("resolved",)), Known("swe_bench_pro", ("resolved",)),
        Known("aider_polyglot", ("pass_rate",)), Known("scicode", ("acc",)), Known("sst2", ("acc", "f1")),
        Known("terminal_bench_hard", ("success_rate",)), Known("common_voice_en", ("wer", "cer")),
    )
}  # fmt: skip
# The narrower first: MMLU-Pro is no MMLU. Matched against type, configuration, task and name together.
_PATTERNS = tuple(
    (re.compile(pattern), id_)
    for pattern, id_ in (
        (r"\bmmlu.?pro\b", "mmlu_pro"), (r"\b(mmmlu|mmlu.?(redux|prox)|global.?mmlu|cmmlu|mmmu)\b", ""),
        (r"\bmmlu\b", "mmlu"),
        (r"\bgpqa\b.*\bdiamond\b", "gpqa_diamond"), (r"\bhumaneval.?(plus\b|\+)", "humaneval_plus"),
        (r"\bhumanevalpack\b", "humanevalpack"), (r"\b(openai.?)?human.?eval\b", "humaneval"),
        (r"\bmbpp.?(plus\b|\+)", "mbpp_plus"), (r"\bmbpp\b", "mbpp"), (r"\bmt.?bench\b", "mt_bench"),
        (r"\balpaca.?eval\b", "alpaca_eval"), (r"\bhella.?swag\b", "hellaswag"),
        (r"\barc.?challenge\b|\bai2 reasoning challenge\b", "arc_challenge"), (r"\barc.?easy\b", "arc_easy"),
        (r"\bwinogrande\b", "winogrande"), (r"\bpiqa\b", "piqa"), (r"\bgsm8k\b", "gsm8k"),
        (r"\btruthful.?qa\b", "truthfulqa"), (r"\bdrop\b", "drop"), (r"\bsciq\b", "sciq"), (r"\blogiqa\b",
        "logiqa"),
        (r"\blambada.?openai\b", "lambada_openai"), (r"\bifeval\b", "ifeval"),
        (r"\bswe.?bench.?verified\b", "swe_bench_verified"), (r"\bswe.?bench.?pro\b", "swe_bench_pro"),
        (r"\baider.?polyglot\b", "aider_polyglot"), (r"\bscicode\b", "scicode"),
        (r"\bterminal.?bench.?hard\b", "terminal_bench_hard"), (r"\bsst.?2\b", "sst2"),
        (r"\bcommon.?voice\b.*\ben\b", "common_voice_en"),
    )
)  # fmt: skip
_METRICS = (
    (r"acc(uracy)?.?norm|normali[sz]ed accuracy", "acc_norm"), (r"\bmc2\b", "mc2"), (r"pass.?(at.?)?@?1\b",
    "pass_at_1"),
    (r"\bf1\b", "f1"), (r"\bcer\b", "cer"), (r"\bwer\b", "wer"), (r"win.?rate", "win_rate"),
    (r"prompt.*strict|strict.*prompt|inst_level_strict_acc and prompt", "prompt_strict"),
    (r"\b(acc(uracy)?|exact.?match|em)\b", "acc"), (r"\bscore\b", "score"), (r"resolv", "resolved"),
)  # fmt: skip


def benchmark_of(*names: str) -> Known | None:
    """The benchmark that the words of a source speak of; None where no catalog benchmark is meant."""
    text = re.sub(r"[/_\s]+", " ", " ".join(names).lower())
    for pattern, id_ in _PATTERNS:
        if pattern.search(text):
            return KNOWN.get(id_)
    return None


def metric_of(known: Known, *names: str) -> str | None:
    """The catalog's metric for a source's words; None where the source names one that the catalog has not.

    Variants (a language model on top, macro averages) are other measurements and are not taken.
    """
    text = " ".join(names).lower()
    if re.search(r"\+\s?lm\b|macro|micro|weighted", text):
        return None
    for pattern, metric in _METRICS:
        if re.search(pattern, text):
            return metric if metric in known.metrics else None
    named = [name for name in names if name.lower() not in ("", "unknown")]
    return known.metrics[0] if not named else None
