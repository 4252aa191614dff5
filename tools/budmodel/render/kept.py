"""What one build of the site leaves for the next: of each model its verdict, its rows, and its files.

It lies in the user's cache folder, as JSON in SQLite, never as pickles, and may be deleted at any moment: the
next build then makes everything anew. Every failure of it is a miss, never an error.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from budmodel.domain.leaderboard import Candidate
from budmodel.findings import CheckResult
from budmodel.render.output import Written
from budmodel.render.rows import Row

_TABLE = "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, data TEXT NOT NULL)"
Link = tuple[str, str]
"""What a model was made of, and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What must be known of every model before the page of any: its verdict, its results, its parents."""

    check: CheckResult | None
    since: datetime | None
    until: datetime | None
    """The span in which the verdict is the same."""
    candidates: tuple[Candidate, ...]
    links: tuple[Link, ...]
    """As model and versions state them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made of a model."""

    row: Row | None
    """None where its model.yaml holds no record."""
    item: dict[str, Any]
    """The model in the API's list of all models."""
    around: str
    """A digest of what the page says that is not from the model's files: its standing, its history."""
    files: dict[str, Written]
    others: dict[str, bool]
    """The models that the page was about to link to, and whether they have a page."""
    tables: str | None
    """What the tables of the whole catalog say of it, as JSON; None where they were not wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A model as the last build left it."""

    inputs: str
    survey: Survey
    made: Made


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """What holds for the whole build."""

    shared: str
    """A digest of what all pages rest on."""
    whole: str
    """A digest of the whole catalog."""
    now: datetime | None
    files: dict[str, Written]
    """Those that belong to no model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastBuild:
    """A build as it was left."""

    everything: Everything
    models: Mapping[str, Kept]

    @property
    def files(self) -> dict[str, Written]:
        """All files of the site."""
        return {
            **self.everything.files,
            **{k: v for one in self.models.values() for k, v in one.made.files.items()},
        }


@cache
def _models() -> TypeAdapter[Kept]:
    return TypeAdapter(Kept)


@cache
def _everything() -> TypeAdapter[Everything]:
    return TypeAdapter(Everything)


class Keeper:
    """The file in which the state of one site is kept."""

    def __init__(self, folder: Path, site: Path) -> None:
        """A keeper for a site in a cache folder."""
        digest = hashlib.sha256(str(site.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        self._path = folder / f"site-{digest}.sqlite"

    def load(self, shared: str) -> LastBuild | None:
        """The last build, where it was made by the same code of the same shared files."""
        try:
            with contextlib.closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as database:
                rows = database.execute("SELECT name, data FROM kept").fetchall()
            # A model is never called "": its name is that of a folder.
            found = dict(rows)
            everything = _everything().validate_json(found.pop("", ""))
            if everything.shared != shared:
                return None
            models = {name: _models().validate_json(data) for name, data in found.items()}
        except (sqlite3.Error, ValueError, OSError):
            return None
        return LastBuild(everything=everything, models=models)

    def save(self, everything: Everything, changed: Mapping[str, Kept], names: Iterable[str]) -> None:
        """Remembers a build.

        Args:
            everything: what holds for all of it.
            changed: the models that were made anew.
            names: all models; others are forgotten.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.closing(sqlite3.connect(self._path, timeout=1.0)) as database, database:
                database.execute("PRAGMA synchronous=OFF")
                database.execute(_TABLE)
                known = {name for (name,) in database.execute("SELECT name FROM kept")}
                gone = known.difference(names, [""])
                database.executemany("DELETE FROM kept WHERE name = ?", [(name,) for name in gone])
                rows = [(name, _models().dump_json(kept)) for name, kept in changed.items()]
                rows.append(("", _everything().dump_json(everything)))
                database.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", rows)
        except (sqlite3.Error, OSError):
            self.forget()

    def forget(self) -> None:
        """Removes the state: what it says may no longer be so."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
