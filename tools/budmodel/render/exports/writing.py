"""Exports on their way out: what was asked for, to standard output, a file, or a folder of documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from budmodel.errors import DataError, UsageError
from budmodel.operations.names import resolve, valid_model
from budmodel.operations.output import opened_output
from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.interface import Exporter
from budmodel.render.exports.items import Item
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import MODELS


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    models: int
    documents: int


def select(snapshot: Snapshot, texts: Sequence[str]) -> dict[str, str | None] | None:
    """The models, and versions where they are stated, that some names mean; None where there are none.

    Raises:
        NotFoundError: no such model or version; with the nearest name where one is near.
        DataError: its record is invalid.
        UsageError: one model is named twice, for different versions.
    """
    found: dict[str, str | None] = {}
    for text in texts:
        named = resolve(snapshot, text)
        valid_model(snapshot, named.name)
        if named.version is not None:
            path = f"{MODELS}{named.name}/versions/{named.version}.yaml"
            if snapshot.record(path, Version) is None:
                raise DataError(f"{path} is invalid; run budmodel check {path}")
        if found.setdefault(named.name, named.version) != named.version:
            raise UsageError(f"{named.name} is named twice; name it once, without a version for all of them")
    return found or None


def export_document(exporter: Exporter, catalog: Catalog, out: BinaryIO) -> Written:
    """One document of everything.

    Raises:
        UsageError: the format holds one model, and there are more, or none.
    """
    if not exporter.many and len(catalog.names) != 1:
        raise UsageError(
            f"this format holds one model, and {len(catalog.names)} are asked for; name one, "
            "or a folder with --output DIR/"
        )
    seen: list[str] = []
    exporter.write(catalog, _noted(catalog.items(), seen), out)
    return Written(len(seen), 1)


def _noted(items: Iterable[Item], seen: list[str]) -> Iterator[Item]:
    for item in items:
        seen.append(item.name)
        yield item


def export_file(exporter: Exporter, catalog: Catalog, path: Path) -> Written:
    """As :func:`export_document`, into a file that is whole or not there.

    Raises:
        UsageError: as there, or the file cannot be written.
    """
    with opened_output(path) as out:
        return export_document(exporter, catalog, out)


def export_folder(exporter: Exporter, catalog: Catalog, folder: Path) -> Written:
    """A document for each model below a folder; each is whole or not there.

    Raises:
        UsageError: the format is one document for all, or something there cannot be written.
    """
    if exporter.file is None:
        raise UsageError(f"this format is one document, and {folder} is a folder; name a file with --output")
    seen: list[str] = []
    for item in _noted(catalog.items(), seen):
        path = folder / exporter.file.format(name=item.name)
        _make(folder, path.parent)
        with opened_output(path) as out:
            exporter.write(catalog, [item], out)
    return Written(len(seen), len(seen))


def _make(folder: Path, parent: Path) -> None:
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot write {parent}: {error.strerror}; name another folder with --output"
        ) from None
    if not parent.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            f"{parent} is a link out of {folder}; remove it, or name another folder with --output"
        )
