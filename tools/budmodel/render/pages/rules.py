"""The index of all rules of the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from budmodel.domain.waivers import NOT_WAIVABLE
from budmodel.findings import Severity
from budmodel.render.pages.frame import Frame
from budmodel.render.shell import Page
from budmodel.rules.interface import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule in the index; ``documented`` where it has a page."""

    slug: str
    title: str
    severity: str
    waivable: bool
    needs_base: bool
    documented: bool


def rules_page(frame: Frame, rules: Mapping[str, Rule[Any]]) -> Page:
    """What the checks of the registry look for."""
    rows = [
        RuleRow(
            slug=slug,
            title=rule.title,
            severity=rule.severity.value,
            waivable=slug not in NOT_WAIVABLE,
            needs_base=rule.needs_base,
            documented=frame.has_page(f"rules/{slug}/index.html"),
        )
        for slug, rule in rules.items()
    ]
    return frame.page(
        "rules.html.j2",
        "rules/index.html",
        section="rules",
        title="Rules",
        description="What the checks of this registry look for.",
        rows=rows,
        errors=sum(1 for row in rows if row.severity == Severity.ERROR.value),
    )
