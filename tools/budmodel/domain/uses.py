"""What somebody wants to do with a model, and the reasons for and against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["allow", "warn", "deny"]
Kind = Literal["commercial", "internal", "research"]
Reply = Literal["allow", "warn", "unknown", "deny"]
"""A level that tells what is forbidden from what nobody recorded; both are denied."""
RANK: dict[Level, int] = {"allow": 0, "warn": 1, "deny": 2}
"""From the freest to the strictest."""
REPLY_RANK: dict[Reply, int] = {"allow": 0, "warn": 1, "unknown": 2, "deny": 3}
_UNKNOWN = frozenset({"license-unknown", "license-text-unknown", "unknown-parent", "unknown-terms"})
"""Codes of reasons that say that nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What somebody wants to do with a model."""

    kind: Kind
    mau: int | None = None
    """Monthly active users of the products that it serves; None where nobody said."""
    derivative: bool = False
    redistribute: bool = False
    api_only: bool = False
    territory: str | None = None
    """ISO 3166-1 code; None where nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that speaks for or against a use."""

    code: str
    level: Level
    message: str
    clause: str = ""
    """Where it was read: the licence and its section."""
    parent: str = ""
    """The ancestor that hands it down, whom the message names at its end; empty for the version's own."""
    said: str = ""
    """The message without that end; empty for the version's own."""

    @property
    def reply(self) -> Reply:
        """The level, or unknown where it denies because nobody recorded what the terms are."""
        return "unknown" if self.level == "deny" and self.code in _UNKNOWN else self.level


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """All reasons and duties together."""

    reasons: tuple[Reason, ...] = ()
    duties: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        """The worst of the reasons; allow where there are none."""
        return worst(reason.level for reason in self.reasons)

    @property
    def reply(self) -> Reply:
        """The worst of the reasons' replies: what is forbidden stays so whatever else nobody recorded."""
        return max((reason.reply for reason in self.reasons), key=REPLY_RANK.__getitem__, default="allow")

    def __add__(self, other: Opinion) -> Opinion:
        """Both: reasons and duties add up, each once."""
        return Opinion(
            reasons=tuple(dict.fromkeys((*self.reasons, *other.reasons))),
            duties=tuple(dict.fromkeys((*self.duties, *other.duties))),
        )


def worst(levels: Iterable[Level]) -> Level:
    """The strictest of some levels; allow where there are none."""
    return max(levels, key=RANK.__getitem__, default="allow")
