"""What the harnesses call tasks and metrics, and the catalog's ids for them.

Names are those of lm-evaluation-harness (lm_eval/tasks), which lighteval and others follow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from budmodel.importers.values import slug

_PASS = {"pass@1": "pass_at_1", "pass_at_1": "pass_at_1", "pass_1": "pass_at_1"}
_EXACT = {"acc": "acc", "exact_match": "acc", "em": "acc", "accuracy": "acc", "extractive_match": "acc"}
_ACC = {**_EXACT, "acc_norm": "acc_norm"}


@dataclass(frozen=True, slots=True)
class Task:
    """A benchmark of the catalog and its metrics by the harness's names."""

    benchmark: str
    metrics: Mapping[str, str]
    variant: bool = False
    """Whether the task's own name must be kept, as its prompt or its data differ from the others'."""


# Tried in order, against the name without the harness's suite and shots.
_TASKS: tuple[tuple[re.Pattern[str], Task], ...] = tuple(
    (re.compile(pattern), task)
    for pattern, task in (
        (r"mmlu", Task("mmlu", _EXACT)),
        (r"(leaderboard_)?mmlu_pro", Task("mmlu_pro", _EXACT)),
        (r"(leaderboard_)?gpqa_diamond(_\w+)?", Task("gpqa_diamond", _EXACT, variant=True)),
        (r"gpqa:diamond", Task("gpqa_diamond", _EXACT)),
        (r"arc[:_]challenge(_chat)?", Task("arc_challenge", _ACC)),
        (r"arc[:_]easy", Task("arc_easy", _ACC)),
        (r"hellaswag", Task("hellaswag", _ACC)),
        (r"winogrande", Task("winogrande", _EXACT)),
        (r"piqa", Task("piqa", _ACC)),
        (r"sciq", Task("sciq", _ACC)),
        (r"logiqa", Task("logiqa", _ACC)),
        (r"lambada_openai", Task("lambada_openai", {"acc": "acc"})),
        (r"truthfulqa_mc2", Task("truthfulqa", {"acc": "mc2", "mc2": "mc2"})),
        (r"truthfulqa(_mc|:mc)", Task("truthfulqa", {"mc2": "mc2", "truthfulqa_mc2": "mc2"})),
        (r"drop", Task("drop", {"f1": "f1"})),
        (r"gsm8k(_\w+)?", Task("gsm8k", _EXACT, variant=True)),
        (
            r"(leaderboard_)?ifeval",
            Task("ifeval", {"prompt_level_strict_acc": "prompt_strict", "prompt_strict": "prompt_strict"}),
        ),
        (r"human_?eval(_instruct|_64_instruct)?", Task("humaneval", _PASS)),
        (r"human_?eval_?plus", Task("humaneval_plus", _PASS)),
        (r"mbpp(_instruct)?", Task("mbpp", _PASS)),
        (r"mbpp_?plus(_instruct)?", Task("mbpp_plus", _PASS)),
        (r"sst2?|glue:sst2", Task("sst2", {"acc": "acc", "f1": "f1"})),
    )
)  # fmt: skip


def translated(task: str, metric: str) -> tuple[str, str, bool]:
    """The catalog's benchmark and metric, and whether the task's own name must be kept as a setting.

    Where nobody knows the names, they are turned into slugs: a catalog may define them.
    """
    name = task.casefold()
    for pattern, known in _TASKS:
        if pattern.fullmatch(name):
            meant = known.metrics.get(metric.casefold())
            if meant is not None:
                return known.benchmark, meant, known.variant and name != known.benchmark
            return known.benchmark, slug(metric), known.variant
    return slug(task), slug(metric), False
