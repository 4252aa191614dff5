"""Canaries: clamd proves, whatever its configuration says, that it finds EICAR wherever we would send it.

clamd searches less than it is sent where a limit of its configuration says so, and calls the rest clean; no
command tells these limits. So before and after a run each clamd is sent harmless bytes with EICAR's test file
in them, at the far end of a whole window, and in archives. EICAR's text is kept here as base64, so that no
scanner mistakes this file for it.
"""

from __future__ import annotations

import base64
import io
import os
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from budmodel.errors import OutsideError
from budmodel.scanners.clamd_protocol import Client, Reply

EICAR = base64.b64decode(
    "WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo="
)
"""The 68 bytes that every virus scanner agrees to call infected."""
_BLOCK = 1 << 20
_SHORT = 4096
_NESTED = 128
"""Zips in each other: more than clamd opens, unless MaxRecursion is far above its default of 17."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """Harmless bytes, and what must be said of them."""

    what: str
    infected: bool
    advice: str
    """What to do where it says something else."""


_PLAIN = Canary(
    what="EICAR's test file",
    infected=True,
    advice="it has no signatures: run freshclam, or see that DatabaseDirectory is right",
)
_ZIPPED = Canary(what="EICAR in a zip", infected=True, advice="set ScanArchive yes in its clamd.conf")
_CLEAN = Canary(
    what="some random bytes",
    infected=False,
    advice="what it says means nothing: see its signatures, and who listens there",
)
_ENOUGH = "in its clamd.conf, set StreamMaxLength, MaxFileSize, MaxScanSize and MaxScanTime to 0 or to enough"
COUNT = 5
"""Canaries of one proof: those above, and a whole window."""


def prove(client: Client, window: int) -> None:
    """Sends a clamd its canaries.

    Args:
        client: the clamd.
        window: bytes of the largest stream of a file that is sent in windows.

    Raises:
        OutsideError: it does not answer as it must; the sentence says which setting to change.
    """
    noise = os.urandom(min(_BLOCK, window))
    _check(client, _PLAIN, [EICAR])
    _check(client, _ZIPPED, [_zip({"eicar.com": [EICAR]})])
    _check_alerts(client)
    _check(client, _CLEAN, [noise[:_SHORT]])
    far = Canary(what=f"EICAR at the far end of {window} bytes", infected=True, advice=_ENOUGH)
    # Some databases know EICAR as a file of its own only: there it is a member of a zip at the far end.
    anywhere = _send(client, [noise[:_SHORT], EICAR]).kind == "found"
    _check(client, far, _raw_window(noise, window) if anywhere else _zip_window(noise, window))


def _check(client: Client, canary: Canary, pieces: Iterable[bytes]) -> None:
    reply = _send(client, pieces)
    if reply.kind == ("found" if canary.infected else "clean"):
        return
    said = {
        "clean": "finds nothing in",
        "found": f"finds {reply.name} in",
        "limit": f"stops at its limit {reply.name} in",
    }[reply.kind]
    advice = f"raise {reply.name} in its clamd.conf" if reply.kind == "limit" else canary.advice
    raise OutsideError(f"clamd at {client.endpoint} {said} {canary.what}, a canary; {advice}")


def _check_alerts(client: Client) -> None:
    """That clamd says so where a limit keeps it from searching."""
    if not any(_send(client, [content]).kind == "limit" for content in _beyond_limits()):
        raise OutsideError(
            f"clamd at {client.endpoint} does not tell what its limits keep it from searching, "
            "as a canary shows; set AlertExceedsMax yes in its clamd.conf"
        )


def _send(client: Client, pieces: Iterable[bytes]) -> Reply:
    stream = client.stream()
    try:
        for piece in pieces:
            stream.send(piece)
        stream.end()
        return stream.reply()
    finally:
        stream.close()


def _raw_window(noise: bytes, window: int) -> Iterator[bytes]:
    yield from _padding(noise, window - len(EICAR))
    yield EICAR


def _zip_window(noise: bytes, window: int) -> Iterator[bytes]:
    """A stored zip of exactly so many bytes, with padding before EICAR."""
    # Beside its members' data, a zip of the same names has the same bytes, whatever they hold.
    stored = zipfile.ZIP_STORED
    frame = len(_zip({"padding.bin": [], "eicar.com": [EICAR]}, stored))
    padding = _padding(noise, window - frame)
    with memoryview(_zip({"padding.bin": padding, "eicar.com": [EICAR]}, stored)) as whole:
        for start in range(0, len(whole), _BLOCK):
            yield bytes(whole[start : start + _BLOCK])


def _padding(noise: bytes, size: int) -> Iterator[bytes]:
    """So many bytes, the noise again and again: as slow to search as bytes that never repeat."""
    while size > 0:
        yield noise[:size]
        size -= len(noise)


def _zip(members: Mapping[str, Iterable[bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip; without compression its members' bytes would also be found by who opens no zip."""
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, pieces in members.items():
                info = zipfile.ZipInfo(name)
                info.compress_type = method
                with archive.open(info, "w") as member:
                    for piece in pieces:
                        member.write(piece)
        return buffer.getvalue()


def _beyond_limits() -> Iterator[bytes]:
    """What clamd stops at whatever its limits are, in two ways."""
    info = tarfile.TarInfo("vast.bin")
    info.size = 2**31 - 1  # clamd's own largest size is two bytes less
    yield info.tobuf(tarfile.USTAR_FORMAT) + bytes(_SHORT)
    content = EICAR
    for _ in range(_NESTED):
        content = _zip({"eicar.com": [content]})
    yield content
