"""Coverage, engines, dates of signatures, what is waived until when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from budmodel.render.pages.frame import Frame
from budmodel.render.rows import Row
from budmodel.render.shell import Page

MOST_EVIDENCE = 500
"""Versions in each list of the page."""
_ENGINES = {
    "clamav": "known malware, by signatures",
    "content": "what a file really is; code, templates and settings that run it",
    "safetensors": "the header: sizes, overlaps, holes",
    "gguf": "the header, and chat templates",
    "onnx": "the graph's structure, and which other files it names",
    "pickle": "which functions loading would call",
    "archive": "what is inside containers, bombs, hidden members",
}


def security_page(frame: Frame, rows: Sequence[Row]) -> Page:
    """The scan evidence of all versions."""
    found = [row for model in rows for row in model.evidence]
    ran = [engine.partition(" ")[::2] for row in found for engine in row.engines.split(", ") if engine]
    used = Counter(name for name, _ in ran)
    releases = {name: sorted({release for engine, release in ran if engine == name}) for name in used}
    verdicts = [row for row in found if row.finished and row.state.slug in ("passed", "failed", "unproven")]
    attention = [row for row in found if row.state.slug != "passed"]
    attention.sort(key=lambda row: (row.state.slug != "failed", row.state.waived_until is not None, row.name))
    return frame.page(
        "security.html.j2",
        "security/index.html",
        section="security",
        title="Security",
        description="Which versions were scanned, by what, and until when that is believed.",
        counts=[
            ("versions with bytes", len(found)),
            ("passed", sum(row.state.slug == "passed" for row in found)),
            ("failed", sum(row.state.slug == "failed" for row in found)),
            ("with a scan too old to be believed", sum(row.stale for row in found)),
            ("waived", sum(row.state.waived_until is not None for row in found)),
            ("signed by a trusted key", sum(row.trusted for row in found)),
        ],
        attention=attention,
        evidence=sorted(verdicts, key=lambda row: (row.believed_until or "", row.name)),
        engines=[
            (name, ", ".join(releases[name]), used[name], _ENGINES.get(name, ""))
            for name in sorted(used, key=lambda name: (name not in _ENGINES, name))
        ],
        most=MOST_EVIDENCE,
    )
