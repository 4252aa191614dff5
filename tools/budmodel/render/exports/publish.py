"""The exports that a site carries below ``api/``: the whole catalog as tables, read once for both."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.csv_table import write_header, write_rows
from budmodel.render.exports.items import Item
from budmodel.render.exports.sqlite import Sqlite


def catalog_tables(catalog: Catalog) -> dict[str, bytes]:
    """``catalog.sqlite`` and ``models.csv``, as ``budmodel export`` writes them."""
    table, database = io.BytesIO(), io.BytesIO()
    write_header(table)
    Sqlite().write(catalog, _with_rows(catalog, table), database)
    return {"catalog.sqlite": database.getvalue(), "models.csv": table.getvalue()}


def _with_rows(catalog: Catalog, table: BinaryIO) -> Iterator[Item]:
    for item in catalog.items():
        write_rows(catalog, item, table)
        yield item
