"""What a run writes: the record of a scan that begins, that could not finish, or that has a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from budmodel.domain.manifest import manifest_sha256
from budmodel.domain.scan_age import scan_age
from budmodel.domain.scan_results import FileRecord, fails, short, undecided
from budmodel.schema.governance import ScanPolicy
from budmodel.schema.scan import Attempt, FileVerdict, ProvenLimit, Scan, ScanEngine, ScanFinding
from budmodel.schema.values import format_timestamp, parse_timestamp
from budmodel.schema.version import File, Version
from budmodel.store.yaml_write import dump

_HEADER = (
    "# yaml-language-server: $schema=../../../../schemas/v1/scan.schema.json\n"
    "# Written by budmodel scan; a change by hand makes its signature worthless.\n"
)
VERDICTS = ("PASSED", "FAILED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a run has to say of one version."""

    name: str
    record: Version
    location: str | None
    started: datetime
    engines: tuple[ScanEngine, ...]
    limits: tuple[ProvenLimit, ...]
    files: Mapping[str, FileRecord]
    """By path; of those files that were seen."""
    error: str | None = None
    """Why not all could be seen."""

    @property
    def manifest(self) -> list[File]:
        """The files of the version."""
        return list(self.record.files or ())


def concluded(evidence: Evidence, old: Scan | None, policy: ScanPolicy, now: datetime) -> Scan:
    """The record after a run: a verdict where the evidence allows one, else an attempt.

    Args:
        evidence: what was seen.
        old: the record before, where it may be built upon; its verdict outlives an attempt.
        policy: says which engines a format needs.
        now: the end of the run.
    """
    failed, error = _failed(evidence, now), evidence.error
    if fails(failed.findings):
        if error is None:
            return failed
        return failed.model_copy(update={"attempt": _attempt(evidence, old, error, now)})
    if error is None:
        lacking = undecided(failed, evidence.manifest, policy)
        if not lacking:
            return Scan.model_validate(failed.model_copy(update={"status": "PASSED"}).model_dump())
        more = f"; and {len(lacking) - 1} more files" if len(lacking) > 1 else ""
        error = f"{lacking[0].path}: {_why(evidence, lacking[0].path, lacking[0].problems[0])}{more}"
    return attempted(evidence, old, error, now)


def attempted(evidence: Evidence, old: Scan | None, error: str | None, now: datetime | None) -> Scan:
    """The record of a run that is going on (``now`` is None) or could not finish."""
    attempt = _attempt(evidence, old, error, now)
    if old is not None and old.status in VERDICTS:
        return old.model_copy(update={"attempt": attempt, "signature": None})
    return Scan(
        name=evidence.name,
        version=evidence.record.version,
        status="SCANNING",
        manifest_sha256=manifest_sha256(evidence.manifest),
        source=evidence.record.source,
        attempt=attempt,
    )


def skipped(name: str, record: Version, reason: str, now: datetime) -> Scan:
    """The record of a version that is not scanned, on purpose."""
    return Scan(
        name=name,
        version=record.version,
        status="SKIPPED",
        manifest_sha256=manifest_sha256(record.files or ()),
        source=record.source,
        finished=format_timestamp(now),
        reason=reason,
    )


def keeps(old: Scan, new: Scan, policy: ScanPolicy, now: datetime) -> bool:
    """Whether the record before still says all that the new one does, and is young enough to be kept.

    Times, versions of engines and of their databases make no difference: a rescan that changes nothing would
    only fill the history. After three quarters of the time that policy allows, it is written anew.
    """
    if old.status not in (*VERDICTS, "SKIPPED") or old.attempt is not None or new.attempt is not None:
        return False
    if _compared(old) != _compared(new):
        return False
    if old.status == "SKIPPED":
        return True
    # Where the new record would be as doubtful as the old one (signatures without a date), nothing is gained.
    better = len(_stale(new, policy, now)) < len(_stale(old, policy, now))
    return not better and not _three_quarters(old, policy, now)


def aging(scan: Scan, policy: ScanPolicy, now: datetime) -> bool:
    """Whether policy does not believe a verdict, or will not after a last quarter of its time."""
    return bool(_stale(scan, policy, now)) or _three_quarters(scan, policy, now)


def _stale(scan: Scan, policy: ScanPolicy, now: datetime) -> tuple[str, ...]:
    return scan_age(scan, {row.format for row in scan.files}, policy, now).stale


def _three_quarters(scan: Scan, policy: ScanPolicy, now: datetime) -> bool:
    if scan.finished is None:
        return True
    limit = scan_age(scan, {row.format for row in scan.files}, policy, now).scan_limit_days
    return now - parse_timestamp(scan.finished) > timedelta(days=limit) * 0.75


def written(scan: Scan) -> bytes:
    """The bytes of a record: the same for the same record."""
    data = scan.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return dump(data, header=_HEADER, rows=("engines", "limits", "files", "findings"))


def _compared(scan: Scan) -> object:
    shown = scan.model_dump(
        mode="json", exclude={"started", "finished", "signature", "engines", "limits", "attempt"}
    )
    return shown, sorted(engine.name for engine in scan.engines)


def _failed(evidence: Evidence, now: datetime) -> Scan:
    """The record as it is unless everything speaks for PASSED."""
    return Scan(
        name=evidence.name,
        version=evidence.record.version,
        status="FAILED",
        manifest_sha256=manifest_sha256(evidence.manifest),
        source=evidence.record.source,
        locations=[evidence.location] if evidence.location is not None else [],
        started=format_timestamp(evidence.started),
        finished=format_timestamp(now),
        engines=_took_part(evidence),
        limits=list(evidence.limits),
        files=_rows(evidence),
        findings=_findings(evidence),
    )


def _attempt(evidence: Evidence, old: Scan | None, error: str | None, now: datetime | None) -> Attempt:
    done = {path: record for path, record in evidence.files.items() if record.decided}
    kept = Evidence(
        name=evidence.name,
        record=evidence.record,
        location=None,
        started=evidence.started,
        engines=evidence.engines,
        limits=(),
        files=done,
    )
    started = format_timestamp(evidence.started)
    before = 0
    if old is not None and old.attempt is not None:
        # The record of this very run, from when it began, counts already.
        before = old.attempt.count - (old.attempt.started == started and old.attempt.stopped is None)
    return Attempt(
        started=started,
        stopped=format_timestamp(now) if now is not None else None,
        error=short(error) if error is not None else None,
        count=min(before + 1, 10**6),
        engines=_took_part(kept),
        files_done=_rows(kept),
        findings=_findings(kept),
    )


def _took_part(evidence: Evidence) -> list[ScanEngine]:
    """The engines that saw one of the files; the others were only ready to."""
    names = {row.engine for record in evidence.files.values() for row in record.rows}
    return [engine for engine in evidence.engines if engine.name in names]


def _rows(evidence: Evidence) -> list[FileVerdict]:
    rows = [row for record in evidence.files.values() for row in record.rows]
    return sorted(rows, key=lambda row: (row.path.encode("utf-8", "surrogatepass"), row.engine))


def _findings(evidence: Evidence) -> list[ScanFinding]:
    found = [finding for record in evidence.files.values() for finding in record.findings]
    found.sort(key=lambda one: ((one.path or "").encode("utf-8", "surrogatepass"), one.id, one.engine))
    names: dict[str, int] = {}
    unique = []
    for finding in found:
        count = names[finding.id] = names.get(finding.id, 0) + 1
        unique.append(
            finding if count == 1 else finding.model_copy(update={"id": f"{finding.id[:190]}#{count}"})
        )
    return unique


def _why(evidence: Evidence, path: str, problem: str) -> str:
    """What kept an engine from a verdict, in its own words where it has some."""
    record = evidence.files.get(path)
    rows: Sequence[FileVerdict] = record.rows if record is not None else ()
    for row in rows:
        if row.verdict not in ("clean", "found") and row.message:
            return f"{row.engine}: {row.message}"
    return problem
