"""Asks an OpenAI-compatible endpoint and takes the times of its answers, through ``httpcore2``.

That is the transport of the client ``httpx2``, without what a measurement has no use for: redirects, so the
key goes nowhere else; cookies; proxies, which would be measured as well; and compression, so that limits
count what arrives. Times are those of a monotonic clock. Nothing that the server says becomes part of a
sentence.
"""

from __future__ import annotations

import asyncio
import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Any, Self

import httpcore2

from budmodel import __version__
from budmodel.errors import OutsideError
from budmodel.operations.load_endpoint import Endpoint
from budmodel.operations.load_socket import TimedBackend
from budmodel.operations.load_stream import AnswerError, AnswerStream

MAX_LISTING = 4 << 20
"""Largest list of models in bytes."""
CONNECT = 10.0
"""Seconds for a connection."""
GRACE = 1.0
"""Seconds that a server has to end its response after it said that the answer is over."""
IDLE = 2.0
"""Seconds for which an unused connection is kept: less than servers keep theirs, so none closes under us."""
_SHAPES: tuple[Mapping[str, Any], ...] = (
    {"max": "max_tokens", "temperature": 0, "stream_options": {"include_usage": True}},
    {"max": "max_tokens", "temperature": 0},
    {"max": "max_completion_tokens", "stream_options": {"include_usage": True}},
)
"""How a request may be written, the best first: not every server counts tokens, or takes a temperature."""
_HINTS = {
    "no connection": "start it, or check --endpoint",
    "HTTP 400": "see its log; check --model and --max-tokens",
    "HTTP 401": "name the environment variable of its key with --api-key-env",
    "HTTP 403": "check what the key of --api-key-env may do",
    "HTTP 404": "check --model, and whether --endpoint should end with /v1, /v1/chat/completions or "
    "/v1/completions",
    "HTTP 405": "check whether --endpoint should end with /v1",
    "HTTP 422": "see its log; check --model and --max-tokens",
    "a redirect": "name the address that it leads to; redirects are not followed",
    "an answer that is not streamed": "it must stream server-sent events",
}
"""Failures of the first request that no other request would change, and what to do."""
_BROKEN = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    OSError,
    ValueError,
)
"""What a connection may raise: the classes of httpcore2 have no common parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One request and its times, in seconds of one monotonic clock."""

    intended: float
    """When it was to be sent: latency counts from here, or a slow server would hide its queue."""
    sent: float
    ended: float
    first: float | None = None
    last: float = 0.0
    pieces: int = 0
    tokens: int | None = None
    """As the server counts; None where it does not."""
    gaps: array[float]
    failure: str = ""
    """Why it failed; empty for an answer."""

    @property
    def generated(self) -> int:
        """Tokens of the answer: the server's count, else its pieces of text."""
        return self.pieces if self.tokens is None else self.tokens


class LoadClient:
    """One model of one endpoint."""

    def __init__(self, endpoint: Endpoint, *, max_tokens: int, timeout: float, connections: int) -> None:
        """``timeout``: seconds for a whole answer; ``connections``: most at once."""
        self.endpoint = endpoint
        self.model = ""
        self.max_tokens = max_tokens
        self.timeout = timeout
        self._shape = _SHAPES[0]
        self._headers: dict[bytes | str, bytes | str] = {
            "User-Agent": f"budmodel/{__version__}",
            "Accept-Encoding": "identity",
        }
        if endpoint.key is not None:
            self._headers["Authorization"] = f"Bearer {endpoint.key}"
        self._extensions = {"timeout": {"connect": min(CONNECT, timeout)}}
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpcore2.default_ssl_context() if endpoint.url.startswith("https:") else None,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=IDLE,
            network_backend=TimedBackend(),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.aclose()

    async def served(self) -> Sequence[str]:
        """The ids of the models that the endpoint says it serves.

        Raises:
            OutsideError: it does not say.
        """
        try:
            listed = json.loads((await self._listing()).decode("utf-8"))["data"]
            return tuple(dict.fromkeys(one["id"] for one in listed if isinstance(one["id"], str)))
        except (AnswerError, *_BROKEN, LookupError, TypeError, RecursionError) as error:
            why = _reason(error)
        raise OutsideError(
            f"{self.endpoint.host} did not say which models it serves ({why}); check --endpoint, or "
            "state --model"
        )

    async def _listing(self) -> bytes:
        body = b""
        async with (
            asyncio.timeout(min(self.timeout, 30)),
            self._pool.stream(
                "GET", self.endpoint.models_url, headers=self._headers, extensions=self._extensions
            ) as response,
        ):
            _check(response)
            async for piece in response.aiter_stream():
                body += piece
                if len(body) > MAX_LISTING:
                    raise AnswerError("a list that is too large")
        return body

    async def settle(self, prompt: str) -> None:
        """Sends one request that is not measured, to learn whether and how the endpoint can be asked.

        Raises:
            OutsideError: it refuses in a way that no other request would change.
        """
        failures: list[str] = []
        for shape in _SHAPES:
            self._shape = shape
            failures.append((await self.ask(prompt)).failure)
            if failures[-1] not in ("HTTP 400", "HTTP 422"):
                break
        if not failures[-1]:
            return
        self._shape = _SHAPES[0]
        hint = _HINTS.get(failures[0])
        if hint is not None:
            raise OutsideError(f"{self.endpoint.host} does not take requests ({failures[0]}); {hint}")

    async def ask(self, prompt: str, intended: float | None = None) -> Answer:
        """One request with its times. Failures are values, and never raised.

        Args:
            prompt: the text.
            intended: when it was to be sent; None means when its first byte is written.
        """
        body = self._body(prompt)
        stream = AnswerStream(self.max_tokens)
        failure, sent = "", [perf_counter()]
        try:
            await self._exchange(body, stream, sent)
        except AnswerError as error:
            failure = str(error)
        except _BROKEN as error:
            # Servers that do not end a response properly after its last word have answered all the same.
            failure = "" if stream.done else _reason(error)
        now = perf_counter()
        try:
            if not failure:
                stream.close(now)
        except AnswerError as error:
            failure = str(error)
        return Answer(
            intended=sent[0] if intended is None else intended,
            sent=sent[0],
            ended=now if failure or stream.ended is None else stream.ended,
            first=stream.first,
            last=stream.last,
            pieces=stream.pieces,
            tokens=stream.tokens,
            gaps=stream.gaps if not failure else array("d"),
            failure=failure,
        )

    async def _exchange(self, body: bytes, stream: AnswerStream, sent: list[float]) -> None:
        """Sends a request and feeds its answer; ``sent`` becomes the moment of its first byte."""
        headers = {**self._headers, "Content-Type": "application/json"}
        async with (
            asyncio.timeout(self.timeout) as limit,
            self._pool.stream(
                "POST", self.endpoint.url, headers=headers, content=body, extensions=self._extensions
            ) as response,
        ):
            network = response.extensions["network_stream"]
            sent[0] = network.get_extra_info("sent")
            _check(response)
            if _header(response, b"content-type").partition(";")[0].strip() != "text/event-stream":
                raise AnswerError("an answer that is not streamed")
            # What follows [DONE] is read too, or the connection could not be used again.
            async for piece in response.aiter_stream():
                stream.feed(piece, network.get_extra_info("arrived"))
                if stream.done:
                    end = asyncio.get_running_loop().time() + GRACE
                    limit.reschedule(min(end, limit.when() or end))

    def _body(self, prompt: str) -> bytes:
        asked: dict[str, Any] = {"model": self.model, "stream": True}
        if self.endpoint.chat:
            asked["messages"] = [{"role": "user", "content": prompt}]
        else:
            asked["prompt"] = prompt
        shape = dict(self._shape)
        asked[shape.pop("max")] = self.max_tokens
        return json.dumps({**asked, **shape}).encode()


def _check(response: httpcore2.Response) -> None:
    if 300 <= response.status < 400:
        raise AnswerError("a redirect")
    if response.status != 200:
        raise AnswerError(f"HTTP {response.status}")
    if _header(response, b"content-encoding") not in ("identity", ""):
        raise AnswerError("an answer that is compressed, unasked")


def _header(response: httpcore2.Response, name: bytes) -> str:
    found = next((value for key, value in response.headers if key.lower() == name), b"")
    return found.decode("latin-1").strip().lower()


def _reason(error: BaseException) -> str:
    if isinstance(error, AnswerError):
        return str(error)
    if isinstance(error, (httpcore2.ConnectError, httpcore2.ConnectTimeout)):
        return "no connection"
    if isinstance(error, (TimeoutError, httpcore2.TimeoutException)):
        return "no end in time"
    if isinstance(error, (httpcore2.NetworkError, httpcore2.ProtocolError, OSError)):
        return "the connection broke off"
    return "an answer that cannot be read"
