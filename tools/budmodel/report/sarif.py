"""sarif: SARIF 2.1.0 for code scanning (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/)."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import Any
from urllib.parse import quote

from budmodel import __version__
from budmodel.findings import CheckResult, Finding, Severity, Waived
from budmodel.report.words import encodable, until, visible
from budmodel.rules.registry import RULES
from budmodel.rules.registry import load as load_rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning"}
# §3.11.5: {0} is a placeholder; a literal brace is doubled. Only what would be read as a placeholder is,
# because GitHub shows messages as they stand and braces are common in ours ("source: {type: api}").
_PLACEHOLDER = re.compile(r"\{(\d+)\}")


class Sarif:
    """One run. What is waived is a result with a suppression, so that scanners show it as dismissed."""

    def render(self, result: CheckResult, *, color: bool = False) -> str:
        """The report, ending with a newline."""
        items: list[tuple[Finding, Waived | None]] = [(finding, None) for finding in result.findings]
        items += [(item.finding, item) for item in result.waived]
        indexes = {rule: index for index, rule in enumerate(sorted({finding.rule for finding, _ in items}))}
        seen: Counter[tuple[str, ...]] = Counter()
        results = []
        for finding, waiver in items:
            seen[finding.identity] += 1
            results.append(_result(finding, waiver, indexes[finding.rule], seen[finding.identity]))
        driver = {"name": "budmodel", "version": __version__, "rules": [_rule(rule) for rule in indexes]}
        run = {
            "tool": {"driver": driver},
            "invocations": [{"executionSuccessful": True}],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }
        document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
        return encodable(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def _rule(slug: str) -> dict[str, Any]:
    """A rule's description. The documentation is named in the text: helpUri must be absolute (§3.49.12)."""
    rule = load_rule(slug) if slug in RULES else None
    return {
        "id": slug,
        "shortDescription": {"text": rule.title if rule else slug.replace("-", " ")},
        "help": {"text": f"Explained on the registry's site under rules/{slug}/"},
        "defaultConfiguration": {"level": _LEVEL[rule.severity if rule else Severity.ERROR]},
    }


def _result(finding: Finding, waiver: Waived | None, rule_index: int, occurrence: int) -> dict[str, Any]:
    message = "\nFix: ".join(visible(text) for text in (finding.message, finding.fix) if text)
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVEL[finding.severity],
        "message": {"text": _inert(message)},
        "locations": [_location(finding)],
        # GitHub tells alerts apart by this key; ours does not depend on lines, which move.
        "partialFingerprints": {"primaryLocationLineHash": f"{_digest(finding)}:{occurrence}"},
    }
    if waiver is not None:
        grounds = visible(f"{waiver.reason} (approved by {waiver.approved_by}; {until(waiver)})")
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": grounds}]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {
                "uri": quote(finding.path.encode("utf-8", "surrogateescape")),
                "uriBaseId": "%SRCROOT%",
            },
            "region": {"startLine": max(finding.line, 1), "startColumn": max(finding.column, 1)},
        }
    }
    if finding.field:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(finding.field)}]
    return location


def _inert(text: str) -> str:
    """A message without placeholders (§3.11.5) and embedded links (§3.11.6) of somebody's own making."""
    return _PLACEHOLDER.sub(r"{{\1}}", text).replace("](", "] (")


def _digest(finding: Finding) -> str:
    identity = json.dumps(finding.identity).encode()
    return hashlib.sha256(identity).hexdigest()[:16]
