"""A clamd that can do wrong, for the faults that a real one cannot be made to have.

It takes INSTREAM and finds EICAR by searching for it, so that it passes the canaries, until a test gives it
another answer.
"""

from __future__ import annotations

import io
import socket
import struct
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from scanners.clamd_server import EICAR

OK = b"stream: OK\0"
FOUND = b"stream: Eicar-Test-Signature FOUND\0"
LIMIT = b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0"
VERSION = "ClamAV 1.4.6/27800/Sun Nov 22 21:42:17 2026"
_PATIENCE = 60.0


class Hang(Exception):  # noqa: N818  (an order, not an error)
    """Says nothing, until the test ends."""


class Reset(Exception):  # noqa: N818  (an order, not an error)
    """Hangs up, over TCP with a reset."""


def honest(data: bytes) -> bytes:
    """What a clamd says that has one signature."""
    if data.startswith(b"vast.bin\0"):
        return LIMIT
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = b"".join(archive.read(name) for name in archive.namelist())
    return FOUND if EICAR in data else OK


@dataclass
class FakeClamd:
    """The server; a test may change what it says at any time."""

    endpoint: str
    answer: Callable[[bytes], bytes] = honest
    """To a whole stream; may raise Hang or Reset."""
    early: Callable[[int], bytes | None] = field(default=lambda count: None)
    """To so many bytes of one: an answer ends it."""
    version: str = VERSION
    pieces: bool = False
    """Whether answers are sent byte by byte."""
    streams: list[int] = field(default_factory=list)
    """Bytes of each whole stream that came."""
    over: threading.Event = field(default_factory=threading.Event)

    def serve(self, connection: socket.socket) -> None:
        """One conversation."""
        with connection, suppress(OSError, Hang, Reset, EOFError):
            connection.settimeout(_PATIENCE)
            try:
                self._answer(connection)
            except Hang:
                self.over.wait(_PATIENCE)
            except Reset:
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _answer(self, connection: socket.socket) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += _exactly(connection, 1)
        if command == b"zPING\0":
            reply = b"PONG\0"
        elif command == b"zVERSION\0":
            reply = self.version.encode() + b"\0"
        else:
            assert command == b"zINSTREAM\0"
            reply = self._stream(connection)
        if self.pieces:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
            for byte in reply:
                connection.sendall(bytes([byte]))
        else:
            connection.sendall(reply)

    def _stream(self, connection: socket.socket) -> bytes:
        data = bytearray()
        while length := int.from_bytes(_exactly(connection, 4), "big"):
            data += _exactly(connection, length)
            reply = self.early(len(data))
            if reply is not None:
                return reply
        self.streams.append(len(data))
        return self.answer(bytes(data))


@contextmanager
def fake_clamd(*, tcp: bool = False) -> Iterator[FakeClamd]:
    """A server for the time of a test."""
    with tempfile.TemporaryDirectory(prefix="fake-") as folder:
        family = socket.AF_INET if tcp else socket.AF_UNIX
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            path = str(Path(folder) / "s")
            listener.bind(("127.0.0.1", 0) if tcp else path)
            listener.listen(64)
            place = f"tcp://127.0.0.1:{listener.getsockname()[1]}" if tcp else f"unix:{path}"
            fake = FakeClamd(place)
            thread = threading.Thread(target=_accept, args=(listener, fake), daemon=True)
            thread.start()
            try:
                yield fake
            finally:
                fake.over.set()
                with suppress(OSError):
                    listener.shutdown(socket.SHUT_RDWR)
                thread.join(_PATIENCE)


def _accept(listener: socket.socket, fake: FakeClamd) -> None:
    with suppress(OSError):
        while not fake.over.is_set():
            connection, _ = listener.accept()
            threading.Thread(target=fake.serve, args=(connection,), daemon=True).start()


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
