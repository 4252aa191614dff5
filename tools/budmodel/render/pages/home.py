"""The first page: the questions people come with, the state of the registry, what needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from budmodel.domain.leaderboard import Leaderboard
from budmodel.findings import CheckResult
from budmodel.operations.changes import Change
from budmodel.render.best import best_by_size
from budmodel.render.pages.changes import TONES, by_commit, cut, last_week
from budmodel.render.pages.frame import Frame
from budmodel.render.pages.states import SIZES
from budmodel.render.rows import Release, Row
from budmodel.render.shell import Page

NEWEST = 5
"""Releases on the first page."""
ATTENTION = 6
"""Models in each list of what needs attention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A number that leads to what it counts."""

    value: int
    label: str
    link: str
    tone: str = "plain"


def home_page(
    frame: Frame,
    rows: Sequence[Row],
    *,
    ranked: Leaderboard,
    changes: Sequence[Change],
    licenses: int,
    results: int,
    check: CheckResult | None,
    left_out: Sequence[str],
) -> Page:
    """The page at the root of the site."""
    best = best_by_size(ranked)
    week, recent = last_week(changes, frame.about.commit_time)
    return frame.page(
        "home.html.j2",
        "index.html",
        section="overview",
        title="Overview",
        description=frame.about.description,
        tiles=_tiles(rows),
        models=len(rows),
        versions=sum(row.versions for row in rows),
        licenses=licenses,
        results=results,
        best=best,
        sizes=[(key, label) for key, label in SIZES.items() if any(key in row.cells for row in best)],
        week=week,
        recent=len(by_commit(recent)),
        cut=cut(recent),
        latest=by_commit(changes)[:NEWEST],
        tones=TONES,
        releases=_newest(rows),
        broken=[row for row in rows if row.errors][:ATTENTION],
        broken_total=sum(1 for row in rows if row.errors),
        failed=[row for row in rows if "failed" in row.scan_states][:ATTENTION],
        ending=_ending(rows)[:ATTENTION],
        checked=check is not None,
        left_out=left_out,
    )


def _tiles(rows: Sequence[Row]) -> list[Tile]:
    """How the models stand. Each number is that of the list to which it leads."""

    def tile(label: str, query: str, fits: Sequence[bool], tone: str) -> Tile:
        value = sum(fits)
        return Tile(value=value, label=label, link=f"models/?{query}", tone=tone if value else "plain")

    scans = [row.scan.slug for row in rows]
    gates = [row.gate for row in rows]
    commercial = [row.commercial.text for row in rows]
    return [
        # What is blocked may not be used at all, whatever its licence says.
        tile(
            "may be used commercially",
            "commercial=yes&gate=clear&gate=waived",
            [row.commercial.text == "yes" and row.gate != "blocked" for row in rows],
            "good",
        ),
        tile(
            "commercially under conditions",
            "commercial=conditional",
            [text == "conditional" for text in commercial],
            "warn",
        ),
        tile("scanned and passed", "scan=passed", [slug == "passed" for slug in scans], "good"),
        tile("not scanned", "scan=not-scanned", [slug == "not-scanned" for slug in scans], "warn"),
        tile("scan failed", "scan=failed", [slug == "failed" for slug in scans], "bad"),
        tile("scan too old", "scan=stale", [row.stale for row in rows], "warn"),
        tile("waived until a date", "gate=waived", [gate == "waived" for gate in gates], "warn"),
        tile("blocked", "gate=blocked", [gate == "blocked" for gate in gates], "bad"),
    ]


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
