"""Every rule by its slug. The dict feeds the documentation and the CLI without importing the members."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from budmodel.rules.interface import Rule

RULES: dict[str, str] = {
    slug: f"budmodel.rules.{slug.replace('-', '_')}:{''.join(word.capitalize() for word in slug.split('-'))}"
    for slug in (
        "yaml-invalid",
        "schema-invalid",
        "unknown-file",
        "name-mismatch",
        "name-collision",
        "name-removed",
        "tombstone-modified",
        "ack-modified",
        "ack-unattributed",
        "owner-missing",
        "version-missing",
        "version-not-semver",
        "version-modified",
        "version-deleted",
        "version-bump-too-small",
        "changelog-missing",
        "default-version-missing",
        "default-version-yanked",
        "source-unpinned",
        "source-denied",
        "files-missing",
        "license-missing",
        "license-unknown",
        "license-unreviewed",
        "license-denied",
        "license-looser-than-text",
        "license-lineage-conflict",
        "lineage-unknown-base",
        "lineage-cycle",
        "lineage-tainted",
        "scan-missing",
        "scan-failed",
        "scan-skipped",
        "scan-incomplete",
        "scan-mismatch",
        "scan-unsigned",
        "scan-untrusted",
        "scan-replayed",
        "scan-stale",
        "waiver-expired",
        "waiver-unapproved",
        "benchmark-unsourced",
        "benchmark-out-of-range",
        "requirements-implausible",
        "secret-in-catalog",
    )
}


@cache
def rules() -> dict[str, Rule[Any]]:
    """All rules, imported and made once, in the order of the registry."""
    return {slug: load(slug) for slug in RULES}


def load(slug: str) -> Rule[Any]:
    """One rule by its slug."""
    module, _, attribute = RULES[slug].partition(":")
    rule: Rule[Any] = getattr(import_module(module), attribute)()
    return rule
