"""``catalog/models/<name>/scans/<semver>.yaml``: evidence, written by the scanner alone."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from budmodel.schema.base import Record
from budmodel.schema.values import (
    ByteCount,
    Count,
    FilePath,
    LongText,
    ModelName,
    SemVer,
    Sha256,
    ShortText,
    Slug,
    StorageUri,
    Timestamp,
    no_items,
)
from budmodel.schema.version import VersionSource

Status = Literal["SCANNING", "PASSED", "FAILED", "SKIPPED"]
VersionText = Annotated[str, Field(min_length=1, max_length=200)]


class SignatureDatabase(Record):
    """The signatures that an engine had loaded, as it told them."""

    version: VersionText | None = None
    date: Timestamp | None = None
    signatures: Count | None = None


class ScanEngine(Record):
    """An engine that took part."""

    name: Slug
    version: VersionText
    database: SignatureDatabase | None = None


class ScanFinding(Record):
    """Something that an engine found in a file."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    """Stable name of the finding; waivers of scan-failed name it."""
    engine: Slug
    severity: Literal["critical", "high", "medium", "low", "info"]
    path: FilePath | None = None
    message: ShortText


class FileVerdict(Record):
    """What one engine saw of one file."""

    path: FilePath
    engine: Slug
    format: Slug | None = None
    """What the content engine took the file for; it decides which engines the file needs."""
    verdict: Literal["clean", "found", "error", "unsupported", "limit"]
    bytes_seen: ByteCount
    bytes_total: ByteCount
    message: ShortText | None = None


class ProvenLimit(Record):
    """A limit that a canary proved before and after the run."""

    engine: Slug
    window_bytes: ByteCount
    overlap_bytes: ByteCount | None = None
    canaries: Count


class Attempt(Record):
    """A run that could not finish. It never replaces a verdict."""

    started: Timestamp
    stopped: Timestamp | None = None
    error: LongText | None = None
    count: Annotated[int, Field(ge=1, le=10**6)] = 1
    """Attempts in a row without a verdict."""
    engines: list[ScanEngine] = Field(default_factory=no_items)
    """The engines that made ``files_done``."""
    files_done: list[FileVerdict] = Field(default_factory=no_items)
    """Of the files that all engines have seen; a later run with the same engines does not read them again."""
    findings: list[ScanFinding] = Field(default_factory=no_items)
    """What was found in them."""


class Signature(Record):
    """An SSH signature (SSHSIG, namespace ``budmodel-scan``) over the statement."""

    signer: ShortText
    """The principal in ``catalog/allowed_signers``."""
    sshsig: Annotated[str, Field(min_length=1, max_length=16_384)]
    """The armored signature."""


class Scan(Record):
    """The latest verdict on a version; earlier ones are in Git."""

    name: ModelName
    version: SemVer
    status: Status
    manifest_sha256: Sha256 | None = None
    """SHA-256 of the RFC 8785 form of the sorted ``[[path, size, sha256], …]``."""
    source: VersionSource | None = None
    """The pinned source of the version when it was scanned."""
    locations: list[StorageUri] = Field(default_factory=no_items)
    """Every location that was read."""
    started: Timestamp | None = None
    finished: Timestamp | None = None
    reason: ShortText | None = None
    """Why it was skipped."""
    engines: list[ScanEngine] = Field(default_factory=no_items)
    limits: list[ProvenLimit] = Field(default_factory=no_items)
    files: list[FileVerdict] = Field(default_factory=no_items)
    findings: list[ScanFinding] = Field(default_factory=no_items)
    attempt: Attempt | None = None
    signature: Signature | None = None

    @model_validator(mode="after")
    def _states_what_its_status_needs(self) -> Self:
        if self.status in ("PASSED", "FAILED") and (self.manifest_sha256 is None or self.finished is None):
            raise PydanticCustomError("scan_unbound", "a verdict needs manifest_sha256 and finished")
        if self.status == "SKIPPED" and not self.reason:
            raise PydanticCustomError("scan_reason", "SKIPPED needs a reason")
        if self.status == "PASSED" and any(one.severity not in ("info", "low") for one in self.findings):
            raise PydanticCustomError(
                "scan_contradiction", "PASSED contradicts the findings that the record lists"
            )
        return self
