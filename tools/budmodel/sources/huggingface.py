"""The Hugging Face Hub as a source: one request says what a model is; its files come from that commit."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from budmodel.errors import OutsideError, UsageError
from budmodel.sources import hub_files
from budmodel.sources.hub_errors import Asked, RemoteFileMissingError, missing_file
from budmodel.sources.hub_files import HubFile
from budmodel.sources.hub_http import HubClient, Patience
from budmodel.sources.hub_ids import HubId, check_revision, endpoint_of, parse_id, quoted
from budmodel.sources.hub_listing import Entry, unsafe_path
from budmodel.sources.hub_model import HubModel, ask_head, ask_model
from budmodel.sources.interface import MAX_SMALL_FILE, Listing, Progress, RemoteFile
from budmodel.sources.naming import name_of, organisation_of
from budmodel.sources.streaming import sha256_of

MAX_FETCHED_FILES = 5_000
MAX_FETCHED_BYTES = 1 << 30
"""Most small files, and bytes of them, that a listing fetches for their digests; the rest stays without."""
MAX_CACHED_BYTES = 64 << 20
_FETCHERS = 6


def open_source(
    repo_id: str,
    *,
    revision: str | None = None,
    endpoint: str | None = None,
    token: str | None = None,
    patience: Patience | None = None,
) -> HuggingFaceSource:
    """One model of the Hub, by its id or the address of its page. Nothing is asked yet.

    Args:
        repo_id: ``org/name``, ``hf:org/name`` or ``https://huggingface.co/org/name``.
        revision: branch, tag or commit; the default branch if None.
        endpoint: where the Hub is; ``HF_ENDPOINT`` if None.
        token: to be sent to the endpoint and nowhere else; huggingface_hub's (``HF_TOKEN``) if None.
        patience: how long to wait and how often to try again.

    Raises:
        UsageError: the id, the revision, the endpoint or the token cannot be one.
        OutsideError: huggingface_hub could not get the token.
    """
    wanted, client = _prepare(repo_id, revision, endpoint, token, patience)
    return HuggingFaceSource(client, wanted)


def head(
    repo_id: str,
    *,
    revision: str | None = None,
    endpoint: str | None = None,
    token: str | None = None,
    patience: Patience | None = None,
) -> tuple[str, str | None]:
    """The commit that a model is at now, and when it was last modified (RFC 3339 in UTC): one request."""
    wanted, client = _prepare(repo_id, revision, endpoint, token, patience)
    return ask_head(client, wanted)


class HuggingFaceSource:
    """A model of the Hub, pinned to one commit by the first answer (implements ``Source``)."""

    def __init__(self, client: HubClient, wanted: HubId) -> None:
        self._client = client
        self._wanted = wanted
        self._model: HubModel | None = None
        self._entries: dict[str, Entry] = {}
        self._digests: dict[str, str] = {}
        self._contents: dict[str, bytes] = {}
        self._cached_bytes = 0
        self._lock = threading.Lock()

    def listing(self, *, digests: bool = True) -> Listing:
        """All files, pinned. Small files whose digest the Hub does not know are fetched and hashed.

        Args:
            digests: False leaves those files without a digest, and asks the Hub for nothing but the listing.
        """
        model = self._pinned()
        listing = Listing(
            kind="huggingface",
            source={"type": "huggingface", "model_id": model.repo_id, "revision": model.revision},
            files=None if model.entries is None else tuple(map(self._remote_file, model.entries)),
            paths=model.paths,
            released=model.released,
            suggested_name=name_of(model.repo_id),
            organisation=organisation_of(model.repo_id),
            facts=model.facts,
            notes=model.notes,
        )
        return self.complete(listing) if digests else listing

    def complete(self, listing: Listing) -> Listing:
        """The listing with the digests of all small files; those that are large or not there stay None."""
        missing, notes = self._fetchable(listing)
        pool = ThreadPoolExecutor(_FETCHERS, thread_name_prefix="hub")
        try:
            found = list(pool.map(self._hash_small, missing))
        finally:
            # One refusal is enough: what has not begun is not asked any more, and whoever pressed Ctrl-C does
            # not wait for a server that is silent.
            pool.shutdown(wait=False, cancel_futures=True)
        gone = [path for path, there in zip(missing, found, strict=True) if not there]
        if gone:
            notes.append(f"the Hub lists {len(gone)} files that it does not have, such as {quoted(gone[0])}")
        if listing.files is None:
            return listing
        files = (replace(file, sha256=file.sha256 or self._digests.get(file.path)) for file in listing.files)
        return replace(listing, files=tuple(files), notes=(*listing.notes, *notes))

    def read(self, path: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Bytes of a file: whole (at most MAX_SMALL_FILE, and checked against its digest), or a range of it.

        Raises:
            RemoteFileMissingError: an OutsideError that says the Hub has no such file.
        """
        file = self._file(path)
        content = self._contents.get(path)
        if content is not None:
            return content[start:] if length is None else content[start : start + length]
        if start == 0 and length is None:
            return self._keep(path, hub_files.read_whole(self._client, file))
        return hub_files.read_part(self._client, file, start, length)

    def sha256(self, path: str, progress: Progress | None = None) -> str:
        """The digest of a whole file, streamed; the bytes are read, not what the Hub says of them."""
        known = self._digests.get(path)
        if known is None:
            known = self._digests[path] = sha256_of(self, path, self._file(path).entry.size, progress)
        return known

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a whole file, in one pass; checked at the end against what the Hub listed."""
        file = self._file(path)
        content = self._contents.get(path)
        if content is not None:
            yield content
            return
        yield from hub_files.stream(self._client, file)

    def close(self) -> None:
        """Lets go of what was read; the connections are huggingface_hub's, which closes them."""
        with self._lock:
            self._contents.clear()
            self._cached_bytes = 0

    def _pinned(self) -> HubModel:
        with self._lock:
            if self._model is None:
                self._model = ask_model(self._client, self._wanted)
                self._entries = {entry.path: entry for entry in self._model.entries or ()}
            return self._model

    def _file(self, path: str) -> HubFile:
        model = self._pinned()
        reason = unsafe_path(path)
        if reason is not None:
            raise UsageError(f"{quoted(path)} {reason}, so {model.repo_id} has no such file; check the path")
        asked = Asked(self._client.endpoint, model.repo_id, model.revision, path, self._client.token)
        entry = self._entries.get(path)
        if entry is None and model.entries is not None:
            raise missing_file(asked)
        return HubFile(asked, model.revision, entry or Entry(path=path, size=None, sha256=None, blob=None))

    def _remote_file(self, entry: Entry) -> RemoteFile:
        if entry.size is None:
            raise OutsideError(f"The Hub lists {quoted(entry.path)} without its size; try again")
        return RemoteFile(path=entry.path, size=entry.size, sha256=entry.sha256)

    def _fetchable(self, listing: Listing) -> tuple[list[str], list[str]]:
        """The small files without a digest, within the limits of one listing; and notes on the others."""
        paths: list[str] = []
        total = skipped = 0
        for file in listing.files or ():
            if file.sha256 is not None or file.size > MAX_SMALL_FILE or file.path in self._digests:
                continue
            if len(paths) < MAX_FETCHED_FILES and total + file.size <= MAX_FETCHED_BYTES:
                paths.append(file.path)
                total += file.size
            else:
                skipped += 1
        notes = [f"{skipped} small files were too many to be hashed; they have no digest"] if skipped else []
        return paths, notes

    def _hash_small(self, path: str) -> bool:
        try:
            content = self.read(path)
        except RemoteFileMissingError:
            return False
        self._digests[path] = hashlib.sha256(content).hexdigest()
        return True

    def _keep(self, path: str, content: bytes) -> bytes:
        with self._lock:
            if self._cached_bytes + len(content) <= MAX_CACHED_BYTES and path not in self._contents:
                self._contents[path] = content
                self._cached_bytes += len(content)
        return content


def _prepare(
    repo_id: str, revision: str | None, endpoint: str | None, token: str | None, patience: Patience | None
) -> tuple[HubId, HubClient]:
    endpoint = endpoint_of(endpoint)
    wanted = parse_id(repo_id, endpoint)
    if revision is not None:
        if wanted.revision not in (None, revision):
            raise UsageError(f"{wanted.repo_id} is given with two revisions; leave one of them out")
        wanted = HubId(wanted.repo_id, check_revision(revision))
    return wanted, HubClient(endpoint, _token(token), patience or Patience())


def _token(stated: str | None) -> str | None:
    from huggingface_hub import constants, get_token

    if stated is None and constants.HF_HUB_DISABLE_IMPLICIT_TOKEN:
        return None
    try:
        token = get_token() if stated is None else stated.strip()
    except Exception as error:  # the library asks several issuers, each with failures of its own
        kind = type(error).__name__
        raise OutsideError(f"huggingface_hub could not get a token ({kind}); set HF_TOKEN") from None
    if not token:
        return None
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageError("HF_TOKEN holds characters that no token has; copy it again")
    return token
