"""Where bytes or sources are used: ``budmodel find``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

from budmodel.domain.manifest import manifest_sha256
from budmodel.errors import UsageError
from budmodel.schema.kinds import Place as CatalogPlace
from budmodel.schema.kinds import classify
from budmodel.schema.scan import Scan
from budmodel.schema.values import SHA256_PATTERN
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot
from budmodel.store.entries import Entry, parse_entry
from budmodel.store.tree import CATALOG, UnreadableError

_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place in the catalog that a search found."""

    name: str
    version: str | None
    """None where the model itself names the source."""
    path: str
    """The catalog's file."""
    field: str
    """The field inside it, as ``files.0.sha256``."""
    value: str
    """What stands there."""
    file: str | None = None
    """The artifact's file, for digests."""
    yanked: bool = False


def find_digest(snapshot: Snapshot, digest: str) -> list[Place]:
    """Every version that has a file with this SHA-256, or whose whole manifest has it.

    Args:
        snapshot: the catalog.
        digest: 64 hex digits, in any case, with or without ``sha256:`` before them.

    Raises:
        UsageError: it is no SHA-256.
    """
    wanted = digest.strip().lower().removeprefix("sha256:")
    if not re.fullmatch(SHA256_PATTERN.strip("^$"), wanted):
        raise UsageError(f"{digest!r} is not a SHA-256; write its 64 hex digits")
    found = [place for entry in version_entries(snapshot, wanted) for place in _files_with(entry, wanted)]
    found += _manifests_with(snapshot, wanted)
    return found


def _files_with(entry: Entry[Any], wanted: str) -> Iterator[Place]:
    if isinstance(entry.record, Version):
        for index, file in enumerate(entry.record.files or ()):
            if file.sha256 == wanted:
                yield _place(entry, f"files.{index}.sha256", wanted, file.path)


def _manifests_with(snapshot: Snapshot, wanted: str) -> Iterator[Place]:
    # The digest of a whole version stands only in its scan record; the version itself confirms it.
    for scan in _entries(snapshot, "scan", wanted):
        if isinstance(scan.record, Scan) and scan.record.manifest_sha256 == wanted:
            entry = snapshot.entry(
                f"{CATALOG}/models/{scan.says('name')}/versions/{scan.says('version')}.yaml"
            )
            record = entry.record if entry is not None else None
            if (
                entry is not None
                and isinstance(record, Version)
                and manifest_sha256(record.files or ()) == wanted
            ):
                yield _place(entry, "files", wanted)


def find_source(snapshot: Snapshot, source: str) -> list[Place]:
    """Every model and version that comes from a source.

    Args:
        snapshot: the catalog.
        source: a Hub id (``org/name``), a Hub organisation (``org``), ``hf:org/name``, or the beginning of
            a URI (``s3://bucket/prefix``). Case matters in URIs alone.
    """
    wanted = source.strip().removeprefix("hf:") if not source.startswith("hf://") else source.strip()
    if not wanted:
        raise UsageError("--source is empty; name a Hub id such as org/name, or a URI such as s3://bucket/")
    found: list[Place] = []
    for name, data in snapshot.model_data():
        value = _hub_id(data)
        if value and _same_source(value, wanted):
            path = f"{CATALOG}/models/{name}/model.yaml"
            found.append(Place(name=name, version=None, path=path, field="source.model_id", value=value))
    for entry in version_entries(snapshot, wanted.casefold()):
        found += _sources_of(entry, wanted)
    return sorted(
        found, key=lambda place: (place.name, place.path != f"{CATALOG}/models/{place.name}/model.yaml")
    )


def _hub_id(data: Any) -> str:
    source = data.get("source")
    return str(source.get("model_id") or "") if isinstance(source, dict) else ""


def _sources_of(entry: Entry[Any], wanted: str) -> Iterator[Place]:
    if isinstance(entry.record, Version):
        source = entry.record.source
        for field, value in (
            ("source.model_id", getattr(source, "model_id", None)),
            ("source.uri", getattr(source, "uri", None)),
            ("storage_path", entry.record.storage_path),
        ):
            if value and _same_source(value, wanted):
                yield _place(entry, field, value)


def _same_source(value: str, wanted: str) -> bool:
    if "://" in wanted or "://" in value:
        return "://" in wanted and value.startswith(wanted)
    # The Hub treats ids without regard to case; ``org`` and ``org/`` mean all of an organisation.
    value, wanted = value.casefold(), wanted.casefold()
    if "/" not in wanted:
        return wanted in (value, value.partition("/")[0])
    return value.startswith(wanted) if wanted.endswith("/") else value == wanted


def _place(entry: Entry[Any], field: str, value: str, file: str | None = None) -> Place:
    return Place(
        name=entry.says("name"),
        version=entry.says("version"),
        path=entry.path,
        field=field,
        value=value,
        file=file,
        yanked=getattr(entry.record, "yanked", None) is not None,
    )


def version_entries(snapshot: Snapshot, needle: str) -> Iterator[Entry[Any]]:
    """The version files whose text holds a needle (lower case), parsed; the others are only read.

    A backslash may hide the needle in an escape, so that such files are parsed as well.
    """
    yield from _entries(snapshot, "version", needle)


def versions_with_digests(snapshot: Snapshot, digests: Set[str]) -> Iterator[Entry[Any]]:
    """The version files whose text holds one of the digests (lower case), parsed; others are only read."""
    wanted = {digest.encode() for digest in digests}
    for path, place, raw in _texts(snapshot, "version"):
        if b"\\" in raw or not wanted.isdisjoint(_DIGEST.findall(raw)):
            yield parse_entry(path, place, raw)


def _entries(snapshot: Snapshot, kind: str, needle: str) -> Iterator[Entry[Any]]:
    wanted = needle.casefold().encode()
    for path, place, raw in _texts(snapshot, kind):
        if wanted in raw.lower() or b"\\" in raw:
            yield parse_entry(path, place, raw)


def _texts(snapshot: Snapshot, kind: str) -> Iterator[tuple[str, CatalogPlace, bytes]]:
    places = _places(snapshot, kind)
    prefetch = getattr(snapshot.tree, "prefetch", None)
    if prefetch is not None:
        prefetch(places)
    for path, place in places.items():
        try:
            yield path, place, snapshot.tree.read(path)
        except UnreadableError:
            continue


def _places(snapshot: Snapshot, kind: str) -> dict[str, CatalogPlace]:
    folder = f"/{kind}s/"
    paths = (path for path, type_ in snapshot.types.items() if type_ == "file" and folder in path)
    classified = ((path, classify(path.removeprefix(f"{CATALOG}/"))) for path in sorted(paths))
    return {path: place for path, place in classified if place is not None and place.kind.name == kind}
