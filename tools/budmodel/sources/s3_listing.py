"""All objects below a prefix of a bucket, in pages, each pinned to its version or entity tag."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from budmodel.errors import OutsideError
from budmodel.sources.interface import RemoteFile
from budmodel.sources.listing_rules import MAX_SIZE, check_count, check_paths, shown
from budmodel.sources.s3_client import CONNECTIONS, S3Client
from budmodel.sources.s3_errors import changed

MAX_PAGES = 10_000
"""Most pages of a list, so that a server which always has one more comes to an end."""
ASKED_EACH = 1000
"""Up to so many files, each is asked for its checksum where the list does not say which of them have one."""
WORTH_ASKING = 1 << 20
"""Of more files, those of so many bytes: asking for a smaller one costs as much as reading it."""

# Some policies let one read but not ask about versions, and some stores do not know the question.
_NO_ANSWER = frozenset(
    [
        *("AccessDenied", "AllAccessDisabled", "NotImplemented", "MethodNotAllowed", "UnsupportedOperation"),
        *("403", "405", "501"),
    ]
)


_ETAG = re.compile(r'"?([!#-~]{1,256})"?')


@dataclass(slots=True)
class Objects:
    """What stands below the prefix."""

    files: list[RemoteFile]
    newest: datetime | None
    """When the last of them was written."""
    markers: int = 0
    """Empty objects that stand for folders, left out."""
    versioned: bool = False
    with_sha256: set[str] | None = None
    """Paths that have a SHA-256 by the list's word; None where it says nothing of checksums."""


def uri_of(client: S3Client, key: str) -> str:
    """How a message names an object."""
    return f"s3://{client.bucket}/{shown(key)}"


def pin_of(file: RemoteFile) -> dict[str, str]:
    """The arguments that make S3 answer for exactly this object and no later one."""
    return {"VersionId": file.version_id} if file.version_id else {"IfMatch": f'"{file.etag}"'}


def etag_of(answer: dict[str, Any]) -> str | None:
    """The entity tag of an answer, without quotes; None where there is none that a record can hold."""
    etag = answer.get("ETag")
    match = _ETAG.fullmatch(etag) if isinstance(etag, str) else None
    return match[1] if match else None


def list_objects(client: S3Client, prefix: str) -> Objects:
    """All objects below ``prefix`` (empty, or ending in ``/``), pinned, with the digests that S3 keeps.

    Raises:
        OutsideError: S3 failed, or its answer cannot be used.
    """
    found = _collect(client, prefix)
    where = uri_of(client, prefix)
    check_paths((file.path for file in found.files), where, OutsideError)
    if not found.files:
        return found
    unpinned = _pin_versions(client, prefix, found)
    asked = found.files if unpinned else [file for file in found.files if _worth_asking(file, found)]
    _ask_each(client, prefix, found, asked)
    found.files.sort(key=lambda file: file.path)
    return found


def _pages(
    client: S3Client, operation: str, where: str, markers: dict[str, str], **arguments: Any
) -> Iterator[Any]:
    """The pages of a list. ``markers``: where a page says how the next begins, and the argument for it."""
    following: dict[str, Any] = {}
    for number in range(MAX_PAGES):
        tolerated = _NO_ANSWER if operation == "list_object_versions" and number == 0 else ()
        page = client.ask(operation, where, tolerated=tolerated, **arguments, **following)
        yield page
        if page is None or not page.get("IsTruncated"):
            return
        before = following
        following = {name: page[field] for field, name in markers.items() if page.get(field)}
        if not following or following == before:
            raise OutsideError(f"The list of {where} stops in the middle; check that the store speaks S3.")
    raise OutsideError(f"The list of {where} has over {MAX_PAGES:,} pages; name the folder of one model.")


def _collect(client: S3Client, prefix: str) -> Objects:
    where = uri_of(client, prefix)
    found = Objects(files=[], newest=None)
    pages = _pages(
        client, "list_objects_v2", where, {"NextContinuationToken": "ContinuationToken"}, Prefix=prefix
    )
    for page in pages:
        for entry in page.get("Contents") or ():
            _take(client, prefix, entry, found)
        check_count(len(found.files), where, OutsideError)
    return found


def _take(client: S3Client, prefix: str, entry: dict[str, Any], found: Objects) -> None:
    key, size = entry.get("Key"), entry.get("Size")
    if not isinstance(key, str) or not isinstance(size, int) or not 0 <= size <= MAX_SIZE:
        raise OutsideError(f"The list of {uri_of(client, prefix)} has an entry without key or proper size.")
    if not key.startswith(prefix):
        raise OutsideError(f"The list of {uri_of(client, prefix)} names '{shown(key)}', which is elsewhere.")
    if size == 0 and (key.endswith("/") or key == prefix):
        found.markers += 1
        return
    etag = etag_of(entry)
    if etag is None:
        raise OutsideError(f"{uri_of(client, key)} has no ETag, so it cannot be pinned.")
    path = key[len(prefix) :]
    found.files.append(RemoteFile(path=path, size=size, etag=etag))
    if algorithms := entry.get("ChecksumAlgorithm"):
        found.with_sha256 = found.with_sha256 or set()
        if "SHA256" in algorithms and entry.get("ChecksumType") != "COMPOSITE":
            found.with_sha256.add(path)
    moment = entry.get("LastModified")
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        found.newest = max(found.newest or moment, moment)


def _pin_versions(client: S3Client, prefix: str, found: Objects) -> bool:
    """Sets the version ids where the bucket keeps versions. True when each file must be asked for its own."""
    where = uri_of(client, prefix)
    answer = client.ask("get_bucket_versioning", where, tolerated=_NO_ANSWER)
    if answer is None:
        # One file tells whether there are versions at all.
        head = _head(client, prefix, found.files[0])
        found.versioned = head.version_id is not None
        return found.versioned
    found.versioned = answer.get("Status") in ("Enabled", "Suspended")
    return found.versioned and not _list_versions(client, prefix, found)


def _list_versions(client: S3Client, prefix: str, found: Objects) -> bool:
    markers = {"NextKeyMarker": "KeyMarker", "NextVersionIdMarker": "VersionIdMarker"}
    latest: dict[str, tuple[str, str | None]] = {}
    wanted = {file.path for file in found.files}
    for page in _pages(client, "list_object_versions", uri_of(client, prefix), markers, Prefix=prefix):
        if page is None:
            return False
        for entry in page.get("Versions") or ():
            key, version = entry.get("Key"), entry.get("VersionId")
            if not entry.get("IsLatest") or not isinstance(key, str) or key[len(prefix) :] not in wanted:
                continue
            # "null" is an object from before the bucket kept versions; its entity tag pins it.
            if isinstance(version, str) and version != "null" and 0 < len(version) <= 1024:
                latest[key[len(prefix) :]] = version, etag_of(entry)
    for number, file in enumerate(found.files):
        version_id, etag = latest.get(file.path, (None, file.etag))
        if etag != file.etag:
            raise changed(uri_of(client, prefix + file.path))
        found.files[number] = replace(file, version_id=version_id)
    return True


def _worth_asking(file: RemoteFile, found: Objects) -> bool:
    if found.with_sha256 is not None:
        return file.path in found.with_sha256
    return len(found.files) <= ASKED_EACH or file.size >= WORTH_ASKING


def _ask_each(client: S3Client, prefix: str, found: Objects, asked: Iterable[RemoteFile]) -> None:
    pool = ThreadPoolExecutor(CONNECTIONS, "budmodel-s3")
    try:
        answers = {file.path: file for file in pool.map(lambda file: _head(client, prefix, file), asked)}
    finally:
        # Whoever pressed Ctrl-C does not wait for a server that is silent.
        pool.shutdown(wait=False, cancel_futures=True)
    found.files[:] = [answers.get(file.path, file) for file in found.files]


def _head(client: S3Client, prefix: str, file: RemoteFile) -> RemoteFile:
    """The file with its version and digest, asked for by itself."""
    key = prefix + file.path
    where = uri_of(client, key)
    head = client.ask("head_object", where, pinned=True, Key=key, ChecksumMode="ENABLED", **pin_of(file))
    if head.get("ContentLength") != file.size or etag_of(head) != file.etag:
        raise changed(where)
    version = head.get("VersionId")
    usable = isinstance(version, str) and version != "null" and 0 < len(version) <= 1024
    return replace(file, sha256=_digest(head), version_id=version if usable else file.version_id)


def _digest(head: dict[str, Any]) -> str | None:
    """The SHA-256 of the whole object, where S3 checked and kept one.

    An object that was uploaded in parts has a composite checksum, the digest of its parts' digests, which is
    not the file's: ``ChecksumType`` says so, or a ``-N`` after it, or (older stores) only that of the ETag.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
    """
    checksum, kind = head.get("ChecksumSHA256"), head.get("ChecksumType")
    if not isinstance(checksum, str) or kind not in (None, "FULL_OBJECT"):
        return None
    if kind is None and "-" in (etag_of(head) or "-"):
        return None
    try:
        raw = base64.b64decode(checksum, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw.hex() if len(raw) == 32 else None
