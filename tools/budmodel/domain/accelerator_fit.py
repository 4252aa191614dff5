"""How many accelerators hold a model's weights: an estimate, rounded up, with its assumptions beside it.

Memory = parameters × bits of a weight / 8 × 1.2. The factor is the rule of thumb of "Transformer Math 101"
(https://blog.eleuther.ai/transformer-math/, total inference memory): activations and buffers of a forward
pass take up to 20 % of the weights. A long context, many requests at once and the scales of a quantized
format come on top, so the answer is a lower bound; no engine promises to split a model in that many parts.
All experts of a mixture are counted, as all of them lie in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from budmodel.schema.benchmark import Accelerator
from budmodel.schema.version import Version

OVERHEAD = 1.2
"""Memory while running over memory of the weights."""
_BITS = {
    "fp32": 32,
    "bf16": 16,
    "fp16": 16,
    "fp8": 8,
    "int8": 8,
    "int4": 4,
    "mxfp4": 4,
    "nvfp4": 4,
    "nf4": 4,
    "fp4": 4,
}
"""Bits of a weight by the name of its precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """A precision at which a model may be loaded."""

    name: str
    bits: float
    """Of one weight."""


SIXTEEN, EIGHT, FOUR = (Precision(name=f"{bits}-bit", bits=bits) for bits in (16, 8, 4))
USUAL = (SIXTEEN, EIGHT, FOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How many accelerators of one kind hold a model, for each of the precisions that were asked about."""

    accelerator: Accelerator
    counts: tuple[int, ...]


def bits_of(release: Version) -> float | None:
    """Bits of a weight as a version states them; None where it does not, or by a name nobody here knows."""
    if release.quantization is not None and release.quantization.bits is not None:
        return release.quantization.bits
    method = release.quantization.method if release.quantization is not None else ""
    return _BITS.get(method) or _BITS.get(release.precision or "")


def precisions_of(release: Version | None) -> tuple[Precision, ...]:
    """The usual precisions, and before them the version's own where it is none of them."""
    own = bits_of(release) if release is not None else None
    if own is None or any(one.bits == own for one in USUAL):
        return USUAL
    return (Precision(name=f"{own:g}-bit", bits=own), *USUAL)


def memory_gb(parameters: int, bits: float) -> float:
    """Memory to run a model, in GB (10^9 bytes)."""
    return parameters * bits / 8 * OVERHEAD / 1e9


def fits(
    parameters: int, precisions: Iterable[Precision], accelerators: Iterable[Accelerator]
) -> tuple[Fit, ...]:
    """How many accelerators of each kind it takes, those with the least memory first; each kind once."""
    needed = [memory_gb(parameters, precision.bits) for precision in precisions]
    kinds = {accelerator.id: accelerator for accelerator in accelerators}
    return tuple(
        Fit(accelerator=kind, counts=tuple(max(1, ceil(gb / kind.memory_gb)) for gb in needed))
        for kind in sorted(kinds.values(), key=lambda kind: (kind.memory_gb, kind.id))
    )
