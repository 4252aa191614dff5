"""What a check says: findings, their severities and their order. Pure data, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

FieldPath = tuple[str | int, ...]
"""A path inside a document: keys and list indexes, as Pydantic's ``loc``."""


class Severity(StrEnum):
    """How much a finding weighs. Only errors close the gate."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, where it is, and how to mend it.

    ``path`` is relative to the root of the repository (``catalog/models/x/model.yaml``), ``field_path``
    is the place inside the document; ``line`` and ``column`` are 1-based. ``targets`` names the versions
    (``name@version``) that the finding speaks of, so that a waiver can name them too.
    """

    rule: str
    message: str
    path: str
    severity: Severity = Severity.ERROR
    line: int = 1
    column: int = 1
    field_path: FieldPath = ()
    fix: str = ""
    targets: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    """Ids of what a scanner found, so that a waiver of scan-failed can name each."""
    excerpt: str = field(default="", compare=False)
    """The line of the file, for people."""

    @property
    def field(self) -> str:
        """The field path as text: ``files.0.sha256``."""
        return ".".join(str(part) for part in self.field_path)

    @property
    def docs(self) -> str:
        """Where the rule is explained, relative to the root of the site."""
        return f"rules/{self.rule}/"

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes two findings of two states of the catalog the same finding (lines move)."""
        return (self.rule, self.path, self.field, self.message)

    def at(self, line: int, column: int, excerpt: str = "") -> Finding:
        """The same finding at another place."""
        return replace(self, line=line, column=column, excerpt=excerpt)

    def lowered(self, severity: Severity, why: str = "") -> Finding:
        """The same finding with another severity and, where given, a reason for it."""
        message = f"{self.message} ({why})" if why else self.message
        return replace(self, severity=severity, message=message)


class Waived(NamedTuple):
    """A finding that a waiver of the base branch covers: shown, not counted, never green."""

    finding: Finding
    waiver: str
    expires: str
    reason: str
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """The verdict on a catalog: all findings at once, in a stable order."""

    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    models: int
    versions: int

    @property
    def errors(self) -> int:
        """The number of findings that close the gate."""
        return sum(1 for item in self.findings if item.severity is Severity.ERROR)

    @property
    def warnings(self) -> int:
        """The number of findings that do not."""
        return len(self.findings) - self.errors

    @property
    def ok(self) -> bool:
        """Whether the gate opens."""
        return self.errors == 0


def in_order(findings: Iterable[Finding]) -> Sequence[Finding]:
    """Findings by path, line, column and rule, so that output is the same on every machine."""
    return sorted(findings, key=lambda f: (f.path, f.line, f.column, f.rule, f.field, f.message))
