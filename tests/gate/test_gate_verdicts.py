"""What the gate says to a change: each scenario as work tree and as commits, and always the same."""

from __future__ import annotations

import pytest

from budmodel.rules.registry import RULES, load
from gate.kit import Registry
from gate.scenarios import ALL, Scenario


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in ALL])
def test_verdict(case: Scenario, registry: Registry) -> None:
    registry.start(case.base)
    registry.apply(case.change)
    on_disk = registry.check()
    assert on_disk.weighed == sorted(case.expected)
    assert on_disk.code == (1 if any(line.startswith("error") for line in case.expected) else 0)
    registry.commit("change")
    assert registry.check("--head", "change").out == on_disk.out, "read as Git objects"


def test_rules_that_compare_are_all_here() -> None:
    assert len({case.name for case in ALL}) == len(ALL) >= 40
    seen = {line.split(" ")[1] for case in ALL for line in case.expected}
    assert {slug for slug in RULES if load(slug).needs_base} <= seen
