"""Changes of the whole catalog from real Git: types, words, large commits, shallow clones."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from budmodel.operations.changes import MOST_READ, Change, changes
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
