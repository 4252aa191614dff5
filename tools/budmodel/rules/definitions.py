"""What a catalog says that benchmarks and accelerators are; loaded by what ranks or judges results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from budmodel.store.tree import CATALOG

if TYPE_CHECKING:
    from budmodel.schema.benchmark import Accelerator, Benchmark
    from budmodel.store.catalog import Snapshot


def benchmarks_of(snapshot: Snapshot) -> Mapping[str, Benchmark]:
    """The benchmark definitions by id; the built-in ones where the catalog has no valid benchmarks.yaml."""
    from budmodel.schema.benchmark import Benchmarks
    from budmodel.schema.defaults import default_benchmarks

    stated = snapshot.record(f"{CATALOG}/benchmarks.yaml", Benchmarks)
    found = default_benchmarks() if stated is None else stated.benchmarks
    return {benchmark.id: benchmark for benchmark in found}


def accelerators_of(snapshot: Snapshot) -> Mapping[str, Accelerator]:
    """The accelerators by id and alias; none where the catalog has no valid hardware.yaml."""
    from budmodel.schema.benchmark import Hardware

    stated = snapshot.record(f"{CATALOG}/hardware.yaml", Hardware)
    found = () if stated is None else stated.accelerators
    return {name: accelerator for accelerator in found for name in (accelerator.id, *accelerator.aliases)}
