"""Value types: strings that are more than strings. Every record is built from these.

Hash-like and version-like scalars are strict strings, because YAML reads ``1.10`` as a float and
``12e34567`` as infinity; a number in their place is refused instead of being guessed at.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    import semver

NAME_PATTERN = r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$"
NAME_MAX = 96
# SemVer 2.0.0, "Is there a suggested regular expression": https://semver.org/#faq
SEMVER_PATTERN = (
    r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$"
)
SHA256_PATTERN = r"^[0-9a-f]{64}$"
COMMIT_PATTERN = r"^[0-9a-f]{40}$"
HUB_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?$"
TIMESTAMP_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$"
DATE_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
DATE_OR_TIME_PATTERN = f"{DATE_PATTERN}|{TIMESTAMP_PATTERN}"
LICENSE_PATTERN = r"^[A-Za-z0-9(][A-Za-z0-9.+_: ()-]*$"
LICENSE_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9.+_-]*$"
STORAGE_PATTERN = r"^(s3|hf|file)://[^\s]+$"
LINK_PATTERN = r"^https?://[^\s<>\"]+$"
SLUG_PATTERN = NAME_PATTERN
BRANCH_PATTERN = r"^[A-Za-z0-9._/-]+$"
ANNOTATION_KEY_PATTERN = (
    r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+/[A-Za-z0-9._-]{1,63}$"
)
ARCHITECTURE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._+-]*$"
PARENT_PATTERN = (
    r"^([a-z0-9]+([._-][a-z0-9]+)*(@[0-9A-Za-z.+-]+)?"
    r"|hf:[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?)$"
)
LANGUAGE_PATTERN = r"^[a-z]{2,8}([-_][A-Za-z0-9]{2,8})*$"
REVISION_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/-]*$"
ENGINE_VERSION_PATTERN = r"^[0-9A-Za-z][0-9A-Za-z.+_-]*$"
RULE_PATTERN = r"^[a-z]+(-[a-z]+)+$"
TARGET_PATTERN = r"^[a-z0-9]+(?:[._-][a-z0-9]+)*@[0-9][0-9A-Za-z.+-]*$"
ORGANISATION_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
BUCKET_PATTERN = r"^[a-z0-9][a-z0-9.-]*$"
HOST_PATTERN = r"^[A-Za-z0-9.-]+$"
# What people are told of a text that does not match stands beside these in budmodel.schema.wording.

_moment = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z)?\Z")

RESERVED_NAMES = frozenset(["leaderboard", "import", "index", "status", "verify"])
"""Names that would collide with a path of the API."""
DEVICE_NAMES = frozenset(
    ["con", "prn", "aux", "nul"] + [f"{device}{number}" for device in ("com", "lpt") for number in range(10)]
)
"""Names that Windows takes for a device, whatever follows their first dot."""
RESERVED_ENDINGS = (".json", ".html", ".yaml", ".git")

_folding = re.compile(r"[-_.]+")
_name = re.compile(NAME_PATTERN[:-1] + r"\Z")


def fold_name(name: str) -> str:
    """A name as PEP 503 folds it: two names that fold alike would be mistaken for each other."""
    folded = name.lower().replace("_", "-").replace(".", "-")
    # Well-formed names have single separators, so the slow way is rarely needed.
    return _folding.sub("-", folded) if "--" in folded else folded


def is_name(text: str) -> bool:
    """Whether a model may have this name."""
    return len(text) <= NAME_MAX and _name.match(text) is not None and not reserved(text)


def reserved(name: str) -> bool:
    """Whether a well-formed name is one of those that no model may have."""
    return name in RESERVED_NAMES or name.split(".", 1)[0] in DEVICE_NAMES or name.endswith(RESERVED_ENDINGS)


def _check_name(name: str) -> str:
    if reserved(name):
        raise PydanticCustomError("name_reserved", "the name is reserved")
    return name


def _check_timestamp(text: str) -> str:
    try:
        parse_timestamp(text)
    except ValueError:
        raise PydanticCustomError("timestamp_invalid", "there is no such date or time") from None
    return text


def _check_date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("date_invalid", "there is no such day") from None
    return text


def no_items() -> list[Any]:
    """A default of fields. ``list`` itself would do, but Pydantic asks for the signature of each default
    factory, which takes fifteen times as long for what is written in C.
    """
    return []


def no_entries() -> dict[Any, Any]:
    """As :func:`no_items`, for mappings."""
    return {}


def parse_timestamp(text: str) -> datetime:
    """An RFC 3339 time in UTC, or a plain date (its midnight in UTC), as an aware datetime.

    Raises:
        ValueError: the text is no such time.
    """
    # datetime alone would take " 3" for a day, 24 for an hour (Python 3.14), and drop an offset like +02:00.
    if _moment.match(text) is None:
        raise ValueError(f"{text!r} is not a time in UTC; write 2024-07-23T00:00:00Z or 2024-07-23")
    if len(text) == 10:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    # RFC 3339 allows nine digits of a second; datetime keeps six.
    head, dot, tail = text.rstrip("Z").partition(".")
    moment = datetime.fromisoformat(f"{head}.{tail[:6]:0<6}" if dot else head)
    return moment.replace(tzinfo=UTC)


def format_timestamp(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC with whole seconds: ``2024-07-23T00:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def after(moment: datetime, span: timedelta) -> datetime:
    """A moment later by a span, or earlier by a negative one; the end of time where that lies beyond it."""
    try:
        return moment + span
    except OverflowError:
        return (datetime.max if span > timedelta() else datetime.min).replace(tzinfo=UTC)


def version_key(text: str) -> tuple[semver.Version, str]:
    """Sort key by SemVer 2.0.0 §11 precedence; build metadata (which has none) breaks ties by text.

    Raises:
        ValueError: the text is not SemVer.
    """
    import semver  # with one version there is nothing to order

    if not is_semver(text):
        raise ValueError(f"{text!r} is not a SemVer 2.0.0 version")
    version = semver.Version.parse(text)
    return (version, version.build or "")


def is_semver(text: str) -> bool:
    """Whether the text is a SemVer 2.0.0 version."""
    return _semver.match(text) is not None


_semver = re.compile(SEMVER_PATTERN[:-1] + r"\Z")


def _check_uri(uri: str) -> str:
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        raise PydanticCustomError("uri_invalid", "not a URI") from None
    if parts.scheme not in ("s3", "hf", "file"):
        raise PydanticCustomError("uri_scheme", "the scheme must be s3, hf or file")
    if (parts.username is not None and parts.scheme != "hf") or parts.password is not None:
        raise PydanticCustomError("uri_credentials", "a URI in a record must not hold credentials")
    if "?" in uri or "#" in uri:
        raise PydanticCustomError(
            "uri_query", "a storage URI has no query and no fragment (signed URLs are secrets)"
        )
    # file: URIs are percent-decoded by those who open them, so %2e%2e climbs as well as .. does.
    if any(unquote(segment) in ("..", ".") for segment in uri.split("/")):
        raise PydanticCustomError("uri_dots", "a storage URI has no . or .. segments")
    if parts.scheme != "file" and not host:
        raise PydanticCustomError("uri_host", "the bucket or organisation is missing")
    return uri


def _check_link(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if host is None or parts.username is not None or parts.password is not None:
        raise PydanticCustomError("link_invalid", "a link is http(s) with a host and without credentials")
    return url


def _check_file_path(path: str) -> str:
    if path.startswith("/") or "\\" in path or any(part in ("", ".", "..") for part in path.split("/")):
        raise PydanticCustomError(
            "path_escapes", "a file path is relative, with / and without empty, . or .. parts"
        )
    return path


ModelName = Annotated[
    str,
    Field(pattern=NAME_PATTERN, max_length=NAME_MAX, examples=["llama-3.1-70b-instruct"]),
    AfterValidator(_check_name),
]
"""``catalog/models/<name>``: lower case, digits, single ``. _ -`` between them."""

SemVer = Annotated[str, Field(pattern=SEMVER_PATTERN, max_length=64, examples=["1.0.0"])]
"""A SemVer 2.0.0 version, always quoted or of three parts in YAML."""

Sha256 = Annotated[str, Field(pattern=SHA256_PATTERN, description="SHA-256, 64 lower-case hex digits")]
CommitId = Annotated[str, Field(pattern=COMMIT_PATTERN, description="Git commit, 40 lower-case hex digits")]
HubId = Annotated[str, Field(pattern=HUB_ID_PATTERN, examples=["meta-llama/Llama-3.1-70B-Instruct"])]
LicenseExpression = Annotated[
    str,
    Field(pattern=LICENSE_PATTERN, max_length=256, examples=["Apache-2.0", "MIT OR Apache-2.0"]),
]
"""A licence id, one of its aliases, or an SPDX expression over them."""
LicenseId = Annotated[str, Field(pattern=LICENSE_ID_PATTERN, max_length=96)]
Timestamp = Annotated[
    str,
    Field(pattern=TIMESTAMP_PATTERN, examples=["2024-07-23T00:00:00Z"], description="RFC 3339 time in UTC"),
    AfterValidator(_check_timestamp),
]
Date = Annotated[str, Field(pattern=DATE_PATTERN, examples=["2024-07-23"]), AfterValidator(_check_date)]
DateOrTime = Annotated[
    str,
    Field(pattern=DATE_OR_TIME_PATTERN, examples=["2024-07-23"]),
    AfterValidator(_check_timestamp),
]
StorageUri = Annotated[
    str,
    Field(pattern=STORAGE_PATTERN, max_length=2048, examples=["s3://bud-models/llama/1.0.0/"]),
    AfterValidator(_check_uri),
]
Link = Annotated[str, Field(pattern=LINK_PATTERN, max_length=2048), AfterValidator(_check_link)]
FilePath = Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_check_file_path)]
PARAMETER_MAX = 10**16
ParameterCount = Annotated[
    int, Field(ge=1, le=PARAMETER_MAX, examples=[70_000_000_000], description="Parameters, a whole number")
]
ByteCount = Annotated[int, Field(ge=0, le=2**53 - 1, description="Size in bytes")]
"""At most what a JSON number holds exactly: the manifest is hashed in its RFC 8785 form."""
Count = Annotated[int, Field(ge=0, le=10**15)]
Positive = Annotated[float, Field(gt=0, le=1e15, allow_inf_nan=False)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=400)]
LongText = Annotated[str, StringConstraints(max_length=131_072)]
Slug = Annotated[str, Field(pattern=SLUG_PATTERN, max_length=96)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=96)]
Permission = bool | Literal["conditional"]
"""What a licence says to a question: yes, no, or yes under conditions that its record names."""

_SUFFIX = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_number = re.compile(r"\s*([0-9][0-9_]*(?:\.[0-9]+)?)\s*([kKmMbBtT]?)\s*\Z")


def parse_count(text: str) -> int:
    """A count as people write it: ``8B``, ``70b``, ``1.5B``, ``10_000_000_000``.

    Raises:
        ValueError: not a whole positive number of things.
    """
    match = _number.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a number; write 8B, 1.5B or 8000000000")
    whole, _, fraction = match[1].replace("_", "").partition(".")
    scale = _SUFFIX[match[2].upper()]
    if len(whole) > 20 or len(fraction) > 12:
        raise ValueError(f"{text!r} has too many digits")
    exact = int(whole + fraction) * scale
    divisor: int = 10 ** len(fraction)
    count, rest = divmod(exact, divisor)
    if rest:
        raise ValueError(f"{text!r} is not a whole number")
    return count


def format_count(count: int) -> str:
    """A count in three significant digits, as models are named by: ``70.6B``, ``8B``, ``22.7M``."""
    # Beyond the last unit there is none to take over, and .3g would write an exponent.
    if count >= 9995 * 10**11:
        return f"{round(count / 10**12)}T"
    for suffix, scale in (("T", 10**12), ("B", 10**9), ("M", 10**6), ("K", 10**3)):
        # 999_950 would round to 1000K, so the next unit takes over where rounding reaches it.
        if count >= scale - scale // 2000:
            return f"{count / scale:.3g}{suffix}"
    return str(count)
