"""Models in S3 or a store that speaks it (MinIO, SeaweedFS …): ``s3://BUCKET/PREFIX``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import TypeAdapter, ValidationError

from budmodel.errors import OutsideError, UsageError
from budmodel.schema.values import StorageUri, format_timestamp, is_semver
from budmodel.sources.interface import MAX_HEADER, MAX_SMALL_FILE, Listing, Progress, RemoteFile
from budmodel.sources.listing_rules import shown
from budmodel.sources.naming import name_of
from budmodel.sources.s3_client import S3Client, connect
from budmodel.sources.s3_listing import Objects, list_objects, uri_of
from budmodel.sources.s3_read import read_range, stream
from budmodel.sources.streaming import sha256_of

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and the looser old rules.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]\Z")
_uri: TypeAdapter[str] = TypeAdapter(StorageUri)


def open_source(uri: str, *, endpoint_url: str | None = None) -> S3Source:
    """Opens ``s3://BUCKET/PREFIX`` with boto3's own credentials and variables; nothing is asked yet.

    Args:
        uri: the folder of one model; its last ``/`` may be left out.
        endpoint_url: the address of the store, where it is not AWS and AWS_ENDPOINT_URL does not say it.

    Raises:
        UsageError: the URI, the endpoint, the profile or the region is wrong.
    """
    bucket, prefix = parse_uri(uri)
    return S3Source(connect(bucket, endpoint_url), prefix)


def parse_uri(uri: str) -> tuple[str, str]:
    """Bucket and prefix of an S3 URI. The prefix is a folder: empty, or ending in ``/``.

    Raises:
        UsageError: it is not an S3 URI, or one that a record may not hold.
    """
    scheme, separator, rest = uri.partition("://")
    if scheme.lower() != "s3" or not separator:
        raise UsageError(f"'{_shown_uri(uri)}' is not an S3 URI; write s3://BUCKET/PREFIX.")
    bucket, _, path = rest.partition("/")
    if not _BUCKET.match(bucket):
        raise UsageError(f"'{_shown_uri(uri)}' names no bucket; write s3://BUCKET/PREFIX.")
    prefix = f"{path.rstrip('/')}/" if path.strip("/") else ""
    if prefix.startswith("/") or "//" in prefix or "\\" in prefix:
        raise UsageError(f"The prefix of '{_shown_uri(uri)}' has an empty part or a backslash; correct it.")
    try:
        _uri.validate_python(f"s3://{bucket}/{prefix}")
    except ValidationError:
        raise UsageError(
            f"'{_shown_uri(uri)}' cannot be recorded; a storage URI has no spaces, ?, # and no . or .. parts."
        ) from None
    return bucket, prefix


def _shown_uri(uri: str) -> str:
    """Without userinfo and query, which may hold secrets: people paste signed URLs."""
    head = re.split(r"[?#]", uri, maxsplit=1)[0]
    return shown(re.sub(r"://[^/]*@", "://", head))


class S3Source:
    """The objects below one prefix. The first listing pins them; reads give those and no later ones."""

    def __init__(self, client: S3Client, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._listing: Listing | None = None
        self._files: dict[str, RemoteFile] = {}

    @property
    def uri(self) -> str:
        """The folder, with its last ``/``."""
        return f"s3://{self._client.bucket}/{self._prefix}"

    def listing(self) -> Listing:
        """All objects, pinned; asked for once.

        Raises:
            UsageError: there are none.
            NotFoundError: the bucket does not exist.
            OutsideError: S3 failed, or its answer cannot be used.
        """
        if self._listing is None:
            found = list_objects(self._client, self._prefix)
            if not found.files:
                raise UsageError(
                    f"There are no objects below {self.uri}; give the folder that holds the model's files."
                )
            self._files = {file.path: file for file in found.files}
            self._listing = Listing(
                kind="s3",
                source={"type": "s3", "uri": self.uri},
                storage_path=self.uri,
                files=tuple(found.files),
                paths=tuple(self._files),
                released=format_timestamp(found.newest) if found.newest else None,
                suggested_name=name_of(self._named_part()),
                notes=_notes(found),
            )
        return self._listing

    def _named_part(self) -> str:
        """The part of the URI that names the model: the last one that is not a version."""
        parts = [self._client.bucket, *self._prefix.rstrip("/").split("/")]
        parts = [part for part in parts if part]
        while len(parts) > 1 and is_semver(parts[-1].removeprefix("v")):
            parts.pop()
        return parts[-1]

    def read(self, path: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Bytes of a file: whole (at most MAX_SMALL_FILE), or a range of it (at most MAX_HEADER).

        Raises:
            OutsideError: S3 failed, the object changed since the listing, or it is too large.
        """
        file = self._file(path)
        most = MAX_SMALL_FILE if length is None else MAX_HEADER
        wanted = max(0, min(file.size - start, file.size if length is None else length))
        if wanted > most:
            raise OutsideError(f"{self._where(path)} is too large to be read at once ({wanted:,} bytes).")
        return b"".join(read_range(self._client, self._prefix + path, file, start, wanted))

    def sha256(self, path: str, progress: Progress | None = None) -> str:
        """The digest of a whole file, of its bytes and not of what S3 says about them.

        Raises:
            OutsideError: S3 failed, or the object changed since the listing.
        """
        return sha256_of(self, path, self._file(path).size, progress)

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a whole file, in one pass and in constant memory.

        Raises:
            OutsideError: S3 failed, or the object changed since the listing.
        """
        return stream(self._client, self._prefix + path, self._file(path))

    def close(self) -> None:
        """Lets go of connections."""
        self._client.boto.close()

    def _file(self, path: str) -> RemoteFile:
        self.listing()
        if path not in self._files:
            raise OutsideError(f"{self._where(path)} is not in the list of {self.uri}.")
        return self._files[path]

    def _where(self, path: str) -> str:
        return uri_of(self._client, self._prefix + path)


def _notes(found: Objects) -> tuple[str, ...]:
    notes = []
    if not found.versioned:
        notes.append("The bucket keeps no versions: pinned by ETag and digest, the files can be overwritten.")
    if found.markers:
        notes.append(f"Left out: {found.markers} empty objects that stand for folders.")
    return tuple(notes)
