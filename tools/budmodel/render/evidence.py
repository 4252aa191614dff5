"""What the pages say of a scan record: who saw what, with which signatures, and until when that is believed.

A page is made once and read for months, so it tells dates and never ages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from budmodel.domain.evidence import SignatureState, judge_signature
from budmodel.domain.scan_age import scan_age
from budmodel.domain.signers import SignerBook
from budmodel.render.scans import ScanState
from budmodel.schema.governance import ScanPolicy
from budmodel.schema.scan import FileVerdict, Scan, ScanEngine
from budmodel.schema.values import after, format_timestamp, parse_timestamp
from budmodel.schema.version import Version

MOST_FILES = 100
"""Files of a scan that the page of a model lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """One file of a scan: its format, and what each engine said."""

    path: str
    format: str | None
    rows: tuple[FileVerdict, ...]

    @property
    def clean(self) -> bool:
        """Whether every engine that saw it saw all of it and found nothing."""
        return all(row.verdict == "clean" and row.bytes_seen == row.bytes_total for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A scan record as a page shows it."""

    record: Scan
    signature: SignatureState
    believed_until: str | None
    """The day on which policy asks for a new scan; None where there is no verdict, or none to believe."""
    disbelieved: tuple[str, ...] = ()
    """Why policy never believed the verdict, whatever its day: signatures too old at the scan, or undated."""
    database_days: int | None = None
    """Whole days of the oldest signatures when the scan finished; None where one bears no date."""

    @property
    def files(self) -> list[SeenFile]:
        """The files, those with something to say first, then by path."""
        by_path: dict[str, list[FileVerdict]] = {}
        for row in self.record.files:
            by_path.setdefault(row.path, []).append(row)
        found = [
            SeenFile(
                path=path, format=next((row.format for row in rows if row.format), None), rows=tuple(rows)
            )
            for path, rows in by_path.items()
        ]
        return sorted(found, key=lambda file: (file.clean, file.path))

    @property
    def databases(self) -> tuple[ScanEngine, ...]:
        """The engines that work with signatures."""
        return tuple(one for one in self.record.engines if one.database is not None or one.name == "clamav")

    @property
    def database_day(self) -> str | None:
        """The day of the oldest signatures; None where one bears no date, or there are none."""
        dates = [one.database.date if one.database is not None else None for one in self.databases]
        return min(date[:10] for date in dates if date) if dates and all(dates) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One version on the security page; light, as all of them are kept until the page is made."""

    name: str
    version: str
    state: ScanState
    engines: str
    database_day: str | None
    finished: str | None
    believed_until: str | None
    signed_by: str
    trusted: bool
    database_days: int | None = None
    stale: bool = False
    """Whether the check said that it is too old to be believed."""


def evidence_of(
    record: Version, scan: Scan | None, policy: ScanPolicy, signers: SignerBook
) -> Evidence | None:
    """The evidence for a version; None where nobody has begun a scan."""
    if scan is None:
        return None
    until: str | None = None
    disbelieved: tuple[str, ...] = ()
    database_days: int | None = None
    if scan.status in ("PASSED", "FAILED") and scan.finished is not None:
        finished = parse_timestamp(scan.finished)
        age = scan_age(scan, {record.format, *(row.format for row in scan.files)}, policy, finished)
        # What was found was found, however old the signatures.
        disbelieved = age.stale if scan.status == "PASSED" else ()
        if not disbelieved:
            until = format_timestamp(after(finished, timedelta(days=age.scan_limit_days)))[:10]
        days = [one for one in age.database_days.values() if one is not None]
        database_days = max(days) if days and len(days) == len(age.database_days) else None
    return Evidence(
        record=scan,
        signature=judge_signature(scan, record.files or (), signers),
        believed_until=until,
        disbelieved=disbelieved,
        database_days=database_days,
    )


def evidence_row(
    name: str, version: str, state: ScanState, evidence: Evidence | None, stale: bool = False
) -> EvidenceRow:
    """The row of a version."""
    if evidence is None:
        return EvidenceRow(
            name=name,
            version=version,
            state=state,
            engines="",
            database_day=None,
            finished=None,
            believed_until=None,
            signed_by="",
            trusted=False,
        )
    trusted = evidence.signature.kind == "trusted"
    return EvidenceRow(
        name=name,
        version=version,
        state=state,
        engines=", ".join(f"{engine.name} {engine.version}" for engine in evidence.record.engines),
        database_day=evidence.database_day,
        finished=evidence.record.finished,
        believed_until=evidence.believed_until,
        signed_by=(evidence.signature.signer or "") if trusted else evidence.signature.kind,
        trusted=trusted,
        database_days=evidence.database_days,
        stale=stale,
    )
