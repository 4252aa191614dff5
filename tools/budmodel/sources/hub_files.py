"""The bytes of a repository's files: whole, in part, or as a digest; checked against what the Hub said."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from budmodel.errors import OutsideError
from budmodel.sources.hub_errors import Asked
from budmodel.sources.hub_http import Again, HubClient
from budmodel.sources.hub_listing import Entry
from budmodel.sources.interface import MAX_HEADER, MAX_SMALL_FILE

if TYPE_CHECKING:
    import httpx2

MAX_PART = MAX_HEADER + 8
"""Largest part that is read of a file: a safetensors header with its length in front."""
_RESUMES = 8
_content_range = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/(?:([0-9]{1,19})|\*)\Z")


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a pinned repository, and how to ask for it."""

    asked: Asked
    revision: str
    entry: Entry

    @property
    def url(self) -> str:
        """Where the Hub serves it."""
        path = quote(self.entry.path, safe="/")
        return f"{self.asked.endpoint}/{self.asked.repo_id}/resolve/{self.revision}/{path}"

    def wrong(self, reason: str) -> OutsideError:
        """The error for bytes that are not those which were listed."""
        return OutsideError(
            f"{self.asked.what} from {self.asked.host} {reason}; nothing of it is used, try again"
        )


def read_whole(client: HubClient, file: HubFile) -> bytes:
    """A small file, from the local cache of huggingface_hub where that holds the very bytes."""
    most = MAX_SMALL_FILE if file.entry.size is None else file.entry.size
    if most > MAX_SMALL_FILE:
        raise OutsideError(
            f"{file.asked.what} has {most} bytes, too many to be read whole; read a part of it"
        )

    def once() -> bytes:
        with client.open(file.asked, file.url, elsewhere=True) as (response, claims):
            _check_claims(file, claims)
            if response.status_code != 200:
                raise file.wrong("is answered in part, though it was asked for whole")
            return b"".join(client.pieces(file.asked, response, most))

    content = _cached(file)
    if content is None:
        content = client.patiently(once)
        _check_content(file, content)
    return content


def read_part(client: HubClient, file: HubFile, start: int, length: int | None) -> bytes:
    """Bytes of a file from ``start``: ``length`` of them, or fewer where the file ends before."""
    size = file.entry.size
    if size is not None:
        length = max(0, size - start) if length is None else max(0, min(length, size - start))
    if length == 0:
        return b""
    most = MAX_SMALL_FILE if length is None else length
    if most > MAX_PART:
        raise OutsideError(f"{most} bytes of {file.asked.what} are too many to be read at once; read fewer")
    last = "" if length is None else start + length - 1

    def once() -> bytes:
        with client.open(file.asked, file.url, elsewhere=True, span=f"bytes={start}-{last}") as (
            response,
            claims,
        ):
            _check_claims(file, claims)
            seconds = client.patience.whole * max(1.0, most / MAX_SMALL_FILE)
            if response.status_code == 200:
                return _skip_and_take(client, file, response, start, most, seconds)
            expected = _span_of(file, response, start, most)
            part = b"".join(client.pieces(file.asked, response, expected, seconds=seconds))
            if len(part) != expected:
                raise Again(file.wrong("was cut off"))
            return part

    part = client.patiently(once)
    if size is not None and len(part) != most:
        raise file.wrong(f"is shorter than the {size} bytes that were listed")
    return part


def stream(client: HubClient, file: HubFile) -> Iterator[bytes]:
    """The bytes of a whole file, in one pass; where the line breaks, it goes on from there.

    Raises:
        BudmodelError: the Hub failed, or these are not the bytes that it listed; known at the end only.
    """
    size, blob = file.entry.size, file.entry.blob
    git = None if blob is None or size is None else _git_hash(size)
    done = tries = 0
    while True:
        try:
            for piece in _from(client, file, done):
                done += len(piece)
                if size is not None and done > size:
                    raise file.wrong(f"is longer than the {size} bytes that were listed")
                if git is not None:
                    git.update(piece)
                yield piece
        except Again as again:
            client.pause(again, tries, _RESUMES)
            tries += 1
        else:
            break
    if size is not None and done != size:
        raise file.wrong(f"has {done} bytes instead of the {size} that were listed")
    if git is not None and git.hexdigest() != blob:
        raise file.wrong("does not match its Git object id")


def _from(client: HubClient, file: HubFile, start: int) -> Iterator[bytes]:
    span = f"bytes={start}-" if start else None
    with client.open(file.asked, file.url, elsewhere=True, span=span) as (response, claims):
        _check_claims(file, claims)
        # A server that ignores Range sends again what we have; that much is passed over.
        over = start if response.status_code == 200 else 0
        if response.status_code == 206:
            _span_of(file, response, start, None)
        for piece in client.pieces(file.asked, response, None):
            if len(piece) > over:
                yield piece[over:] if over else piece
            over = max(0, over - len(piece))


def _git_hash(size: int) -> hashlib._Hash:
    """Git's object id of a file (gitformat: SHA-1 over ``blob <size>\\0`` and the content)."""
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def _check_content(file: HubFile, content: bytes) -> None:
    entry = file.entry
    if entry.size is not None and len(content) != entry.size:
        raise file.wrong(f"has {len(content)} bytes instead of the {entry.size} that were listed")
    if entry.sha256 is not None and hashlib.sha256(content).hexdigest() != entry.sha256:
        raise file.wrong("does not match its listed SHA-256")
    if entry.blob is not None:
        git = _git_hash(len(content))
        git.update(content)
        if git.hexdigest() != entry.blob:
            raise file.wrong("does not match its Git object id")


def _check_claims(file: HubFile, claims: Mapping[str, str]) -> None:
    """What the Hub says on the way to the bytes must be what its listing said."""
    commit = claims.get("x-repo-commit")
    if commit is not None and commit != file.revision:
        raise file.wrong("is served from another commit than the one that was asked for")
    size = claims.get("x-linked-size")
    if size is not None and file.entry.size is not None and size != str(file.entry.size):
        raise file.wrong("has another size than the one that was listed")
    linked = claims.get("x-linked-etag", "").removeprefix("W/").strip('"')
    if file.entry.sha256 is not None and len(linked) == 64 and linked != file.entry.sha256:
        raise file.wrong("has another SHA-256 than the one that was listed")


def _span_of(file: HubFile, response: httpx2.Response, start: int, most: int | None) -> int:
    """How many bytes a partial answer holds; it must be the part that was asked for (RFC 9110 §14.4)."""
    match = _content_range.match(response.headers.get("content-range", ""))
    if match is None:
        raise file.wrong("is answered in part without saying which")
    first, last = int(match[1]), int(match[2])
    total = file.entry.size if match[3] is None else int(match[3])
    if file.entry.size is not None and total != file.entry.size:
        raise file.wrong(f"has {total} bytes instead of the {file.entry.size} that were listed")
    count = last - first + 1
    ends = total is None or last == total - 1
    if first != start or count < 1 or (most is not None and (count > most or (count < most and not ends))):
        raise file.wrong("is answered with another part than the one that was asked for")
    return count


def _skip_and_take(
    client: HubClient, file: HubFile, response: httpx2.Response, start: int, most: int, seconds: float
) -> bytes:
    """The part out of a whole answer, from a server that ignores Range; the rest is not read."""
    if start + most > MAX_PART:
        raise file.wrong("is not served in parts, and reading all before the part would take too long")
    taken = bytearray()
    for piece in client.pieces(file.asked, response, None, seconds=seconds):
        taken += piece
        if len(taken) >= start + most:
            break
    return bytes(taken[start : start + most])


def _cached(file: HubFile) -> bytes | None:
    """The file as huggingface_hub's cache has it (HF_HOME), where its listed digest proves it; else None."""
    from huggingface_hub import try_to_load_from_cache

    entry = file.entry
    if entry.size is None or (entry.sha256 is None and entry.blob is None):
        return None
    try:
        found = try_to_load_from_cache(file.asked.repo_id, entry.path, revision=file.revision)
        if not isinstance(found, str) or Path(found).stat().st_size != entry.size:
            return None
        content = Path(found).read_bytes()
        _check_content(file, content)
    except (OSError, ValueError, OutsideError):
        # A damaged or foreign cache is no reason to stop: the Hub is asked.
        return None
    return content
