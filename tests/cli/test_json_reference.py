"""site/docs/reference/json.md has every key that the commands print as JSON, and no other."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from budmodel.cli.main import budmodel
from cli.small_catalog import MODEL, NOW, SHA, WAIVER, Registry
from cli.test_scan_verify import put, record

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "site/docs/reference/json.md").read_text(encoding="utf-8")
EXAMPLES = {
    title: json.loads(text)
    for title, text in re.findall(r'^```json title="budmodel ([^"]+) --json"\n(.*?)^```$', PAGE, re.M | re.S)
}
KINDS = {
    dict: "object",
    list: "list",
    str: "text",
    int: "number",
    float: "number",
    bool: "flag",
    type(None): "null",
}
OPEN = "…"
"""A key that stands for others, which are told elsewhere."""
DEFINED = (
    ("mmlu", "acc"),
    ("hellaswag", "acc_norm"),
    ("arc_challenge", "acc_norm"),
    ("arc_easy", "acc_norm"),
)
"""Benchmarks of the catalog with their default metrics, and of the last a result of one version only."""
ASKED = {
    "check": ["check"],
    "deploy-check NAME --use commercial": ["deploy-check llama-3 --use commercial"],
    "list": ["list"],
    "show NAME": ["show llama-3", "show llama-3-instruct"],
    "find --source URI": ["find --source meta-llama", "find --sha256 " + SHA],
    "lineage NAME": ["lineage llama-3", "lineage llama-3-instruct"],
    "history NAME": ["history llama-3"],
    "version list NAME": ["version list llama-3"],
    "version default NAME": ["version default llama-3"],
    "version diff NAME A B": ["version diff llama-3 1.0.0 1.1.0"],
    "verify NAME": ["verify llama-3 --path FOLDER"],
    "scans": ["scans"],
    "scan-verify NAME": ["scan-verify llama-3@1.0.0", "scan-verify llama-3@1.0.0 --now 2028-01-01"],
    "scan NAME": ["scan llama-3 --path FOLDER --dry-run"],
    "waivers": ["waivers"],
    "license list": ["license list"],
    "license show NAME": ["license show llama-3", "license show gpt-5"],
    "license acknowledgments": ["license acknowledgments"],
    "leaderboard": ["leaderboard"],
    "leaderboard --overall": ["leaderboard --overall"],
    "report audit NAME": ["report audit llama-3@1.0.0", "report audit llama-3"],
    "set NAME tags+=x --dry-run": ["set llama-3 tags+=x --dry-run"],
    "import local DIR --name NAME --dry-run": [
        "import local FOLDER --name new --dry-run --architecture llama --parameter-count 8B"
    ],
    "outdated": ["outdated llama-3"],
}
"""What is run for each example."""


def results(rows: Iterable[tuple[str, str]], value: float) -> str:
    """A file of results."""
    more = {"value": value, "unit": "fraction", "origin": "maker", "source": "a page"}
    settings = {"num_fewshot": 5}
    found = [{"benchmark": name, "metric": metric, "settings": settings, **more} for name, metric in rows]
    return json.dumps({"results": found})


@pytest.fixture
def filled(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry with something of everything, and a folder with bytes that are none of its own."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    for name in ("benchmarks.yaml", "hardware.yaml"):
        shutil.copy(ROOT / "catalog" / name, registry.root / "catalog")
    put(registry, record(attempt={"started": NOW, "stopped": NOW, "count": 1, "error": "no clamd"}))
    manifest = registry("show", "llama-3", "--json").json["result"]["versions"][0]["manifest_sha256"]
    waiver = WAIVER.format(manifest=manifest).replace("1.0.0", "1.1.0")
    registry.write("waivers/unseen.yaml", waiver)
    registry.write(
        "models/llama-3/model.yaml", MODEL.replace("default_version: 1.0.0", "default_version: 1.1.0")
    )
    for number, value in (("1.0.0", 0.7), ("1.1.0", 0.6)):
        rows = (*DEFINED[: 4 if number == "1.0.0" else 3], ("nobody-defined-it", "acc"))
        path = f"models/llama-3/benchmarks/{number}/2026-01-01-card-00000000.yaml"
        registry.write(path, results(rows, value))
    registry("license", "acknowledge", "llama-3", "--use", "internal", "--by", "Ada", "--now", NOW)
    registry.commit_all("Begin")
    folder = registry.root.parent / "folder"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"other bytes")
    return registry


def keys(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Path and kind of everything; all items of a list are at one place."""
    if place:
        yield place, KINDS[type(value)]
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from keys(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, f"{place}[]")


def parent(path: str) -> str:
    """The path without its last key."""
    return path.rpartition(".")[0]


def differences(told: Any, *printed: Any) -> list[str]:
    """What one has and the other has not. What was printed empty says nothing of what it could hold."""
    stated = set(keys(told))
    found = {one for each in printed for one in keys(each)}
    here, there = {path for path, _ in stated}, {path for path, _ in found}
    opened = tuple(path.removesuffix(OPEN) for path in here if path.endswith(f".{OPEN}"))
    filled = {parent(path) for path in there}
    more = [path for path in there - here if not path.startswith(opened) and parent(path) in here | {""}]
    gone = [path for path in here - there if not path.endswith((OPEN, "[]")) and parent(path) in filled]
    other = [
        f"is told as another kind than {kind}: {path}"
        for path, kind in found - stated
        if kind != "null" and {k for p, k in stated if p == path} - {"null"}
    ]
    return sorted(
        [f"is not told: {path}" for path in more] + [f"is not printed: {path}" for path in gone] + other
    )


def test_each_example_is_run() -> None:
    assert set(EXAMPLES) == set(ASKED)


def test_the_reference_has_every_key_and_no_other(filled: Registry) -> None:
    wrong = []
    for title, commands in ASKED.items():
        folder = str(filled.root.parent / "folder")
        printed = []
        for command in commands:
            outcome = filled(*command.replace("FOLDER", folder).split(), "--json")
            assert outcome.code in (0, 1, 4) and outcome.out, (title, outcome.err)
            printed.append(outcome.json)
        wrong += [f"{title}: {one}" for one in differences(EXAMPLES[title], *printed)]
    assert not wrong, "\n".join(wrong)


def test_a_key_too_many_or_too_few_is_seen() -> None:
    told = {"a": [{"b": 1, "c": {OPEN: "x"}}], "d": {OPEN: "x"}}
    assert differences(told, {"a": [{"b": 1, "c": {"y": 1}}], "d": None}) == []
    assert differences(told, {"a": [{"e": 1, "c": None}], "d": {}}) == [
        "is not printed: .a[].b",
        "is not told: .a[].e",
    ]
    assert differences(told, {"a": ["b"], "d": {}}) == ["is told as another kind than text: .a[]"]


def told_by_help(command: click.Command) -> Iterator[str]:
    """The keys that the help of a command and of those below it names."""
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            inner = command.get_command(click.Context(command), name)
            assert inner is not None
            yield from told_by_help(inner)
    for paragraph in (command.help or "").split("\n\n"):
        if paragraph.strip().startswith("JSON"):
            yield from re.findall(r'"(\w+)"', paragraph)


def test_the_reference_has_the_keys_that_help_names() -> None:
    named = set(told_by_help(budmodel))
    assert len(named) > 100
    assert named <= set(re.findall(r'["`](\w+)["`]', PAGE))
