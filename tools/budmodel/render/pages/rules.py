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
from budmodel.schema.governance import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule in the index; ``documented`` where it has a page."""

    slug: str
    title: str
    severity: str
    """As the policy of this registry has it."""
    changed: str
    """The severity that the rule has of itself, where the policy has another; else empty."""
    waivable: bool
    needs_base: bool
    documented: bool


def rules_page(frame: Frame, rules: Mapping[str, Rule[Any]], policy: Policy) -> Page:
    """What the checks of the registry look for, as heavy as its policy takes it."""
    rows = [
        RuleRow(
            slug=slug,
            title=rule.title,
            severity=policy.severity.get(slug, rule.severity.value),
            changed=rule.severity.value
            if policy.severity.get(slug, rule.severity.value) != rule.severity.value
            else "",
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
