"""``budmodel lineage`` and ``budmodel history``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from budmodel.operations.ancestry import ancestry
from budmodel.operations.names import Named
from budmodel.store.catalog import Snapshot
from budmodel.store.memory_tree import MemoryTree
from budmodel.store.model_view import ModelView
from cli.small_catalog import Registry


def model(registry: Registry, name: str, *bases: str, **more: str) -> None:
    lines = [f"name: {name}", "architecture: llama", "parameter_count: 1000"]
    lines += [f"{key}: {value}" for key, value in more.items()]
    if bases:
        lines.append("base_models:")
        lines += [f"  - {{model: {base.split()[0]}, relation: {base.split()[1]}}}" for base in bases]
    registry.write(f"models/{name}/model.yaml", "\n".join(lines) + "\n")


def version(registry: Registry, name: str, number: str = "1.0.0", *bases: str) -> None:
    lines = [f"version: {number}", 'released: "2026-01-01T00:00:00Z"']
    if bases:
        parents = (f"{{model: {base.split()[0]}, relation: {base.split()[1]}}}" for base in bases)
        lines.append(f"base_models: [{', '.join(parents)}]")
    registry.write(f"models/{name}/versions/{number}.yaml", "\n".join(lines) + "\n")


def test_lineage_is_a_tree_over_all_steps(empty: Registry) -> None:
    model(empty, "base", license_type="MIT")
    model(empty, "other")
    model(empty, "tuned", "base finetune", "other merge")
    version(empty, "tuned")
    model(empty, "small", "tuned@1.0.0 quantized")
    model(empty, "merged", "small merge", "base merge", '"hf:org/name" merge')
    outcome = empty("lineage", "merged")
    assert outcome.out == (
        "merged\n"
        "made of\n"
        "├─ small (merge)\n"
        "│  └─ tuned@1.0.0 (quantized)\n"
        "│     ├─ base (finetune, MIT)\n"
        "│     └─ other (merge)\n"
        "├─ base (merge, MIT, see above)\n"
        "└─ hf:org/name (merge, licence unknown, on the Hub, not in this catalog)\n"
    )
    down = empty("lineage", "base").out
    assert down == (
        "base\n"
        "used for\n"
        "├─ merged (merge)\n"
        "└─ tuned (finetune)\n"
        "   └─ small (quantized)\n"
        "      └─ merged (merge, see above)\n"
    )
    data = empty("lineage", "merged", "--json").json
    assert data["total"] == 6
    deepest = data["result"]["ancestors"][2]
    assert (deepest["model"], deepest["path"]) == ("base", ["merged", "small", "tuned", "base"])
    assert data["result"]["ancestors"][-1]["external"] is True


def test_lineage_says_what_is_missing_and_what_is_a_circle(empty: Registry) -> None:
    model(empty, "a", "b finetune")
    model(empty, "b", "a finetune", "gone finetune")
    outcome = empty("lineage", "a")
    assert "gone (finetune, licence unknown, not in this catalog)" in outcome.out
    assert "a (finetune, see above)" in outcome.out
    assert "its lineage is a circle: a -> b -> a" in outcome.err
    assert empty("lineage", "a", "--json").json["result"]["cycle"] == ["a", "b", "a"]


def test_lineage_of_a_version_takes_the_bases_that_it_froze(empty: Registry) -> None:
    model(empty, "base")
    model(empty, "older")
    model(empty, "tuned", "base finetune", default_version="1.0.0")
    version(empty, "tuned", "1.0.0", "older merge")
    version(empty, "tuned", "1.1.0")
    told = "tuned@1.0.0\nmade of\n└─ older (merge)\n"
    assert empty("lineage", "tuned@1.0.0").out == told
    assert empty("lineage", "tuned").out == told, "without a version the default one is meant"
    assert empty("lineage", "tuned@1.1.0").out == "tuned@1.1.0\nmade of\n└─ base (finetune)\n"


def test_descendants_are_found_through_what_versions_froze(empty: Registry) -> None:
    model(empty, "base")
    version(empty, "base")
    version(empty, "base", "2.0.0")
    model(empty, "stated", "base finetune")
    version(empty, "stated", "1.0.0", "base finetune")
    model(empty, "frozen")
    version(empty, "frozen", "1.0.0", "base@1.0.0 finetune")
    version(empty, "frozen", "2.0.0")
    model(empty, "of-frozen", "frozen@1.0.0 quantized")
    model(empty, "of-the-other", "frozen@2.0.0 quantized")
    assert empty("lineage", "base").out == (
        "base\nused for\n├─ frozen@1.0.0 (finetune)\n│  └─ of-frozen (quantized)\n└─ stated (finetune)\n"
    )
    assert empty("lineage", "base@2.0.0").out == "base@2.0.0\nused for\n└─ stated (finetune)\n"
    child = empty("lineage", "base", "--json").json["result"]["descendants"][0]
    assert (child["model"], child["version"], child["path"]) == ("frozen", "1.0.0", ["base", "frozen"])


def test_lineage_goes_on_where_the_catalog_holds_a_parent_of_the_hub(empty: Registry) -> None:
    model(empty, "older", license_type="MIT")
    model(empty, "held", "older finetune", source="{type: huggingface, model_id: Org/Held}")
    model(empty, "tuned", '"hf:org/held" merge')
    assert empty("lineage", "tuned").out == (
        "tuned\nmade of\n└─ hf:org/held (merge, licence unknown, on the Hub, in this catalog as held)\n"
        "   └─ older (finetune, MIT)\n"
    )
    assert empty("lineage", "older").out == ("older\nused for\n└─ held (finetune)\n   └─ tuned (merge)\n")


def test_a_version_that_a_parent_does_not_have_is_not_in_the_catalog(empty: Registry) -> None:
    model(empty, "base", license_type="MIT")
    version(empty, "base")
    model(empty, "tuned", "base@3.0.0 finetune")
    assert "base@3.0.0 (finetune, licence unknown, not in this catalog)" in empty("lineage", "tuned").out
    assert empty("lineage", "tuned", "--json").json["result"]["ancestors"][0]["known"] is False


def test_a_circle_through_a_frozen_version_is_told(empty: Registry) -> None:
    model(empty, "a", "b finetune")
    model(empty, "b")
    version(empty, "b", "1.0.0", "a finetune")
    assert empty("lineage", "a", "--json").json["result"]["cycle"] == ["a", "b", "a"]
    assert empty("lineage", "b", "--json").json["result"]["cycle"] == ["b", "a", "b"]


def test_a_version_made_of_an_earlier_one_is_no_circle(empty: Registry) -> None:
    model(empty, "a", default_version="1.0.0")
    version(empty, "a")
    version(empty, "a", "1.1.0", "a@1.0.0 finetune")
    found = empty("lineage", "a@1.1.0", "--json").json["result"]
    assert (found["cycle"], found["ancestors"][0]["model"]) == (None, "a")


def test_a_parent_version_counts_with_what_it_froze(empty: Registry) -> None:
    model(empty, "older", license_type="MIT")
    model(empty, "newer", license_type="Apache-2.0")
    model(empty, "base", "newer finetune", license_type="Apache-2.0")
    empty.write(
        "models/base/versions/1.0.0.yaml",
        'version: 1.0.0\nreleased: "2026-01-01T00:00:00Z"\nlicense_type: gemma\n'
        "base_models: [{model: older, relation: finetune}]\n",
    )
    model(empty, "tuned", "base@1.0.0 adapter")
    assert empty("lineage", "tuned").out == (
        "tuned\nmade of\n└─ base@1.0.0 (adapter, gemma)\n   └─ older (finetune, MIT)\n"
    )
    model(empty, "other", "base adapter")
    assert "base (adapter, gemma)\n   └─ older (finetune, MIT)\n" in empty("lineage", "other").out
    version(empty, "base", "2.0.0")
    assert "   └─ newer (finetune, Apache-2.0)\n" in empty("lineage", "other").out


def test_parents_on_the_hub_carry_revision_and_known_licence(empty: Registry) -> None:
    empty.write(
        "models/held/model.yaml",
        "name: held\narchitecture: x\nparameter_count: 1\nlicense_type: gemma\n"
        "source: {type: huggingface, model_id: Google/Gemma}\n",
    )
    empty.write(
        "models/tuned/model.yaml",
        "name: tuned\narchitecture: x\nparameter_count: 1\nbase_models:\n"
        f'  - {{model: "hf:org/name", relation: finetune, revision: {"a" * 40}, license_type: MIT}}\n'
        '  - {model: "hf:google/gemma", relation: merge}\n',
    )
    assert empty("lineage", "tuned").out.splitlines()[2:] == [
        "├─ hf:org/name@aaaaaaaaaa (finetune, MIT, on the Hub, not in this catalog)",
        "└─ hf:google/gemma (merge, gemma, on the Hub, in this catalog as held)",
    ]
    first, second = empty("lineage", "tuned", "--json").json["result"]["ancestors"]
    assert (first["revision"], first["license_type"], first["held_as"]) == ("a" * 40, "MIT", None)
    assert (second["held_as"], second["known"], second["external"]) == ("held", False, True)


@given(
    st.dictionaries(
        st.sampled_from("abcde"),
        st.lists(st.sampled_from(["a", "b", "c", "d", "e", "gone", "hf:x/y"]), max_size=4),
    )
)
def test_lineage_of_any_graph_ends_and_every_path_is_real(parents: dict[str, list[str]]) -> None:
    class Catalog:
        def model_data(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
            for name in "abcde":
                bases = [{"model": one, "relation": "merge"} for one in parents.get(name, [])]
                yield name, {"name": name, "base_models": bases}

        def held_as(self, hub_id: str) -> tuple[str, ...]:
            return ()

        families = SimpleNamespace(frozen=lambda: iter(()))

        def model(self, name: str) -> ModelView:
            return ModelView(Snapshot(MemoryTree({})), name)

    found = ancestry(cast(Snapshot, Catalog()), Named("a"))
    for one in found.ancestors:
        assert all(up in parents.get(down, []) for down, up in pairwise(one.path))
        assert one.known == (one.model in "abcde")
    for one in found.descendants:
        assert all(up in parents.get(down, []) for up, down in pairwise(one.path))
    assert (found.cycle is not None) == any(one.model == "a" for one in found.ancestors)
    told = {one.path for one in found.ancestors}
    assert len(told) <= len(found.ancestors)
    assert {one.model for one in found.ancestors} == _reachable("a", parents)


def _reachable(start: str, edges: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in edges.get(waiting.pop(), []):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def test_lineage_without_relatives(empty: Registry) -> None:
    model(empty, "alone")
    outcome = empty("lineage", "alone")
    assert (outcome.code, outcome.out) == (0, "alone\n")
    assert "names no base model" in outcome.err


def test_merges_of_merges_end(empty: Registry) -> None:
    """Forty layers of two, each made of both of the layer below: 2^40 paths, and 80 models."""
    for layer in range(40):
        bases = [f"m{layer - 1}{side} merge" for side in "ab"] if layer else []
        for side in "ab":
            model(empty, f"m{layer}{side}", *bases)
    data = empty("lineage", "m39a", "--json").json
    assert len({one["model"] for one in data["result"]["ancestors"]}) == 78


def test_history_tells_each_change_in_words(registry: Registry) -> None:
    registry.commit_all("Add everything", "2026-01-01T00:00:00Z")
    assert registry("set", "llama-3", "description=Other words.", "tags+=chat").code == 0
    registry.commit_all("Describe it", "2026-01-02T00:00:00Z")
    assert registry("version", "yank", "llama-3", "1.0.0", "--reason", "wrong weights").code == 0
    registry.commit_all("Withdraw 1.0.0", "2026-01-03T00:00:00Z")
    data = registry("history", "llama-3", "--json").json
    assert [entry["subject"] for entry in data["result"]] == [
        "Withdraw 1.0.0",
        "Describe it",
        "Add everything",
    ]
    newest, second, first = data["result"]
    assert ("security", "version 1.0.0 yanked: wrong weights") in [
        (event["kind"], event["what"]) for event in newest["events"]
    ]
    assert [event["what"] for event in second["events"]] == ["description, tags changed"]
    assert "model added" in [event["what"] for event in first["events"]]
    assert newest["time"] == "2026-01-03T00:00:00Z"
    text = registry("history", "llama-3").out
    assert text.startswith("2026-01-03  ")
    assert "    security  version 1.0.0 yanked: wrong weights\n" in text
    assert len(registry("history", "llama-3", "--limit", "1", "--json").json["result"]) == 1
    then = registry("history", "llama-3", "--at", "2026-01-02", "--json").json["result"]
    assert [entry["subject"] for entry in then] == ["Describe it", "Add everything"]


def test_history_of_a_removed_model(registry: Registry) -> None:
    registry.commit_all("Add everything")
    assert registry("remove", "llama-3", "--reason", "replaced").code == 0
    registry.commit_all("Remove it")
    newest = registry("history", "llama-3", "--json").json["result"][0]
    said = {(event["kind"], event["what"]) for event in newest["events"]}
    assert ("removed", "removed: replaced") in said
    assert ("removed", "model removed") in said


def test_history_needs_git_and_a_name_that_was_there(registry: Registry) -> None:
    assert "needs Git" in registry("history", "llama-3").err
    registry.commit_all("Add everything")
    outcome = registry("history", "never-there")
    assert (outcome.code, outcome.out) == (2, "")
    assert "no commit touched a model 'never-there'" in outcome.err
    assert registry("history", "../../etc").code == 2
    for nothing in ("", " "):
        assert (registry("history", nothing).code, registry("history", nothing).out) == (2, ""), (
            "not that of all"
        )


def test_history_survives_hostile_content(registry: Registry) -> None:
    registry.write("models/llama-3/model.yaml", "name: [\x1b[31m")
    registry.commit_all("Broken\x1b[31m record")
    registry.write("models/llama-3/model.yaml", "name: llama-3\n")
    registry.commit_all("Mended")
    outcome = registry("history", "llama-3")
    assert outcome.code == 0
    assert "\x1b" not in outcome.out


def test_a_lineage_as_long_as_is_told_is_drawn_in_one_pass(registry: Registry) -> None:
    """To look through all that follows for each bar of each line takes hours at this length."""
    length = 1500
    for number in range(length):
        base = f"base_models: [{{model: m{number + 1}, relation: merge}}]\n" if number < length - 1 else ""
        text = f"name: m{number}\narchitecture: llama\nparameter_count: 1\n{base}"
        registry.write(f"models/m{number}/model.yaml", text)
    lines = registry("lineage", "m0").out.splitlines()
    assert lines[:4] == ["m0", "made of", "└─ m1 (merge)", "   └─ m2 (merge)"]
    assert lines[-1] == f"{'   ' * (length - 2)}└─ m{length - 1} (merge)"
