"""What a model's page says beyond its own files: uses, memory, standings, lineage, differences, history."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from budmodel.domain.accelerator_fit import Fit, Precision, bits_of, fits, memory_gb, precisions_of
from budmodel.domain.standings import Standing
from budmodel.operations.history import Entry
from budmodel.operations.uses import Uses, UseTable
from budmodel.operations.version_diff import VersionDiff, diff_in
from budmodel.render.edit_links import Host
from budmodel.render.facts import ModelFacts
from budmodel.render.lineage_graph import picture
from budmodel.render.names import Family, edges_of
from budmodel.rules.interface import Judges
from budmodel.schema.benchmark import Accelerator
from budmodel.store.model_view import ModelView

DIFFERENCES = 4
"""Differences between a version and the one before that are told, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """How many accelerators hold the model at which precision."""

    precisions: tuple[Precision, ...]
    needed_gb: tuple[float, ...]
    fits: tuple[Fit, ...]
    own_bits: float | None
    """Bits of a weight of the default version; None where nobody stated them."""

    @property
    def smallest(self) -> Accelerator | None:
        """The accelerator with the least memory where one of any holds the model; else the counts differ."""
        if any(count > 1 for fit in self.fits for count in fit.counts):
            return None
        return min((fit.accelerator for fit in self.fits), key=lambda one: one.memory_gb, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything about one model that other files, or Git, say."""

    uses: UseTable | None
    """None where there is no version to ask about."""
    memory: Memory | None
    standings: Sequence[Standing]
    picture: Markup | None
    differences: tuple[VersionDiff, ...]
    """Newest first, each against the version before it."""
    history: Sequence[Entry]
    commits: int
    """All that touched the model; ``history`` may be the newest of them."""
    host: Host


@dataclass(frozen=True, kw_only=True)
class Observer:
    """Holds what the pages of all models draw on."""

    judges: Judges
    uses: Uses
    family: Family
    standings: Mapping[str, Sequence[Standing]]
    histories: Mapping[str, Sequence[Entry]] = field(default_factory=dict)
    commits: Mapping[str, int] = field(default_factory=dict)
    host: Host = field(default_factory=Host)

    def of(self, view: ModelView, facts: ModelFacts, root: str) -> Surroundings:
        """What there is to say about a model on a page that reaches the site's root by ``root``."""
        release = facts.default.record if facts.default is not None else None
        return Surroundings(
            uses=self.uses.of(facts.model, release) if release is not None else None,
            memory=self._memory(facts),
            standings=self.standings.get(facts.name, ()),
            picture=self._picture(facts, root),
            differences=tuple(_differences(view, facts)),
            history=self.histories.get(facts.name, ()),
            commits=self.commits.get(facts.name, 0),
            host=self.host,
        )

    def _memory(self, facts: ModelFacts) -> Memory | None:
        parameters, kinds = facts.model.parameter_count, _kinds(self.judges.accelerators)
        if not facts.model.has_artifacts or parameters is None or not kinds:
            return None
        release = facts.default.record if facts.default is not None else None
        precisions = precisions_of(release)
        return Memory(
            precisions=precisions,
            needed_gb=tuple(memory_gb(parameters, precision.bits) for precision in precisions),
            fits=fits(parameters, precisions, kinds),
            own_bits=bits_of(release) if release is not None else None,
        )

    def _picture(self, facts: ModelFacts, root: str) -> Markup | None:
        own = edges_of(facts.name, [base.model_dump() for base in facts.parents])
        up = ChainMap({facts.name: list(own)}, self.family.up)
        return picture(facts.name, up, self.family.down, self.family.names.__contains__, root)


def _kinds(accelerators: Mapping[str, Accelerator]) -> list[Accelerator]:
    return list(accelerators.values())


def _differences(view: ModelView, facts: ModelFacts) -> Iterator[VersionDiff]:
    """Each version against the one before it; versions come newest first."""
    pairs = zip(facts.versions, facts.versions[1:], strict=False)
    for (newer, older), _ in zip(pairs, range(DIFFERENCES), strict=False):
        yield diff_in(view, older.version, newer.version)
