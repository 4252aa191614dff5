"""The support matrix as a page."""

from __future__ import annotations

from collections.abc import Sequence

from budmodel.render.pages.frame import Frame
from budmodel.render.shell import Page
from budmodel.render.support import SupportRow, engines_of

MOST_NAMED = 4
"""Models that a cell names; of more it tells the number and links to the list."""
MOST_ENGINES = 12
"""Columns; engines beyond them are in the API."""


def support_page(frame: Frame, rows: Sequence[SupportRow]) -> Page:
    """Architecture × precision × engine."""
    engines = engines_of(rows)
    return frame.page(
        "support.html.j2",
        "support/index.html",
        section="models",
        title="Support matrix",
        description="Which architectures there are in which precision, and on which engines they run.",
        rows=rows,
        engines=engines[:MOST_ENGINES],
        more=len(engines[MOST_ENGINES:]),
        most=MOST_NAMED,
    )
