"""Tars, read strictly: plain files and folders only, and nothing but zeros behind them."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from typing import BinaryIO

from budmodel.scanners.archive_names import MOST_MEMBERS, BadContainerError, OpenQuestionError, check_names
from budmodel.scanners.interface import Found, Inspect, Subject

_PIECE = 1 << 20
_BLOCK = 512


def read_tar(spool: BinaryIO, subject: Subject, inspect: Inspect, note: Callable[[Found], None]) -> None:
    """Opens a tar and hands its members over.

    Raises:
        BadContainerError: its structure is wrong, or it holds what no model has.
        OpenQuestionError: it cannot be decided.
    """
    size = spool.seek(0, 2)
    spool.seek(0)
    members = _members(spool)
    check_names(member.name for member in members)
    end = 0
    for member in members:
        if member.issparse():
            raise OpenQuestionError("unsupported", "it holds a sparse file, which readers treat differently")
        if not (member.isreg() or member.isdir()):
            raise BadContainerError("link", "a member is a link or a device", member=member.name)
        end = member.offset_data + -(-member.size // _BLOCK) * _BLOCK
        if member.offset_data + member.size > size:
            raise OpenQuestionError("error", "it ends within a member")
    _only_zeros(spool, end, size)
    for member in members:
        if member.isreg():
            name = member.name.removeprefix("./").replace("!", "%21")
            inspect(name, member.size, _content(spool, member))


def _members(spool: BinaryIO) -> list[tarfile.TarInfo]:
    found: list[tarfile.TarInfo] = []
    try:
        with tarfile.open(fileobj=spool, mode="r:", errors="surrogateescape") as archive:
            for member in archive:
                found.append(member)
                if len(found) > MOST_MEMBERS:
                    raise OpenQuestionError("limit", f"it has more than {MOST_MEMBERS} members")
    except (tarfile.TarError, ValueError, EOFError, OSError, OverflowError):
        raise BadContainerError("tar", "it cannot be read as a tar") from None
    return found


def _only_zeros(spool: BinaryIO, at: int, size: int) -> None:
    """Readers stop at the first empty block; what comes after it would be seen by nobody."""
    spool.seek(min(at, size))
    while piece := spool.read(_PIECE):
        if piece.strip(b"\0"):
            raise BadContainerError("trailing", "bytes lie behind its last member")


def _content(spool: BinaryIO, member: tarfile.TarInfo) -> Iterator[bytes]:
    at, end = member.offset_data, member.offset_data + member.size
    while at < end:
        spool.seek(at)
        piece = spool.read(min(_PIECE, end - at))
        if not piece:
            raise OpenQuestionError("error", "it ends within a member")
        at += len(piece)
        yield piece
