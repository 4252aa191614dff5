"""Whether the bytes of a version are still what its record says: ``budmodel verify``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Literal

from budmodel.domain.credentials import redact
from budmodel.domain.manifest import manifest_sha256
from budmodel.errors import BudmodelError, DataError, OutsideError
from budmodel.operations.import_digests import selected
from budmodel.schema.version import File, HubRevision, S3Location, Version
from budmodel.sources.interface import Listing, Progress, RemoteFile, Source
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import CATALOG

MOST_PROBLEMS = 1000
"""Most files of one place that are listed; the count says how many there are."""
Kind = Literal["missing", "extra", "size", "sha256"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where bytes of a version are, and how to open it."""

    location: str
    """``hf:org/name@commit``, a URI, or the folder."""
    open: Callable[[], Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One file that is not what the record says."""

    path: str
    problem: Kind
    expected: str | None
    """What the record says: a size in bytes or a digest; None for a file it does not list."""
    found: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceResult:
    """What was found at one place."""

    location: str
    by_digest: int = 0
    """Files whose SHA-256 was compared: as the place states it, or read and hashed."""
    by_etag: int = 0
    """Files of which size and entity tag are the recorded ones."""
    by_size: int = 0
    """Files of which only the size could be compared."""
    problems: tuple[Mismatch, ...] = ()
    problem_count: int = 0
    error: str | None = None
    """Why the place could not be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A version beside its places."""

    name: str
    version: str
    manifest_sha256: str
    places: tuple[PlaceResult, ...]

    @property
    def exit_code(self) -> int:
        """1 where bytes differ, else 4 where a place could not be asked, else 0."""
        if any(place.problem_count for place in self.places):
            return 1
        return 4 if any(place.error is not None for place in self.places) else 0


def valid_record(snapshot: Snapshot, name: str, version: str) -> Version:
    """The record of a version that lists its files.

    Raises:
        DataError: it is invalid.
        OutsideError: it lists no files, so that nothing can be compared.
    """
    record = snapshot.model(name).version(version)
    if record is None:
        path = f"{CATALOG}/models/{name}/versions/{version}.yaml"
        raise DataError(f"{path}:1:1: the record is invalid; run budmodel check {path}")
    if not record.files:
        raise OutsideError(
            f"{name}@{version} does not list its files, so there is nothing to compare with; "
            "record them with budmodel import"
        )
    return record


def remote_places(
    name: str, record: Version, open_source: Callable[..., Source], endpoint_url: str | None = None
) -> list[Place]:
    """The places that a record names: its source, and the organisation's own copy.

    Raises:
        OutsideError: it names none that can be asked.
    """
    places: dict[str, Place] = {}
    source = record.source
    if isinstance(source, HubRevision):
        model_id, revision = source.model_id, source.revision
        location = f"hf:{model_id}" + (f"@{revision}" if revision else "")
        places[location] = Place(
            location=location, open=partial(open_source, "huggingface", model_id, revision=revision)
        )
    uris = [source.uri] if isinstance(source, S3Location) else []
    uris += [record.storage_path] if record.storage_path is not None else []
    for uri in uris:
        places[uri.rstrip("/")] = Place(location=uri, open=partial(_refuse, uri))
        if uri.startswith("s3://"):
            places[uri.rstrip("/")] = Place(
                location=uri, open=partial(open_source, "s3", uri, endpoint_url=endpoint_url)
            )
    if not places:
        raise OutsideError(
            f"{name}@{record.version} names no place that can be asked; name a copy with --path DIR"
        )
    return list(places.values())


def _refuse(uri: str) -> Source:
    scheme = uri.partition(":")[0]
    raise OutsideError(f"a place of {scheme}: cannot be read from here; name a copy of it with --path DIR")


def verify(
    name: str, record: Version, places: list[Place], *, full: bool, progress: Progress | None = None
) -> Verified:
    """Compares every place with the record: sizes, digests and entity tags as stated; ``full`` reads all.

    A place that cannot be asked is a result with an error, and never a match.
    """
    results = []
    for place in places:
        try:
            with closing(place.open()) as source:
                results.append(_compare(place, record, source, full=full, progress=progress))
        except BudmodelError as error:
            results.append(PlaceResult(location=place.location, error=redact(str(error))))
    return Verified(
        name=name,
        version=record.version,
        manifest_sha256=manifest_sha256(record.files or ()),
        places=tuple(results),
    )


def _compare(
    place: Place, record: Version, source: Source, *, full: bool, progress: Progress | None
) -> PlaceResult:
    listing = source.listing()
    if listing.files is None:
        raise OutsideError(f"{place.location} does not say the sizes of its files; try again with --path DIR")
    there = {file.path: file for file in listing.files}
    problems, counts = list(_extra(record, listing)), {"digest": 0, "etag": 0, "size": 0}
    for file in record.files or ():
        found = there.get(file.path)
        if found is None:
            problems.append(Mismatch(path=file.path, problem="missing", expected=str(file.size), found=None))
            continue
        problem, how = _judge(file, found, source, full=full, progress=progress)
        counts[how] += 1
        problems += [problem] if problem is not None else []
    return PlaceResult(
        location=place.location,
        by_digest=counts["digest"],
        by_etag=counts["etag"],
        by_size=counts["size"],
        problems=tuple(problems[:MOST_PROBLEMS]),
        problem_count=len(problems),
    )


def _extra(record: Version, listing: Listing) -> Iterator[Mismatch]:
    """Files that the version would take by its selection and does not list.

    To a commit of the Hub nothing is ever added; a file there that is not listed was left out on purpose.
    """
    if listing.kind == "huggingface":
        return
    selection = record.selection
    taken = selected(
        listing.paths, selection.include if selection else (), selection.exclude if selection else ()
    )
    known = {file.path for file in record.files or ()}
    for path in taken:
        if path not in known:
            yield Mismatch(path=path, problem="extra", expected=None, found=None)


def _judge(
    file: File, found: RemoteFile, source: Source, *, full: bool, progress: Progress | None
) -> tuple[Mismatch | None, str]:
    # Another size settles it; hashing a large file to say so twice would take minutes.
    if found.size != file.size:
        size = Mismatch(path=file.path, problem="size", expected=str(file.size), found=str(found.size))
        return size, "size"
    sha256 = source.sha256(file.path, progress) if full else found.sha256
    if sha256 is not None:
        return _by_bytes(file, sha256), "digest"
    if file.etag is not None and found.etag is not None:
        if file.etag == found.etag:
            return None, "etag"
        # The same bytes get another entity tag when they are copied or uploaded in other parts, and another
        # object may have the same size: only reading tells.
        return _by_bytes(file, source.sha256(file.path, progress)), "digest"
    return None, "size"


def _by_bytes(file: File, sha256: str) -> Mismatch | None:
    if sha256 == file.sha256:
        return None
    return Mismatch(path=file.path, problem="sha256", expected=file.sha256, found=sha256)
