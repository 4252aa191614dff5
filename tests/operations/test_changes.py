"""Changes of the whole catalog from real Git: types, words, large commits, shallow clones."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from budmodel.operations.changes import MOST_COMMITS, MOST_READ, Change, changes
from budmodel.store.git import Repository


def git(root: Path, *args: str) -> None:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *args], cwd=root, check=True, capture_output=True)


def put(root: Path, path: str, data: object) -> None:
    target = root / "catalog" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(data))


def commit(root: Path, subject: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-qm", subject)


def told(root: Path) -> list[Change]:
    repository = Repository.find(root)
    assert repository is not None
    with repository:
        return changes(repository)


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    root = tmp_path / "registry"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    put(root, "catalog.yaml", {"format": 1})
    return root


def test_each_type_is_told_in_words_with_what_it_is_about(registry: Path) -> None:
    model = {"name": "m", "architecture": "llama", "parameter_count": 1}
    put(registry, "models/m/model.yaml", model)
    put(registry, "licenses/MIT.yaml", {"id": "MIT"})
    commit(registry, "Add m")
    put(registry, "models/m/model.yaml", {**model, "description": "new"})
    put(registry, "models/m/scans/1.0.0.yaml", {"status": "FAILED", "findings": [{}, {}]})
    put(registry, "waivers/w.yaml", {})
    commit(registry, "Scan m")
    (registry / "catalog/waivers/w.yaml").unlink()
    commit(registry, "Drop the waiver")
    (registry / "catalog/models/m/model.yaml").unlink()
    put(registry, "removed/m.yaml", {"reason": "poisoned"})
    commit(registry, "Remove m")
    found = [(c.subject, c.kind, [(x.model, x.license, x.what) for x in c.lines]) for c in told(registry)]
    assert found == [
        ("Remove m", "removed", [("m", "", "model removed"), ("m", "", "removed: poisoned")]),
        ("Drop the waiver", "fixed", [("", "", "waiver w removed")]),
        ("Scan m", "security", [("m", "", "scan of 1.0.0: FAILED, 2 found"), ("", "", "waiver w added")]),
        ("Scan m", "changed", [("m", "", "description changed")]),
        (
            "Add m",
            "added",
            [
                ("", "", "the registry's description added"),
                ("", "MIT", "licence MIT added"),
                ("m", "", "model added"),
            ],
        ),
    ]


def test_a_large_commit_is_counted_not_listed(registry: Path) -> None:
    for number in range(MOST_READ + 1):
        put(registry, f"models/m{number}/model.yaml", {})
    put(registry, "models/m0/scans/1.0.0.yaml", {})
    put(registry, "hardware.yaml", {})
    commit(registry, "Import")
    (security, added) = told(registry)
    assert [line.what for line in security.lines] == ["1 scan added"]
    assert [line.what for line in added.lines] == [
        "the registry's description added",
        "the accelerators added",
        f"{MOST_READ + 1} models added",
    ]


def test_a_shallow_clone_tells_nothing_rather_than_something_wrong(registry: Path, tmp_path: Path) -> None:
    commit(registry, "One")
    put(registry, "licenses/MIT.yaml", {"id": "MIT"})
    commit(registry, "Two")
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", registry.as_uri(), str(tmp_path / "shallow")], check=True
    )
    assert len(told(registry)) == 2
    assert told(tmp_path / "shallow") == []


def test_a_repository_without_commits_has_no_changes(registry: Path) -> None:
    assert told(registry) == []


def test_a_week_is_told_whole_however_many_commits_it_had(registry: Path) -> None:
    for number in range(MOST_COMMITS + 5):
        put(registry, "models/m/model.yaml", {"name": "m", "description": str(number)})
        commit(registry, f"Take {number}")
    subjects = {change.subject for change in told(registry)}
    assert {f"Take {number}" for number in range(MOST_COMMITS + 5)} <= subjects


def test_older_commits_beyond_the_newest_are_not_told(registry: Path) -> None:
    for number in range(4):
        put(registry, "models/m/model.yaml", {"name": "m", "description": str(number)})
        git(registry, "add", "-A")
        when = f"2026-0{number + 1}-01T00:00:00Z"
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@x.org", "commit", "-qm", f"Take {number}"],
            cwd=registry,
            check=True,
            env={**os.environ, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when},
        )
    repository = Repository.find(registry)
    assert repository is not None
    with repository:
        assert [change.subject for change in changes(repository, most=2)] == ["Take 3", "Take 2"]


def test_a_merge_does_not_repeat_what_it_merged(registry: Path) -> None:
    commit(registry, "Begin")
    for name in ("a", "b"):
        git(registry, "checkout", "-qb", name, "main")
        put(registry, f"models/{name}/model.yaml", {"name": name})
        commit(registry, f"Add {name}")
    git(registry, "checkout", "-q", "main")
    for name in ("a", "b"):
        git(registry, "merge", "-q", "--no-ff", "-m", f"Merge {name}", name)
    assert sorted(change.subject for change in told(registry)) == ["Add a", "Add b", "Begin"]


def test_what_a_merge_itself_changed_is_told(registry: Path) -> None:
    put(registry, "models/m/model.yaml", {"name": "m", "description": "0"})
    commit(registry, "Begin")
    for side in ("a", "b"):
        git(registry, "checkout", "-qb", side, "main")
        put(registry, "models/m/model.yaml", {"name": "m", "description": side})
        commit(registry, f"Say {side}")
    subprocess.run(["git", "merge", "-q", "a"], cwd=registry, capture_output=True, check=False)
    put(registry, "models/m/model.yaml", {"name": "m", "description": "both"})
    commit(registry, "Merge a and b")
    assert "Merge a and b" in {change.subject for change in told(registry)}


def test_a_large_commit_names_files_of_which_there_is_one(registry: Path) -> None:
    for number in range(MOST_READ):
        put(registry, f"models/m{number}/model.yaml", {"name": f"m{number}"})
    for name in ("benchmarks", "hardware"):
        put(registry, f"{name}.yaml", {})
    commit(registry, "Fill it")
    lines = [line.what for change in told(registry) for line in change.lines]
    assert "the benchmark definitions added" in lines
    assert "the accelerators added" in lines
    assert f"{MOST_READ} models added" in lines
