"""What the results of the API look like, as records: the catalog's own, with what the API adds to them.

Only the OpenAPI document is made from these; what writes the files is :mod:`budmodel.render.api`. A test
holds every built file against them, so neither can move without the other. Names of classes are the names
under ``components/schemas``, which clients see.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from budmodel.schema.base import Record
from budmodel.schema.benchmark import Result
from budmodel.schema.governance import RuleId
from budmodel.schema.license import License
from budmodel.schema.model import Architecture, LicenseRestrictions, Model, Source
from budmodel.schema.scan import Scan
from budmodel.schema.values import (
    ByteCount,
    CommitId,
    Date,
    DateOrTime,
    LicenseExpression,
    LongText,
    ModelName,
    ParameterCount,
    SemVer,
    Sha256,
    ShortText,
    Slug,
    Tag,
    Timestamp,
)
from budmodel.schema.version import Version

Total = Annotated[int, Field(ge=0)]
Path = Annotated[str, Field(min_length=1, max_length=4096)]


class WaiverInForce(Record):
    """A waiver that names the version and exactly its bytes. Whether it has expired, the reader sees."""

    rules: list[RuleId]
    expires: DateOrTime
    reason: ShortText
    path: Path
    """The waiver's file in the catalog."""


class ScanFacts(Record):
    """The scan of a version: facts and dates, no judgement of their age."""

    state: Literal["passed", "failed", "not-scanned", "scanning", "skipped", "unproven", "no-artifacts"]
    """passed: every byte was seen and nothing found. unproven: the verdict is about other bytes."""
    finished: Timestamp | None = None
    manifest_sha256: Sha256 | None = None
    """Digest of the list of the version's files."""
    waivers: list[WaiverInForce] = Field(default_factory=list)


class ModelInList(Record):
    """A model in the list of all models."""

    name: ModelName
    architecture: Architecture
    parameter_count: ParameterCount | None = None
    license_type: LicenseExpression | None = None
    tags: list[Tag] = Field(default_factory=list)
    status: Literal["active", "deprecated", "archived"] = "active"
    default_version: SemVer | None = None
    source: Source | None = None
    description: LongText | None = None
    scan: ScanFacts | None = None
    """Of the default version."""


class VersionInModel(Version):
    """A version without the list of its files."""

    files: Total | None = None  # type: ignore[assignment]
    """How many files it has; they are listed in versions.json."""
    size: ByteCount | None = None
    """Bytes of all files."""
    default: bool
    scan: ScanFacts


class VersionWithFiles(Version):
    """A version and its scan."""

    size: ByteCount | None = None
    """Bytes of all files."""
    default: bool
    scan: ScanFacts


class ModelWithVersions(Model):
    """A model's record and its versions, oldest first."""

    versions: list[VersionInModel]


class LicenseOfModel(Record):
    """The licence of a model's default version, with the records that its name stands for."""

    name: ModelName
    version: SemVer | None = None
    license_type: LicenseExpression | None = None
    licenses: list[License]
    unknown: list[str]
    """Parts of ``license_type`` of which the catalog has no record. Unknown is not allowed."""
    license_restrictions: LicenseRestrictions | None = None


class SignatureFacts(Record):
    """Whether somebody who may do so signed the scan record."""

    kind: Literal["trusted", "unsigned", "untrusted"]
    signer: str | None = None
    """Believe it only where ``kind`` is trusted."""
    fingerprint: str | None = None
    reason: str


class ScanEvidence(ScanFacts):
    """The evidence of a version: its scan record, who signed it, and until when policy believes it."""

    version: SemVer
    default: bool
    believed_until: Date | None = None
    signature: SignatureFacts | None = None
    record: Scan | None = None


class CatalogFile(Record):
    """A file of the catalog as it is."""

    path: Path
    text: str


class DeployRecords(Record):
    """All records on which ``budmodel deploy-check`` decides about a model."""

    name: ModelName
    files: list[CatalogFile]


class RankedResult(Result):
    """A result and its rank among those that can be compared with it."""

    rank: Annotated[int, Field(ge=1)]
    name: ModelName
    version: SemVer
    architecture: Architecture
    parameter_count: ParameterCount | None = None


class ComparableResults(Record):
    """Results that can be compared, best first, and the conditions that they share."""

    conditions: dict[str, str]
    rows: list[RankedResult]


class UnrankedResult(Result):
    """A result that is not ranked, and why."""

    name: ModelName
    version: SemVer
    reason: str


class LeaderboardOfMetric(Record):
    """All results of one metric of one benchmark."""

    benchmark: Slug
    metric: Slug
    unit: ShortText
    direction: Literal["higher", "lower"]
    """Which values are better."""
    groups: list[ComparableResults]
    left_out: list[UnrankedResult]


class PublishedFile(Record):
    """A file of the API, and what it must hold."""

    path: Path
    """Relative to the root of the site."""
    sha256: Sha256
    size: ByteCount


class ApiIndex(Record):
    """What everything was made from, and every other file of the API with its digest."""

    commit: CommitId | None = None
    commit_time: Timestamp | None = None
    files: list[PublishedFile]


class EngineSupport(Record):
    """An engine, with the models whose records name it and those that were measured on it."""

    engine: Slug
    stated: list[ModelName] = Field(default_factory=list)
    measured: list[ModelName] = Field(default_factory=list)


class SupportInMatrix(Record):
    """One architecture in one precision, by the default versions."""

    architecture: Architecture
    precision: ShortText
    """``gptq 4-bit``, ``bf16``, else the format of the files; ``not stated``."""
    models: list[ModelName] = Field(default_factory=list)
    engines: list[EngineSupport] = Field(default_factory=list)
