"""Talking to clamd: pyclamd makes the connections, and a strict reading of the protocol is ours.

pyclamd's own ``scan_stream`` returns "clean" when clamd is killed in the middle of an infected stream, and
its ``send`` may lose bytes. So only its connection classes are used: what goes over the connection, and what
an answer means, is decided here. Exactly ``stream: OK`` is clean. No path is ever sent, only bytes.
"""

from __future__ import annotations

import re
import select
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import pyclamd

from budmodel.errors import OutsideError
from budmodel.scanners.clamd_endpoint import Endpoint, Patience, shortened, shown

MAX_REPLY = 4096
"""Bytes of an answer; clamd's are lines of some hundred."""
_FOUND = re.compile(rb"stream: ([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?) FOUND")
_EXTENDED = re.compile(r"\([0-9a-f]{32}:[0-9]+\)$")
_TOO_LONG = b"INSTREAM size limit exceeded. ERROR"
_LIMIT = "Heuristics.Limits.Exceeded"
_SMALL = 1 << 16
"""Bytes that are copied rather than sent by a call of their own."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What clamd said of a stream."""

    kind: Literal["clean", "found", "limit"]
    name: str = ""
    """The signature, or which limit was met."""


class Client:
    """One clamd. Several threads may use it at once: each conversation has a connection of its own."""

    def __init__(self, endpoint: Endpoint, patience: Patience | None = None) -> None:
        self.endpoint = endpoint
        self.patience = patience or Patience()

    def ask(self, command: str) -> str:
        """The answer to a command without data.

        Raises:
            OutsideError: clamd cannot be reached, or does not answer as it must.
        """
        with self._connect() as connection:
            self._send(connection, b"z" + command.encode() + b"\0")
            raw = self._receive(connection, self.patience.step)
        if not all(0x20 <= byte < 0x7F for byte in raw):
            raise self.odd(raw)
        return raw.decode("ascii")

    def stream(self) -> Stream:
        """Opens a stream.

        Raises:
            OutsideError: clamd cannot be reached.
        """
        connection = self._connect()
        try:
            self._send(connection, b"zINSTREAM\0")
        except BaseException:
            connection.close()
            raise
        return Stream(self, connection)

    def odd(self, raw: bytes) -> OutsideError:
        """The error for an answer that is none."""
        answer = shown(raw.decode("latin-1"))
        return OutsideError(
            f"clamd at {self.endpoint} answered {answer}, which decides nothing; "
            "see its log, then run it again"
        )

    def failed(self, what: str) -> OutsideError:
        """The error for a clamd that did not do something."""
        return OutsideError(
            f"clamd at {self.endpoint} {what}; see that it runs and what its log says, then run it again"
        )

    def _connect(self) -> socket.socket:
        one = self._unconnected()
        try:
            one._init_socket()
        except (pyclamd.ConnectionError, OSError, ValueError):
            one.clamd_socket.close()
            raise self.failed("cannot be reached") from None
        connection: socket.socket = one.clamd_socket
        connection.settimeout(self.patience.step)
        if not self.endpoint.path:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _unconnected(self) -> Any:
        """One of pyclamd's objects without its constructor, which connects only to try whether it can."""
        kind = pyclamd.ClamdUnixSocket if self.endpoint.path else pyclamd.ClamdNetworkSocket
        one: Any = kind.__new__(kind)
        one.unix_socket, one.host, one.port = self.endpoint.path, self.endpoint.host, self.endpoint.port
        one.timeout = self.patience.connect
        return one

    def _send(self, connection: socket.socket, data: bytes | memoryview) -> None:
        try:
            connection.sendall(data)
        except TimeoutError:
            raise self.failed("stopped taking bytes") from None
        except OSError:
            raise self.failed("hung up") from None

    def _receive(self, connection: socket.socket, seconds: float) -> bytes:
        """The whole answer without its final NUL, after which clamd must have hung up."""
        deadline = time.monotonic() + seconds
        raw = bytearray()
        while len(raw) <= MAX_REPLY:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = connection.recv(MAX_REPLY)
            except TimeoutError:
                raise self.failed("did not answer in time") from None
            except OSError:
                # With bytes left that it did not read, which is wrong after any other answer.
                if raw == _TOO_LONG + b"\0":
                    break
                raise self.failed("hung up without an answer") from None
            if not data:
                break
            raw += data
        if not raw:
            raise self.failed("hung up without an answer")
        if len(raw) > MAX_REPLY or raw[-1] != 0 or 0 in raw[:-1]:
            raise self.odd(bytes(raw))
        return bytes(raw[:-1])


class Stream:
    """Bytes on their way to clamd, and its answer. One thread at a time."""

    def __init__(self, client: Client, connection: socket.socket) -> None:
        self.client = client
        self.sent = 0
        """Bytes that clamd took."""
        self._connection = connection
        self._early: Reply | None = None

    def send(self, piece: bytes | memoryview) -> None:
        """The next bytes. Where clamd has said already that they are too many, they are not sent.

        Raises:
            OutsideError: clamd went away, or answered before the end.
        """
        if not len(piece) or self._early is not None:
            return
        if self._answered():
            self._stop_early()
            return
        length = len(piece).to_bytes(4, "big")
        small = len(piece) <= _SMALL
        if self._put(b"".join((length, piece))) if small else (self._put(length) and self._put(piece)):
            self.sent += len(piece)

    def end(self) -> None:
        """No more bytes come.

        Raises:
            OutsideError: clamd went away.
        """
        if self._early is None:
            self._put(bytes(4))

    def reply(self) -> Reply:
        """The answer, after :meth:`end`; the connection is closed then.

        Raises:
            OutsideError: there is none, or it decides nothing.
        """
        try:
            if self._early is not None:
                return self._early
            patience = self.client.patience
            return self._read(patience.step + patience.per_megabyte * self.sent / 1e6)
        finally:
            self.close()

    def close(self) -> None:
        """Lets go of the connection; never raises."""
        with suppress(OSError):
            self._connection.close()

    def _put(self, data: bytes | memoryview) -> bool:
        """Whether clamd took it, or else said that it has enough."""
        try:
            self.client._send(self._connection, data)
        except OutsideError as error:
            # A clamd that has enough says so and hangs up; then its words lie ready.
            if not self._answered():
                raise
            try:
                self._stop_early()
            except OutsideError:
                raise error from None
            return False
        return True

    def _answered(self) -> bool:
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        return bool(poll.poll(0))

    def _stop_early(self) -> None:
        """Reads an answer that came before the end; there is one only that may."""
        reply = self._read(self.client.patience.connect)
        if reply.kind != "limit" or reply.name != "StreamMaxLength":
            raise self.client.failed("answered before it had all bytes")
        self._early = reply
        self.close()

    def _read(self, seconds: float) -> Reply:
        raw = self.client._receive(self._connection, seconds)
        if raw == b"stream: OK":
            return Reply("clean")
        if raw == _TOO_LONG:
            return Reply("limit", "StreamMaxLength")
        match = _FOUND.fullmatch(raw)
        if match is None:
            raise self.client.odd(raw)
        # With ExtendedDetectionInfo, the bytes' hash and size follow the name.
        name = _EXTENDED.sub("", match[1].decode("ascii"))
        if name == _LIMIT or name.startswith(_LIMIT + "."):
            return Reply("limit", shortened(name.removeprefix(_LIMIT).strip(".") or "a limit"))
        return Reply("found", shortened(name))
