"""What a user may write for a repository of the Hub, and where the Hub is."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from budmodel.domain.credentials import redact
from budmodel.domain.quoting import one_line
from budmodel.errors import UsageError
from budmodel.schema.values import HUB_ID_PATTERN

DEFAULT_ENDPOINT = "https://huggingface.co"
_HUB_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
_hub_id = re.compile(HUB_ID_PATTERN[:-1] + r"\Z")
_revision = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\]{1,255}\Z")


def quoted(text: str, most: int = 120) -> str:
    """Somebody's text inside our sentence: in quotes, printable, short, without what looks like a token."""
    return one_line(ascii(redact(text)), most)


@dataclass(frozen=True, slots=True)
class HubId:
    """A repository, and the revision where the user's text named one."""

    repo_id: str
    revision: str | None = None


def well_formed(repo_id: str) -> bool:
    """Whether the text is a repository id that a record may hold (``org/name``, or a legacy ``name``)."""
    return (
        _hub_id.match(repo_id) is not None
        and "--" not in repo_id
        and ".." not in repo_id
        and not repo_id.endswith((".git", "-", "."))
    )


def parse_id(text: str, endpoint: str = DEFAULT_ENDPOINT) -> HubId:
    """A repository id as people write or paste it.

    ``org/name``, ``hf:org/name``, ``hf://org/name@revision``, ``https://huggingface.co/org/name/tree/revision``.

    Raises:
        UsageError: the text names no model repository.
    """
    text = text.strip()
    revision = None
    if re.match(r"https?://", text, re.IGNORECASE):
        repo_id, revision = _from_url(text, endpoint)
    else:
        repo_id = re.sub(r"\Ahf:(//)?", "", text, flags=re.IGNORECASE)
        repo_id, _, after = repo_id.rstrip("/").partition("@")
        revision = after or None
    if not well_formed(repo_id):
        raise UsageError(
            f"{quoted(text)} is not a model id of the Hub; write ORG/NAME, "
            f"for example meta-llama/Llama-3.1-8B-Instruct"
        )
    return HubId(repo_id, None if revision is None else check_revision(revision))


def check_revision(revision: str) -> str:
    """A branch, tag or commit as Git allows it (git-check-ref-format).

    Raises:
        UsageError: no revision can be called so.
    """
    if _revision.match(revision) is None or ".." in revision or revision.startswith("-"):
        raise UsageError(
            f"{quoted(revision)} is not a revision; name a branch, a tag or a commit of 40 hex digits"
        )
    return revision


def _from_url(text: str, endpoint: str) -> tuple[str, str | None]:
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        host = None
    if host is None or host not in (*_HUB_HOSTS, urlsplit(endpoint).hostname):
        raise UsageError(
            "the link does not lead to the Hub; write ORG/NAME, and set HF_ENDPOINT if you mean a mirror"
        )
    path = [unquote(part) for part in parts.path.strip("/").split("/")]
    if path[0] in ("datasets", "spaces", "collections", "api", "docs"):
        raise UsageError(f"the link leads to the Hub's {path[0]}, not to a model; write the model's ORG/NAME")
    if len(path) <= 2:
        return "/".join(path), None
    if path[2] != "tree" or len(path) < 4:
        raise UsageError(
            f"the link leads into {quoted('/'.join(path[:2]))}, not to the model itself; write its ORG/NAME"
        )
    # A branch may hold slashes (refs/pr/1); the Hub writes those percent-encoded, so this part is whole.
    return "/".join(path[:2]), path[3]


def endpoint_of(stated: str | None) -> str:
    """Where the Hub is: as stated, else ``HF_ENDPOINT``, else the Hub itself; without a slash at its end.

    The variable is read here at each call: huggingface_hub reads it once, when it is imported.

    Raises:
        UsageError: no http(s) address, or one with credentials or a query.
    """
    endpoint = (stated or os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).strip().rstrip("/")
    try:
        parts = urlsplit(endpoint)
        well = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        well = False
    # The text is not repeated: it may hold a password.
    if not well or "@" in parts.netloc or parts.query or parts.fragment or not endpoint.isascii():
        raise UsageError("HF_ENDPOINT is not an address of a Hub; write https://HOST without credentials")
    return endpoint


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an http(s) URL (RFC 6454 §4).

    Raises:
        ValueError: the text is no such URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an http(s) URL")
    return parts.scheme, parts.hostname.lower(), parts.port or (443 if parts.scheme == "https" else 80)


def is_internal(host: str) -> bool:
    """Whether a host is this machine or a link-local address (where clouds keep their credentials)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # ::ffff:127.0.0.1 is 127.0.0.1 (RFC 4291 §2.5.5.2); Python tells so only from 3.13 on.
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_link_local or address.is_unspecified
