"""Reads one file once: its digest, every engine and the progress share that one pass."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

from budmodel.domain.scan_results import FileRecord, finding_id, short
from budmodel.errors import OutsideError
from budmodel.scanners.inspector import Scanners
from budmodel.scanners.interface import FileResult, Outcome
from budmodel.schema.scan import FileVerdict, ScanFinding
from budmodel.schema.version import File
from budmodel.sources.interface import Source

Tell = Callable[[int], None]
"""Told how many bytes of a file have come since it was told last."""


class OtherBytesError(OutsideError):
    """What is there is not what the record says; reading it again would not help."""


class StoppedError(Exception):
    """The run was told to stop."""


def scan_file(
    scanners: Scanners,
    source: Source,
    file: File,
    paths: frozenset[str],
    *,
    where: str,
    stop: threading.Event,
    tell: Tell | None = None,
) -> FileRecord:
    """Hands a file to all engines that it needs.

    Args:
        scanners: the engines of the run, started.
        source: where the file is.
        file: as the version records it; other bytes are no verdict on it.
        paths: all files of the version.
        where: the place, for messages.
        stop: ends the reading between two pieces.
        tell: told how far it is.

    Raises:
        OtherBytesError: the place holds other bytes.
        OutsideError: the bytes could not be read, or an engine failed.
        StoppedError: ``stop`` was set.
    """
    digest, count = hashlib.sha256(), 0
    with scanners.file(file.path, file.size, paths) as inspection:
        for piece in source.chunks(file.path):
            if stop.is_set():
                raise StoppedError
            count += len(piece)
            if count > file.size:
                raise OtherBytesError(_other(file, where, f"it is longer than {file.size} bytes"))
            digest.update(piece)
            inspection.feed(piece)
            if tell is not None:
                tell(len(piece))
        if count != file.size:
            raise OtherBytesError(_other(file, where, f"it has {count} bytes instead of {file.size}"))
        if digest.hexdigest() != file.sha256:
            raise OtherBytesError(_other(file, where, f"its SHA-256 is {digest.hexdigest()}"))
        return record_of(inspection.finish())


def record_of(result: FileResult) -> FileRecord:
    """What a scan record says of a file that was inspected."""
    return FileRecord(
        rows=tuple(_row(result, outcome) for outcome in result.outcomes),
        findings=tuple(_findings(result)),
    )


def _row(result: FileResult, outcome: Outcome) -> FileVerdict:
    # A verdict of "found" with nothing but information in it is a clean one.
    harmless = outcome.verdict == "found" and all(one.severity in ("info", "low") for one in outcome.found)
    return FileVerdict(
        path=result.path,
        engine=outcome.engine,
        format=result.format if outcome.engine == "content" else None,
        verdict="clean" if harmless else outcome.verdict,
        bytes_seen=outcome.bytes_seen,
        bytes_total=outcome.bytes_total,
        message=short(outcome.message) if outcome.message else None,
    )


def _findings(result: FileResult) -> list[ScanFinding]:
    found: dict[tuple[str, str], ScanFinding] = {}
    for outcome in result.outcomes:
        for one in outcome.found:
            place = f"{result.path}!{one.member}" if one.member else result.path
            finding = ScanFinding(
                id=finding_id(one.code, one.detail, place),
                engine=outcome.engine,
                severity=one.severity,
                path=result.path,
                message=short(f"{one.member}: {one.message}" if one.member else one.message),
            )
            found.setdefault((finding.id, finding.message), finding)
    return list(found.values())


def _other(file: File, where: str, how: str) -> str:
    return (
        f"{file.path} at {where} is not the file that the version records: {how}; "
        "run budmodel verify to see what changed"
    )
