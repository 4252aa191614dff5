"""A build that goes on from the last one writes what a build from nothing would, byte for byte."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from budmodel.operations.history import Entry
from budmodel.render.site import SiteReport
from budmodel.render.workers import each
from render.exports.export_catalog import exported
from render.site_catalog import build, make_catalog, model, put, results, scan

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Edit = Callable[[Path], dict[str, Any] | None]


def files(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()
    }


def renew(root: Path, **more: object) -> SiteReport:
    return build(root, root / "build" / "site", memory=root / "memory", **{"now": NOW, **more})


def drop(path: str) -> Edit:
    def edit(root: Path) -> None:
        target = root / "catalog" / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()

    return edit


def change(path: str, **fields: object) -> Edit:
    def edit(root: Path) -> None:
        put(root, path, {**json.loads((root / "catalog" / path).read_text()), **fields})

    return edit


def waive(root: Path) -> None:
    waiver = json.loads((root / "catalog/waivers/w.yaml").read_text())
    put(root, "waivers/n.yaml", {**waiver, "targets": ["unscanned@1.0.0"]})


def escape_a_waiver(root: Path) -> None:
    text = (root / "catalog/waivers/w.yaml").read_text()
    (root / "catalog/waivers/w.yaml").write_text(text.replace("waived@", "w\\u0061ived@"))


ENTRY = Entry(commit="f" * 40, author="ann", email="", time="2026-01-01T00:00:00Z", subject="New", events=())
EDITS: dict[str, Edit] = {
    "nothing": lambda _: None,
    "a description": change("models/passed/model.yaml", description="Another text."),
    "a child of a parent": change(
        "models/skipped/model.yaml", base_models=[{"model": "passed", "relation": "merge"}]
    ),
    "a parent in a version": change(
        "models/skipped/versions/1.0.0.yaml", base_models=[{"model": "failed", "relation": "merge"}]
    ),
    "no parent any more": change("models/failed/model.yaml", base_models=[]),
    "a new model": lambda root: model(
        root, "another", base_models=[{"model": "failed", "relation": "finetune"}]
    ),
    "a new model that was missing": lambda root: model(root, "missing-one"),
    "a look-alike": lambda root: model(root, "Passed".lower() + "--x") or model(root, "passed-x"),
    "a model of the Hub that is somebody's parent": lambda root: model(
        root, "held", source={"type": "huggingface", "model_id": "org/Base"}, status="archived"
    ),
    "a parent by its Hub id": change(
        "models/passed/model.yaml", source={"type": "huggingface", "model_id": "org/base"}
    ),
    "a model goes": drop("models/passed"),
    "a model becomes invalid": change("models/passed/model.yaml", architecture=7),
    "a broken model is mended": change(
        "models/broken/model.yaml", architecture="bert", license_type="Apache-2.0"
    ),
    "a verdict": lambda root: scan(root, "passed", "FAILED"),
    "a parent's licence": change("models/passed/model.yaml", license_type="llama-3.1-community"),
    "a licence": change("licenses/Apache-2.0.yaml", commercial_use=False),
    "a policy": lambda root: put(root, "policy.yaml", {"scans": {"max_age_days": 1}}),
    "a waiver": waive,
    "a waiver goes": drop("waivers/w.yaml"),
    "a waiver with an escape": escape_a_waiver,
    "a better result": lambda root: results(root, "skipped", 0.95),
    "another benchmark": change("benchmarks.yaml", benchmarks=[]),
    "a tombstone": lambda root: put(
        root, "removed/passed.yaml", {"name": "passed", "reason": "wrong", "removed": "2026-11-01T00:00:00Z"}
    ),
    "a name": change("catalog.yaml", name="Another name"),
    "time, a little": lambda _: {"now": datetime(2026, 11, 23, tzinfo=UTC)},
    "time, until a scan is stale": lambda _: {"now": datetime(2027, 3, 1, tzinfo=UTC)},
    "time, until a waiver ends": lambda _: {"now": datetime(2027, 6, 1, tzinfo=UTC)},
    "time, backwards": lambda _: {"now": datetime(2026, 10, 1, tzinfo=UTC)},
    "no clock": lambda _: {"now": None},
    "a commit": lambda _: {"commit": "a" * 40, "commit_time": "2026-11-23T00:00:00Z"},
    "history": lambda _: {"histories": {"passed": [ENTRY]}, "commits": {"passed": 1}},
    "somebody touched a page": lambda root: _touch(root / "build/site/models/passed/index.html"),
    "somebody removed a page": lambda root: (root / "build/site/models/passed/index.html").unlink(),
    "somebody added a file": lambda root: (
        (root / "build/site/models/passed/thesis.txt").write_text("x") and None
    ),
    "the site is gone": lambda root: shutil.rmtree(root / "build/site"),
}


def _touch(path: Path) -> None:
    path.write_text("gone")
    os.utime(path, ns=(1, 1))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog with the site of a first build."""
    root = tmp_path_factory.mktemp("first")
    make_catalog(root)
    model(root, "orphan", base_models=[{"model": "missing", "relation": "finetune"}])
    renew(root)
    return root


@pytest.fixture
def built(first: Path, tmp_path: Path) -> Path:
    """A copy of it, in which times stay as they are; the cache knows it by its place."""
    root = tmp_path / "copy"
    shutil.copytree(first, root, symlinks=True)
    (kept,) = (root / "memory").iterdir()
    from budmodel.render.kept import Keeper

    kept.rename(Keeper(root / "memory", root / "build" / "site")._path)
    return root


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_going_on_is_starting_anew(built: Path, tmp_path: Path, edit: Edit) -> None:
    more = edit(built) or {}
    renewed = renew(built, **more)
    whole = build(built, tmp_path / "whole", **{"now": NOW, **more})
    assert files(renewed.output) == files(whole.output)
    assert (renewed.models, renewed.pages, renewed.left_out) == (whole.models, whole.pages, whole.left_out)


@pytest.mark.parametrize(
    ("edit", "names"),
    [
        ("nothing", 0),
        ("a description", 2),
        ("a commit", 0),
        ("time, a little", 0),
        ("somebody touched a page", 1),
        ("a waiver", 1),
        ("a licence", 11),
    ],
)
def test_only_what_the_change_reaches_is_made_anew(built: Path, edit: str, names: int) -> None:
    more = EDITS[edit](built) or {}
    before = {path: path.stat().st_ino for path in (built / "build/site").rglob("*.json") if path.is_file()}
    assert renew(built, **more).renewed == names
    kept = [path for path, node in before.items() if path.is_file() and path.stat().st_ino == node]
    assert kept if names < 11 else True
    # And once more, from what that one left.
    left = files(built / "build/site")
    again = renew(built, **more)
    assert (again.renewed, files(again.output)) == (0, left)


def test_a_build_that_dies_leaves_a_site_that_the_next_one_mends(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    EDITS["a parent's licence"](built)
    moved = 0
    move = Path.replace

    def dying(self: Path, target: Path) -> Path:
        nonlocal moved
        moved += 1
        if moved == 5:
            raise KeyboardInterrupt
        return move(self, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", dying)
        renew(built)
    assert sorted(path.name for path in (built / "build").iterdir()) == [".cache", "site"]
    whole = build(built, tmp_path / "whole", now=NOW)
    assert files(renew(built).output) == files(whole.output)


@pytest.mark.parametrize("damage", [b"", b"not a database", None])
def test_a_damaged_memory_is_no_memory(built: Path, tmp_path: Path, damage: bytes | None) -> None:
    (kept,) = (built / "memory").iterdir()
    if damage is None:
        import sqlite3

        with sqlite3.connect(kept) as database:
            database.execute("UPDATE kept SET data = '{}' WHERE name = 'passed'")
    else:
        kept.write_bytes(damage)
    renewed = renew(built)
    assert renewed.renewed == 11
    assert files(renewed.output) == files(build(built, tmp_path / "whole", now=NOW).output)


def test_many_models_are_made_by_several_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_catalog(tmp_path)
    alone = build(tmp_path, tmp_path / "alone", now=NOW)
    monkeypatch.setattr("budmodel.render.workers.FEW", 1)
    monkeypatch.setattr("budmodel.render.workers._cores", lambda: 3)
    # The tests' own workers have threads, beside which nothing is forked.
    monkeypatch.setattr("budmodel.render.workers.threading.active_count", lambda: 1)
    assert set(each(lambda _: os.getpid(), ["a", "b", "c"])).isdisjoint([os.getpid()])
    assert files(build(tmp_path, tmp_path / "many", now=NOW).output) == files(alone.output)


def test_tables_are_made_when_the_catalog_changed_and_left_out_when_not_wanted(built: Path) -> None:
    table = built / "build/site/api/models.csv"
    node = table.stat().st_ino
    renew(built, commit="a" * 40)
    assert table.stat().st_ino == node
    EDITS["a waiver"](built)
    renew(built)
    assert (built / "build/site/api/catalog.sqlite").is_file()
    renew(built, tables=False)
    assert not table.exists()
    EDITS["a description"](built)
    renew(built, tables=False)
    assert files(renew(built).output) == files(build(built, built / "whole", now=NOW).output)


@pytest.mark.parametrize(
    "edit", ["nothing", "a parent's licence", "a child of a parent", "a waiver", "a better result"]
)
def test_tables_are_those_of_the_export_command(built: Path, edit: str) -> None:
    EDITS[edit](built)
    renew(built)
    for name, path in (("sqlite", "catalog.sqlite"), ("csv", "models.csv")):
        assert (built / "build/site/api" / path).read_bytes() == exported(
            built, name, commit=None, commit_time=None
        )


def test_beside_other_threads_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("budmodel.render.workers.FEW", 1)
    monkeypatch.setattr("budmodel.render.workers._cores", lambda: 3)
    monkeypatch.setattr("budmodel.render.workers.threading.active_count", lambda: 2)
    assert set(each(lambda _: os.getpid(), ["a", "b", "c"])) == {os.getpid()}
