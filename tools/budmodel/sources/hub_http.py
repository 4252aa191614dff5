"""Requests to the Hub: through huggingface_hub's own session, with limits that the library does not set.

The session brings what users configure there (proxies, certificates, offline mode). Redirects are followed
here, by hand: an answer about a model must come from the Hub itself, file contents may come from another host
over https, and the token goes to the Hub alone. Bodies are asked for and accepted uncompressed, so that every
limit counts the bytes that arrive. No usage data is sent (huggingface_hub's header builder asks for some).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from budmodel import __version__
from budmodel.errors import BudmodelError, OutsideError
from budmodel.sources import hub_errors
from budmodel.sources.hub_errors import Asked
from budmodel.sources.hub_ids import origin_of
from budmodel.sources.hub_redirects import next_page, redirect_target

if TYPE_CHECKING:
    import httpx2

MAX_ANSWER = 64 << 20
"""Largest answer about a model in bytes: MAX_FILES entries of a listing need about half of it."""
MAX_REDIRECTS = 5
_RETRIED = frozenset([408, 500, 502, 503, 504])
_CLAIMS = ("x-repo-commit", "x-linked-size", "x-linked-etag")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, in seconds, and how often to try again."""

    connect: float = 10
    read: float = 30
    """Between two pieces of an answer."""
    whole: float = 120
    """For a whole answer of ordinary size."""
    pause: float = 30
    """Longest time that a server may ask us to wait."""
    backoff: float = 1
    retries: int = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON body, what the Hub's headers claim (lower-case names), and the address of the next page."""

    value: Any
    claims: Mapping[str, str]
    next_url: str | None


class Again(Exception):  # noqa: N818 - not an error: it says that another try may help
    """This try failed; another may not. ``seconds`` is how long the other side asks to wait."""

    def __init__(self, error: BudmodelError, seconds: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.seconds = seconds


class HubClient:
    """Asks one Hub, with one token or none. Safe to use from several threads."""

    def __init__(self, endpoint: str, token: str | None, patience: Patience) -> None:
        self.endpoint = endpoint
        self.token = token
        self.patience = patience
        self._origin = origin_of(endpoint)

    def json(self, asked: Asked, url: str) -> Answer:
        """The JSON that the Hub itself answers under a URL of its own, at most MAX_ANSWER bytes of it."""

        def once() -> tuple[bytes, Mapping[str, str], str | None]:
            with self.open(asked, url, elsewhere=False) as (response, claims):
                body = b"".join(self.pieces(asked, response, MAX_ANSWER))
                return body, claims, next_page(asked, url, response.links)

        body, claims, next_url = self.patiently(once)
        try:
            value = json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise OutsideError(
                f"{asked.host} answered {asked.what} with something that is not JSON; "
                "check HF_ENDPOINT and the proxy"
            ) from None
        return Answer(value, claims, next_url)

    def patiently(self, once: Callable[[], T], *, retries: int | None = None) -> T:
        """The result of ``once``, tried again where the Hub is busy, fails, or breaks off."""
        retries = self.patience.retries if retries is None else retries
        tries = 0
        while True:
            try:
                return once()
            except Again as again:
                self.pause(again, tries, retries)
                tries += 1

    def pause(self, again: Again, tries: int, retries: int) -> None:
        """Waits before another try.

        Raises:
            BudmodelError: that of ``again``: there were enough tries, or the Hub asks for too much patience.
        """
        seconds = self.patience.backoff * 2**tries if again.seconds is None else again.seconds
        if tries >= retries or seconds > self.patience.pause:
            raise again.error from again.__cause__
        time.sleep(seconds)

    @contextmanager
    def open(
        self,
        asked: Asked,
        url: str,
        *,
        elsewhere: bool,
        span: str | None = None,
        claims: dict[str, str] | None = None,
    ) -> Iterator[tuple[httpx2.Response, Mapping[str, str]]]:
        """A successful answer, its body unread, and the claims of the Hub on the way to it.

        ``claims``, where given, are filled also where the Hub refuses.

        Raises:
            Again: another try may help.
            BudmodelError: the Hub refuses.
        """
        import httpx2
        from huggingface_hub.errors import OfflineModeIsEnabled

        claims = {} if claims is None else claims
        response = None
        try:
            for _ in range(MAX_REDIRECTS + 1):
                response = self._send(url, span)
                if origin_of(url) == self._origin:
                    claims.update(
                        (name, response.headers[name]) for name in _CLAIMS if name in response.headers
                    )
                if not response.has_redirect_location:
                    _check_status(asked, response)
                    yield response, claims
                    return
                url = redirect_target(asked, url, response.headers["location"], elsewhere=elsewhere)
                _finish(response)
            raise OutsideError(f"{asked.host} redirects {asked.what} in a circle; check HF_ENDPOINT")
        except (
            httpx2.TimeoutException,
            httpx2.ConnectError,
            httpx2.ProxyError,
            OfflineModeIsEnabled,
        ) as error:
            raise hub_errors.failure(asked, error) from error
        except (httpx2.HTTPError, OSError) as error:
            raise Again(hub_errors.failure(asked, error)) from error
        except httpx2.InvalidURL:
            raise OutsideError(
                f"{asked.host} redirects {asked.what} to no valid address; try again later"
            ) from None
        finally:
            if response is not None:
                response.close()

    def _send(self, url: str, span: str | None) -> httpx2.Response:
        import httpx2
        from huggingface_hub import __version__ as library_version
        from huggingface_hub import get_session

        headers = {
            "user-agent": f"budmodel/{__version__}; hf_hub/{library_version}",
            "accept-encoding": "identity",
        }
        if span is not None:
            headers["range"] = span
        if self.token is not None and origin_of(url) == self._origin:
            headers["authorization"] = f"Bearer {self.token}"
        timeout = httpx2.Timeout(self.patience.read, connect=self.patience.connect)
        client = get_session()
        request = client.build_request("GET", url, headers=headers, timeout=timeout)
        return client.send(request, stream=True, follow_redirects=False)

    def pieces(
        self, asked: Asked, response: httpx2.Response, most: int | None, *, seconds: float | None = None
    ) -> Iterator[bytes]:
        """The body as it arrives: at most ``most`` bytes, within ``seconds`` (both None: no limit)."""
        encoding = response.headers.get("content-encoding", "identity")
        if encoding.strip().lower() not in ("identity", ""):
            raise OutsideError(f"{asked.host} answered {asked.what} compressed, unasked; check the proxy")
        seconds = self.patience.whole if seconds is None and most is not None else seconds
        deadline = None if seconds is None else time.monotonic() + seconds
        declared = response.headers.get("content-length", "")
        if most is not None and declared.isdigit() and int(declared[:30]) > most:
            raise OutsideError(f"{asked.host} answers {asked.what} with more than {most} bytes; not read")
        done = 0
        for piece in response.iter_raw():
            done += len(piece)
            if most is not None and done > most:
                raise OutsideError(f"{asked.host} answers {asked.what} with more than {most} bytes; not read")
            if deadline is not None and time.monotonic() > deadline:
                raise OutsideError(f"{asked.host} was too slow to answer {asked.what}; try again later")
            yield piece


def _check_status(asked: Asked, response: httpx2.Response) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    now = datetime.now(UTC)
    if status == 429:
        seconds = hub_errors.retry_after(response.headers, now)
        raise Again(hub_errors.too_many(asked, seconds, now), seconds)
    error = hub_errors.refusal(asked, status, response.headers)
    if status in _RETRIED:
        raise Again(error, hub_errors.retry_after(response.headers, now))
    raise error


def _finish(response: httpx2.Response) -> None:
    """Reads the few bytes of a redirect, so that its connection can be used again; closes it otherwise."""
    length = response.headers.get("content-length", "")
    if length.isdigit() and len(length) < 5:
        for _ in response.iter_raw():
            pass
    response.close()


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
