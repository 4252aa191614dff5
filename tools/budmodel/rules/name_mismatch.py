"""name-mismatch: a field that repeats what the path says disagrees with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from budmodel.findings import Finding
from budmodel.rules.interface import Context, EntryRule
from budmodel.schema.problems import show
from budmodel.schema.values import NAME_MAX, NAME_PATTERN, reserved
from budmodel.store.catalog import Entry

_NAME = re.compile(NAME_PATTERN)
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
                    f"{field} is {show(value)}, but the path says {said!r}",
                    field_path=(field,),
                    fix=_fix(field, said),
                )


def _fix(field: str, said: str) -> str:
    """What to do; a path that is no name can only be mended by moving the file."""
    if field == "name" and (len(said) > NAME_MAX or not _NAME.match(said) or reserved(said)):
        return "move the file to where its name says; a name is lower case, with single . _ - between words"
    return f"write {field}: {said}, or move the file to where its {field} says"
