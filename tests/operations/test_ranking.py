"""`budmodel leaderboard` calls nobody usable whom the gate and deploy-check would not let through."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from budmodel.domain.leaderboard import Leaderboard
from budmodel.operations.ranking import RankRequest, rank
from render.site_catalog import make_catalog, model, put, results, scan, snapshot_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_catalog(tmp_path)
    put(tmp_path, "policy.yaml", {"scans": {"signatures_required": False}})
    nc = {"id": "CC-BY-NC-4.0", "name": "NC", "commercial_use": False, "derivatives": True, "source": "x"}
    put(tmp_path, "licenses/CC-BY-NC-4.0.yaml", nc)
    model(tmp_path, "nc", license_type="CC-BY-NC-4.0")
    model(tmp_path, "child", base_models=[{"model": "nc", "relation": "merge"}])
    model(tmp_path, "frozen", version={"license_type": "CC-BY-NC-4.0"})
    for name in ("nc", "child", "frozen"):
        scan(tmp_path, name, "PASSED")
        results(tmp_path, name, 0.6)
    return tmp_path


def names(found: Leaderboard) -> set[str]:
    return {row.candidate.name for board in found.boards for group in board.groups for row in group.rows}


def reasons(found: Leaderboard) -> dict[str, str]:
    return {item.candidate.name: item.reason for board in found.boards for item in board.left_out}


def test_commercial_asks_the_ancestors_and_what_a_version_froze(root: Path) -> None:
    snapshot = snapshot_of(root)
    assert {"nc", "child", "frozen", "passed"} <= names(rank(snapshot, RankRequest(now=NOW)))
    sold = names(rank(snapshot, RankRequest(now=NOW, commercial=True)))
    assert "passed" in sold
    assert not sold & {"nc", "child", "frozen"}


def test_a_stale_scan_is_blocked_as_the_policy_has_it(root: Path) -> None:
    late = RankRequest(now=datetime(2027, 3, 1, tzinfo=UTC))
    found = rank(snapshot_of(root), late)
    assert "passed" not in names(found)
    assert reasons(found)["passed"] == "it is blocked: the scan is 120 days old, the policy allows 90"
    put(root, "policy.yaml", {"scans": {"signatures_required": False}, "severity": {"scan-stale": "warning"}})
    assert "passed" in names(rank(snapshot_of(root), late))


def test_an_unsigned_scan_is_blocked_as_the_policy_has_it(root: Path) -> None:
    put(root, "policy.yaml", {})
    found = rank(snapshot_of(root), RankRequest(now=NOW))
    assert "passed" not in names(found)
    assert reasons(found)["passed"] == "it is blocked: nobody has signed it"
    put(root, "policy.yaml", {"severity": {"scan-unsigned": "warning"}})
    assert "passed" in names(rank(snapshot_of(root), RankRequest(now=NOW)))
