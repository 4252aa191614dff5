"""Coverage, engines, dates of signatures, what is waived until when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budmodel.render.evidence import EvidenceRow
from budmodel.render.pages.frame import Frame
from budmodel.render.rows import Row
from budmodel.render.shell import Page

MOST_EVIDENCE = 500
"""Versions in each list of the page."""
FEW = 12
"""Versions of a state that are shown unfolded; more of them would hide what comes after."""
_ENGINES = {
    "clamav": "known malware, by signatures",
    "content": "what a file really is; code, templates and settings that run it",
    "safetensors": "the header: sizes, overlaps, holes",
    "gguf": "the header, and chat templates",
    "onnx": "the graph's structure, and which other files it names",
    "pickle": "which functions loading would call",
    "archive": "what is inside containers, bombs, hidden members",
}


_ADVICE = {
    "failed": (
        "Scan failed",
        "Something was found; the model's page says what. Withdraw the version: budmodel version yank NAME "
        "VERSION --reason …; where it is a false alarm, propose a waiver that names each finding.",
    ),
    "unproven": (
        "In doubt",
        "There is a verdict, but not one to rely on; the reason stands beside it. Load today's signatures "
        "and scan again: budmodel scan NAME@VERSION",
    ),
    "scanning": ("Unfinished", "Run it again, and it goes on from there: budmodel scan NAME@VERSION"),
    "skipped": (
        "Skipped on purpose",
        "A waiver has to approve it, or a scan to make up for it: budmodel scan NAME@VERSION",
    ),
    "not-scanned": (
        "Not scanned",
        "Nobody has looked at the bytes. Scan one: budmodel scan NAME@VERSION; all that need it: budmodel "
        "scan --all --stale",
    ),
}
"""For each state that is no pass, the worst first: its heading, and what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Versions in the same state, and what to do about it."""

    slug: str
    title: str
    advice: str
    rows: Sequence[EvidenceRow]

    @property
    def alike(self) -> bool:
        """Whether the same is to be said of all of them."""
        return len({row.state.detail for row in self.rows}) < 2


def _groups(found: Sequence[EvidenceRow]) -> Iterator[Group]:
    for slug, (title, advice) in _ADVICE.items():
        rows = [row for row in found if row.state.slug == slug]
        rows.sort(key=lambda row: (row.state.waived_until is not None, row.name))
        if rows:
            yield Group(slug=slug, title=title, advice=advice, rows=rows)


def security_page(frame: Frame, rows: Sequence[Row]) -> Page:
    """The scan evidence of all versions."""
    found = [row for model in rows for row in model.evidence]
    ran = [engine.partition(" ")[::2] for row in found for engine in row.engines.split(", ") if engine]
    used = Counter(name for name, _ in ran)
    releases = {name: sorted({release for engine, release in ran if engine == name}) for name in used}
    verdicts = [row for row in found if row.finished and row.state.slug in ("passed", "failed", "unproven")]
    groups = list(_groups(found))
    failed = sum(row.state.slug == "failed" for row in found)
    stale = sum(row.stale for row in found)
    waived = sum(row.state.waived_until is not None for row in found)
    return frame.page(
        "security.html.j2",
        "security/index.html",
        section="security",
        title="Security",
        description="Which versions were scanned, by what, and until when that is believed.",
        counts=[
            ("versions with bytes", len(found), "", "plain"),
            ("passed", sum(row.state.slug == "passed" for row in found), "evidence", "good"),
            ("failed", failed, "failed" if failed else "attention", "bad"),
            ("with a scan too old to be believed", stale, "attention", "warn"),
            ("waived", waived, "attention", "warn"),
            ("signed by a trusted key", sum(row.trusted for row in found), "evidence", "plain"),
        ],
        groups=groups,
        versions=len(found),
        evidence=sorted(verdicts, key=lambda row: (row.believed_until or "", row.name)),
        engines=[
            (name, ", ".join(releases[name]), used[name], _ENGINES.get(name, ""))
            for name in sorted(used, key=lambda name: (name not in _ENGINES, name))
        ],
        most=MOST_EVIDENCE,
        few=FEW,
    )
