"""The catalog as an SQLite database: one file that answers SQL, the same bytes for the same commit.

The bytes depend on the release of the SQLite library too, whose number stands in each file's header (SQLite
file format §1.3.14).
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.items import Item
from budmodel.render.exports.sqlite_rows import Line, registry_rows, rows_of
from budmodel.render.exports.sqlite_schema import APPLICATION_ID, INDEXES, TABLES, USER_VERSION, VIEWS

_PRAGMAS = f"""
PRAGMA page_size = 4096;
PRAGMA encoding = 'UTF-8';
PRAGMA auto_vacuum = NONE;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {USER_VERSION};
"""


class Sqlite:
    """Models, versions, files, licences, scans, results, lineage, waivers and acknowledgments as tables."""

    binary = True
    many = True
    by_model = False
    file = None

    def write(self, catalog: Catalog, items: Iterable[Item], out: BinaryIO) -> None:
        """Writes the database."""
        write_database(_lines(catalog, items), out)


def write_database(lines: Iterable[Line], out: BinaryIO) -> None:
    """Writes a database of these rows; it is made in a temporary file, since SQLite seeks."""
    with tempfile.TemporaryDirectory(prefix="budmodel-") as folder:
        path = Path(folder) / "catalog.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            _fill(database, lines)
        with path.open("rb") as stream:
            shutil.copyfileobj(stream, out)


def _lines(catalog: Catalog, items: Iterable[Item]) -> Iterator[Line]:
    yield from registry_rows(catalog)
    for item in items:
        yield from rows_of(catalog, item)


def _fill(database: sqlite3.Connection, lines: Iterable[Line]) -> None:
    database.executescript(_PRAGMAS + TABLES)
    database.execute("BEGIN")
    _insert(database, lines)
    database.execute("COMMIT")
    # Indexes after the rows are quicker to make and lie together.
    database.executescript(INDEXES + VIEWS)
    # Pages in their order, whatever the order of the inserts was.
    database.execute("VACUUM")


def _insert(database: sqlite3.Connection, lines: Iterable[Line]) -> None:
    for table, group in groupby(lines, key=lambda line: line[0]):
        _insert_rows(database, table, [values for _, values in group])


def _insert_rows(database: sqlite3.Connection, table: str, rows: Sequence[Sequence[object]]) -> None:
    marks = ", ".join("?" * len(rows[0]))
    # A record may list the same tag or file twice; a table holds it once.
    database.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own names
