"""What changed, by day, with its type; and the last week for the first page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from budmodel.operations.changes import MOST_OF_A_WEEK, Change, Line, week_before
from budmodel.operations.history import Kind
from budmodel.render.pages.frame import Frame
from budmodel.render.shell import Page

TONES = {"added": "good", "changed": "muted", "fixed": "good", "removed": "bad", "security": "warn"}
MOST_LINES = 12
"""Lines of one commit; more are folded away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldCommit:
    """A commit with all that it did, whatever types that is of."""

    commit: str
    author: str
    time: str
    subject: str
    kinds: tuple[Kind, ...]
    lines: tuple[Line, ...]


def by_commit(changes: Sequence[Change]) -> list[ToldCommit]:
    """Changes with those of one commit together, in the same order."""
    told = []
    for _, group in groupby(changes, key=lambda change: change.commit):
        found = list(group)
        told.append(
            ToldCommit(
                commit=found[0].commit,
                author=found[0].author,
                time=found[0].time,
                subject=found[0].subject,
                kinds=tuple(change.kind for change in found),
                lines=tuple(line for change in found for line in change.lines),
            )
        )
    return told


def changes_page(frame: Frame, changes: Sequence[Change], known: Callable[[str], bool]) -> Page:
    """All changes that Git tells, newest first.

    Args:
        frame: the templates.
        changes: newest first.
        known: whether a model of a name has a page.
    """
    days = [(day, list(found)) for day, found in groupby(by_commit(changes), key=lambda one: one.time[:10])]
    return frame.page(
        "changes.html.j2",
        "changes/index.html",
        section="changes",
        title="Changes",
        description=f"What changed in {frame.about.name}, from its Git history.",
        days=days,
        kinds=[kind for kind in TONES if any(change.kind == kind for change in changes)],
        tones=TONES,
        most=MOST_LINES,
        known=known,
        has_page=frame.has_page,
    )


def last_week(changes: Sequence[Change], as_of: str | None) -> tuple[str, list[Change]]:
    """The day up to which a week is meant, and its changes.

    A page is made once and read for months: so the week ends with the commit it was made of, and says so.
    """
    end = as_of or (changes[0].time if changes else None)
    if end is None:
        return "", []
    start = week_before(end)
    return end[:10], [change for change in changes if start < change.time]


def cut(recent: Sequence[Change]) -> bool:
    """Whether a week had so many commits that no more of them were told."""
    return len({change.commit for change in recent}) >= MOST_OF_A_WEEK
