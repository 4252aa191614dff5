"""Who may use a model for what, as the licence engine answers it: one table for each model.

The licences alone are asked, for each kind of use and for each thing that is done with the model. Models
under the same licence and of the same descent share their answers, so that ten thousand models cost little
more than the licences that they stand under.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from budmodel.domain.inheritance import Ancestor, ancestors, bases_of
from budmodel.domain.license_decision import opinion_with
from budmodel.domain.licensing import LicenseBook
from budmodel.domain.uses import RANK, Kind, Level, Opinion, Use
from budmodel.schema.model import Model
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot

KINDS: Mapping[Kind, str] = {
    "commercial": "Commercial products",
    "internal": "Internal use",
    "research": "Research",
}
ACTIONS: Mapping[str, str] = {
    "use": "Use it",
    "derivative": "Fine-tune, merge or quantize it",
    "redistribute": "Pass copies on",
}
Opinions = Mapping[tuple[Kind, str], Opinion]
_WHOEVER = "this version"
"""How reasons name what was asked about: the answers belong to all versions that share them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A reason against a use, and where it was read."""

    level: Level
    message: str
    clause: str
    about: tuple[str, ...]
    """The kinds of use that it concerns; empty where it concerns all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseTable:
    """The answers for one model."""

    levels: Mapping[tuple[Kind, str], Level]
    """Allow, warn or deny by kind of use and action."""
    inherited: Mapping[tuple[Kind, str], Level]
    """The same where what it was made of allows less than its own licence does; else allow."""
    whys: tuple[Why, ...]
    """What speaks against the uses, those that forbid first."""
    duties: tuple[str, ...]


class Uses:
    """Answers for the models of a catalog; remembers what several of them share."""

    def __init__(self, snapshot: Snapshot, book: LicenseBook) -> None:
        self._snapshot = snapshot
        self._book = book
        self._known: dict[str, UseTable] = {}

    def of(self, model: Model, record: Version) -> UseTable:
        """The answers for a version."""
        key = repr(_deciding(model, record))
        if key not in self._known:
            lineage = tuple(ancestors(self._snapshot, bases_of(model, record)))
            opinions = self._opinions(lineage, model, record)
            own = self._opinions((), model, record) if lineage else opinions
            self._known[key] = table_of(opinions, own)
        return self._known[key]

    def _opinions(self, lineage: Sequence[Ancestor], model: Model, record: Version) -> Opinions:
        return {
            (kind, action): self._opinion(lineage, model, record, kind, action)
            for kind in KINDS
            for action in ACTIONS
        }

    def _opinion(
        self, lineage: Sequence[Ancestor], model: Model, record: Version, kind: Kind, action: str
    ) -> Opinion:
        use = Use(kind=kind, derivative=action == "derivative", redistribute=action == "redistribute")
        return opinion_with(lineage, self._book, model, record, use, _WHOEVER)


def table_of(opinions: Opinions, own: Opinions) -> UseTable:
    """Opinions as one table: each reason once, with the kinds of use that it concerns.

    Args:
        opinions: on the model and all that it was made of.
        own: on the model alone.
    """
    found: dict[tuple[Level, str, str], dict[str, None]] = {}
    duties: dict[str, None] = {}
    for (kind, _), opinion in opinions.items():
        duties.update(dict.fromkeys(opinion.duties))
        for reason in opinion.reasons:
            if reason.level != "allow":
                found.setdefault((reason.level, reason.message, reason.clause), {})[kind] = None
    whys = [
        Why(
            level=level,
            message=message,
            clause=clause,
            about=() if len(kinds) == len(KINDS) else tuple(kinds),
        )
        for (level, message, clause), kinds in found.items()
    ]
    return UseTable(
        levels={asked: opinion.level for asked, opinion in opinions.items()},
        inherited={
            asked: opinion.level if RANK[opinion.level] > RANK[own[asked].level] else "allow"
            for asked, opinion in opinions.items()
        },
        whys=tuple(sorted(whys, key=lambda why: why.level != "deny")),
        duties=tuple(duties),
    )


def _deciding(model: Model, record: Version) -> tuple[object, ...]:
    """All that the answers depend on, besides the licence records and the ancestors' own."""
    return (
        record.license_type or model.license_type,
        record.license_text_sha256,
        model.has_artifacts,
        model.license_restrictions,
        record.license_restrictions,
        bases_of(model, record),
    )
