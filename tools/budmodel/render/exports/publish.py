"""The exports that a site carries below ``api/``: the whole catalog as tables.

What they say of a model is made with its pages and kept as text, so that a change of one model is no reason
to read the others again.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator

from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.csv_table import write_header, write_rows
from budmodel.render.exports.items import Item
from budmodel.render.exports.sqlite import write_database
from budmodel.render.exports.sqlite_rows import Line, registry_rows, rows_of


def tables_part(catalog: Catalog, item: Item) -> str:
    """What the tables say of one model, as JSON: its lines of CSV, and its rows of the database."""
    table = io.BytesIO()
    write_rows(catalog, item, table)
    part = [table.getvalue().decode("utf-8"), list(rows_of(catalog, item))]
    return json.dumps(part, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def catalog_tables(catalog: Catalog, parts: Iterable[str]) -> dict[str, bytes]:
    """``catalog.sqlite`` and ``models.csv``, as ``budmodel export`` writes them.

    Args:
        catalog: the whole catalog.
        parts: what :func:`tables_part` made of each model, by name.
    """
    table, database = io.BytesIO(), io.BytesIO()
    write_header(table)

    def lines() -> Iterator[Line]:
        yield from registry_rows(catalog)
        for part in parts:
            text, rows = json.loads(part)
            table.write(text.encode("utf-8"))
            yield from map(tuple, rows)

    write_database(lines(), database)
    return {"catalog.sqlite": database.getvalue(), "models.csv": table.getvalue()}
