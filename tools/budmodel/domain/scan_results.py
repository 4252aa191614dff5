"""From what the engines saw to what a scan record says: names of findings, texts, and what still lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from budmodel.domain.coverage import FileCoverage, coverage
from budmodel.domain.quoting import shown
from budmodel.schema.governance import ScanPolicy
from budmodel.schema.scan import FileVerdict, Scan, ScanFinding
from budmodel.schema.version import File

HARMLESS = frozenset({"info", "low"})
"""Severities that inform; any other fails the version."""
_ID_MAX = 200
_TEXT_MAX = 400


class FileRecord(NamedTuple):
    """What a scan record says of one file."""

    rows: tuple[FileVerdict, ...]
    """One for each engine, sorted by its name."""
    findings: tuple[ScanFinding, ...] = ()

    @property
    def decided(self) -> bool:
        """Whether every engine came to a verdict, so that nobody needs to read the file again."""
        return all(row.verdict in ("clean", "found") for row in self.rows)


def finding_id(code: str, detail: str, place: str) -> str:
    """The name of a finding, which waivers use: ``unsafe-pickle:os.system@weights.pt!data.pkl``.

    It is the same in each run over the same bytes. What is too long ends in a part of its SHA-256 digest.
    """
    text = _flat(f"{code}:{detail}@{place}" if detail else f"{code}@{place}")
    if len(text) <= _ID_MAX:
        return text
    return f"{text[: _ID_MAX - 9]}~{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def short(text: str) -> str:
    """A text from elsewhere on one line, cut to what a record holds; never empty."""
    line = _flat(text) or "no reason given"
    return line if len(line) <= _TEXT_MAX else f"{line[: _TEXT_MAX - 1]}…"


def _flat(text: str) -> str:
    return shown(" ".join(text.split()))


def fails(findings: Iterable[ScanFinding]) -> bool:
    """Whether one of the findings is more than information."""
    return any(finding.severity not in HARMLESS for finding in findings)


def undecided(scan: Scan, files: Sequence[File], policy: ScanPolicy) -> list[FileCoverage]:
    """The files that keep a record without failing findings from being PASSED."""
    return [file for file in coverage(scan, files, policy) if file.problems]
