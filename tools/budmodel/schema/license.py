"""``catalog/licenses/<id>.yaml``: a licence as structured facts, each with its source. Not legal advice."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from budmodel.schema.base import Annotations, Record
from budmodel.schema.territories import TERRITORY_PATTERN
from budmodel.schema.values import (
    Date,
    LicenseId,
    Link,
    LongText,
    ModelName,
    Permission,
    Sha256,
    ShortText,
    Timestamp,
    no_items,
)

Users = Annotated[int, Field(ge=1, le=10**12)]
Dollars = Annotated[int, Field(ge=1, le=10**15)]


class LicenseText(Record):
    """A text of the licence that somebody read: one name may have had several."""

    sha256: Sha256
    url: Link | None = None
    seen: Date | Timestamp | None = None
    note: ShortText | None = None


class Review(Record):
    """Who compared the facts with the text, and when."""

    by: ShortText
    on: Date | Timestamp


class License(Record):
    """The terms of a licence. Absent means nobody recorded it, which is never a yes."""

    id: LicenseId
    """The file's name: the SPDX id where SPDX has one, else a slug."""
    name: ShortText
    aliases: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default_factory=no_items, max_length=200
    )
    """Other spellings: Hugging Face keywords, ``license_name`` values, short names. Case does not matter."""
    url: Link | None = None
    texts: list[LicenseText] = Field(default_factory=no_items)
    commercial_use: Permission | None = None
    derivatives: Permission | None = None
    redistribution: Permission | None = None
    derivatives_shared: bool | None = None
    """``false`` where derivatives may be made but not passed on, whatever ``redistribution`` says."""
    attribution: bool | ShortText | None = None
    """What must be credited and how; ``false`` where nothing must."""
    monthly_active_users_limit: Users | None = None
    """Monthly active users from which another agreement (or a duty that notes name) is needed."""
    annual_revenue_limit_usd: Dollars | None = None
    monthly_revenue_limit_usd: Dollars | None = None
    limits_bring: Literal["agreement", "duty"] | None = None
    """What crossing a limit brings: another ``agreement`` is needed (also where absent), or only a ``duty``,
    which ``naming`` and ``notes`` state."""
    limits_bind: Literal["any-use", "commercial-use"] | None = None
    """Whose use the limits bind: everybody's (``any-use``, also where absent), or that of business alone."""
    naming: ShortText | None = None
    """The name that a derivative must carry, or how the licensor must be named."""
    output_use: Permission | None = None
    """Whether outputs may train other models."""
    pass_on_restrictions: bool | None = None
    """Whether the use restrictions must be passed on to whoever receives a copy."""
    share_alike: bool | None = None
    """Whether derivatives must carry the same licence."""
    research_only: bool | None = None
    api_only: bool | None = None
    """Whether the terms cover use through an API only (no weights are given)."""
    use_restrictions: bool | list[ShortText] | None = None
    """Uses that the licence or its acceptable-use policy forbids."""
    territories_excluded: list[Annotated[str, Field(pattern=TERRITORY_PATTERN)]] = Field(
        default_factory=no_items
    )
    """ISO 3166-1 codes (and EU) of territories in which no licence is given."""
    notes: LongText | None = None
    source: ShortText | list[ShortText] | dict[str, ShortText]
    """Where the facts were read; as a mapping: fact → where."""
    reviewed: Review | None = None
    annotations: Annotations


class Acknowledgment(Record):
    """``catalog/acknowledgments/<name>/<version>/…yaml``: somebody accepted a licence. Append-only."""

    name: ModelName
    version: Annotated[str, Field(min_length=1, max_length=64)]
    use: ShortText
    by: ShortText
    on: Timestamp
    license_id: LicenseId
    license_text_sha256: Sha256 | None = None
    note: LongText | None = None
