"""Which format a file has, by its content. Its name only decides where the content leaves it open."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from typing import BinaryIO

MOST_MEMBERS = 100_000
"""Members of a container that are looked at; more are a limit."""
_HEADER_MAX = 1 << 27
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"GGUF", "gguf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"\x1f\x8b", "compressed"),
    (b"\xfd7zXZ\x00", "compressed"),
    (b"\x28\xb5\x2f\xfd", "compressed"),  # zstd
    (b"\x04\x22\x4d\x18", "compressed"),  # lz4
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"\x93NUMPY", "numpy"),
    (b"PAR1", "parquet"),
    (b"\x7fELF", "executable"),
    (b"MZqFpD", "executable"),  # a program for several systems (APE), as in llamafiles
    (b"#!", "executable"),
    (b"\xfe\xed\xfa\xce", "executable"),
    (b"\xfe\xed\xfa\xcf", "executable"),
    (b"\xce\xfa\xed\xfe", "executable"),
    (b"\xcf\xfa\xed\xfe", "executable"),
    (b"\xca\xfe\xba\xbe", "executable"),  # Java, or Mach-O for several processors
    (b"\x00asm", "executable"),
    (b"dex\n", "executable"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"fLaC", "audio"),
    (b"OggS", "audio"),
    (b"ID3", "audio"),
)
_CODE = (".py", ".pyi", ".pyw")
_TEXT_CONTROLS = bytes({*range(1, 32)} - {9, 10, 12, 13})


def identify(head: bytes, size: int | None, name: str) -> str:
    """The format of a file, as a name of :data:`budmodel.domain.formats.ENGINES_OF`.

    Args:
        head: its first bytes, at most HEAD.
        size: all its bytes, where known.
        name: its last name.
    """
    from budmodel.scanners.pickle_sniff import looks_like_pickle

    if not head:
        return "empty"
    lower = name.lower()
    if _is_safetensors(head, size, lower):
        return "safetensors"
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if head[:3] == b"BZh" and head[3:4].isdigit() and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "compressed"
    if _is_tar(head):
        return "tar"
    if head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"WEBP"):
        return "audio" if head[8:12] == b"WAVE" else "image"
    if looks_like_pickle(head, name):
        return "pickle"
    words = _text(head, size)
    if words is not None:
        return _kind_of_text(words, len(head) == size, lower)
    return _binary(head, size, lower)


def refine(format_name: str, spool: BinaryIO) -> str:
    """What a zip really is, by the names inside it."""
    if format_name != "zip":
        return format_name
    try:
        with zipfile.ZipFile(spool) as archive:
            names = [info.filename for info in archive.filelist[:MOST_MEMBERS]]
    except Exception:  # whatever is wrong with it: the archive engine says so
        return "zip"
    last = {name.rpartition("/")[2] for name in names}
    parts = {part for name in names for part in name.split("/")[:-1]}
    if "data.pkl" in last:
        return "torchscript" if "code" in parts or "constants.pkl" in last else "pytorch"
    if "archive_format" in last or "serialized_exported_program.json" in last:
        return "torchscript"
    if "config.json" in names and ("metadata.json" in names or "model.weights.h5" in names):
        return "keras"
    return "zip"


def _binary(head: bytes, size: int | None, lower: str) -> str:
    if head[:2] == b"MZ":
        return "executable"
    if _is_zlib(head) or head[:3] == b"\x5d\x00\x00":
        return "compressed"
    if head[:2] == b"BM" and len(head) > 14 and struct.unpack_from("<I", head, 2)[0] == size:
        return "image"
    if head[:4] in (b"II*\x00", b"MM\x00*"):
        return "image"
    if lower == "saved_model.pb":
        return "savedmodel"
    if lower.endswith(".onnx") or _is_onnx(head):
        return "onnx"
    if _is_sentencepiece(head):
        return "sentencepiece"
    return "unknown"


def _is_safetensors(head: bytes, size: int | None, lower: str) -> bool:
    if len(head) < 9 or head[8:9] not in (b"{", b" "):
        return False
    length = struct.unpack_from("<Q", head)[0]
    if lower.endswith(".safetensors"):
        # Whatever its header claims: its engine says what is wrong with it.
        return head[8:9] == b"{"
    return head[8:9] == b"{" and 2 <= length <= _HEADER_MAX and (size is None or 8 + length <= size)


def _is_tar(head: bytes) -> bool:
    if len(head) < 512:
        return False
    if head[257:262] == b"ustar":
        return True
    # Tar before POSIX has no magic, but a checksum over the header with its own field as spaces.
    field = head[148:156].split(b"\0", 1)[0].strip()
    if not field or not head[0]:
        return False
    try:
        stated = int(field, 8)
    except ValueError:
        return False
    return stated == sum(head[:148]) + 8 * 32 + sum(head[156:512])


def _is_zlib(head: bytes) -> bool:
    """RFC 1950's header alone is no proof: some of the stream must inflate."""
    if len(head) < 8 or head[0] & 15 != 8 or head[0] >> 4 > 7 or (head[0] << 8 | head[1]) % 31:
        return False
    try:
        return bool(zlib.decompressobj().decompress(head, 16))
    except zlib.error:
        return False


def _is_onnx(head: bytes) -> bool:
    """A ModelProto begins with its IR version, and goes on with a producer, a graph or operator sets."""
    return len(head) > 8 and head[0] == 8 and 1 <= head[1] <= 20 and head[2] in (0x12, 0x1A, 0x3A, 0x42)


def _is_sentencepiece(head: bytes) -> bool:
    """A model begins with its pieces: messages of a text, a score, perhaps a kind."""
    at = pieces = 0
    while pieces < 3:
        if len(head) < at + 4 or head[at] != 0x0A or head[at + 1] >= 0x80 or head[at + 2] != 0x0A:
            return False
        length = head[at + 1]
        if length < 2 or head[at + 3] > length - 2:
            return False
        at += 2 + length
        pieces += 1
    return True


def _text(head: bytes, size: int | None) -> str | None:
    """The head as text; None where it is none."""
    if b"\0" in head:
        return None
    controls = len(head) - len(head.translate(None, _TEXT_CONTROLS))
    if controls * 100 > len(head):
        return None
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The last character may be cut off, and only that.
        if error.end < len(head) or len(head) - error.start > 3 or len(head) == size:
            return None
        return head[: error.start].decode("utf-8-sig")


def _kind_of_text(words: str, whole: bool, lower: str) -> str:
    if lower.endswith(_CODE):
        return "python"
    if lower.endswith(".json"):
        return "json"
    if whole and words.lstrip()[:1] in ("{", "["):
        try:
            json.loads(words)
        except (ValueError, RecursionError):
            return "text"
        return "json"
    return "text"
