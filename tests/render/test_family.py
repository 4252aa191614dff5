"""Who was made of whom, as the pages of models tell it."""

from __future__ import annotations

from budmodel.render.lineage_graph import Edge
from budmodel.render.names import family_of
from budmodel.store.catalog import Snapshot
from budmodel.store.memory_tree import MemoryTree


def catalog(**models: str) -> Snapshot:
    files = {
        f"catalog/models/{name}/model.yaml": f"name: {name}\narchitecture: llama\nparameter_count: 1\n{more}"
        for name, more in models.items()
    }
    files["catalog/models/frozen/versions/1.0.0.yaml"] = (
        "version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\n"
        "base_models: [{model: base@1.0.0, relation: merge}]\n"
    )
    return Snapshot(MemoryTree({path: text.encode() for path, text in files.items()}))


def test_versions_and_hub_ids_count() -> None:
    family = family_of(
        catalog(
            base="source: {type: huggingface, model_id: Org/Base}\n",
            frozen="",
            tuned="base_models: [{model: hf:org/base, relation: finetune}]\n",
        )
    )
    assert [(child.name, child.relation) for child in family.children("base")] == [
        ("frozen", "merge"),
        ("tuned", "finetune"),
    ]
    assert family.up["frozen"] == [Edge("base", "frozen", "merge")]
    assert family.up["tuned"] == [Edge("hf:org/base", "tuned", "finetune")]
