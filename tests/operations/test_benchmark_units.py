"""Units: what is converted comes back as it was, and what is written is read as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budmodel.operations.benchmark_importing import FACTORS, scaled
from budmodel.schema.benchmark import Results
from budmodel.store.yaml_reader import load
from budmodel.store.yaml_write import dump

VALUES = st.floats(0, 1e9, allow_nan=False, allow_infinity=False)


@given(st.sampled_from(sorted(FACTORS)), VALUES)
def test_there_and_back_again(units: tuple[str, str], value: float) -> None:
    one, other = units
    there = scaled(value, FACTORS[one, other])
    assert scaled(there, FACTORS[other, one]) == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(st.sampled_from(sorted(FACTORS)), VALUES, VALUES)
def test_order_is_kept(units: tuple[str, str], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert scaled(low, FACTORS[units]) <= scaled(high, FACTORS[units])


@given(VALUES, st.sampled_from(["fraction", "ms", "tokens/s", "score"]))
def test_a_record_is_read_as_it_was_written(value: float, unit: str) -> None:
    row = {"benchmark": "x", "metric": "m", "value": value, "unit": unit, "origin": "maker", "source": "s"}
    record = Results.model_validate({"results": [row]})
    assert Results.model_validate(load(dump({"results": [row]}))) == record
