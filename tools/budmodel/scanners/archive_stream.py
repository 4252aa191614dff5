"""Single compressed streams: gzip, bzip2, xz, lzma and zlib, as joblib and ``tar.gz`` use them."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from budmodel.scanners.archive_names import BadContainerError, OpenQuestionError, bounded
from budmodel.scanners.interface import Found, Inspect, Subject

_PIECE = 1 << 20
_STREAMS = 1000
"""Streams that may end within a piece; tools make some dozens."""
_SUFFIXES = (".gz", ".gzip", ".bz2", ".xz", ".lzma", ".z", ".tgz", ".zlib")


class _Machine(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused(self) -> bytes: ...

    def push(self, piece: bytes) -> Iterator[bytes]: ...


class _Zlib:
    """zlib and gzip."""

    def __init__(self, bits: int) -> None:
        self._machine = zlib.decompressobj(bits)

    @property
    def eof(self) -> bool:
        return self._machine.eof

    @property
    def unused(self) -> bytes:
        return self._machine.unused_data

    def push(self, piece: bytes) -> Iterator[bytes]:
        made = self._machine.decompress(piece, _PIECE)
        while made:
            yield made
            made = self._machine.decompress(self._machine.unconsumed_tail, _PIECE)


class _Other:
    """bzip2, xz and lzma."""

    def __init__(self, machine: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._machine = machine

    @property
    def eof(self) -> bool:
        return self._machine.eof

    @property
    def unused(self) -> bytes:
        return self._machine.unused_data

    def push(self, piece: bytes) -> Iterator[bytes]:
        made = self._machine.decompress(piece, _PIECE)
        while made:
            yield made
            if self._machine.eof or self._machine.needs_input:
                return
            made = self._machine.decompress(b"", _PIECE)


def read_compressed(
    spool: BinaryIO, subject: Subject, inspect: Inspect, note: Callable[[Found], None]
) -> None:
    """Decompresses a stream and hands over what comes out of it.

    Raises:
        BadContainerError: something lies behind it, or it is a bomb.
        OpenQuestionError: it ends too early, or nobody here can read it.
    """
    make = _machine(subject.head)
    if make is None:
        raise OpenQuestionError("unsupported", "nobody here can read this kind of compression")
    size = spool.seek(0, 2)
    inspect(_inner(subject.name), None, bounded(_content(spool, make), size))


def _inner(name: str) -> str:
    lower = name.lower()
    for suffix in _SUFFIXES:
        if lower.endswith(suffix) and len(name) > len(suffix):
            stem = name[: -len(suffix)]
            return f"{stem}.tar" if suffix == ".tgz" else stem
    return "content"


def _machine(head: bytes) -> Callable[[], _Machine] | None:
    if head.startswith(b"\x1f\x8b"):
        return lambda: _Zlib(31)
    if head.startswith(b"BZh"):
        return lambda: _Other(bz2.BZ2Decompressor())
    if head.startswith((b"\xfd7zXZ\x00", b"\x5d\x00\x00")):
        return lambda: _Other(lzma.LZMADecompressor())
    if len(head) > 1 and head[0] & 15 == 8 and not (head[0] << 8 | head[1]) % 31:
        return lambda: _Zlib(15)
    return None


def _content(spool: BinaryIO, make: Callable[[], _Machine]) -> Iterator[bytes]:
    """All that comes out; gzip, bzip2 and xz may hold several streams, one behind the other."""
    spool.seek(0)
    at, machine = 0, make()
    try:
        while True:
            spool.seek(at)
            piece = spool.read(_PIECE)
            at += len(piece)
            if not piece:
                break
            if machine.eof:
                if not piece.strip(b"\0"):
                    continue
                machine = _another(piece, machine, make)
            yield from machine.push(piece)
            streams = 0
            while machine.eof and machine.unused.strip(b"\0"):
                streams += 1
                if streams > _STREAMS:
                    raise OpenQuestionError("limit", f"it has more than {_STREAMS} streams in {_PIECE} bytes")
                rest = machine.unused
                machine = _another(rest, machine, make)
                yield from machine.push(rest)
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
        raise OpenQuestionError("error", "it cannot be decompressed") from None
    if not machine.eof:
        raise OpenQuestionError("error", "it ends within its compressed stream")


def _another(rest: bytes, before: _Machine, make: Callable[[], _Machine]) -> _Machine:
    """A machine for the stream that follows another."""
    if isinstance(before, _Zlib) and not rest.startswith(b"\x1f\x8b"):
        raise _behind()
    return make()


def _behind() -> BadContainerError:
    return BadContainerError("trailing", "bytes lie behind its compressed stream")
