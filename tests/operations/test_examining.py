"""The check model by model says what the check of the whole says, and when it will say something else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from budmodel.operations.check import check_snapshot
from budmodel.operations.examining import Examiner, flipped, same_until, together
from budmodel.operations.judging import judges_of
from budmodel.rules.interface import Context
from budmodel.schema.governance import Waiver
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree
from render.site_catalog import make_catalog

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def examiner(root: Path, now: datetime) -> Examiner:
    snapshot = Snapshot(WorkTree(root))
    return Examiner.of(Context(head=snapshot, judges=judges_of(snapshot), now=now))


@pytest.mark.parametrize("days", [-400, 0, 40, 200, 800])
def test_the_parts_are_the_whole(tmp_path: Path, days: int) -> None:
    make_catalog(tmp_path)
    (tmp_path / "catalog/models/passed/link.yaml").symlink_to("/etc/passwd")
    (tmp_path / "catalog/models/lost").symlink_to("/etc")
    (tmp_path / "catalog/stranger.txt").write_text("?")
    now = NOW + timedelta(days=days)
    one = examiner(tmp_path, now)
    parts = [one.model(name) for name in one.context.head.names]
    whole = check_snapshot(Snapshot(WorkTree(tmp_path)), now)
    assert together([*parts, one.rest()]) == whole
    assert whole.findings and any("link.yaml" in finding.path for finding in whole.findings)


def test_a_verdict_lasts_as_long_as_it_says(tmp_path: Path) -> None:
    """Over three years: within its span the verdict is the same, but for waivers, which are told."""
    make_catalog(tmp_path)
    held = {name: examiner(tmp_path, NOW).model(name) for name in ("passed", "waived", "failed")}
    spans = {name: examiner(tmp_path, NOW).lasts(Snapshot(WorkTree(tmp_path)).model(name)) for name in held}
    waivers = [record for _, record in Snapshot(WorkTree(tmp_path)).records("waiver", Waiver)]
    same, changed = set(), set()
    for day in range(-400, 700, 7):
        now = NOW + timedelta(days=day)
        at = examiner(tmp_path, now)
        ended = set(flipped(waivers, NOW, now))
        for name, verdict in held.items():
            if same_until(spans[name], now) and name not in ended:
                assert at.model(name) == verdict, (name, now)
                same.add(name)
            else:
                changed.add(name)
    assert same == set(held)
    assert changed >= {"passed", "waived"}


def test_the_span_of_a_scan_ends_when_policy_stops_believing_it(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    view = Snapshot(WorkTree(tmp_path)).model("passed")
    one = examiner(tmp_path, NOW)
    _, until = one.lasts(view)
    assert until is not None
    rules = [
        {finding.rule for finding in examiner(tmp_path, now).model("passed").findings}
        for now in (until - timedelta(seconds=1), until)
    ]
    assert "scan-stale" in rules[1] - rules[0]
    # From then on the finding counts days, so that it is told anew each day.
    _, next_day = examiner(tmp_path, until).lasts(view)
    assert next_day == until + timedelta(days=1)
