"""Badges of a model for other people's pages: ``badges/NAME/scan.svg`` and ``badges/NAME/license.svg``.

A picture on another site cannot know today's date and runs no script, so the scan's badge says of what day
the evidence is and until when policy believes it, and whoever looks can compare. It is green only where the
check, at the moment for which the site was built, believed that evidence; ``site build --now`` moves that
moment, so that a site which is built every day has badges that fade when their evidence grows old. What is
waived, in doubt, too old or unscanned is never green.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import escape

from budmodel.render.filters import summary
from budmodel.render.output import Output
from budmodel.render.rows import Row

_COLOURS = {"good": "#0b6b3a", "warn": "#8a4b00", "bad": "#a61b1b", "muted": "#4d5b58"}
"""White text on them has a contrast of 5 to 1 and more (WCAG 2.2, 1.4.3)."""
_LABEL = "#33413e"
_LETTER = 6.4
"""Width of a letter in px; ``textLength`` makes every font keep to it."""
_MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A label, what it says, and its tone: colour only repeats the words."""

    kind: str
    label: str
    text: str
    tone: str


def badges_of(row: Row) -> Iterator[Badge]:
    """The badges of a model, by its default version."""
    yield Badge(kind="scan", label="scan", text=_scan(row), tone=_tone(row))
    named = row.license_type or "not stated"
    commercial = {"yes": "commercial use", "no": "no commercial use"}.get(
        row.commercial.text, f"commercial use {row.commercial.text}"
    )
    yield Badge(kind="license", label="licence", text=f"{named}, {commercial}", tone=row.commercial.tone)


def _believed(row: Row) -> str:
    found = (one for one in row.evidence if one.version == row.default_version)
    return next((one.believed_until or "" for one in found), "")


def _scan(row: Row) -> str:
    words = "scan too old" if row.stale and not row.scan.waived_until else row.scan.text
    if row.scan.finished is None:
        return words
    until = _believed(row)
    return f"{words}, {row.scan.finished[:10]}" + (f", believed until {until}" if until else "")


def _tone(row: Row) -> str:
    if row.scan.tone != "good":
        return row.scan.tone
    # Nothing is green of which nobody can tell until when it holds.
    return "good" if not row.stale and not row.blocked and row.scan.finished and _believed(row) else "warn"


def svg(badge: Badge) -> str:
    """The badge as SVG, without a script, a style or a request."""
    text = summary(badge.text, _MOST)
    left, right = (round(len(part) * _LETTER) + 12 for part in (badge.label, text))
    told = escape(f"{badge.label}: {text}")
    colour = _COLOURS.get(badge.tone, _COLOURS["muted"])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{told}"><title>{told}</title>'
        f'<rect width="{left + right}" height="20" rx="3" fill="{colour}"/>'
        f'<path d="M3 0h{left - 3}v20h-{left - 3}a3 3 0 0 1-3-3v-14a3 3 0 0 1 3-3z" fill="{_LABEL}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="6" y="14" textLength="{left - 12}">{escape(badge.label)}</text>'
        f'<text x="{left + 6}" y="14" textLength="{right - 12}">{escape(text)}</text></g></svg>\n'
    )


def badge_path(name: str, kind: str) -> str:
    """Where a badge is, from the site's root."""
    return f"badges/{name}/{kind}.svg"


def write_badges(output: Output, row: Row) -> None:
    """Writes the badges of a model."""
    for badge in badges_of(row):
        output.write(badge_path(row.name, badge.kind), svg(badge).encode("utf-8"))
