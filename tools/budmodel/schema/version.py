"""``catalog/models/<name>/versions/<semver>.yaml``: one release, immutable once it is on the base branch."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from budmodel.schema.base import Annotations, Record
from budmodel.schema.model import Architecture, BaseModelReference, LicenseRestrictions, Requirements
from budmodel.schema.values import (
    ENGINE_VERSION_PATTERN,
    REVISION_PATTERN,
    ByteCount,
    Count,
    FilePath,
    HubId,
    LicenseExpression,
    LongText,
    SemVer,
    Sha256,
    ShortText,
    Slug,
    StorageUri,
    Timestamp,
    no_items,
)


class HubRevision(Record):
    """Bytes on the Hugging Face Hub at one commit."""

    type: Literal["huggingface"]
    model_id: HubId
    revision: Annotated[str, Field(pattern=REVISION_PATTERN, max_length=200)] | None = None
    """The commit. A branch such as ``main`` moves; the rule source-unpinned asks for 40 hex digits."""


class S3Location(Record):
    """Bytes in an S3-compatible store."""

    type: Literal["s3"]
    uri: StorageUri


class LocalFiles(Record):
    """Bytes that came from a folder of the machine that imported them; the path is not recorded."""

    type: Literal["local"]


class ApiRelease(Record):
    """A release of an API-only model: nothing to download."""

    type: Literal["api"]


VersionSource = Annotated[HubRevision | S3Location | LocalFiles | ApiRelease, Field(discriminator="type")]


class Fingerprint(Record):
    """What makes two versions interchangeable for a serving engine. Numbers from ``config.json``."""

    architecture: Architecture | None = None
    vocab_size: Count | None = None
    hidden_size: Count | None = None
    num_hidden_layers: Count | None = None
    num_attention_heads: Count | None = None
    num_key_value_heads: Count | None = None
    intermediate_size: Count | None = None
    num_experts: Count | None = None
    num_experts_per_token: Count | None = None
    context_length: Count | None = None


class Quantization(Record):
    """How the weights were made smaller."""

    method: Slug
    """gptq, awq, fp8, gguf-q4_k_m …"""
    bits: Annotated[float, Field(gt=0, le=64)] | None = None
    """Bits a weight."""
    group_size: Annotated[int, Field(ge=-1, le=10**6)] | None = None


class Engine(Record):
    """A serving engine on which the version is known to run."""

    name: Slug
    min_version: Annotated[str, Field(pattern=ENGINE_VERSION_PATTERN, max_length=64)] | None = None
    notes: ShortText | None = None


class Selection(Record):
    """Which files of the source this version takes, by glob."""

    include: list[ShortText] = Field(default_factory=no_items, max_length=1000)
    exclude: list[ShortText] = Field(default_factory=no_items, max_length=1000)


class File(Record):
    """One file of the version: its path in the artifact and the bytes it must have."""

    path: FilePath
    size: ByteCount
    sha256: Sha256
    version_id: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    """The store's object version, where it has one."""
    etag: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """The store's entity tag, where it has one."""


class Yanked(Record):
    """The version was withdrawn. It is never deleted."""

    reason: ShortText
    on: Timestamp


class Version(Record):
    """One release of a model: where its bytes are and what they must be."""

    version: SemVer
    """The file's name."""
    released: Timestamp
    changelog: LongText | None = None
    """What changed against the version before."""
    source: VersionSource | None = None
    storage_path: StorageUri | None = None
    """Where the organisation's own copy is, if it has one."""
    fingerprint: Fingerprint | None = None
    format: Slug | None = None
    """safetensors, gguf, onnx, pytorch …"""
    precision: Slug | None = None
    """bf16, fp16, fp32, fp8, int8 …"""
    quantization: Quantization | None = None
    custom_code: bool | None = None
    """Whether loading it runs code of the repository (``auto_map``, remote code)."""
    engines: list[Engine] = Field(default_factory=no_items, max_length=100)
    selection: Selection | None = None
    files: list[File] | None = None
    """Every file with size and digest. Absent until they are known; may be filled once."""
    license_type: LicenseExpression | None = None
    """Frozen at release, overriding the model's."""
    license_text_sha256: Sha256 | None = None
    license_restrictions: LicenseRestrictions | None = None
    base_models: list[BaseModelReference] | None = None
    requirements: Requirements | None = None
    yanked: Yanked | None = None
    annotations: Annotations

    @model_validator(mode="after")
    def _api_has_no_bytes(self) -> Self:
        if isinstance(self.source, ApiRelease) and (self.files or self.storage_path):
            raise PydanticCustomError(
                "api_with_bytes", "source: {{type: api}} has no files and no storage_path"
            )
        return self
