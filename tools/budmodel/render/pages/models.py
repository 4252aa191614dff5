"""The table of all models: whole and in pages for readers without a script, as data for the script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budmodel.render.pages.frame import Frame
from budmodel.render.rows import Row
from budmodel.render.shell import Page

PER_PAGE = 100
"""Models on one page, with the script and without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One page of the table."""

    number: int
    of: int
    first: int
    """The number of its first model, from 1."""
    rows: Sequence[Row]


def models_pages(frame: Frame, rows: Sequence[Row]) -> Iterator[Page]:
    """The table in pages: ``models/``, ``models/index/2/`` and so on (no model can be named index)."""
    pages = max(1, -(-len(rows) // PER_PAGE))
    for number in range(1, pages + 1):
        first = (number - 1) * PER_PAGE
        part = Part(number=number, of=pages, first=first + 1, rows=rows[first : first + PER_PAGE])
        yield frame.page(
            "models.html.j2",
            "models/index.html" if number == 1 else f"models/index/{number}/index.html",
            section="models",
            title="Models" if number == 1 else f"Models, page {number}",
            description=f"All {len(rows)} models of {frame.about.name}.",
            part=part,
            total=len(rows),
        )
