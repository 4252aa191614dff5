"""Where bytes may come from: a policy's lists against a Hub id or a storage location."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from budmodel.domain.quoting import one_line
from budmodel.schema.governance import DeniedItem, Policy, SourcePolicy


def hub_problems(model_id: str, policy: Policy) -> Iterator[str]:
    """Why a Hub id (``org/name``) may not be a source: sentences without their first word."""
    for item in policy.denied:
        if item.source is not None and item.source.casefold() == model_id.casefold():
            yield f"is the source {model_id}, which the policy denies: {one_line(item.reason)}"
    allowed = policy.sources.hub_organisations
    if allowed is None:
        return
    organisation = model_id.partition("/")[0] if "/" in model_id else None
    if organisation is None:
        yield f"is {model_id} on the Hub, which belongs to no organisation; the policy lists organisations"
    elif organisation.casefold() not in {name.casefold() for name in allowed}:
        yield f"comes from the Hub organisation {organisation}, which the policy does not list"


def location_problems(uri: str, policy: Policy) -> Iterator[str]:
    """Why a storage location (``s3://``, ``hf://``, ``file://``) may not be a source."""
    scheme, _, rest = uri.partition("://")
    yield from _denied_locations(uri, policy.denied)
    if scheme == "file":
        yield "is a path on somebody's machine (file:), where nobody else finds the bytes"
    elif scheme == "hf":
        yield from hub_problems(_hub_id(rest), policy)
    else:
        bucket = rest.partition("/")[0]
        if policy.sources.buckets is not None and bucket not in policy.sources.buckets:
            yield f"is in the bucket {bucket}, which the policy does not list"


def host_problems(endpoint: str, sources: SourcePolicy) -> Iterator[str]:
    """Why an API endpoint may not be used."""
    if sources.hosts is None:
        return
    host = urlsplit(endpoint).hostname or ""
    if host not in {name.casefold() for name in sources.hosts}:
        yield f"is on the host {host}, which the policy does not list"


def denied_source(source: str, denied: Sequence[DeniedItem]) -> bool:
    """Whether a policy denies a Hub id (``org/name``) or a storage location by name."""
    if source.startswith("hf://"):
        return any(_denied_locations(source, denied)) or denied_source(_hub_id(source[5:]), denied)
    if "://" in source:
        return any(_denied_locations(source, denied))
    return any(one.source is not None and one.source.casefold() == source.casefold() for one in denied)


def _denied_locations(uri: str, denied: Sequence[DeniedItem]) -> Iterator[str]:
    for item in denied:
        if item.source is None or "://" not in item.source:
            continue
        # A prefix ends where a folder ends, so that s3://b/x does not deny s3://b/xy.
        if f"{uri}/".startswith(f"{item.source.rstrip('/')}/"):
            yield f"is below {item.source}, which the policy denies: {one_line(item.reason)}"


def _hub_id(rest: str) -> str:
    return "/".join(part.partition("@")[0] for part in rest.split("/")[:2] if part)
