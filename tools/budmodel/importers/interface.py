"""What an importer is: it recognises what one tool writes and translates it. It never decides or writes.

Importers get data that was read with limits (size, depth, duplicate keys) and trust none of it: a number
that is none, is not finite or is a marker (-1) becomes a note, never a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from budmodel.errors import BudmodelError

MAX_BYTES = 256 << 20
"""Largest file that is read, in bytes: some tools keep every request beside the summary."""
MAX_ROWS = 20_000
"""Most results of a file."""

Unit = Literal["fraction", "percent", "share", "ms", "s", "tokens/s", "requests/s", "score"]
"""``share`` is a fraction or a percentage, as the whole file shows: beyond 1 it is percent."""


class NotResultsError(BudmodelError):
    """The file holds no results that can be imported; the message is a sentence that says what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number, under the tool's own names."""

    task: str
    """As the tool calls it: ``arc_challenge``, ``leaderboard|mmlu|5``."""
    benchmark: str
    """The catalog's id that is meant; where nobody knows the task, its name as a slug."""
    metric: str
    """The catalog's metric that is meant; else the tool's, as a slug."""
    value: float
    unit: Unit
    stderr: float | None = None
    samples: int | None = None
    settings: Mapping[str, str | bool | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSet:
    """The results of one run of one model."""

    models: tuple[str, ...]
    """Every name that the file gives the model; empty where it gives none."""
    rows: tuple[Row, ...]
    date: str | None = None
    """``YYYY-MM-DD``: the day of the run, as the file says."""
    engine: str | None = None
    engine_version: str | None = None
    link: str | None = None
    """A page that the file names as its own source."""
    origin: Literal["measured", "maker", "third-party"] = "measured"
    """Who stands behind the numbers, unless the user says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a file holds."""

    tool: str
    tool_version: str | None
    sets: tuple[ResultSet, ...]
    notes: tuple[str, ...] = ()
    """What was left out and why, a sentence each."""


class Importer(Protocol):
    """A module: one tool's files."""

    TOOL: str

    def recognises(self, data: Any) -> bool:
        """Whether the data looks like this tool's; cheap, and never raises."""
        ...

    def parse(self, data: Any) -> Parsed:
        """The results.

        Raises:
            NotResultsError: it is of this tool, but holds no results.
        """
        ...
