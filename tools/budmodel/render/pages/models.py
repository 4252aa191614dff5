"""The table of all models."""

from __future__ import annotations

from collections.abc import Sequence

from budmodel.render.pages.frame import Frame
from budmodel.render.pages.states import SCAN_LABELS
from budmodel.render.rows import Row
from budmodel.render.shell import Page


def models_page(frame: Frame, rows: Sequence[Row]) -> Page:
    """All models, with what the filter offers."""
    return frame.page(
        "models.html.j2",
        "models/index.html",
        section="models",
        title="Models",
        description=f"All {len(rows)} models of {frame.about.name}.",
        rows=rows,
        architectures=sorted({row.architecture for row in rows}),
        licenses=sorted({row.license_type for row in rows if row.license_type}, key=str.casefold),
        scans=_scan_choices(rows),
    )


def _scan_choices(rows: Sequence[Row]) -> list[tuple[str, str]]:
    present = {row.scan.filter for row in rows}
    return [(slug, label) for slug, label in SCAN_LABELS.items() if slug in present]
