"""What else the source says: links, consent, remote code, and the Hub's own scan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from budmodel.sources.facts.config import Config
from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.numbers import table, word, words
from budmodel.sources.facts.text import one_line

_PAPER = re.compile(r"arxiv:(\d{4}\.\d{4,5})\Z")
_BOILERPLATE = ("1910.09700",)
"""Cited in the Hub's card template (carbon emissions), so it is no paper about the model."""
_LOADED = re.compile(
    r"(?:\A|/)(modeling|configuration|tokenization|processing|image_processing|pipeline|handler)\w*\.py\Z"
)


def links_of(documents: Documents, license_link: str | None) -> dict[str, str]:
    """The page on the Hub, the paper where a single one is tagged, and the licence's text."""
    listing = documents.listing
    found: dict[str, str] = {}
    if listing.kind == "huggingface":
        found["homepage"] = f"https://huggingface.co/{listing.source['model_id']}"
    tagged = [match[1] for tag in words(listing.facts.get("tags")) if (match := _PAPER.match(tag))]
    papers = [paper for paper in dict.fromkeys(tagged) if paper not in _BOILERPLATE]
    if len(papers) == 1:
        found["paper"] = f"https://arxiv.org/abs/{papers[0]}"
    elif papers:
        documents.notes.add(
            "information",
            "links.paper",
            f"{len(papers)} papers are tagged: {', '.join(papers[:8])}; none was taken",
        )
    if license_link is not None:
        found["license"] = license_link
    return found


def gated_of(facts: Mapping[str, Any]) -> bool | None:
    """Whether the Hub asks for consent (``auto`` or ``manual``)."""
    gated = facts.get("gated")
    if isinstance(gated, bool):
        return gated
    return True if gated in ("auto", "manual") else None


def custom_code_of(documents: Documents, config: Config, paths: tuple[str, ...]) -> bool:
    """Whether loading runs code of the repository: ``auto_map``, or modules that loaders look for."""
    if any("auto_map" in part or part.get("custom_pipelines") for part in (config.whole, config.text)):
        return True
    modules = [path for path in paths if path.endswith(".py")]
    if any(_LOADED.search(path) for path in modules):
        return True
    if modules:
        documents.notes.add(
            "information", "custom_code", f"Python files that no loader asks for: {', '.join(modules[:10])}"
        )
    return False


def note_hub_scan(documents: Documents) -> None:
    """The Hub's verdict as information: it is no scan of ours, and it may be absent or old."""
    status = table(documents.listing.facts.get("securityRepoStatus"))
    if not status:
        return
    issues = status.get("filesWithIssues")
    found = [
        f"{word(entry.get('path')) or '?'} ({word(entry.get('level')) or 'no level'})"
        for entry in (issues if isinstance(issues, list) else [])[:20]
        if isinstance(entry, dict)
    ]
    state = "is done" if status.get("scansDone") is True else "is not done"
    what = f"names files with issues: {', '.join(found)}" if found else "names no files with issues"
    documents.notes.add(
        "information",
        "scan",
        one_line(f"the Hub says that its scan {state} and {what}; this is not a scan of ours", 600),
    )
