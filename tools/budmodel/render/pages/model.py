"""The page of one model, and its records as they were written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from budmodel.operations.uses import ACTIONS, KINDS
from budmodel.render.facts import ModelFacts
from budmodel.render.filters import summary
from budmodel.render.pages.frame import Frame
from budmodel.render.shell import Page
from budmodel.render.surroundings import Surroundings
from budmodel.render.terms import of_reply, short_terms
from budmodel.store.model_view import ModelView

BODY_MAX = 36_000
"""Bytes of the page without the shell around it, which takes about 21,000: together they stay below 60 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of each list the page tells; what is left out is in the files that it links to."""

    rows: int
    """Versions, results, findings, commits and relatives."""
    files: int
    licenses: int
    """Licences whose terms are told; the others are linked."""
    text: int
    """Characters of a description or changelog."""
    words: int
    """Characters of a short text that people wrote: a reason, a setting, a name."""
    values: int
    """Tags, owners, languages, annotations."""


LIMITS = (
    Limits(rows=24, files=60, licenses=3, text=6_000, words=400, values=100),
    Limits(rows=8, files=16, licenses=2, text=2_000, words=240, values=24),
    Limits(rows=4, files=5, licenses=1, text=600, words=100, values=8),
    Limits(rows=2, files=2, licenses=0, text=200, words=60, values=3),
)
"""Tried in turn until the page is small enough; nearly every model fits the first."""


@dataclass(frozen=True, slots=True)
class RawFile:
    """A record as it was written."""

    path: str
    content: bytes


def model_path(name: str) -> str:
    """Where the page of a model is."""
    return f"models/{name}/index.html"


def raw_files(view: ModelView, facts: ModelFacts) -> Iterator[RawFile]:
    """``model.yaml`` beside the page, and the record of the default version."""
    if view.entry is not None:
        yield RawFile(f"models/{facts.name}/model.yaml", view.entry.raw)
    entry = view.versions.get(facts.default.version) if facts.default is not None else None
    if entry is not None:
        yield RawFile(f"models/{facts.name}/version.yaml", entry.raw)


def model_page(frame: Frame, facts: ModelFacts, around: Surroundings, known: Callable[[str], bool]) -> Page:
    """Everything that is known of a model, in at most :data:`BODY_MAX` bytes.

    Args:
        frame: the templates.
        facts: the model.
        around: what other files say of it.
        known: whether a model of a name has a page.
    """
    page = None
    for limits in LIMITS:
        page = _page(frame, facts, around, limits=limits, known=known)
        if len(page.body.encode()) <= BODY_MAX:
            break
    assert page is not None
    return page


def _page(frame: Frame, facts: ModelFacts, around: Surroundings, **values: Any) -> Page:
    return frame.page(
        "model.html.j2",
        model_path(facts.name),
        section="models",
        title=facts.name,
        description=summary(facts.model.description) or f"{facts.name}: a model of {frame.about.name}.",
        m=facts,
        around=around,
        kinds=KINDS,
        actions=ACTIONS,
        short_terms=short_terms,
        of_reply=of_reply,
        has_page=frame.has_page,
        **values,
    )
