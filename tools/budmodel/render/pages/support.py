"""The support matrix as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from budmodel.render.pages.frame import Frame
from budmodel.render.shell import Page
from budmodel.render.support import SupportRow, engines_of

MOST_NAMED = 4
"""Models that a cell names; of more it tells the number and links to the list."""
MOST_ENGINES = 12
"""Columns; engines beyond them are in the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """All that is known of one architecture."""

    name: str
    rows: tuple[SupportRow, ...]
    """One for each precision."""

    @property
    def models(self) -> int:
        """How many models there are of it."""
        return sum(len(row.models) for row in self.rows)

    @property
    def runs(self) -> bool:
        """Whether somebody named an engine for any of them."""
        return any(row.engines for row in self.rows)


def support_page(frame: Frame, rows: Sequence[SupportRow]) -> Page:
    """Architecture × precision × engine; architectures for which nobody named an engine stand apart."""
    engines = engines_of(rows)
    by_name = groupby(rows, key=lambda row: row.architecture)
    found = [Architecture(name=name, rows=tuple(group)) for name, group in by_name]
    return frame.page(
        "support.html.j2",
        "support/index.html",
        section="models",
        title="Support matrix",
        description="Which architectures there are in which precision, and on which engines they run.",
        known=[architecture for architecture in found if architecture.runs],
        others=[architecture for architecture in found if not architecture.runs],
        engines=engines[:MOST_ENGINES],
        more=len(engines[MOST_ENGINES:]),
        most=MOST_NAMED,
    )
