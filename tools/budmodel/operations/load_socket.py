"""Connections that know when their bytes arrived, as the network floor of ``httpcore2``.

Many answers arrive in the same moment where a server makes tokens in batches. If each were timed when its
turn comes to be read, the last would seem late by the work on all the others. Here the event loop hands over
every socket's bytes before anybody works on them, and the moment is kept with the bytes.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable
from time import perf_counter
from typing import Any, cast

import httpcore2

MOST_UNREAD = 1 << 20
"""Bytes after which a connection is not read from until somebody takes them."""


class _Arrivals(asyncio.Protocol):
    """What arrived, and when."""

    def __init__(self) -> None:
        self.pieces: deque[tuple[float, bytes]] = deque()
        self.ended = False
        self.transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._unread = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.pieces.append((perf_counter(), data))
        self._unread += len(data)
        if self._unread > MOST_UNREAD and self.transport is not None:
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self.ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self._wake()

    async def take(self, most: int) -> tuple[float, bytes]:
        """The next bytes and when they came; none at the end."""
        while not self.pieces:
            if self.ended:
                return perf_counter(), b""
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        moment, data = self.pieces.popleft()
        if len(data) > most:
            self.pieces.appendleft((moment, data[most:]))
            data = data[:most]
        self._unread -= len(data)
        if self._unread <= MOST_UNREAD and self.transport is not None and not self.transport.is_reading():
            self.transport.resume_reading()
        return moment, data

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class TimedStream(httpcore2.AsyncNetworkStream):
    """A connection. ``get_extra_info`` gives ``sent`` and ``arrived``: when the last request's first bytes
    were written, and when the bytes that were read last came, in seconds of ``perf_counter``."""

    def __init__(self, transport: asyncio.Transport, arrivals: _Arrivals) -> None:
        self._transport, self._arrivals = transport, arrivals
        self._writing = False
        self._sent = self._arrived = 0.0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._writing = False
        try:
            async with asyncio.timeout(timeout):
                self._arrived, data = await self._arrivals.take(max_bytes)
        except TimeoutError:
            raise httpcore2.ReadTimeout from None
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._arrivals.ended or self._transport.is_closing():
            raise httpcore2.WriteError("the connection is closed")
        if not self._writing:
            self._writing, self._sent = True, perf_counter()
        self._transport.write(buffer)

    async def aclose(self) -> None:
        self._transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                transport = await loop.start_tls(
                    self._transport, self._arrivals, ssl_context, server_hostname=server_hostname
                )
        except TimeoutError:
            self._transport.abort()
            raise httpcore2.ConnectTimeout from None
        except OSError as error:
            self._transport.abort()
            raise httpcore2.ConnectError(str(error)) from error
        if transport is None:
            raise httpcore2.ConnectError("the connection closed")
        self._arrivals.transport = transport
        return TimedStream(transport, self._arrivals)

    def get_extra_info(self, info: str) -> Any:
        if info == "sent":
            return self._sent
        if info == "arrived":
            return self._arrived
        if info == "is_readable":
            return bool(self._arrivals.pieces) or self._arrivals.ended
        return self._transport.get_extra_info(info)


class TimedBackend(httpcore2.AsyncNetworkBackend):
    """Makes :class:`TimedStream` connections."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                transport, arrivals = await loop.create_connection(_Arrivals, host, port)
        except TimeoutError:
            raise httpcore2.ConnectTimeout from None
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        return TimedStream(transport, arrivals)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
