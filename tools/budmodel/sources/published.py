"""Reads the static API of a published catalog, over https or from a folder.

Everything that comes back is foreign: sizes and times are bounded, redirects are not followed, and whatever
is not exactly an answer of this kind is an :class:`OutsideError`, never a yes.
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from budmodel.errors import OutsideError, UsageError

if TYPE_CHECKING:
    from http.client import HTTPResponse

MOST = 64 << 20
"""Bytes of an answer; the index of 100,000 models stays below."""
_PIECE = 1 << 16
_PAUSE = 15.0
"""Seconds without a byte."""
_WHOLE = 120.0
"""Seconds for one answer."""


@dataclass(frozen=True, slots=True)
class PublishedCatalog:
    """The folder ``api/`` of a site, by its address."""

    address: str
    """Without a slash at its end."""
    folder: Path | None
    """Where it is a folder of this machine."""

    @classmethod
    def at(cls, text: str) -> PublishedCatalog:
        """The catalog that a user names.

        Raises:
            UsageError: it is no https address (http on this machine alone) and no folder.
        """
        if "://" not in text:
            folder = Path(text)
            if not (folder / "index.json").is_file():
                raise UsageError(
                    f"--catalog {text}: no index.json is there; name the api folder of a built site, or https://…"
                )
            return cls(text.rstrip("/"), folder)
        parts = urlsplit(text)
        shown = f"{parts.scheme}://{parts.hostname or ''}"
        if parts.username is not None or parts.password is not None:
            raise UsageError(f"--catalog {shown}: no name or password belongs into an address")
        if parts.query or parts.fragment or not parts.hostname:
            raise UsageError(f"--catalog {shown}: write it as https://HOST/PATH/api")
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname)):
            raise UsageError(f"--catalog {shown}: only https can be trusted; write https://…")
        return cls(text.rstrip("/"), None)

    def read(self, path: str) -> bytes | None:
        """A file of the API; None where there is none.

        Raises:
            OutsideError: it could not be had, whole and as it is.
        """
        if self.folder is not None:
            return self._from_disk(path)
        return _fetch(f"{self.address}/{quote(path)}")

    def result(self, path: str) -> tuple[bytes, Any] | None:
        """The bytes and the ``result`` of an answer; None where there is none.

        Raises:
            OutsideError: it could not be had, or is no answer of this API.
        """
        raw = self.read(path)
        if raw is None:
            return None
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            raise OutsideError(f"{self.address}/{path} is no JSON; is it the api folder of a site?") from None
        if not isinstance(body, Mapping) or "result" not in body:
            raise OutsideError(
                f"{self.address}/{path} is no answer of this API; is it the api folder of a site?"
            )
        if body.get("schema_version") != 1:
            raise OutsideError(
                f"{self.address}/{path} has a format that this version does not know; upgrade budmodel"
            )
        return raw, body["result"]

    def _from_disk(self, path: str) -> bytes | None:
        assert self.folder is not None
        try:
            with (self.folder / path).open("rb") as file:
                raw = file.read(MOST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OutsideError(f"{self.folder / path} cannot be read: {error.strerror}") from None
        return _bounded(raw, str(self.folder / path))


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bounded(raw: bytes, shown: str) -> bytes:
    if len(raw) > MOST:
        raise OutsideError(f"{shown} has more than {MOST} bytes, which no answer of this API has")
    return raw


def _fetch(url: str) -> bytes | None:
    import ssl
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

    class Stay(HTTPRedirectHandler):
        """A mirror that sends elsewhere is not the one that was named."""

        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    # Plain http is believed on this machine alone, so no proxy may answer in its place.
    direct = [ProxyHandler({})] if url.startswith("http:") else []
    opener = build_opener(Stay, HTTPSHandler(context=ssl.create_default_context()), *direct)
    request = Request(url, headers={"Accept": "application/json", "Accept-Encoding": "identity"})  # noqa: S310
    try:
        with opener.open(request, timeout=_PAUSE) as answer:
            return _body(answer, url)
    except HTTPError as error:
        with error:
            if error.code in (404, 410):
                return None
            moved = " (a redirect, which is not followed)" if error.code in (301, 302, 303, 307, 308) else ""
            raise OutsideError(
                f"{url} answers HTTP {error.code}{moved}; check the address, or try again later"
            ) from None
    except URLError as error:
        raise OutsideError(f"{url} cannot be reached ({_why(error.reason)}); try again later") from None
    except (OSError, HTTPException, ValueError) as error:
        raise OutsideError(f"{url} cannot be read ({_why(error)}); try again later") from None


def _body(answer: HTTPResponse, url: str) -> bytes:
    if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise OutsideError(f"{url} answers compressed, although nobody asked for that; name another mirror")
    deadline = time.monotonic() + _WHOLE
    pieces: list[bytes] = []
    size = 0
    while piece := answer.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > MOST:
            break
        if time.monotonic() > deadline:
            raise OutsideError(f"{url} takes longer than {_WHOLE:.0f} seconds; try again later")
    stated = answer.headers.get("Content-Length")
    if size <= MOST and stated is not None and stated.isdigit() and int(stated) != size:
        raise OutsideError(f"{url} broke off after {size} of {stated} bytes; try again later")
    return _bounded(b"".join(pieces), url)


def _why(reason: object) -> str:
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return "".join(c for c in str(text) if c.isprintable())[:200]
