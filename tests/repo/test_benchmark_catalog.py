"""The catalog on which speed is measured is a good one: what is measured is no list of errors."""

from __future__ import annotations

import importlib.util
from datetime import datetime
from pathlib import Path
from types import ModuleType

from budmodel.operations.judging import judges_of
from budmodel.rules.engine import Engine, Scope, verdict
from budmodel.rules.interface import Context
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "generate.py"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_catalog", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_catalog_has_no_errors_on_its_day(tmp_path: Path) -> None:
    generate = script()
    generate.generate(tmp_path, 40)
    head = Snapshot(WorkTree(tmp_path))
    context = Context(head=head, judges=judges_of(head), now=datetime.fromisoformat(generate.WHEN))
    found = verdict(Engine().judge(context, Scope.everything(context)), context)
    assert (found.ok, found.models, found.versions) == (True, 40, 40)
    assert {finding.rule for finding in found.findings} == {"license-unreviewed"}
