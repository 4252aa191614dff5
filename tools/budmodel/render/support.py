"""The support matrix: which architectures there are in which precision, and on which engines they run.

Nothing is inferred. ``stated``: the version's record names the engine (``engines``). ``measured``: the
catalog holds a benchmark result of the version that names the engine on which it ran.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from budmodel.domain.leaderboard import Candidate
from budmodel.render.facts import ModelFacts
from budmodel.schema.version import Version

SUPPORT = "api/support.json"
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What one model adds to the matrix, by its default version."""

    precision: str
    """How its weights are stored: ``gptq 4-bit``, ``bf16``, else the format of its files."""
    stated: tuple[str, ...]
    """Engines that its record names."""
    measured: tuple[str, ...]
    """Engines on which its results were measured."""


@dataclass(slots=True, kw_only=True)
class SupportRow:
    """One architecture in one precision."""

    architecture: str
    precision: str
    models: list[str] = field(default_factory=list)
    engines: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    """By engine: the models whose records name it, and those that were measured on it."""


def support_of(facts: ModelFacts, measured: Iterable[Candidate]) -> Support | None:
    """What a model says of where it runs; None where it has no weights or no version."""
    if facts.default is None or not facts.model.has_artifacts:
        return None
    record = facts.default.record
    ran = {
        candidate.result.engine.name
        for candidate in measured
        if candidate.version == record.version and candidate.result.engine is not None
    }
    return Support(
        precision=_precision(record),
        stated=tuple(sorted({engine.name for engine in record.engines})),
        measured=tuple(sorted(ran)),
    )


def _precision(record: Version) -> str:
    smaller = record.quantization
    if smaller is not None:
        return f"{smaller.method} {smaller.bits:g}-bit" if smaller.bits is not None else smaller.method
    return record.precision or record.format or NOT_STATED


def matrix(models: Iterable[tuple[str, str, Support | None]]) -> list[SupportRow]:
    """The matrix of models given as name, architecture and what each adds, in the order of the alphabet."""
    rows: dict[tuple[str, str], SupportRow] = {}
    for name, architecture, support in models:
        if support is None:
            continue
        key = (architecture, support.precision)
        row = rows.setdefault(key, SupportRow(architecture=architecture, precision=support.precision))
        row.models.append(name)
        for at, engines in enumerate((support.stated, support.measured)):
            for engine in engines:
                row.engines.setdefault(engine, ([], []))[at].append(name)
    return [rows[key] for key in sorted(rows, key=lambda key: (key[0].casefold(), key))]


def engines_of(rows: Sequence[SupportRow]) -> list[str]:
    """All engines that somebody named, in the order of the alphabet."""
    return sorted({engine for row in rows for engine in row.engines})


def support_data(rows: Iterable[SupportRow]) -> list[Mapping[str, object]]:
    """The matrix as the API gives it."""
    return [
        {
            "architecture": row.architecture,
            "precision": row.precision,
            "models": row.models,
            "engines": list(_engines(row)),
        }
        for row in rows
    ]


def _engines(row: SupportRow) -> Iterator[Mapping[str, object]]:
    for engine, (stated, measured) in sorted(row.engines.items()):
        yield {"engine": engine, "stated": stated, "measured": measured}
