"""CSV for spreadsheets and data frames (RFC 4180): one row for each version, or for each model."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO

from budmodel.domain.spreadsheets import inert
from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.items import Item, Release
from budmodel.render.exports.spdx import expression
from budmodel.schema.version import HubRevision, S3Location

Cell = str | int | float | None
Row = tuple[Catalog, Item, Release | None]


def _of_version(ask: Callable[[Release], Cell]) -> Callable[[Row], Cell]:
    return lambda row: None if row[2] is None else ask(row[2])


def _listed(values: Iterable[str]) -> str:
    return " ".join(values)


def _whole(number: float | None) -> Cell:
    return int(number) if number is not None and number.is_integer() else number


def _license(row: Row) -> str | None:
    _, item, release = row
    return release.license_type if release is not None else item.model.license_type


def _spdx(row: Row) -> Cell:
    text = _license(row)
    return expression(row[0], text) if text is not None else None


def _commercial(row: Row) -> Cell:
    catalog, item, release = row
    return catalog.commercial(item, release) if release is not None else None


def _place(release: Release) -> Cell:
    source = release.record.source
    if isinstance(source, HubRevision):
        return source.model_id
    return source.uri if isinstance(source, S3Location) else None


COLUMNS: Mapping[str, Callable[[Row], Cell]] = {
    "name": lambda row: row[1].name,
    "version": _of_version(lambda one: one.version),
    "is_default": _of_version(lambda one: "yes" if one.is_default else "no"),
    "status": lambda row: row[1].model.status,
    "architecture": lambda row: row[1].model.architecture,
    "parameter_count": lambda row: row[1].model.parameter_count,
    "active_parameter_count": lambda row: row[1].model.active_parameter_count,
    "context_length": lambda row: row[1].model.context_length,
    "license_type": _license,
    "license_spdx": _spdx,
    "commercial_use": _commercial,
    "tasks": lambda row: _listed(row[1].model.tasks),
    "languages": lambda row: _listed(row[1].model.languages),
    "tags": lambda row: ", ".join(row[1].model.tags),
    "owners": lambda row: ", ".join(row[1].model.owners),
    "released": _of_version(lambda one: one.record.released),
    "yanked": _of_version(lambda one: one.record.yanked.on if one.record.yanked is not None else None),
    "source_type": _of_version(lambda one: one.record.source.type if one.record.source is not None else None),
    "source": _of_version(_place),
    "revision": _of_version(lambda one: one.on_hub.revision if one.on_hub is not None else None),
    "storage_path": _of_version(lambda one: one.record.storage_path),
    "format": _of_version(lambda one: one.record.format),
    "precision": _of_version(lambda one: one.record.precision),
    "quantization": _of_version(
        lambda one: one.record.quantization.method if one.record.quantization is not None else None
    ),
    "files": _of_version(lambda one: len(one.record.files) if one.record.files is not None else None),
    "size_bytes": _of_version(lambda one: one.size),
    "manifest_sha256": _of_version(lambda one: one.manifest),
    "scan": _of_version(lambda one: one.state.slug),
    "scan_finished": _of_version(lambda one: one.state.finished),
    "scan_signature": _of_version(
        lambda one: one.evidence.signature.kind if one.evidence is not None else None
    ),
    "scan_believed_until": _of_version(
        lambda one: one.evidence.believed_until if one.evidence is not None else None
    ),
    "waived": _of_version(lambda one: one.waived),
    "min_gpu_memory_gb": _of_version(
        lambda one: _whole(one.requirements.min_gpu_memory_gb) if one.requirements is not None else None
    ),
    "recommended_gpu": _of_version(
        lambda one: one.requirements.recommended_gpu if one.requirements is not None else None
    ),
    "recommended_gpu_count": _of_version(
        lambda one: one.requirements.recommended_gpu_count if one.requirements is not None else None
    ),
    "base_models": _of_version(lambda one: _listed(base.model for base in one.bases)),
    "benchmark_results": _of_version(lambda one: len(one.results)),
    "description": lambda row: row[1].model.description,
}
"""The columns in their order. New ones are added at the end; none changes its name or its meaning."""


class CsvTable:
    """RFC 4180: CRLF, quotes doubled, UTF-8 without a byte order mark; no cell is a formula."""

    binary = False
    many = True
    by_model = True
    file = None

    def write(self, catalog: Catalog, items: Iterable[Item], out: BinaryIO) -> None:
        """Writes header and rows."""
        write_header(out)
        for item in items:
            write_rows(catalog, item, out)


def write_header(out: BinaryIO) -> None:
    """The names of the columns."""
    _line(out, COLUMNS)


def write_rows(catalog: Catalog, item: Item, out: BinaryIO) -> None:
    """The rows of a model; a model without a version has one as well."""
    releases = (item.chosen,) if catalog.by_model else item.wanted
    for release in releases or (None,):
        row = (catalog, item, release)
        _line(out, (inert(cell(row)) for cell in COLUMNS.values()))


def _line(out: BinaryIO, cells: Iterable[object]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    out.write(text.getvalue().encode("utf-8"))
