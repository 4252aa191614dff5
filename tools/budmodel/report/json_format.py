"""json: the verdict for programs, in the shape that DESIGN §5 promises."""

from __future__ import annotations

import json
from typing import Any

from budmodel.findings import CheckResult, Finding, Waived
from budmodel.report.words import encodable

SCHEMA_VERSION = 1


class Json:
    """One document. Keys are only ever added, never renamed, within a ``schema_version``."""

    def render(self, result: CheckResult, *, color: bool = False) -> str:
        """The report, ending with a newline."""
        document = {
            "schema_version": SCHEMA_VERSION,
            "ok": result.ok,
            "summary": {
                "models": result.models,
                "versions": result.versions,
                "errors": result.errors,
                "warnings": result.warnings,
                "waived": len(result.waived),
            },
            "findings": [_finding(item) for item in result.findings],
            "waived": [_waived(item) for item in result.waived],
        }
        return encodable(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "field": finding.field,
        "message": finding.message,
        "fix": finding.fix,
        "docs": finding.docs,
    }


def _waived(item: Waived) -> dict[str, Any]:
    return {
        **_finding(item.finding),
        "waiver": item.waiver,
        "expires": item.expires,
        "reason": item.reason,
        "approved_by": item.approved_by,
    }
