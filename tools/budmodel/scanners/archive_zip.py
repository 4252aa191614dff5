"""Zips, read strictly: one end record, a directory that explains every byte, and members that match it.

The structures are those of PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.4.
"""

from __future__ import annotations

import bz2
import lzma
import re
import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from budmodel.scanners.archive_names import (
    MOST_MEMBERS,
    BadContainerError,
    OpenQuestionError,
    bounded,
    check_names,
)
from budmodel.scanners.clamav_stream import LARGEST
from budmodel.scanners.interface import Found, Inspect, Subject

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_PIECE = 1 << 20
_STORAGE = re.compile(r"[^/]+/data/[0-9]+\Z")
"""The raw numbers of a tensor in the zip of torch.save; nothing ever loads them as anything else."""
_DIRECTORY_MAX = 256 << 20
_METHODS = {0: "stored", 8: "deflated", 12: "bzip2", 14: "lzma"}


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int

    @property
    def folder(self) -> bool:
        return self.name.endswith("/")


@dataclass(frozen=True, slots=True)
class _Placed:
    entry: _Entry
    start: int
    """Where its data begins."""
    end: int
    """Where what belongs to it ends, a data descriptor included."""


def read_zip(spool: BinaryIO, subject: Subject, inspect: Inspect, note: Callable[[Found], None]) -> None:
    """Opens a zip and hands its members over.

    Raises:
        BadContainerError: its structure is wrong, or it hides something.
        OpenQuestionError: it cannot be decided.
    """
    size = spool.seek(0, 2)
    entries, begin = _directory(spool, size, note)
    check_names(entry.name for entry in entries)
    placed = _placed(spool, entries, begin)
    for entry in entries:
        if stat.S_IFMT(entry.mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise BadContainerError("link", "a member is a link or a device", member=entry.name)
        if entry.flags & 0x2041:
            raise BadContainerError(
                "encrypted",
                "a member is encrypted, so nobody can look into it",
                code="encrypted-member",
                member=entry.name,
            )
    undecided: OpenQuestionError | None = None
    for one in placed:
        entry = one.entry
        if entry.folder:
            if entry.size:
                raise BadContainerError("folder", "a folder holds bytes", member=entry.name)
            continue
        if entry.method not in _METHODS:
            undecided = OpenQuestionError(
                "unsupported",
                f"a member is compressed with the method {entry.method}, which nobody here can read",
            )
            continue
        engines = None
        if subject.format == "pytorch" and entry.method == 0 and _STORAGE.match(entry.name):
            # ClamAV has seen these bytes with the whole container, if that was not too large for it.
            if size <= LARGEST:
                _drain(_content(spool, one))
                continue
            engines = ("clamav",)
        inspect(_shown(entry), entry.size, _content(spool, one), engines=engines)
    if undecided is not None:
        raise undecided


def _shown(entry: _Entry) -> str:
    return entry.name.replace("!", "%21")


def _drain(pieces: Iterator[bytes]) -> None:
    for _ in pieces:
        pass


def _directory(spool: BinaryIO, size: int, note: Callable[[Found], None]) -> tuple[list[_Entry], int]:
    """The entries of the central directory, and where it begins."""
    tail_at = max(0, size - 22 - 65_535)
    spool.seek(tail_at)
    tail = spool.read(size - tail_at)
    ends = [
        at
        for at in _finds(tail, b"PK\x05\x06")
        if len(tail) - at >= 22 and at + 22 + struct.unpack_from("<H", tail, at + 20)[0] == len(tail)
    ]
    if not ends:
        raise BadContainerError("end", "no end record closes it")
    if len(ends) > 1:
        raise BadContainerError("end", "two end records close it, and readers differ in which one they take")
    _, disk, start_disk, here, total, length, offset, comment = _END.unpack_from(tail, ends[0])
    end = tail_at + ends[0]
    if 0xFFFF in (disk, start_disk, here, total) or 0xFFFFFFFF in (length, offset):
        end, disk, start_disk, here, total, length, offset = _end64(spool, end)
    if disk or start_disk or here != total:
        raise OpenQuestionError("unsupported", "it is a part of a zip of several files")
    if offset + length != end:
        raise BadContainerError(
            "directory", "bytes lie before it or in it that its directory does not explain"
        )
    if total > MOST_MEMBERS or length > _DIRECTORY_MAX:
        raise OpenQuestionError("limit", f"it has more than {MOST_MEMBERS} members")
    if comment:
        note(Found(code="comment", severity="low", message=f"a comment of {comment} bytes stands at its end"))
    spool.seek(offset)
    return _entries(spool.read(length), total), offset


def _finds(text: bytes, what: bytes) -> Iterator[int]:
    at = text.find(what)
    while at >= 0:
        yield at
        at = text.find(what, at + 1)


def _end64(spool: BinaryIO, end: int) -> tuple[int, int, int, int, int, int, int]:
    if end < _LOCATOR.size + _END64.size:
        raise BadContainerError("end", "its 64-bit end record is missing")
    spool.seek(end - _LOCATOR.size)
    mark, _, at, _ = _LOCATOR.unpack(spool.read(_LOCATOR.size))
    if mark != b"PK\x06\x07" or at + _END64.size > end - _LOCATOR.size:
        raise BadContainerError("end", "its 64-bit end record is missing")
    spool.seek(at)
    mark, length, _, _, disk, start_disk, here, total, size, offset = _END64.unpack(spool.read(_END64.size))
    if mark != b"PK\x06\x06" or at + 12 + length != end - _LOCATOR.size:
        raise BadContainerError("end", "its 64-bit end record does not fit")
    return at, disk, start_disk, here, total, size, offset


def _entries(raw: bytes, total: int) -> list[_Entry]:
    found: list[_Entry] = []
    at = 0
    while len(found) < total:
        if len(raw) - at < _CENTRAL.size:
            raise BadContainerError("directory", "its directory ends too early")
        values = _CENTRAL.unpack_from(raw, at)
        mark, flags, method, crc = values[0], values[3], values[4], values[7]
        packed, size, name_length, extra_length, comment_length = values[8:13]
        external, offset = values[15], values[16]
        if mark != b"PK\x01\x02":
            raise BadContainerError("directory", "its directory holds something else")
        name_at = at + _CENTRAL.size
        at = name_at + name_length + extra_length + comment_length
        if at > len(raw):
            raise BadContainerError("directory", "its directory ends too early")
        name = raw[name_at : name_at + name_length]
        extra = raw[name_at + name_length : name_at + name_length + extra_length]
        size, packed, offset = _large(extra, size, packed, offset)
        text = _decoded(name, flags)
        _check_other_name(extra, text)
        found.append(_Entry(text, name, flags, method, crc, packed, size, offset, external >> 16))
    if at != len(raw):
        raise BadContainerError("directory", "its directory is longer than its entries")
    return found


def _decoded(name: bytes, flags: int) -> str:
    if not name:
        raise BadContainerError("path", "a member has no name")
    try:
        return name.decode("utf-8" if flags & 0x800 else "cp437")
    except UnicodeDecodeError:
        raise BadContainerError("path", "a member's name is no text") from None


def _check_other_name(extra: bytes, name: str) -> None:
    """Refuses a second name (4.6.9 of the APPNOTE), by which some readers call the member instead.

    Raises:
        BadContainerError: there is one that differs.
    """
    at = 0
    while len(extra) - at >= 4:
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 0x7075 and extra[at + 9 : at + 4 + length] != name.encode("utf-8", "surrogatepass"):
            raise BadContainerError("name", "a member has another name in an extra field", member=name)
        at += 4 + length


def _large(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Sizes and offset with those of the 64-bit extra field, where the others say that they are there."""
    at = 0
    while len(extra) - at >= 4:
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            values = extra[at + 4 : at + 4 + length]
            wide = [size == 0xFFFFFFFF, packed == 0xFFFFFFFF, offset == 0xFFFFFFFF]
            if len(values) < 8 * sum(wide):
                raise BadContainerError("directory", "a 64-bit field is too short")
            numbers = iter(struct.unpack_from(f"<{sum(wide)}Q", values))
            return (
                next(numbers) if wide[0] else size,
                next(numbers) if wide[1] else packed,
                next(numbers) if wide[2] else offset,
            )
        at += 4 + length
    return size, packed, offset


def _placed(spool: BinaryIO, entries: list[_Entry], begin: int) -> list[_Placed]:
    """Where the members lie; together with what belongs to them they must fill all before the directory."""
    placed: list[_Placed] = []
    at = 0
    for entry in sorted(entries, key=lambda one: one.offset):
        if entry.offset != at:
            what = (
                "overlaps the one before it"
                if entry.offset < at
                else "does not begin where the one before ends"
            )
            raise BadContainerError("gap", f"a member {what}", member=entry.name)
        start = _local(spool, entry)
        end = start + entry.packed
        if end > begin:
            raise BadContainerError("gap", "a member reaches into the directory", member=entry.name)
        if entry.flags & 8:
            end = _descriptor(spool, entry, end, begin)
        placed.append(_Placed(entry, start, end))
        at = end
    if at != begin:
        raise BadContainerError("gap", "bytes lie between its members and its directory")
    return placed


def _local(spool: BinaryIO, entry: _Entry) -> int:
    """Checks a member's own header against the directory; returns where its data begins."""
    spool.seek(entry.offset)
    raw = spool.read(_LOCAL.size)
    if len(raw) < _LOCAL.size:
        raise BadContainerError("local", "a member's own header is missing", member=entry.name)
    mark, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(raw)
    rest = spool.read(name_length + extra_length)
    if mark != b"PK\x03\x04" or len(rest) < name_length + extra_length:
        raise BadContainerError("local", "a member's own header is missing", member=entry.name)
    if rest[:name_length] != entry.raw:
        raise BadContainerError("name", "a member has another name in its own header", member=entry.name)
    size, packed, _ = _large(rest[name_length:], size, packed, 0)
    _check_other_name(rest[name_length:], entry.name)
    streamed = bool(flags & 8) and not (crc or packed or size)
    same = (crc, packed, size) == (entry.crc, entry.packed, entry.size)
    if flags & 0x2049 != entry.flags & 0x2049 or method != entry.method or not (same or streamed):
        raise BadContainerError(
            "local", "a member's own header says other things than the directory", member=entry.name
        )
    return int(entry.offset + _LOCAL.size + name_length + extra_length)


def _descriptor(spool: BinaryIO, entry: _Entry, at: int, begin: int) -> int:
    """Where a data descriptor ends, in one of its four shapes."""
    spool.seek(at)
    raw = spool.read(min(24, begin - at))
    for mark in (b"PK\x07\x08", b""):
        for form in ("<LQQ", "<LLL"):
            whole = (
                mark + struct.pack(form, entry.crc, entry.packed, entry.size) if _fits(form, entry) else None
            )
            if whole is not None and raw.startswith(whole):
                return at + len(whole)
    raise BadContainerError(
        "local", "what follows a member says other things than the directory", member=entry.name
    )


def _fits(form: str, entry: _Entry) -> bool:
    return form == "<LQQ" or max(entry.packed, entry.size) <= 0xFFFFFFFF


def _content(spool: BinaryIO, placed: _Placed) -> Iterator[bytes]:
    """A member's bytes, and at their end the proof that they are those of its checksum."""
    entry = placed.entry
    crc = made = 0
    for piece in bounded(_unpacked(spool, placed), entry.packed):
        crc = zlib.crc32(piece, crc)
        made += len(piece)
        if made > entry.size:
            break
        yield piece
    if made != entry.size or crc != entry.crc:
        raise BadContainerError("checksum", "a member is not what its checksum says", member=entry.name)


def _raw(spool: BinaryIO, placed: _Placed) -> Iterator[bytes]:
    at, end = placed.start, placed.start + placed.entry.packed
    while at < end:
        spool.seek(at)
        piece = spool.read(min(_PIECE, end - at))
        if not piece:
            raise BadContainerError("local", "a member is cut off", member=placed.entry.name)
        at += len(piece)
        yield piece


def _unpacked(spool: BinaryIO, placed: _Placed) -> Iterator[bytes]:
    method = placed.entry.method
    if method == 0:
        yield from _raw(spool, placed)
        return
    try:
        if method == 8:
            yield from _inflated(_raw(spool, placed))
        elif method == 12:
            yield from _stream(bz2.BZ2Decompressor(), _raw(spool, placed))
        else:
            yield from _lzma(_raw(spool, placed))
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
        raise BadContainerError("data", "a member cannot be decompressed", member=placed.entry.name) from None


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    machine = zlib.decompressobj(-15)
    for piece in pieces:
        if machine.eof:
            raise ValueError
        made = machine.decompress(piece, _PIECE)
        while made:
            yield made
            made = machine.decompress(machine.unconsumed_tail, _PIECE)
    if not machine.eof or machine.unused_data:
        raise ValueError


def _stream(machine: bz2.BZ2Decompressor | lzma.LZMADecompressor, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if machine.eof:
            raise ValueError
        made = machine.decompress(piece, _PIECE)
        while made or not (machine.needs_input or machine.eof):
            if made:
                yield made
            if machine.eof or machine.needs_input:
                break
            made = machine.decompress(b"", _PIECE)
    if not machine.eof or machine.unused_data:
        raise ValueError


def _lzma(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """LZMA in a zip has its properties in front, and may end without a mark."""
    buffer = b""
    for piece in pieces:
        buffer += piece
        if len(buffer) >= 4:
            break
    length = struct.unpack_from("<H", buffer, 2)[0]
    if length != 5 or len(buffer) < 9:
        raise ValueError
    filters = [lzma._decode_filter_properties(lzma.FILTER_LZMA1, buffer[4:9])]  # type: ignore[attr-defined]
    machine = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)

    def rest() -> Iterator[bytes]:
        yield buffer[9:]
        yield from pieces

    for piece in rest():
        made = machine.decompress(piece, _PIECE)
        while made:
            yield made
            if machine.eof or machine.needs_input:
                break
            made = machine.decompress(b"", _PIECE)
