"""How large the step between two versions must be. SemVer 2.0.0: https://semver.org/spec/v2.0.0.html."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budmodel.domain.version_bump import Facts, Step, differences, preceding, smallest, step, unstated
from budmodel.schema.model import BaseModelReference
from budmodel.schema.values import version_key
from budmodel.schema.version import Version

NUMBERS = st.integers(0, 3)
VERSIONS = st.builds(
    lambda major, minor, patch, rest: f"{major}.{minor}.{patch}{rest}",
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.sampled_from(["", "-alpha", "-alpha.1", "-beta.2", "-beta.11", "-rc.1", "+b1"]),
)


def facts(architecture: str | None = "llama", bases: Any = (), **fields: Any) -> Facts:
    record = Version.model_validate({"version": "1.0.0", "released": "2026-01-01T00:00:00Z", **fields})
    parents = [BaseModelReference.model_validate(base) for base in bases]
    return Facts.of(record, architecture, parents)


def shape(**fields: Any) -> Facts:
    return facts(fingerprint={"architecture": "llama", "vocab_size": 32000, **fields})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1.0.0", "1.0.1", Step.PATCH),
        ("1.0.9", "1.1.0", Step.MINOR),
        ("1.9.9", "2.0.0", Step.MAJOR),
        ("1.0.0", "2.0.0-rc.1", Step.MAJOR),
        ("2.0.0-rc.1", "2.0.0-rc.2", None),
        ("2.0.0-rc.1", "2.0.0", None),
        ("1.0.0", "1.0.0+build", Step.PATCH),
        ("0.1.0", "0.1.1", Step.PATCH),
        ("0.1.0", "0.2.0", Step.MAJOR),
        ("0.9.0", "1.0.0", Step.MAJOR),
    ],
    ids=str,
)
def test_step(before: str, after: str, expected: Step | None) -> None:
    assert step(before, after) is expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (shape(), []),
        (shape(vocab_size=64000), [Step.MAJOR]),
        (shape(architecture="qwen2"), [Step.MAJOR]),
        (shape(architecture="LLaMA"), []),
        (shape(hidden_size=4096), []),
        (shape(context_length=8192), []),
        (facts(), []),
        (facts("qwen2"), [Step.MAJOR]),
    ],
    ids=["same", "vocabulary", "name", "case", "new-fact", "new-context", "unstated", "model"],
)
def test_differences_to_a_llama(after: Facts, expected: list[Step]) -> None:
    assert [one.needs for one in differences(shape(), after)] == expected


@pytest.mark.parametrize(
    "key", ["hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "num_experts"]
)
def test_another_shape_is_another_architecture(key: str) -> None:
    (one,) = differences(shape(**{key: 8}), shape(**{key: 16}))
    assert (one.needs, one.what) == (Step.MAJOR, f"the architecture ({key} 8 → 16)")


def test_a_version_without_a_fingerprint_is_of_its_model_s_architecture() -> None:
    assert [one.needs for one in differences(facts("qwen2"), shape())] == [Step.MAJOR]
    assert list(differences(facts("Llama"), shape())) == []


def test_another_context_length_is_a_capability() -> None:
    (one,) = differences(shape(context_length=4096), shape(context_length=8192))
    assert (one.needs, one.what) == (Step.MINOR, "a capability (context_length 4096 → 8192)")


TUNED = [{"model": "base@1.0.0", "relation": "finetune"}]


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        (TUNED, TUNED, False),
        (TUNED, [{"model": "base@2.0.0", "relation": "finetune"}], True),
        (TUNED, [{"model": "base", "relation": "finetune"}], False),
        (TUNED, [{"model": "base@1.0.0", "relation": "merge"}], True),
        (TUNED, [*TUNED, {"model": "hf:org/x", "relation": "merge"}], True),
        ([], TUNED, False),
    ],
    ids=["same", "newer-base", "less-exact", "other-relation", "one-more", "not-stated-before"],
)
def test_another_base_is_a_fine_tune(before: Any, after: Any, differs: bool) -> None:
    expected = [Step.MINOR] if differs else []
    assert [one.needs for one in differences(facts(bases=before), facts(bases=after))] == expected


def test_a_version_that_froze_no_base_differs_from_one_with_a_base() -> None:
    frozen = facts(base_models=[])
    assert [one.needs for one in differences(frozen, facts(base_models=TUNED))] == [Step.MINOR]
    assert [one.needs for one in differences(frozen, facts(bases=TUNED, base_models=[]))] == []


def test_what_is_no_longer_stated_is_named() -> None:
    assert unstated(shape(hidden_size=64), facts()) == ("vocab_size", "hidden_size")
    assert unstated(shape(), facts(None)) == ("architecture", "vocab_size")
    assert unstated(facts(), shape()) == ()


@pytest.mark.parametrize(
    ("version", "others", "expected"),
    [
        ("1.0.0", {}, None),
        ("1.0.0", {"1.0.1": False}, None),
        ("1.2.0", {"1.0.0": False, "1.1.0": False, "2.0.0": False}, "1.1.0"),
        ("1.10.0", {"1.9.0": False, "1.2.0": False}, "1.9.0"),
        ("2.0.0", {"1.0.0": False, "2.0.0-rc.1": False}, "1.0.0"),
        ("1.0.0", {"1.0.0-alpha": False, "1.0.0-alpha.1": False}, "1.0.0-alpha.1"),
        ("1.2.0", {"1.0.0": False, "1.1.0": True}, "1.0.0"),
        ("1.2.0", {"1.1.0": True}, "1.1.0"),
    ],
    ids=["first", "below-all", "nearest", "numbers", "release", "only-pre-releases", "yanked", "all-yanked"],
)
def test_preceding(version: str, others: dict[str, bool], expected: str | None) -> None:
    assert preceding(version, others) == expected


@given(version=VERSIONS, others=st.dictionaries(VERSIONS, st.booleans(), max_size=6))
def test_what_precedes_is_lower_and_no_order_matters(version: str, others: dict[str, bool]) -> None:
    """§11: precedence is calculated from major, minor, patch and pre-release identifiers, in that order."""
    found = preceding(version, others)
    assert found == preceding(version, dict(reversed(list(others.items()))))
    if found is None:
        assert not [one for one in others if one != version and version_key(one) < version_key(version)]
    else:
        assert version_key(found) < version_key(version)


@given(before=VERSIONS, needs=st.sampled_from(Step))
def test_the_number_that_is_proposed_is_large_enough(before: str, needs: Step) -> None:
    proposed = smallest(before, needs)
    raised = step(before, proposed)
    # The release of a pre-release counts as the step that the pre-release took.
    assert version_key(proposed)[0] > version_key(before)[0]
    assert raised is not None and raised >= needs
