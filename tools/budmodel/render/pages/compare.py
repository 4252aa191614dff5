"""The page that shows up to four models side by side; its script reads ``compare/NAME.json``."""

from __future__ import annotations

from budmodel.render.pages.frame import Frame
from budmodel.render.shell import Page


def compare_page(frame: Frame, models: int) -> Page:
    """The page without models: its address names them."""
    return frame.page(
        "compare.html.j2",
        "compare/index.html",
        section="models",
        title="Compare",
        description=f"Up to four models of {frame.about.name} side by side.",
        models=models,
    )
