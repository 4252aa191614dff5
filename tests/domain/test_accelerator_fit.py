"""How many accelerators hold a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budmodel.domain.accelerator_fit import (
    OVERHEAD,
    USUAL,
    Precision,
    bits_of,
    fits,
    memory_gb,
    precisions_of,
)
from budmodel.schema.benchmark import Accelerator
from budmodel.schema.version import Version


def accelerator(id_: str, memory: float) -> Accelerator:
    return Accelerator(id=id_, name=id_.upper(), memory_gb=memory)


def release(**more: object) -> Version:
    return Version.model_validate({"version": "1.0.0", "released": "2024-01-01T00:00:00Z", **more})


def test_seventy_billion_at_sixteen_bits_take_three_of_eighty_gb() -> None:
    (fit,) = fits(70_000_000_000, USUAL, [accelerator("h100", 80)])
    # 70e9 × 2 bytes × 1.2 = 168 GB, then 84 and 42.
    assert fit.counts == (3, 2, 1)


def test_kinds_come_once_and_the_smallest_first() -> None:
    large, small = accelerator("large", 80), accelerator("small", 24)
    assert [fit.accelerator.id for fit in fits(10**9, USUAL, [large, small, large])] == ["small", "large"]


@pytest.mark.parametrize(
    ("record", "bits"),
    [
        ({"precision": "bf16"}, 16),
        ({"precision": "fp32"}, 32),
        ({"precision": "bf16", "quantization": {"method": "gptq", "bits": 4}}, 4),
        ({"quantization": {"method": "mxfp4"}}, 4),
        ({"quantization": {"method": "gguf-q4_k_m"}}, None),
        ({}, None),
    ],
)
def test_bits_are_read_from_the_record_or_not_at_all(record: dict[str, object], bits: float | None) -> None:
    assert bits_of(release(**record)) == bits


def test_an_unusual_precision_comes_first_and_a_usual_one_once() -> None:
    assert [one.bits for one in precisions_of(release(precision="fp32"))] == [32, 16, 8, 4]
    assert precisions_of(release(precision="bf16")) == USUAL
    assert precisions_of(None) == USUAL


@given(
    parameters=st.integers(1, 10**13),
    bits=st.floats(1, 64),
    memory=st.floats(1, 2000),
)
def test_the_count_holds_the_memory_and_one_less_does_not(
    parameters: int, bits: float, memory: float
) -> None:
    (fit,) = fits(parameters, [Precision(name="x", bits=bits)], [accelerator("a", memory)])
    needed = parameters * bits / 8 * OVERHEAD / 1e9
    assert memory_gb(parameters, bits) == needed
    assert fit.counts[0] * memory >= needed * (1 - 1e-9)
    assert fit.counts[0] == 1 or (fit.counts[0] - 1) * memory < needed * (1 + 1e-9)


@given(parameters=st.integers(1, 10**12), memory=st.floats(8, 300))
def test_fewer_bits_never_take_more_accelerators(parameters: int, memory: float) -> None:
    (fit,) = fits(parameters, USUAL, [accelerator("a", memory)])
    assert list(fit.counts) == sorted(fit.counts, reverse=True)
