"""Whether the texts of licences are still what somebody read: ``budmodel outdated --license-texts``."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import IO, Any, Literal
from urllib.parse import urlsplit

from budmodel.errors import OutsideError
from budmodel.schema.license import License
from budmodel.store.catalog import Snapshot

MAX_TEXT = 2 << 20
"""Largest licence text in bytes; the longest of SPDX's list has 70 kB."""
TIMEOUT = 20.0
"""Seconds without an answer."""

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextState:
    """A licence's text beside the page where it was read."""

    license: str
    url: str
    recorded: str
    """SHA-256 in the catalog."""
    found: str | None = None
    """SHA-256 of the page now."""
    state: Literal["current", "moved", "unknown"] = "unknown"
    error: str | None = None


def license_texts(snapshot: Snapshot, fetch: Fetch | None = None) -> Iterator[TextState]:
    """Fetches every text that names where it was read, and compares digests.

    A licence may record several texts of one page, as it was at several times; one that fits is enough.
    """
    for _, record in snapshot.records("license", License):
        by_url: dict[str, list[str]] = {}
        for text in record.texts:
            if text.url is not None:
                by_url.setdefault(text.url, []).append(text.sha256)
        for url, digests in by_url.items():
            yield _compared(record.id, url, digests, fetch or fetch_https)


def fetch_https(url: str) -> bytes:
    """A small page over https. Redirects are followed to https alone.

    Raises:
        OutsideError: it could not be fetched, or is too large.
    """
    if urlsplit(url).scheme != "https":
        raise OutsideError(
            f"{url} is not https, so nobody can tell whose text it is; record an https address"
        )
    request = urllib.request.Request(url, headers={"User-Agent": "budmodel", "Accept": "text/*"})  # noqa: S310
    try:
        with urllib.request.build_opener(_HttpsOnly).open(request, timeout=TIMEOUT) as answer:
            body: bytes = answer.read(MAX_TEXT + 1)
    except urllib.error.HTTPError as error:
        raise OutsideError(f"{url} answered {error.code}; look whether the text moved") from None
    except (OSError, HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise OutsideError(f"{url} cannot be fetched ({why}); try again later") from None
    if len(body) > MAX_TEXT:
        raise OutsideError(f"{url} is larger than {MAX_TEXT >> 20} MiB, which no licence text is")
    return body


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme != "https":
            raise OutsideError(f"{req.full_url} redirects away from https; record where the text is now")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _compared(license_: str, url: str, digests: list[str], fetch: Fetch) -> TextState:
    said = TextState(license=license_, url=url, recorded=digests[-1])
    try:
        found = hashlib.sha256(fetch(url)).hexdigest()
    except OutsideError as error:
        return replace(said, error=str(error))
    if found in digests:
        return replace(said, recorded=found, found=found, state="current")
    return replace(said, found=found, state="moved")
