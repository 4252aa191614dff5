"""The records by which a registry is governed: catalog, policy, waivers, tombstones."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from budmodel.schema.base import Record
from budmodel.schema.values import (
    BRANCH_PATTERN,
    BUCKET_PATTERN,
    HOST_PATTERN,
    ORGANISATION_PATTERN,
    RULE_PATTERN,
    TARGET_PATTERN,
    CommitId,
    DateOrTime,
    HubId,
    LicenseExpression,
    LicenseId,
    Link,
    ModelName,
    SemVer,
    Sha256,
    ShortText,
    Slug,
    StorageUri,
    Timestamp,
    no_entries,
    no_items,
)

FORMAT = 1
"""The format of the catalog that this release writes. It reads this one and the one before."""

RuleId = Annotated[str, Field(pattern=RULE_PATTERN, max_length=64, examples=["scan-missing"])]
Target = Annotated[
    str,
    Field(pattern=TARGET_PATTERN, max_length=200, examples=["x@1.0.0"]),
]


class CatalogInfo(Record):
    """``catalog/catalog.yaml``."""

    format: Annotated[int, Field(ge=1, le=FORMAT)]
    """The format of all files beside it."""
    name: ShortText | None = None
    """What the registry is called on its site."""
    description: ShortText | None = None
    repository: Link | None = None
    """The repository's page on its host, for the links that edit and report on the site."""
    branch: Annotated[str, Field(pattern=BRANCH_PATTERN, max_length=200)] = "main"
    """The branch that changes are made against."""


class LicensePolicy(Record):
    """Which licences may be used. Ids, aliases or expressions."""

    allowed: list[LicenseExpression] | None = None
    """Only these; absent means every licence that has a record."""
    denied: list[LicenseExpression] = Field(default_factory=no_items)
    acknowledgment: list[LicenseExpression] = Field(default_factory=no_items)
    """Licences that somebody must have acknowledged before a deployment."""


class SourcePolicy(Record):
    """Where bytes may come from. An absent list allows any; an empty one allows none."""

    hub_organisations: list[Annotated[str, Field(pattern=ORGANISATION_PATTERN, max_length=96)]] | None = None
    buckets: list[Annotated[str, Field(pattern=BUCKET_PATTERN, max_length=63)]] | None = None
    hosts: list[Annotated[str, Field(pattern=HOST_PATTERN, max_length=253)]] | None = None
    """Hosts of API endpoints."""


class DeniedItem(Record):
    """Bytes or a source that must not be in the catalog at all."""

    sha256: Sha256 | None = None
    source: HubId | StorageUri | None = None
    reason: ShortText

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.sha256 is None) == (self.source is None):
            raise PydanticCustomError("denied_subject", "name either sha256 or source")
        return self


class ScanPolicy(Record):
    """What a scan must be like."""

    engines: dict[Slug, list[Slug]] = Field(default_factory=no_entries)
    """Engines required per format, beyond the built-in ones."""
    refused_formats: list[Slug] = Field(default_factory=no_items)
    clamav_suffices: list[Slug] = Field(default_factory=no_items)
    """Formats without a scanner of their own for which ClamAV alone is enough."""
    allowed_imports: list[
        Annotated[str, Field(min_length=3, max_length=200, examples=["sklearn.svm._classes.LinearSVC"])]
    ] = Field(default_factory=no_items)
    """Names (``module.name``, no wildcards) that pickles may import beyond the built-in ones."""
    max_age_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """Oldest scan."""
    max_age_days_by_format: dict[Slug, Annotated[int, Field(ge=1, le=3650)]] = Field(
        default_factory=no_entries
    )
    max_database_age_days: Annotated[int, Field(ge=1, le=3650)] = 7
    """Oldest signature database at the time of the scan."""
    signatures_required: bool = True


class Policy(Record):
    """``catalog/policy.yaml``. Without the file all defaults hold, and they are strict."""

    licenses: LicensePolicy = Field(default_factory=LicensePolicy)
    sources: SourcePolicy = Field(default_factory=SourcePolicy)
    scans: ScanPolicy = Field(default_factory=ScanPolicy)
    denied: list[DeniedItem] = Field(default_factory=no_items)
    severity: dict[RuleId, Literal["error", "warning"]] = Field(default_factory=no_entries)
    """Severity per rule, for a team that starts; some rules cannot be lowered."""


class Waiver(Record):
    """``catalog/waivers/<id>.yaml``: an exception with an end."""

    rules: Annotated[list[RuleId], Field(min_length=1, max_length=64)]
    targets: Annotated[list[Target], Field(min_length=1, max_length=10_000)]
    manifest_sha256: Sha256 | None = None
    """The exact bytes; needed once the version lists its files."""
    findings: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(default_factory=no_items)
    """Ids of the scan findings; needed for scan-failed."""
    reason: ShortText
    approved_by: ShortText
    expires: DateOrTime

    @cached_property
    def named(self) -> frozenset[str]:
        """The targets; a check asks for them once for each finding."""
        return frozenset(self.targets)

    @model_validator(mode="after")
    def _names_findings(self) -> Self:
        if "scan-failed" in self.rules and not self.findings:
            raise PydanticCustomError(
                "waiver_findings", "a waiver of scan-failed names the findings it accepts"
            )
        return self


class Tombstone(Record):
    """``catalog/removed/<name>.yaml``: why a name is gone. The name is not reused."""

    name: ModelName
    reason: ShortText
    removed: Timestamp
    by: ShortText
    successor: ModelName | None = None
    last_versions: list[SemVer] = Field(default_factory=no_items)
    last_commit: CommitId | None = None


__all__ = ["CatalogInfo", "LicenseId", "Policy", "Tombstone", "Waiver"]
