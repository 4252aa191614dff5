"""A cache of parsed records, keyed by the bytes they were parsed from.

It may be deleted at any moment and is never asked before the content was read: the key is a digest of
the content, of the kind of record and of the code that parses it. It holds JSON, never pickles.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budmodel import __version__

if TYPE_CHECKING:
    # Loaded where the cache is asked; what decides never asks it, and is not to wait for SQLite.
    import sqlite3

_BATCH = 500
_SCHEMA = "CREATE TABLE IF NOT EXISTS records (key BLOB PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID"
MAX_ROWS = 400_000
"""Beyond this the cache starts anew."""


def default_cache() -> RecordCache | None:
    """The cache in the user's cache folder; None where ``BUDMODEL_NO_CACHE`` is set."""
    return None if os.environ.get("BUDMODEL_NO_CACHE") else RecordCache()


def default_path() -> Path | None:
    """Where that cache is."""
    if os.environ.get("BUDMODEL_NO_CACHE"):
        return None
    from platformdirs import user_cache_path

    return user_cache_path("budmodel") / "records.sqlite"


class RecordCache:
    """Data of valid records by their bytes. Every failure of the cache is a miss, never an error.

    Args:
        path: of its file; None means the one in the user's cache folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    @staticmethod
    def key(kind: str, raw: bytes) -> bytes:
        """The key of a file's bytes read as a kind of record, by this release and this schema."""
        return hashlib.blake2b(raw, digest_size=20, person=_person(kind)).digest()

    def _open(self) -> sqlite3.Connection:
        import sqlite3

        if self._database is None:
            self._path = self._path or default_path()
            if self._path is None:
                raise OSError("no cache is wanted")
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._database = sqlite3.connect(self._path, timeout=1.0, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=OFF")
            self._database.execute(_SCHEMA)
        return self._database

    def get_many(self, kind: str, contents: Iterable[bytes]) -> Mapping[bytes, Any]:
        """The data of those contents that are known."""
        import sqlite3

        by_key = {self.key(kind, raw): raw for raw in contents}
        found: dict[bytes, Any] = {}
        keys = list(by_key)
        try:
            database = self._open()
            for start in range(0, len(keys), _BATCH):
                batch = keys[start : start + _BATCH]
                marks = ",".join("?" * len(batch))
                query = f"SELECT key, data FROM records WHERE key IN ({marks})"  # noqa: S608 - only question marks
                for key, data in database.execute(query, batch):
                    found[by_key[key]] = json.loads(data)
        except (sqlite3.Error, OSError, ValueError, KeyError):
            self._discard()
            return {}
        return found

    def put_many(self, kind: str, records: Iterable[tuple[bytes, Any]]) -> None:
        """Remembers the data of contents."""
        import sqlite3

        rows = [(self.key(kind, raw), json.dumps(data, separators=(",", ":"))) for raw, data in records]
        if not rows:
            return
        try:
            database = self._open()
            database.execute("BEGIN")
            (count,) = database.execute("SELECT count(*) FROM records").fetchone()
            if count + len(rows) > MAX_ROWS:
                database.execute("DELETE FROM records")
            database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?)", rows)
            database.execute("COMMIT")
        except (sqlite3.Error, OSError):
            self._discard()

    def close(self) -> None:
        """Lets go of the file."""
        if self._database is not None:
            import sqlite3

            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _discard(self) -> None:
        self.close()
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()


_persons: dict[str, bytes] = {}


def _person(kind: str) -> bytes:
    """What besides the bytes decides the data: the kind, its schema and the release (16 bytes)."""
    if kind not in _persons:
        _persons[kind] = hashlib.blake2b(
            f"{__version__}:{kind}:{_code_digest()}".encode(), digest_size=16
        ).digest()
    return _persons[kind]


def _code_digest() -> str:
    """A digest of the code that turns bytes into data, so that no release reads another's cache."""
    package = Path(__file__).parent.parent
    digest = hashlib.blake2b(digest_size=16)
    for source in sorted([*package.glob("schema/*.py"), package / "store" / "yaml_reader.py"]):
        digest.update(source.read_bytes())
    return digest.hexdigest()
