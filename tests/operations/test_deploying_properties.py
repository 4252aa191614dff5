"""What is asked of a deployment in small catalogs of every shape: the few files that are read say what all
say, no order matters, and what is stricter never frees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budmodel.domain.uses import RANK, Use
from budmodel.errors import BudmodelError
from budmodel.operations.deploy_files import Shelf, deploy_files
from budmodel.operations.deploying import Question, deploy_answer
from budmodel.store.catalog import Snapshot
from budmodel.store.memory_tree import MemoryTree
from budmodel.store.tree import Tree

NOW = datetime(2026, 6, 1, tzinfo=UTC)
USE = Use(kind="commercial", mau=5, territory="US")
NAMES = ("a", "b", "c", "d")
Records = dict[str, dict[str, Any]]


def licence(id_: str, **facts: Any) -> tuple[str, dict[str, Any]]:
    free = {"commercial_use": True, "derivatives": True, "redistribution": True, "attribution": False}
    reviewed = {"source": "the text", "reviewed": {"by": "legal", "on": "2026-01-01"}}
    return f"licenses/{id_}.yaml", {"id": id_, "name": id_, **free, **reviewed, **facts}


LICENSES = dict(
    [
        licence("MIT", aliases=["mit-license"]),
        licence("CC-BY-NC-4.0", commercial_use=False),
        licence("llama", monthly_active_users_limit=3, naming="Llama"),
    ]
)
TEXTS = st.sampled_from(
    ["MIT", "mit-License", "MIT OR CC-BY-NC-4.0", "MIT AND llama", "llama", "CC-BY-NC-4.0", "nobody-knows"]
)
MOSTLY_FREE = st.one_of(st.just("MIT"), st.just("MIT"), TEXTS)


@st.composite
def base(draw: st.DrawFn, parents: tuple[str, ...]) -> dict[str, str]:
    name = draw(st.sampled_from(parents))
    model = draw(st.sampled_from([name, f"{name}@1.0.0", f"hf:Org/{name.upper()}", "hf:else/where"]))
    found = {"model": model, "relation": draw(st.sampled_from(["finetune", "merge", "distilled"]))}
    return found | ({"license_type": draw(MOSTLY_FREE)} if model.startswith("hf:") else {})


@st.composite
def catalogs(draw: st.DrawFn) -> Records:
    """``d`` may be made of all others; no model has bytes, so that nothing but terms and lineage decides."""
    found: Records = deepcopy(LICENSES)
    for place, name in enumerate(NAMES):
        parents = NAMES[:place]
        model: dict[str, Any] = {"name": name, "architecture": "x", "source": {"type": "api"}}
        model |= {"license_type": draw(MOSTLY_FREE), "default_version": "1.0.0"}
        if name != "d":
            model["source"] = {"type": "huggingface", "model_id": f"org/{name}"}
            model["parameter_count"] = 1
        version: dict[str, Any] = {"version": "1.0.0", "released": "2026-01-01T00:00:00Z"}
        if parents:
            model["base_models"] = draw(st.lists(base(parents), max_size=2))
            if draw(st.integers(0, 4)) == 0:
                version["base_models"] = draw(st.lists(base(parents), max_size=2))
        found[f"models/{name}/model.yaml"] = model
        found[f"models/{name}/versions/1.0.0.yaml"] = version
    found["policy.yaml"] = {"licenses": {"denied": draw(st.lists(st.sampled_from(["llama"]), max_size=1))}}
    return found


def tree(records: Mapping[str, Any]) -> Tree:
    return MemoryTree({f"catalog/{path}": json.dumps(one).encode() for path, one in records.items()})


def answer(files: Tree) -> tuple[int, list[tuple[str, str, str]], list[str]]:
    try:
        found = deploy_answer(Snapshot(files), Question(name="d", version="1.0.0", use=USE, now=NOW))
    except BudmodelError as error:
        return RANK["deny"], [("", "", str(error))], []
    reasons = sorted((one.code, one.level, one.message) for one in found.reasons)
    return RANK[found.decision], reasons, sorted(found.duties)


FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(catalogs(), st.randoms(use_true_random=False))
def test_a_part_says_what_the_whole_says_in_any_order(records: Records, random: Any) -> None:
    whole = Snapshot(tree(records))
    expected = answer(whole.tree)
    assert answer(MemoryTree(deploy_files(Shelf(whole.tree), "d", whole.held_as))) == expected
    paths = list(records)
    random.shuffle(paths)
    assert answer(tree({path: records[path] for path in paths})) == expected
    for record in records.values():
        record.get("base_models", []).reverse()
    level, reasons, duties = answer(tree(records))
    said = {(code, kind) for code, kind, _ in reasons}
    assert (level, said) == (expected[0], {(code, kind) for code, kind, _ in expected[1]})
    assert duties == expected[2]


def stricter(records: Records, what: str, name: str) -> None:
    model, version = records[f"models/{name}/model.yaml"], records[f"models/{name}/versions/1.0.0.yaml"]
    if what == "restricted":
        model["license_restrictions"] = {"commercial_use": False}
    elif what == "yanked":
        version["yanked"] = {"reason": "r", "on": "2026-01-01T00:00:00Z"}
    elif what == "one more parent":
        for path in ("models/d/model.yaml", "models/d/versions/1.0.0.yaml"):
            if "base_models" in records[path]:
                records[path]["base_models"].append({"model": name, "relation": "merge"})
    elif what == "unreadable":
        version["version"] = 5
    else:
        records["policy.yaml"]["licenses"][what] = ["MIT" if what == "denied" else "CC-BY-NC-4.0"]


KINDS = ("restricted", "yanked", "one more parent", "unreadable", "denied", "allowed", "acknowledgment")


@FEW
@given(catalogs(), st.sampled_from(KINDS), st.sampled_from(NAMES[:3]))
def test_what_is_stricter_never_frees(records: Records, what: str, name: str) -> None:
    before = answer(tree(records))
    stricter(records, what, name)
    after = answer(tree(records))
    assert after[0] >= before[0], (before[1], after[1])
