"""A child is never freer than a parent, whatever is wrong with what the catalog says of the parent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from license_table import book

from budmodel.domain.inheritance import MOST
from budmodel.domain.license_decision import licence_opinion
from budmodel.domain.taint import taints
from budmodel.domain.uses import RANK, Opinion, Use
from budmodel.schema.governance import DeniedItem
from budmodel.store.catalog import Snapshot
from budmodel.store.memory_tree import MemoryTree

COMMERCIAL = Use(kind="commercial", mau=1, territory="US")
OTHER_TEXT = "0" * 64


def model(name: str, *lines: str, version: str = "1.0.0", frozen: tuple[str, ...] = ()) -> dict[str, bytes]:
    """A model with one version, as files."""
    text = [f"name: {name}", "architecture: llama", "parameter_count: 1", *lines]
    record = [f"version: {version}", "released: 2026-01-01T00:00:00Z", *frozen]
    return {
        f"catalog/models/{name}/model.yaml": "\n".join([*text, ""]).encode(),
        f"catalog/models/{name}/versions/{version}.yaml": "\n".join([*record, ""]).encode(),
    }


def asked(files: dict[str, bytes], name: str = "child", use: Use = COMMERCIAL) -> Opinion:
    snapshot = Snapshot(MemoryTree(files))
    view = snapshot.model(name)
    found, record = view.model, view.version("1.0.0")
    assert found is not None and record is not None
    return licence_opinion(snapshot, book(), found, record, use, f"{name}@1.0.0")


def child_of(parent: str, relation: str = "finetune") -> dict[str, bytes]:
    return model("child", "license_type: MIT", f"base_models: [{{model: {parent}, relation: {relation}}}]")


PARENTS = {
    "freezes a text that nobody recorded": model(
        "parent", "license_type: MIT", frozen=(f"license_text_sha256: {OTHER_TEXT}",)
    ),
    "states no licence": model("parent"),
    "names an unknown licence": model("parent", "license_type: nobody-knows"),
    "has a record that cannot be read": {
        **model("parent", "license_type: MIT"),
        "catalog/models/parent/model.yaml": b"name: [\n",
    },
    "has a version that cannot be read": {
        **model("parent", "license_type: MIT"),
        "catalog/models/parent/versions/1.0.0.yaml": b"version: [\n",
    },
    "was removed": {},
}


@pytest.mark.parametrize("relation", ["finetune", "adapter", "quantized", "merge", "distilled"])
@pytest.mark.parametrize("why", PARENTS)
def test_a_parent_of_unknown_terms_denies(why: str, relation: str) -> None:
    files = {**PARENTS[why], **child_of("parent", relation)}
    assert asked(files).level == "deny", why


def test_a_version_that_the_parent_does_not_have_denies() -> None:
    files = {**model("parent", "license_type: MIT"), **child_of("parent@9.9.9")}
    assert asked(files).level == "deny"
    assert asked({**model("parent", "license_type: MIT"), **child_of("parent@1.0.0")}).level == "allow"


def test_the_version_that_is_named_counts_and_not_the_default() -> None:
    files = model("parent", "license_type: MIT", "default_version: 2.0.0", version="2.0.0")
    files |= model(
        "parent", "license_type: MIT", "default_version: 2.0.0", frozen=("license_type: CC-BY-NC-4.0",)
    )
    assert asked({**files, **child_of("parent@1.0.0")}).level == "deny"
    assert asked({**files, **child_of("parent@2.0.0")}).level == "allow"


def test_a_parent_whose_versions_were_all_withdrawn_taints() -> None:
    """No version of it is the default then; the child was made of one of them all the same."""
    yanked = ("yanked: {reason: poisoned, on: 2026-01-01T00:00:00Z}",)
    files = {**model("parent", "license_type: MIT", frozen=yanked), **child_of("parent")}
    snapshot = Snapshot(MemoryTree(files))
    child = snapshot.model("child").model
    assert child is not None
    assert [one.why for one in taints(snapshot, child.base_models, ())] == ["was yanked"]


@pytest.mark.parametrize(
    ("parent", "record"),
    [
        ("source: {type: huggingface, model_id: Bad/Base}", ""),
        ("", f"source: {{type: huggingface, model_id: bad/base, revision: {'c' * 40}}}"),
        ("", "source: {type: s3, uri: s3://bad/base/1/}"),
        ("", "storage_path: s3://bad/base/1/"),
        ("", "storage_path: hf://bad/base"),
    ],
)
def test_a_parent_from_a_denied_source_taints(parent: str, record: str) -> None:
    denied = [DeniedItem(source=source, reason="poisoned") for source in ("bad/base", "s3://bad/base")]
    files = model("parent", *filter(None, [parent]), frozen=tuple(filter(None, [record])))
    snapshot = Snapshot(MemoryTree({**files, **model("fine"), **child_of("parent", "merge")}))
    child = snapshot.model("child").model
    assert child is not None
    assert [one.target for one in taints(snapshot, child.base_models, denied)] == ["parent@1.0.0"]
    assert not list(taints(snapshot, child.base_models, ()))


def test_a_denied_parent_on_the_hub_taints_also_through_others() -> None:
    files = {**model("parent", "base_models: [{model: hf:Bad/Base, relation: merge}]"), **child_of("parent")}
    snapshot = Snapshot(MemoryTree(files))
    child = snapshot.model("child").model
    assert child is not None
    denied = [DeniedItem(source="bad/base", reason="poisoned")]
    assert [one.path for one in taints(snapshot, child.base_models, denied)] == [
        ("parent@1.0.0", "hf:Bad/Base")
    ]
    others = [DeniedItem(source="bad/other", reason="x"), DeniedItem(sha256="0" * 64, reason="x")]
    assert not list(taints(snapshot, child.base_models, others))


def test_what_is_beyond_the_last_ancestor_that_is_looked_at_is_unknown() -> None:
    files: dict[str, bytes] = model("m-0", "license_type: CC-BY-NC-4.0")
    for number in range(1, MOST + 5):
        base = f"base_models: [{{model: m-{number - 1}, relation: finetune}}]"
        files |= model(f"m-{number}", "license_type: MIT", base)
    files |= child_of(f"m-{MOST + 4}")
    found = asked(files)
    assert found.level == "deny"
    assert any("more ancestors" in reason.message for reason in found.reasons)
    assert asked({**files, **child_of("m-20")}).level == "deny"


def test_a_cycle_ends_and_hides_nothing() -> None:
    files = model("a", "license_type: MIT", "base_models: [{model: b, relation: merge}]")
    files |= model(
        "b",
        "license_type: MIT",
        "base_models: [{model: a, relation: merge}, {model: nc, relation: adapter}]",
    )
    files |= model("nc", "license_type: CC-BY-NC-4.0") | child_of("a")
    assert asked(files).level == "deny"


def test_a_parent_on_the_hub_without_a_licence_warns() -> None:
    """Its terms are not the catalog's to know; DESIGN carries such parents with the licence that is known."""
    assert asked(child_of("hf:org/name")).level == "warn"


EXPRESSIONS = [
    "MIT",
    "MIT OR CC-BY-NC-4.0",
    "CC-BY-NC-ND-4.0",
    "llama-3.1-community",
    "lfm-1.0",
    "openai-tos",
]
LIMITS = ["", "license_restrictions: {commercial_use: false}", "license_restrictions: {derivatives: false}"]


@given(
    st.sampled_from([*EXPRESSIONS, "nobody-knows", ""]),
    st.sampled_from(LIMITS),
    st.sampled_from(["finetune", "adapter", "quantized", "merge"]),
    st.sampled_from([COMMERCIAL, Use(kind="research"), Use(kind="internal", redistribute=True)]),
)
def test_a_child_is_never_freer_than_a_derivative_of_its_parent(
    text: str, limits: str, relation: str, use: Use
) -> None:
    lines = [*([f'license_type: "{text}"'] if text else []), *([limits] if limits else [])]
    files = {**model("parent", *lines), **child_of("parent", relation)}
    parent = asked(files, "parent", replace(use, derivative=True))
    assert RANK[asked(files, use=use).level] >= RANK[parent.level]


def test_a_parent_named_by_its_hub_id_sheds_nothing_that_the_catalog_knows() -> None:
    held = model("held", "license_type: CC-BY-NC-4.0", "source: {type: huggingface, model_id: Org/Held}")
    lie = "base_models: [{model: hf:org/held, relation: finetune, license_type: MIT}]"
    files = model("child", "license_type: MIT", lie)
    assert asked(files).level == "allow"
    found = asked({**held, **files})
    assert found.level == "deny"
    assert any("held@1.0.0" in reason.message for reason in found.reasons)
    other = model("a-held", "license_type: MIT", "source: {type: huggingface, model_id: org/held}")
    assert asked({**other, **held, **files}).level == "deny", "all that come from there count"
