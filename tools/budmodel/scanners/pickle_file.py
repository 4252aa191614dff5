"""All pickles of a file, and what lies between and behind them: legacy torch, joblib, .npy, several in a row.

Every byte must be explained: as a pickle, as numbers that a pickle announces, or the file is not clean.
"""

from __future__ import annotations

import ast
import io
import math
import re
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from budmodel.scanners.pickle_allowed import ITEM_SIZES
from budmodel.scanners.pickle_sniff import looks_like_pickle
from budmodel.scanners.pickle_walk import COMPUTED, ODD_KEYS, Made, PickleError, TooLongError, Walk, Walker

_TORCH_MAGIC = 0x1950A86A20F9469CFC6C
"""The first pickle of the files that torch.save wrote before version 1.6."""
_DTYPE = re.compile(r"[<>|=]?([a-zA-Z])([0-9]*)\Z")
_NPY_HEADER = 1 << 16
_DEEPEST = 3
_MOST_PICKLES = 1000
_LIBRARY_MAX = 16 << 20
"""Bytes of a pickle that picklescan is asked about as well; it keeps all operations in memory."""


@dataclass(slots=True)
class Report:
    """What a file would do when it is loaded."""

    names: set[str] = field(default_factory=set)
    dangerous: set[str] = field(default_factory=set)
    """Names that picklescan knows as dangerous."""
    odd: set[str] = field(default_factory=set)
    error: str = ""
    """Why not all of it could be walked through."""
    limit: str = ""
    unexplained: str = ""
    """Bytes that nothing announces."""
    pickles: int = 0


def examine(stream: BinaryIO, size: int, format_name: str) -> Report:
    """Walks through a file.

    Args:
        stream: the file, seekable.
        size: its bytes.
        format_name: pickle or numpy.
    """
    report = Report()
    try:
        if format_name == "numpy":
            _npy(stream, size, report)
        else:
            stream.seek(0)
            _pickles(stream, size, report)
    except PickleError as error:
        report.error = str(error)
    except TooLongError:
        report.limit = "it has more operations than are walked through"
    return report


def _pickles(stream: BinaryIO, size: int, report: Report) -> None:
    walks: list[Walk] = []
    while stream.tell() < size:
        if walks and not _another(stream, report):
            break
        if len(walks) >= _MOST_PICKLES:
            raise TooLongError
        walks.append(_one(stream, report))
        if len(walks) == 5 and walks[0].result == _TORCH_MAGIC:
            _torch_storages(stream, size, walks, report)
    report.pickles = len(walks)


def _another(stream: BinaryIO, report: Report) -> bool:
    at = stream.tell()
    head = stream.read(1 << 16)
    stream.seek(at)
    if not head.strip(b"\0\n"):
        # Padding, or the line end of an editor; if it is all that is left.
        rest = stream.read()
        stream.seek(at)
        if not rest.strip(b"\0\n"):
            stream.seek(0, 2)
            return False
    if head[:1] == b"\x80" or looks_like_pickle(head, "x.pkl"):
        return True
    report.unexplained = f"nothing announces the bytes from {at} on"
    return False


def _one(stream: BinaryIO, report: Report, depth: int = 0) -> Walk:
    walker = Walker(stream, lambda file, state: _joblib_array(file, state, report))
    try:
        walk = walker.run()
    finally:
        _add(walker.walk, report)
        if walker.walk.arrays:
            _without_joblib(stream, walker.walk.start, report)
        if depth < _DEEPEST:
            for inner in walker.walk.inner:
                _inside(inner, report, depth + 1)
    _ask_library(stream, walk, report)
    return walk


def _without_joblib(stream: BinaryIO, start: int, report: Report) -> None:
    """What plain pickle makes of the same bytes, to which the numbers of arrays are operations."""
    at = stream.tell()
    stream.seek(start)
    plain = Walker(stream)
    with suppress(PickleError):
        plain.run()
    stream.seek(at)
    # Numbers that only look like a name cannot be imported.
    report.names |= {name for name in plain.walk.names if name.isprintable() and name.isascii()}
    report.odd |= plain.walk.odd & {COMPUTED}


def _add(walk: Walk, report: Report) -> None:
    report.names |= walk.names
    report.odd |= walk.odd


def _inside(content: bytes, report: Report, depth: int) -> None:
    """A pickle in a byte string is loaded by nobody on its own; what it imports counts all the same."""
    if content[:1] == b"\x80" and looks_like_pickle(content[: 1 << 16], ""):
        with suppress(PickleError, TooLongError):
            _one(io.BytesIO(content), report, depth)


def _ask_library(stream: BinaryIO, walk: Walk, report: Report) -> None:
    """picklescan's opinion of the same bytes: what it finds beyond ours counts, too."""
    length = walk.end - walk.start
    if walk.arrays or length > _LIBRARY_MAX or not walk.names:
        return
    import logging

    from picklescan.scanner import SafetyLevel, scan_pickle_bytes

    logging.getLogger("picklescan").setLevel(logging.CRITICAL)
    at = stream.tell()
    stream.seek(walk.start)
    raw = stream.read(length)
    stream.seek(at)
    result = scan_pickle_bytes(io.BytesIO(raw), "pickle", multiple_pickles=False, strict=True)
    for one in result.globals:
        name = f"{one.module}.{one.name}"
        report.names.add(name)
        if one.safety == SafetyLevel.Dangerous:
            report.dangerous.add(name)


def _torch_storages(stream: BinaryIO, size: int, walks: list[Walk], report: Report) -> None:
    """The numbers behind the five pickles: each storage with its number of items in front."""
    keys, known = walks[4].result, walks[3].storages
    if not isinstance(keys, list):
        raise PickleError("it does not say which storages follow")
    for key in keys:
        kind, _ = known.get(key, ("", 0)) if isinstance(key, str) else ("", 0)
        item = ITEM_SIZES.get(kind.rpartition(".")[2].removesuffix("Storage"))
        raw = stream.read(8)
        if item is None or len(raw) < 8:
            raise PickleError("a storage of it is missing, or of an unknown kind")
        end = stream.tell() + struct.unpack("<Q", raw)[0] * item
        if end > size:
            raise PickleError("it ends within a storage")
        stream.seek(end)
    if stream.tell() != size:
        report.unexplained = f"nothing announces the bytes from {stream.tell()} on"
        stream.seek(size)


def _joblib_array(stream: BinaryIO, state: Any, report: Report) -> list[Walk]:
    """Passes over the numbers between the operations, as joblib.numpy_pickle writes them since 0.10."""
    if not isinstance(state, dict) or ODD_KEYS in state:
        raise PickleError("an array of joblib is not described")
    dtype, shape = state.get("dtype"), state.get("shape")
    letters = _dtype_of(dtype)
    if (
        letters is None
        or not isinstance(shape, tuple)
        or not all(isinstance(n, int) and n >= 0 for n in shape)
    ):
        raise PickleError("an array of joblib is not described")
    if "O" in letters[0]:
        return [_one(stream, report)]
    if state.get("numpy_array_alignment_bytes") is not None:
        padding = stream.read(1)
        if not padding:
            raise PickleError("it ends before an array")
        stream.seek(padding[0], 1)
    _pass_over(stream, math.prod(shape) * letters[1])
    return []


def _pass_over(stream: BinaryIO, count: int) -> None:
    at = stream.tell()
    end = stream.seek(0, 2)
    if at + count > end:
        raise PickleError("it ends within an array")
    stream.seek(at + count)


def _dtype_of(dtype: Any) -> tuple[str, int] | None:
    """Letter and bytes of the type of an array that a pickle describes; None where that is not known."""
    if not isinstance(dtype, Made) or dtype.by != "numpy.dtype" or dtype.builds > 1:
        return None
    text = dtype.args[0] if dtype.args else None
    letters = _letters(text) if isinstance(text, str) else None
    if letters is None or dtype.builds == 0:
        return letters
    # (version, byte order, sub-array, names, fields, bytes, alignment, flags)
    state = dtype.state
    plain = isinstance(state, tuple) and len(state) in (8, 9) and state[2:5] == (None, None, None)
    return letters if plain and state[5] in (-1, letters[1]) else None


def _letters(text: str) -> tuple[str, int] | None:
    match = _DTYPE.match(text)
    if match is None:
        return None
    letter, number = match[1], match[2]
    if letter == "O":
        return letter, 0
    if letter == "U":
        return letter, 4 * int(number or 0)
    if number:
        return letter, int(number)
    return (letter, 1) if letter in "bB?" else None


def _npy(stream: BinaryIO, size: int, report: Report) -> None:
    """A .npy file: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html."""
    stream.seek(0)
    start = stream.read(8)
    wide = start[6:7] in (b"\x02", b"\x03")
    raw = stream.read(4 if wide else 2)
    if len(raw) < (4 if wide else 2) or start[6:7] not in (b"\x01", b"\x02", b"\x03"):
        raise PickleError("its header is cut off, or of an unknown version")
    length = struct.unpack("<I" if wide else "<H", raw)[0]
    if length > _NPY_HEADER:
        raise PickleError("its header is too long")
    text = stream.read(length)
    begin = stream.tell()
    shape, descr = header_of(text)
    if _has_objects(descr):
        _pickles(stream, size, report)
        return
    letters = _letters(descr) if isinstance(descr, str) else None
    expected = math.prod(shape) * letters[1] if letters is not None else None
    if expected is not None and begin + expected > size:
        raise PickleError("it ends within its array")
    if expected is not None and begin + expected < size:
        report.unexplained = f"nothing announces the bytes from {begin + expected} on"


def header_of(text: bytes) -> tuple[tuple[int, ...], Any]:
    """Shape and type that the header of a .npy states.

    Raises:
        PickleError: it is no such header.
    """
    try:
        header = ast.literal_eval(text.decode("latin-1").strip())
        shape, descr = header["shape"], header["descr"]
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError):
        raise PickleError("its header cannot be read") from None
    if not isinstance(shape, tuple) or not all(type(count) is int and count >= 0 for count in shape):
        raise PickleError("its header cannot be read")
    return shape, descr


def _has_objects(descr: Any) -> bool:
    """Whether a type holds Python objects, which are pickled; what is no plain type may."""
    if isinstance(descr, str):
        letters = _DTYPE.match(descr)
        return letters is None or letters[1] == "O"
    if isinstance(descr, list):
        return any(not isinstance(one, tuple) or len(one) < 2 or _has_objects(one[1]) for one in descr)
    return True
