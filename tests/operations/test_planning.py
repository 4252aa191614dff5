"""Plans: their diff, and that carrying one out is all or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from budmodel.errors import ConflictError
from budmodel.operations.planning import FileChange, Plan, carry_out
from budmodel.operations.workspace import Workspace


def test_diff_shows_added_changed_deleted_and_a_missing_line_end() -> None:
    plan = Plan(
        message="m",
        changes=(FileChange("a", None, b"x\n"), FileChange("b", b"x", b"y"), FileChange("c", b"x\n", None)),
    )
    assert plan.diff() == (
        "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+x\n"
        "--- a/b\n+++ b/b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n"
        "--- a/c\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    )


def test_one_conflict_stops_all(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "b").write_bytes(b"newer")
    changes = (FileChange("catalog/a", None, b"1"), FileChange("catalog/b", b"old", b"2"))
    with pytest.raises(ConflictError):
        carry_out(Workspace(tmp_path, None), Plan(message="m", changes=changes))
    assert [path.name for path in (tmp_path / "catalog").iterdir()] == ["b"]
    assert (tmp_path / "catalog" / "b").read_bytes() == b"newer"
