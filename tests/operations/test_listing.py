"""Listing works on cached data: no record object is built for a model that the cache knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from budmodel.operations.listing import ListRequest, list_models
from budmodel.schema.model import Model
from budmodel.store.cache import RecordCache
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree


def test_a_known_model_is_not_validated_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "catalog" / "models" / "x"
    folder.mkdir(parents=True)
    (folder / "model.yaml").write_text("name: x\narchitecture: a\nparameter_count: 1\n")
    (folder / "versions").mkdir()
    (folder / "versions" / "1.0.0.yaml").write_text("[")
    cache = RecordCache(tmp_path / "cache.sqlite")
    first = list_models(Snapshot(WorkTree(tmp_path), cache), ListRequest())

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("validated")

    monkeypatch.setattr(Model, "model_validate", refuse)
    second = list_models(Snapshot(WorkTree(tmp_path), cache), ListRequest())
    cache.close()
    assert first == second
    assert [row["name"] for row in second.rows] == ["x"]
