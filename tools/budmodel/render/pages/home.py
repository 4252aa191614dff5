"""The first page: counts, newest releases, what needs attention."""

from __future__ import annotations

from collections.abc import Sequence

from budmodel.findings import CheckResult
from budmodel.render.pages.frame import Frame
from budmodel.render.pages.states import SCAN_LABELS
from budmodel.render.rows import Release, Row
from budmodel.render.shell import Page

NEWEST = 8
"""Releases on the first page."""
ATTENTION = 6
"""Models in each list of what needs attention."""


def home_page(
    frame: Frame,
    rows: Sequence[Row],
    *,
    licenses: int,
    results: int,
    check: CheckResult | None,
    left_out: Sequence[str],
) -> Page:
    """The page at the root of the site."""
    return frame.page(
        "home.html.j2",
        "index.html",
        section="overview",
        title="Overview",
        description=frame.about.description,
        counts=_counts(rows),
        models=len(rows),
        licenses=licenses,
        results=results,
        releases=_newest(rows),
        broken=[row for row in rows if row.errors][:ATTENTION],
        broken_total=sum(1 for row in rows if row.errors),
        failed=[row for row in rows if "failed" in row.scan_states][:ATTENTION],
        ending=_ending(rows)[:ATTENTION],
        checked=check is not None,
        left_out=left_out,
    )


def _counts(rows: Sequence[Row]) -> dict[str, int]:
    """Versions by scan state."""
    found = dict.fromkeys(SCAN_LABELS, 0)
    for row in rows:
        for state in row.scan_states:
            found[state] += 1
    found["versions"] = sum(row.versions for row in rows)
    return found


def _ending(rows: Sequence[Row]) -> list[tuple[str, list[str]]]:
    """The days on which waivers end, soonest first, each with the models that rest on them."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.waived_until:
            found.setdefault(row.waived_until, []).append(row.name)
    return sorted(found.items())


def _newest(rows: Sequence[Row]) -> list[Release]:
    releases = [row.newest for row in rows if row.newest is not None]
    return sorted(releases, key=lambda release: (release.released, release.name), reverse=True)[:NEWEST]
