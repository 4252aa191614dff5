"""Collects what a reviewer should see beside a draft."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from budmodel.errors import OutsideError
from budmodel.sources.facts.text import one_line
from budmodel.sources.interface import Note

Kind = Literal["guess", "disagreement", "missing", "choice", "information"]
MAX_NOTES = 200


@dataclass(slots=True)
class Notes:
    """Notes in the order of their making; a note that stands there already is not taken twice."""

    taken: list[Note] = field(default_factory=list)
    failure: OutsideError | None = None
    """The first failed read of a file that says what the model is."""

    def add(self, kind: Kind, about: str, message: str) -> None:
        """One more note. ``message`` may hold foreign text; it becomes one plain line."""
        note = Note(kind=kind, field=about, message=one_line(message, 600))
        if note not in self.taken and len(self.taken) < MAX_NOTES:
            self.taken.append(note)
