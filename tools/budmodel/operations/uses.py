"""Who may use a model for what, as the licence engine answers it: one table for each model.

The licences alone are asked, for each kind of use and for each thing that is done with the model. Models
under the same licence and of the same descent share their answers, so that ten thousand models cost little
more than the licences that they stand under.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from budmodel.domain.inheritance import Ancestor, ancestors, bases_of
from budmodel.domain.license_decision import opinion_with
from budmodel.domain.licensing import LicenseBook
from budmodel.domain.uses import REPLY_RANK, Kind, Level, Opinion, Reply, Use
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
_HANDED_DOWN = re.compile(r"(?P<text>.*) \(from (?P<parent>\S+)\)", re.DOTALL)
_OPTION = re.compile(r"; state --[a-z]+$")
"""What reasons tell who asks with a command."""
_WHOEVER = "this version"
"""How reasons name what was asked about: the answers belong to all versions that share them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A reason against a use, and where it was read. Told once, however many ancestors hand it down."""

    reply: Reply
    message: str
    clause: str
    about: tuple[str, ...]
    """The kinds of use that it concerns; empty where it concerns all of them."""
    own: bool = True
    """Whether it holds without any ancestor."""
    parents: tuple[str, ...] = ()
    """The ancestors that hand it down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Something to be done, told once as reasons are."""

    text: str
    own: bool
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseTable:
    """The answers for one model."""

    levels: Mapping[tuple[Kind, str], Level]
    """Allow, warn or deny by kind of use and action."""
    replies: Mapping[tuple[Kind, str], Reply]
    """The same, with what nobody recorded told from what is forbidden."""
    inherited: Mapping[tuple[Kind, str], Reply]
    """The replies where what it was made of allows less than its own licence does; else allow."""
    whys: tuple[Why, ...]
    """What speaks against the uses, those that forbid first, then what nobody recorded."""
    duties: tuple[Duty, ...]


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
    found: dict[tuple[Reply, str, str], _Told] = {}
    duties: dict[str, dict[str, None]] = {}
    for (kind, _), opinion in opinions.items():
        for duty in opinion.duties:
            text, parent = _whose(duty)
            duties.setdefault(text, {})[parent] = None
        for reason in opinion.reasons:
            if reason.level != "allow":
                key = (reason.reply, reason.said or reason.message, reason.clause)
                told = found.setdefault(key, _Told())
                told.kinds[kind] = None
                told.parents[reason.parent] = None
    whys = [
        Why(
            reply=reply,
            message=_OPTION.sub("", message),
            clause=clause,
            about=() if len(told.kinds) == len(KINDS) else tuple(told.kinds),
            own="" in told.parents,
            parents=tuple(filter(None, told.parents)),
        )
        for (reply, message, clause), told in found.items()
    ]
    return UseTable(
        levels={asked: opinion.level for asked, opinion in opinions.items()},
        replies={asked: opinion.reply for asked, opinion in opinions.items()},
        inherited={
            asked: opinion.reply if REPLY_RANK[opinion.reply] > REPLY_RANK[own[asked].reply] else "allow"
            for asked, opinion in opinions.items()
        },
        whys=tuple(sorted(whys, key=lambda why: -REPLY_RANK[why.reply])),
        duties=tuple(
            Duty(text=text, own="" in parents, parents=tuple(filter(None, parents)))
            for text, parents in duties.items()
        ),
    )


@dataclass(slots=True)
class _Told:
    """Whom a reason concerns and who hands it down, in the order in which they came."""

    kinds: dict[str, None] = field(default_factory=dict)
    parents: dict[str, None] = field(default_factory=dict)


def _whose(duty: str) -> tuple[str, str]:
    """A duty, and the ancestor that hands it down; an empty one where it is the version's own."""
    found = _HANDED_DOWN.fullmatch(duty)
    return (found["text"], found["parent"]) if found else (duty, "")


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
