"""``catalog/models/<name>/model.yaml``: what people say of a model."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from budmodel.schema.base import Annotations, Record
from budmodel.schema.values import (
    ARCHITECTURE_PATTERN,
    LANGUAGE_PATTERN,
    PARENT_PATTERN,
    CommitId,
    Count,
    DateOrTime,
    HubId,
    LicenseExpression,
    Link,
    LongText,
    ModelName,
    ParameterCount,
    Positive,
    SemVer,
    ShortText,
    Slug,
    Tag,
    no_entries,
    no_items,
)

Architecture = Annotated[
    str, Field(pattern=ARCHITECTURE_PATTERN, max_length=96, examples=["llama", "qwen3_moe"])
]


class LicenseRestrictions(Record):
    """What the organisation allows with a model; may narrow its licence's terms, never widen them."""

    commercial_use: bool | None = None
    """Whether commercial use is allowed."""
    derivatives: bool | None = None
    """Whether derived models (fine-tunes, merges, quantizations) are allowed."""
    redistribution: bool | None = None
    """Whether the weights may be passed on."""
    monthly_active_users_limit: Annotated[int, Field(ge=1, le=10**12)] | None = None
    """Most monthly active users; absent means no limit is stated."""


class Requirements(Record):
    """What it takes to serve the model."""

    min_gpu_memory_gb: Positive | None = None
    """Least accelerator memory over all accelerators, in GB (10^9 bytes)."""
    recommended_gpu: Slug | None = None
    """An accelerator of catalog/hardware.yaml, by id or alias."""
    recommended_gpu_count: Annotated[int, Field(ge=1, le=4096)] | None = None
    """How many of them."""


class HuggingFaceSource(Record):
    """The model comes from the Hugging Face Hub."""

    type: Literal["huggingface"]
    model_id: HubId | None = None
    """The repository on the Hub: ``org/name``."""


class CustomSource(Record):
    """The organisation's own model: its versions say where the bytes are."""

    type: Literal["custom"]


class ApiSource(Record):
    """A model that is only reached through somebody's API: no artifacts."""

    type: Literal["api"]


Source = Annotated[HuggingFaceSource | CustomSource | ApiSource, Field(discriminator="type")]

Relation = Literal["finetune", "adapter", "quantized", "merge", "distilled"]


class BaseModelReference(Record):
    """A parent in the lineage: a model of this catalog, or one on the Hub (``hf:org/name``)."""

    model: Annotated[
        str,
        Field(
            pattern=PARENT_PATTERN,
            max_length=256,
            examples=["llama-3.1-70b", "llama-3.1-70b@1.0.0", "hf:meta-llama/Llama-3.1-70B"],
        ),
    ]
    """``NAME``, ``NAME@VERSION`` or ``hf:org/name``."""
    relation: Relation
    """How this model was made of the parent."""
    revision: CommitId | None = None
    """The parent's commit on the Hub, for ``hf:`` parents."""
    license_type: LicenseExpression | None = None
    """The parent's licence, for ``hf:`` parents that this catalog does not hold."""

    @property
    def external(self) -> bool:
        """Whether the parent is on the Hub and not in this catalog."""
        return self.model.startswith("hf:")

    @property
    def name(self) -> str:
        """The parent's name without its version."""
        return self.model if self.external else self.model.partition("@")[0]

    @property
    def version(self) -> str | None:
        """The parent's version where one is named."""
        return None if self.external else self.model.partition("@")[2] or None


class Modalities(Record):
    """What goes in and what comes out."""

    input: list[Slug] = Field(default_factory=no_items)
    output: list[Slug] = Field(default_factory=no_items)


class Links(Record):
    """Where to read on."""

    homepage: Link | None = None
    paper: Link | None = None
    repository: Link | None = None
    documentation: Link | None = None
    model_card: Link | None = None
    license: Link | None = None
    demo: Link | None = None


class Api(Record):
    """Where an API-only model is reached."""

    provider: Slug
    """Who serves it: ``openai``."""
    model_id: Annotated[str, Field(min_length=1, max_length=200)]
    """The provider's name of the model."""
    endpoint: Link | None = None
    """The base URL of the API."""


class Model(Record):
    """A model: what it is, under which licence, from where, and which version is meant by default."""

    name: ModelName
    """The folder's name."""
    architecture: Architecture
    """The architecture family, as ``config.json`` names it where there is one: llama, qwen3_moe."""
    parameter_count: ParameterCount | None = None
    """All parameters. May be absent only for ``source: {type: api}``."""
    active_parameter_count: ParameterCount | None = None
    """Parameters used for one token, for mixtures of experts."""
    parameter_count_origin: Literal["safetensors", "gguf", "computed", "stated"] | None = None
    """Who counted: the file's own headers, our formula, or somebody's statement."""
    description: LongText | None = None
    """What the model is for, in plain text."""
    context_length: Annotated[int, Field(ge=1, le=10**9)] | None = None
    """Longest input in tokens."""
    license_type: LicenseExpression | None = None
    """Licence id, alias or SPDX expression."""
    license_restrictions: LicenseRestrictions | None = None
    requirements: Requirements | None = None
    tags: list[Tag] = Field(default_factory=no_items, max_length=100)
    source: Source | None = None
    default_version: SemVer | None = None
    """The version that is meant where none is named."""
    aliases: dict[Slug, SemVer] = Field(default_factory=no_entries)
    """Names for versions: ``production: 1.0.0``."""
    status: Literal["active", "deprecated", "archived"] = "active"
    """Lifecycle of the whole model."""
    successor: ModelName | None = None
    """What to use instead of a deprecated model."""
    retires_on: DateOrTime | None = None
    """When a deprecated model goes away."""
    base_models: list[BaseModelReference] = Field(default_factory=no_items, max_length=64)
    """Lineage: what this model was made of."""
    owners: list[ShortText] = Field(default_factory=no_items, max_length=64)
    """Teams or people who answer for it."""
    contact: ShortText | None = None
    modalities: Modalities | None = None
    tasks: list[Slug] = Field(default_factory=no_items, max_length=64)
    """Tasks by the Hub's names: text-generation, feature-extraction."""
    languages: list[Annotated[str, Field(pattern=LANGUAGE_PATTERN, max_length=35)]] = Field(
        default_factory=no_items, max_length=500
    )
    """BCP 47 language tags."""
    links: Links | None = None
    gated: bool | None = None
    """Whether the source asks for consent before it gives the bytes."""
    api: Api | None = None
    """For ``source: {type: api}``."""
    annotations: Annotations

    @property
    def has_artifacts(self) -> bool:
        """Whether the model has bytes. An absent source counts as artifacts."""
        return not isinstance(self.source, ApiSource)

    @model_validator(mode="after")
    def _fits_its_source(self) -> Self:
        if self.has_artifacts and self.parameter_count is None:
            raise PydanticCustomError(
                "parameter_count_missing",
                "parameter_count is missing; only source: {{type: api}} may leave it out",
            )
        if self.api is not None and self.has_artifacts:
            raise PydanticCustomError("api_without_source", "api is only for source: {{type: api}}")
        if self.status != "deprecated" and (self.successor or self.retires_on):
            raise PydanticCustomError("lifecycle", "successor and retires_on are only for status: deprecated")
        if (
            self.active_parameter_count is not None
            and self.parameter_count is not None
            and self.active_parameter_count > self.parameter_count
        ):
            raise PydanticCustomError(
                "active_parameters", "active_parameter_count is larger than parameter_count"
            )
        return self


__all__ = ["ApiSource", "BaseModelReference", "Count", "CustomSource", "HuggingFaceSource", "Model"]
