"""EvalPlus: its leaderboard (``results.json``), and one run (``*_eval_results.json``).

Layout: https://github.com/evalplus/evalplus and https://github.com/evalplus/evalplus.github.io.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from budmodel.importers.interface import NotResultsError, Parsed, ResultSet, Row
from budmodel.importers.values import day_of, names, number, rows, table, text

TOOL = "evalplus"
_SETTINGS: dict[str, str | bool | int | float] = {"harness": "evalplus"}
_BENCHMARKS = {
    "humaneval": "humaneval",
    "humaneval+": "humaneval_plus",
    "mbpp": "mbpp",
    "mbpp+": "mbpp_plus",
}
_HUB = "https://huggingface.co/"


def recognises(data: Any) -> bool:
    """Whether it is one of the two."""
    found = table(data)
    if isinstance(found.get("eval"), Mapping) and "hash" in found:
        return True
    some = [table(value) for value in list(found.values())[:20]]
    return bool(some) and all(any(key.startswith("pass@1") for key in one) for one in some)


def parse(data: Any) -> Parsed:
    """One set for each model of the leaderboard, or the one of a run."""
    found = table(data)
    notes: list[str] = []
    if isinstance(found.get("eval"), Mapping):
        sets: tuple[ResultSet, ...] = (_run(found, notes),)
    else:
        sets = tuple(_listed(found))
    if not sets:
        raise NotResultsError("it is of EvalPlus, but holds no result")
    return Parsed(tool="evalplus", tool_version=None, sets=sets, notes=tuple(notes))


def _listed(found: Mapping[str, Any]) -> Iterator[ResultSet]:
    for name, said in found.items():
        entry = table(said)
        scores = {**table(entry.get("pass@1"))}
        # Until 2024 the base and the extended tests stood in two tables.
        scores.update(table(entry.get("pass@1_base")))
        scores.update((f"{key}+", value) for key, value in table(entry.get("pass@1_plus")).items())
        produced = tuple(_rows(scores))
        link = text(entry.get("link"))
        hub = link.removeprefix(_HUB) if link and link.startswith(_HUB) else None
        if produced:
            yield ResultSet(
                models=names(hub, name),
                rows=produced,
                link="https://evalplus.github.io/leaderboard.html",
                origin="third-party",
            )


def _rows(scores: Mapping[str, Any]) -> Iterator[Row]:
    for key, said in scores.items():
        value = number(said)
        if value is None or key not in _BENCHMARKS:
            continue
        yield Row(
            task=key,
            benchmark=_BENCHMARKS[key],
            metric="pass_at_1",
            value=value,
            unit="percent",
            settings=_SETTINGS,
        )


def _run(found: Mapping[str, Any], notes: list[str]) -> ResultSet:
    """The share of samples that passed, each task counting the same."""
    tasks = table(found.get("eval"))
    base: list[float] = []
    plus: list[float] = []
    dataset = ""
    for task, said in tasks.items():
        samples = [table(sample) for sample in rows(said)]
        if not samples:
            continue
        dataset = dataset or task.partition("/")[0].casefold()
        passed = [sample.get("base_status") == "pass" for sample in samples]
        both = [
            sample.get("base_status") == "pass" and sample.get("plus_status") == "pass" for sample in samples
        ]
        base.append(sum(passed) / len(samples))
        if all("plus_status" in sample and sample["plus_status"] is not None for sample in samples):
            plus.append(sum(both) / len(samples))
    if dataset not in ("humaneval", "mbpp") or not base:
        raise NotResultsError("it is a run of EvalPlus, but its tasks are neither HumanEval's nor MBPP's")
    produced = [_share(dataset, base)]
    if len(plus) == len(base):
        produced.append(_share(f"{dataset}+", plus))
    else:
        notes.append("the extended tests were not run for every task, so only the base tests are taken")
    return ResultSet(models=(), rows=tuple(produced), date=day_of(found.get("date")))


def _share(key: str, passed: list[float]) -> Row:
    return Row(
        task=key,
        benchmark=_BENCHMARKS[key],
        metric="pass_at_1",
        value=round(sum(passed) / len(passed), 6),
        unit="fraction",
        samples=len(passed),
        settings=_SETTINGS,
    )
