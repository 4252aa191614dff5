"""name-mismatch: a field that repeats what the path says disagrees with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.findings import Finding
from budmodel.rules.interface import Context, EntryRule
from budmodel.store.catalog import Entry

_REPEATED: dict[str, tuple[str, ...]] = {
    "model": ("name",),
    "version": ("version",),
    "scan": ("name", "version"),
    "acknowledgment": ("name", "version"),
    "license": ("id",),
    "tombstone": ("name",),
}


class NameMismatch(EntryRule):
    """The path is the id; a record that was copied from another must not keep the other's name."""

    id = "name-mismatch"
    title = "A record's name is not what its path says"

    def visit(self, subject: Entry[Any], context: Context) -> Iterator[Finding]:
        """One finding for each field that disagrees, also where the record is invalid otherwise."""
        data = subject.data
        if not isinstance(data, dict):
            return
        for field in _REPEATED.get(subject.place.kind.name, ()):
            value, said = data.get(field), subject.says(field)
            if isinstance(value, str) and value != said:
                yield self.finding(
                    subject.path,
                    f"{field} is {value[:100]!r}, but the path says {said!r}",
                    field_path=(field,),
                    fix=f"write {field}: {said}, or move the file to where its {field} says",
                )
