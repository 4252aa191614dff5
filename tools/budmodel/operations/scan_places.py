"""Where a scan reads the bytes of a version, and whether a file there can be other than the recorded one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from budmodel.errors import OutsideError
from budmodel.schema.version import File, HubRevision, S3Location, Version
from budmodel.sources.interface import RemoteFile, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPlace:
    """One place to read from."""

    shown: str
    """For people."""
    location: str | None
    """What the record says was read; None for a local copy, which proves the bytes and no place."""
    open: Callable[[], Source]


def place_of(
    name: str,
    record: Version,
    open_source: Callable[..., Source],
    *,
    folder: str | None = None,
    endpoint_url: str | None = None,
) -> ScanPlace:
    """Where to read a version: a local copy, else the organisation's own copy, else the pinned source.

    Deployments load the organisation's copy where there is one, so that is the one to be looked at.

    Raises:
        OutsideError: the record names no place that can be read from here.
    """
    if folder is not None:
        return ScanPlace(shown=folder, location=None, open=partial(open_source, "local", folder))
    uri = record.storage_path
    if uri is None and isinstance(record.source, S3Location):
        uri = record.source.uri
    if uri is not None and uri.startswith("s3://"):
        return ScanPlace(
            shown=uri, location=uri, open=partial(open_source, "s3", uri, endpoint_url=endpoint_url)
        )
    target = f"{name}@{record.version}"
    if uri is not None:
        scheme = uri.partition(":")[0]
        raise OutsideError(
            f"{target} is stored at a {scheme}: address, which cannot be read from here; "
            "name a copy of it with --path DIR"
        )
    if isinstance(record.source, HubRevision):
        model_id, revision = record.source.model_id, record.source.revision
        if revision is None:
            raise OutsideError(
                f"{target} names no commit of {model_id}, so its bytes may change; import it again, "
                "or name a copy with --path DIR"
            )
        return ScanPlace(
            shown=f"hf:{model_id}@{revision[:12]}",
            location=f"hf://{model_id}@{revision}",
            open=partial(open_source, "huggingface", model_id, revision=revision),
        )
    raise OutsideError(f"{target} names no place to read its bytes from; name a copy with --path DIR")


def listed_files(place: ScanPlace, source: Source) -> Mapping[str, RemoteFile]:
    """The files of a place by path.

    Raises:
        OutsideError: it does not say its files.
    """
    # The Hub need not state digests of small files here: what is read is hashed.
    ask = getattr(source, "listing_without_digests", None)
    listing = ask() if ask is not None else source.listing()
    if listing.files is None:
        raise OutsideError(f"{place.shown} does not say the sizes of its files; try again with --path DIR")
    return {file.path: file for file in listing.files}


def surely_same(file: File, there: RemoteFile, place: ScanPlace) -> bool:
    """Whether a place states enough to know, without reading, that it holds the recorded bytes of a file.

    A local copy proves no place, so the recorded bytes are all that matters.
    """
    if there.size != file.size:
        return False
    if place.location is None:
        return True
    if there.sha256 is not None:
        return there.sha256 == file.sha256
    return file.etag is not None and there.etag == file.etag and there.version_id == file.version_id
