"""MT-Bench as FastChat judges it: ``model_judgment/<judge>_single.jsonl``, one line for each answer.

Layout: https://github.com/lm-sys/FastChat (fastchat/llm_judge). A score of -1 says that the judge's words
held no score.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budmodel.importers.interface import NotResultsError, Parsed, ResultSet, Row
from budmodel.importers.values import day_of, number, rows, table, text

TOOL = "mt-bench"
WHOLE = 160
"""80 questions of two turns (https://arxiv.org/abs/2306.05685)."""


def recognises(data: Any) -> bool:
    """Whether it is a list of judgments, or of the questions."""
    first = table(data[0]) if isinstance(data, list) and data else {}
    return "question_id" in first and any(key in first for key in ("judge", "score", "turns", "choices"))


def parse(data: Any) -> Parsed:
    """The mean score of each model, over both turns."""
    lines = [table(line) for line in rows(data)]
    if not any("score" in line for line in lines):
        what = "pairwise judgments" if any("winner" in line or "g1_winner" in line for line in lines) else ""
        what = what or ("answers" if "choices" in lines[0] else "questions")
        raise NotResultsError(f"it holds the {what} of MT-Bench, which carry no scores")
    notes: list[str] = []
    by_model: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in lines:
        judge = text(rows(line.get("judge"))[0] if rows(line.get("judge")) else line.get("judge"))
        by_model.setdefault((text(line.get("model")) or "", judge or ""), []).append(line)
    sets = [_set(model, judge, found, notes) for (model, judge), found in by_model.items()]
    kept = tuple(one for one in sets if one is not None)
    if not kept:
        raise NotResultsError("the judge gave no score in any of its lines")
    return Parsed(tool="fastchat", tool_version=None, sets=kept, notes=tuple(notes))


def _set(model: str, judge: str, lines: list[Mapping[str, Any]], notes: list[str]) -> ResultSet | None:
    scores: dict[tuple[str, str], float] = {}
    unscored = 0
    for line in lines:
        score = number(line.get("score"))
        if score is None or not 0 < score <= 10:
            unscored += 1
            continue
        # A judgment that was repeated counts once; the file appends, so the last one stands.
        scores[str(line.get("question_id")), str(line.get("turn"))] = score
    label = model or "a model without a name"
    if unscored:
        notes.append(f"{label}: {unscored} judgments hold no score and were left out")
    if not scores:
        return None
    settings: dict[str, str | bool | int | float] = {"harness": "fastchat"}
    if judge:
        settings["judge"] = judge
    if len(scores) != WHOLE:
        settings["judgments"] = len(scores)
        notes.append(f"{label}: {len(scores)} of {WHOLE} judgments, so it is not the whole MT-Bench")
    days = [day for line in lines if (day := day_of(line.get("tstamp")))]
    return ResultSet(
        models=(model,) if model else (),
        rows=(
            Row(
                task="mt_bench",
                benchmark="mt_bench",
                metric="score",
                value=round(sum(scores.values()) / len(scores), 6),
                unit="score",
                samples=len(scores),
                settings=settings,
            ),
        ),
        date=max(days, default=None),
    )
