"""``budmodel scan-verify``: what the scan record of a version proves, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from budmodel.domain.coverage import FileCoverage, coverage
from budmodel.domain.evidence import SignatureState, judge_signature, signed_at, signed_bytes
from budmodel.domain.manifest import manifest_sha256
from budmodel.domain.quoting import one_line
from budmodel.domain.scan_age import Age, scan_age
from budmodel.domain.scan_binding import differences
from budmodel.domain.signers import LineProblem
from budmodel.errors import DataError, GateError
from budmodel.operations.judging import signers_of
from budmodel.schema.base import Record
from budmodel.schema.governance import Policy, ScanPolicy
from budmodel.schema.scan import Scan
from budmodel.schema.values import format_timestamp
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot
from budmodel.store.entries import Entry
from budmodel.store.tree import CATALOG

RecordT = TypeVar("RecordT", bound=Record)
_MOST = 20
"""Most files that a result lists one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A scan record beside its version, the policy and the signers of one catalog."""

    name: str
    version: str
    record: Scan
    manifest_sha256: str | None
    """Of the files that the version lists now."""
    bound: bool
    """Whether the record speaks of exactly this version: its bytes, source and storage path."""
    signature: SignatureState
    signature_required: bool
    signed_at: str | None
    """The moment at which the signer was judged."""
    files_total: int
    files_covered: int
    bytes_total: int
    bytes_covered: int
    uncovered: tuple[FileCoverage, ...]
    """Some of the files that were not seen whole."""
    problems: tuple[str, ...]
    """Why the record does not prove that the version is clean; empty where it does."""
    not_proven: tuple[str, ...]
    """What even a perfect record of this kind leaves open, as sentences."""
    age: Age
    signer_problems: tuple[LineProblem, ...]

    @property
    def exit_code(self) -> int:
        """0 where the record proves that the version is clean, else 1."""
        return 1 if self.problems else 0


def verify_scan(snapshot: Snapshot, name: str, version: str, now: datetime) -> Proof:
    """What the scan record of a version proves.

    Args:
        snapshot: the catalog, of which policy and signers are taken, too.
        name, version: a version of it.
        now: the moment at which ages are told.

    Raises:
        DataError: the version's record, the scan record or the policy is invalid.
        GateError: there is no scan record, which proves nothing.
    """
    record, scan = _records(snapshot, name, version)
    policy, book = _policy(snapshot), signers_of(snapshot)
    files = record.files or []
    state = judge_signature(scan, files, book)
    covered = coverage(scan, files, policy)
    whole = [file for file in covered if not file.problems]
    unbound = tuple(_unbound(scan, record, name, version))
    at = signed_at(scan)
    return Proof(
        name=name,
        version=version,
        record=scan,
        manifest_sha256=manifest_sha256(files) if files else None,
        bound=not unbound,
        signature=state,
        signature_required=policy.signatures_required,
        signed_at=format_timestamp(at) if at is not None else None,
        files_total=len(files),
        files_covered=len(whole),
        bytes_total=sum(file.size for file in files),
        bytes_covered=sum(file.size for file in whole),
        uncovered=tuple([file for file in covered if file.problems][:_MOST]),
        problems=(
            *_verdict(scan),
            *unbound,
            *_gaps(scan, covered),
            *_untrusted(state, policy.signatures_required),
        ),
        not_proven=tuple(_not_proven(scan, record, state)),
        age=scan_age(scan, {record.format, *(file.format for file in covered)}, policy, now),
        signer_problems=book.problems,
    )


def statement_of(snapshot: Snapshot, name: str, version: str) -> bytes:
    """The exact bytes that a signature of the scan record is made over.

    Raises:
        DataError: a record is invalid, or cannot be signed.
        GateError: there is no scan record.
    """
    record, scan = _records(snapshot, name, version)
    try:
        return signed_bytes(scan, record.files or [])
    except ValueError:
        raise DataError(
            f"{snapshot.model(name).scan_path(version)}:1:1: it holds a number or a text that cannot be "
            "signed; scan the version again"
        ) from None


def signature_of(snapshot: Snapshot, name: str, version: str) -> bytes:
    """The signature of the scan record, as ``ssh-keygen -Y verify -s`` takes it.

    Raises:
        DataError: a record is invalid.
        GateError: there is no scan record, or it is not signed.
    """
    _, scan = _records(snapshot, name, version)
    if scan.signature is None:
        raise GateError(f"nobody has signed the scan record of {name}@{version}; scan it with --key PATH")
    return scan.signature.sshsig.rstrip("\n").encode("utf-8", "replace") + b"\n"


def _records(snapshot: Snapshot, name: str, version: str) -> tuple[Version, Scan]:
    view = snapshot.model(name)
    record = _valid(snapshot.entry(view.version_path(version)), view.version_path(version), Version)
    path = view.scan_path(version)
    entry = snapshot.entry(path)
    if entry is None:
        raise GateError(
            f"{name}@{version} has no scan record, so nothing is proven; run budmodel scan {name}@{version}"
        )
    return record, _valid(entry, path, Scan)


def _policy(snapshot: Snapshot) -> ScanPolicy:
    path = f"{CATALOG}/policy.yaml"
    entry = snapshot.entry(path)
    return Policy().scans if entry is None else _valid(entry, path, Policy).scans


def _valid(entry: Entry[RecordT] | None, path: str, kind: type[RecordT]) -> RecordT:
    if entry is None or not isinstance(entry.record, kind):
        raise DataError(f"{path}:1:1: the record is invalid; run budmodel check {path}")
    return entry.record


def _verdict(scan: Scan) -> Iterator[str]:
    if scan.status == "FAILED":
        ids = ", ".join(finding.id for finding in scan.findings[:3])
        yield f"the scan FAILED: {one_line(ids) or 'it does not say what was found'}"
    elif scan.status == "SKIPPED":
        yield f"the scan was SKIPPED: {one_line(scan.reason or '')}"
    elif scan.status == "SCANNING":
        error = scan.attempt.error if scan.attempt is not None else None
        yield f"the scan has no verdict yet{f': {one_line(error)}' if error else ''}"


def _unbound(scan: Scan, record: Version, name: str, version: str) -> Iterator[str]:
    """In what the record speaks of something else (the rule scan-mismatch, and the names)."""
    if (scan.name, scan.version) != (name, version):
        yield f"the record was made for {scan.name}@{scan.version}"
    if not record.files:
        yield "the version lists no files, so nothing can be bound to them"
    elif scan.manifest_sha256 is None:
        yield "the record is bound to no bytes"
    for _, what in differences(scan, record):
        yield f"the record {what}"


def _gaps(scan: Scan, covered: Sequence[FileCoverage]) -> Iterator[str]:
    gaps = [file for file in covered if file.problems]
    if scan.status not in ("PASSED", "SCANNING") or not gaps:
        return
    first = gaps[0]
    more = f", and {len(gaps) - 1} more" if len(gaps) > 1 else ""
    yield f"not every byte was seen by every engine: {one_line(first.path)}: {first.problems[0]}{more}"


def _untrusted(state: SignatureState, required: bool) -> Iterator[str]:
    # A signature that does not hold is worse than none: no policy makes it good (scan-untrusted).
    if state.kind == "untrusted":
        yield f"the signature is not trusted: {state.reason}"
    elif state.kind == "unsigned" and required:
        yield "nobody has signed the record, and the policy requires a signature"


def _not_proven(scan: Scan, record: Version, state: SignatureState) -> Iterator[str]:
    if state.kind != "trusted":
        yield "Who ran the scan, and that nobody wrote the record by hand, as no trusted signature says so."
    proven = {limit.engine: limit for limit in scan.limits}
    for engine in scan.engines:
        if engine.name != "clamav":
            continue
        limit = proven.get(engine.name)
        if limit is None:
            yield "That ClamAV searched as far as it was sent, as no canaries were found before and after."
            continue
        large = sum(file.size > limit.window_bytes for file in record.files or ())
        if large:
            yield (
                f"Signatures of a whole file's hash or length for {large} of the files: ClamAV saw what is "
                f"larger than {limit.window_bytes} bytes in overlapping windows, unless it is a container."
            )
    dates = [e.database.date[:10] for e in scan.engines if e.database is not None and e.database.date]
    known = f"what became known after {min(dates)}" if dates else "what the engines did not know"
    yield f"Anything about malware that no signature describes, such as {known}."
    yield "How the model behaves: weights that were trained to mislead hold nothing that a scanner finds."


__all__ = ["Proof", "signature_of", "signers_of", "statement_of", "verify_scan"]
