"""Which bytes of a version a scan record proves to have been seen, by every engine that they need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budmodel.domain.formats import refused, required_engines, uncleared
from budmodel.schema.governance import ScanPolicy
from budmodel.schema.scan import FileVerdict, Scan
from budmodel.schema.version import File


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCoverage:
    """One file of the version beside the record."""

    path: str
    size: int
    format: str | None
    """As the record states it; None where it does not, or says several things."""
    problems: tuple[str, ...] = ()
    """What keeps it from being covered, each as a part of a sentence; empty where all was seen and clean."""


def coverage(scan: Scan, files: Sequence[File], policy: ScanPolicy) -> list[FileCoverage]:
    """Every file of the version with what the record lacks for it.

    Args:
        scan: the record.
        files: the files that the version lists.
        policy: says which engines a format needs beyond the built-in ones.
    """
    took_part = {engine.name for engine in scan.engines}
    rows: dict[str, list[FileVerdict]] = {}
    for verdict in scan.files:
        rows.setdefault(verdict.path, []).append(verdict)
    found = []
    for file in files:
        verdicts = rows.get(file.path, [])
        format_name = _format(verdicts)
        problems = tuple(dict.fromkeys(_problems(file, verdicts, format_name, took_part, policy)))
        found.append(FileCoverage(path=file.path, size=file.size, format=format_name, problems=problems))
    return found


def _format(verdicts: Sequence[FileVerdict]) -> str | None:
    """The one format that the rows agree on, where the content engine is among those that say it."""
    stated = {verdict.format for verdict in verdicts if verdict.format is not None}
    by_content = {verdict.format for verdict in verdicts if verdict.engine == "content"} - {None}
    return stated.pop() if len(stated) == 1 and by_content == stated else None


def _problems(
    file: File,
    verdicts: Sequence[FileVerdict],
    format_name: str | None,
    took_part: set[str],
    policy: ScanPolicy,
) -> Iterator[str]:
    if not verdicts:
        yield "no engine saw it"
        return
    if format_name is None:
        yield "its format was not decided by its content"
    elif refused(format_name, policy):
        yield f"{format_name} is a refused format"
    elif uncleared(format_name, policy):
        yield f"no engine can clear {format_name}"
    for verdict in verdicts:
        if verdict.engine not in took_part:
            yield f"{verdict.engine} is not among the engines of the run"
        if verdict.verdict != "clean":
            yield f"{verdict.engine} says {verdict.verdict}"
        elif not verdict.bytes_seen == verdict.bytes_total == file.size:
            yield f"{verdict.engine} saw {verdict.bytes_seen} of {file.size} bytes"
    seen_by = {verdict.engine for verdict in verdicts}
    for engine in required_engines(format_name or "unknown", policy):
        if engine not in seen_by:
            yield f"{engine} did not see it"
