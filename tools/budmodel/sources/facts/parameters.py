"""Which parameter count goes into the record, and whose it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from budmodel.schema.values import PARAMETER_MAX, format_count, parse_count
from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.formulas.compute import Computed
from budmodel.sources.facts.gguf import GgufSummary
from budmodel.sources.facts.quantization import Quantized
from budmodel.sources.facts.safetensors import WIDTHS
from budmodel.sources.facts.weights import Counted

Origin = Literal["safetensors", "gguf", "computed", "stated"]
PACKED = {"I32": 32, "U32": 32, "I64": 64, "U8": 8, "I8": 8, "I16": 16}
"""Bits of the containers that several small weights are packed into."""
_SIZE = re.compile(
    r"(?<![A-Za-z0-9.])(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,3})?)([MBT])(?![A-Za-z0-9])", re.IGNORECASE
)
_ACTIVE = re.compile(r"(?<![A-Za-z0-9])A(\d{1,4}(?:\.\d{1,3})?)([MB])(?![A-Za-z0-9])", re.IGNORECASE)
_FAR = 0.2
"""A name that is further off than this share is worth a note."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The counts of a record."""

    total: int | None
    origin: Origin | None
    active: int | None


def parameters_of(
    documents: Documents,
    counted: Counted | None,
    computed: Computed | None,
    gguf: GgufSummary | None,
    quantized: Quantized | None,
) -> Parameters:
    """The count that is best founded: headers, GGUF, the formula; packed weights are unpacked or computed."""
    notes = documents.notes
    active = computed.active if computed else None
    total, origin = _from_weights(documents, counted, computed, gguf, quantized)
    if total is None and computed is not None:
        total, origin = computed.total, "computed"
        if not computed.known:
            notes.add(
                "guess", "parameter_count", "computed as for a plain transformer: the family is not known"
            )
    if total is not None and not 1 <= total <= PARAMETER_MAX:
        notes.add("information", "parameter_count", f"a count of {total} is absurd and was passed over")
        total, origin = None, None
    if total is None:
        notes.add(
            "missing", "parameter_count", "nothing says how many parameters: --parameter-count is needed"
        )
        return Parameters(None, None, None)
    return Parameters(total, origin, active if active is not None and active < total else None)


def _from_weights(
    documents: Documents,
    counted: Counted | None,
    computed: Computed | None,
    gguf: GgufSummary | None,
    quantized: Quantized | None,
) -> tuple[int | None, Origin | None]:
    if counted is not None:
        if not _packed(counted, quantized):
            if counted.guess:
                documents.notes.add("guess", "parameter_count", counted.guess)
            return _without_extras(counted, quantized, computed)
        if computed is not None and computed.known:
            return computed.total, "computed"
        unpacked = _unpack(documents, counted, quantized)
        if unpacked is not None:
            documents.notes.add(
                "guess",
                "parameter_count",
                f"the weights are packed; {counted.total} elements stand for about {unpacked} parameters",
            )
            return unpacked, "safetensors"
        documents.notes.add(
            "information",
            "parameter_count",
            "the weights are packed and their bits are not stated: not counted",
        )
    if gguf is not None and gguf.elements:
        return gguf.elements, "gguf"
    return None, None


def _packed(counted: Counted, quantized: Quantized | None) -> bool:
    share = sum(counted.by_type.get(kind, 0) for kind in PACKED) / counted.total
    small = quantized is not None and (quantized.bits or 16) < 8
    if not counted.by_type:
        # Only a sum is known: with less than eight bits to a weight it may be one of containers.
        return small
    return share > 0.05 and (quantized is None or small or quantized.bits is None or share < 0.999)


def _without_extras(
    counted: Counted, quantized: Quantized | None, computed: Computed | None
) -> tuple[int, Origin]:
    """The sum; for 8-bit weights the formula where it is near.

    The files of such models hold scales, and often layers that only predict ahead, which are no part of the
    published counts (DeepSeek-V3: 671 billion of 685 in the files).
    """
    known = quantized is not None and computed is not None and computed.known
    if known and computed is not None and 0.95 * counted.total <= computed.total < counted.total:
        return computed.total, "computed"
    return counted.total, "safetensors"


def _unpack(documents: Documents, counted: Counted, quantized: Quantized | None) -> int | None:
    """Parameters of packed weights: containers by the bits of a weight, less zero points and scales.

    With groups of g weights, GPTQ and AWQ keep one packed zero point and one scale for each group:
    containers = P / k * (1 + 1/g) and scales = P / g, where k weights share a container.
    """
    bits = quantized.bits if quantized else None
    containers = {kind: count for kind, count in counted.by_type.items() if kind in PACKED}
    if not bits or bits >= 8 or not containers:
        return None
    floats = counted.total - sum(containers.values())
    if _already_unpacked(documents, counted):
        return counted.total
    weights = sum(count * PACKED[kind] / bits for kind, count in containers.items())
    group = quantized.group_size if quantized else None
    if group and group > 0 and set(containers) <= {"I32", "U32", "I64"}:
        weights = weights / (1 + 1 / group)
        floats = max(floats - round(weights / group), 0)
    return round(weights) + floats


def _already_unpacked(documents: Documents, counted: Counted) -> bool:
    """Whether the Hub counted weights and not containers: they would need more bytes than there are."""
    size = sum(length for path, length in documents.sizes.items() if path.endswith(".safetensors"))
    needed = sum(count * WIDTHS[kind] for kind, count in counted.by_type.items())
    return size > 0 and needed > 1.2 * size


def check_against_name(documents: Documents, name: str, found: Parameters) -> None:
    """A note where the name speaks of another size; the name is never the count."""
    active = _ACTIVE.search(name)
    if active and found.active:
        _compare(documents, "active_parameter_count", active[0][1:], found.active)
    for match in _SIZE.finditer(name):
        if match[1] or found.total is None:
            continue  # 8x7B is not 56B: layers other than the experts are shared
        _compare(documents, "parameter_count", match[0], found.total)
        return


def _compare(documents: Documents, about: str, said: str, count: int) -> None:
    stated = parse_count(said)
    if stated and abs(count - stated) > _FAR * stated:
        documents.notes.add("guess", about, f"the name says {said}, but {format_count(count)} were found")
