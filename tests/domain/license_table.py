"""The decision table and what asks the engine its questions."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

from budmodel.domain.license_decision import licence_opinion
from budmodel.domain.licensing import LicenseBook
from budmodel.domain.uses import Opinion, Use
from budmodel.schema.license import License
from budmodel.store.catalog import Snapshot
from budmodel.store.memory_tree import MemoryTree
from budmodel.store.tree import WorkTree

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).parent / "license_decisions.csv"
Row = dict[str, str]


def rows() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def book() -> LicenseBook:
    snapshot = Snapshot(WorkTree(ROOT))
    return LicenseBook.of(record for _, record in snapshot.records("license", License))


def use_of(kind: str, circumstances: str) -> Use:
    stated: dict[str, Any] = {"kind": kind}
    for word in circumstances.split():
        name, is_set, value = word.partition("=")
        key = {"redistribute": "redistribute", "api-only": "api_only"}.get(name, name)
        stated[key] = (int(value) if name == "mau" else value) if is_set else True
    return Use(**stated)


def catalog(license_: str, parents: str) -> Snapshot:
    files: dict[str, bytes] = {}

    def add(name: str, text: str, bases: list[str]) -> None:
        lines = [f"name: {name}", "architecture: llama", "parameter_count: 1"]
        if text:
            lines.append(f'license_type: "{text}"')
        if bases:
            lines.append(f"base_models: [{', '.join(bases)}]")
        files[f"catalog/models/{name}/model.yaml"] = "\n".join([*lines, ""]).encode()
        version = b"version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\n"
        files[f"catalog/models/{name}/versions/1.0.0.yaml"] = version

    def lineage(chain: list[str], name: str) -> str:
        text, _, relation = chain[0].rpartition(":")
        add(name, text, [lineage(chain[1:], f"{name}-p")] if len(chain) > 1 else [])
        return f"{{model: {name}, relation: {relation}}}"

    bases = [lineage(chain.split(">"), f"parent-{index}") for index, chain in enumerate(parents.split())]
    add("child", license_, bases)
    return Snapshot(MemoryTree(files))


def opinion(license_: str, parents: str, use: Use) -> Opinion:
    snapshot = catalog(license_, parents)
    view = snapshot.model("child")
    model, record = view.model, view.version("1.0.0")
    assert model is not None and record is not None
    return licence_opinion(snapshot, book(), model, record, use, "child@1.0.0")


def named(row: Row) -> str:
    return " ".join(filter(None, (row["license"], row["use"], row["circumstances"], row["parents"])))
