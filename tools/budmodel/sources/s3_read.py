"""Bytes of one pinned object: ranges that survive lost connections, and all of it in constant memory."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from budmodel.errors import OutsideError
from budmodel.sources.interface import RemoteFile
from budmodel.sources.s3_client import S3Client
from budmodel.sources.s3_errors import changed, explain
from budmodel.sources.s3_listing import etag_of, pin_of, uri_of

PIECE = 1 << 18
"""Bytes of one read from a connection; an unfinished piece of a lost connection is asked for again."""
RANGE = 16 << 20
"""Bytes of one request of a large object."""
AHEAD = 4
"""Requests on the way while their predecessors are hashed: RANGE * (AHEAD + 1) bytes of memory at most."""
TRIES = 4
"""Lost connections in a row, with less than a piece between them, before it is given up."""
_PAUSE_SECONDS = 0.2
"""Before the second try; twice as long before each further one."""


def read_range(client: S3Client, key: str, file: RemoteFile, start: int, length: int) -> list[bytes]:
    """``length`` bytes of the pinned object from ``start``, in pieces; a lost connection is taken up again.

    Raises:
        OutsideError: S3 failed, or the object is no longer the pinned one.
    """
    where = uri_of(client, key)
    pieces: list[bytes] = []
    have = tries = 0
    while have < length:
        before = have
        body = _open(client, key, file, start + have, length - have)
        try:
            while have < length and (piece := body.read(min(PIECE, length - have))):
                pieces.append(piece)
                have += len(piece)
            # Every foreign class may come out of a connection (ssl, http.client, urllib3, boto3).
        except Exception as error:
            tries = 1 if have - before >= PIECE else tries + 1
            if tries >= TRIES:
                raise explain(error, where, client.endpoint, pinned=True) from None
            time.sleep(_PAUSE_SECONDS * 2 ** (tries - 1))
            continue
        finally:
            body.close()
        if have < length:
            raise OutsideError(f"{where} ended after {start + have:,} of {file.size:,} bytes; run it again.")
    return pieces


def _open(client: S3Client, key: str, file: RemoteFile, start: int, length: int) -> Any:
    where = uri_of(client, key)
    wanted = f"bytes={start}-{start + length - 1}"
    answer = client.ask("get_object", where, pinned=True, Key=key, Range=wanted, **pin_of(file))
    body = answer["Body"]
    # A store that knows no pins or no ranges answers as if it did: with other bytes.
    whole = start == 0 and length == file.size
    if etag_of(answer) != file.etag:
        body.close()
        raise changed(where)
    if answer.get("ContentLength") != length or not (
        whole or str(answer.get("ContentRange", "")).startswith(f"bytes {start}-")
    ):
        body.close()
        raise OutsideError(f"The store of {where} does not answer with the part that was asked for.")
    return body


def stream(client: S3Client, key: str, file: RemoteFile) -> Iterator[bytes]:
    """The bytes of a pinned object, in constant memory.

    A single connection waits while its bytes are used, and one connection to S3 is slower than SHA-256
    anyway; so the next ranges are on the way meanwhile.

    Raises:
        OutsideError: S3 failed, or the object is no longer the pinned one.
    """
    if file.size == 0:
        client.ask("head_object", uri_of(client, key), pinned=True, Key=key, **pin_of(file))
        return
    for pieces in _ranges(client, key, file):
        yield from pieces


def _ranges(client: S3Client, key: str, file: RemoteFile) -> Iterator[list[bytes]]:
    starts = range(0, file.size, RANGE)
    if len(starts) <= 1:
        yield read_range(client, key, file, 0, file.size)
        return
    waiting: deque[Future[list[bytes]]] = deque()
    pool = ThreadPoolExecutor(AHEAD, "budmodel-s3")
    try:
        for start in starts:
            length = min(RANGE, file.size - start)
            waiting.append(pool.submit(read_range, client, key, file, start, length))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
