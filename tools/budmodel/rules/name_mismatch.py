"""name-mismatch: a field that repeats what the path says disagrees with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.findings import Finding
from budmodel.rules.interface import Context, EntryRule
from budmodel.rules.version_not_semver import nearest_semver
from budmodel.schema.problems import show
from budmodel.schema.values import is_name, is_semver
from budmodel.store.entries import Entry

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
                    fix=_fix(field, said, value),
                )


def _fix(field: str, said: str, value: str) -> str:
    """What to do; a path that is no name, or no version, can only be mended by moving the file."""
    if field == "version" and not is_semver(said):
        meant = nearest_semver(said) or (value if is_semver(value) else None)
        if meant is None:
            return "rename it to MAJOR.MINOR.PATCH.yaml, such as 1.0.0.yaml"
        return f"rename it to {meant}.yaml" + (f", and write version: {meant}" if meant != value else "")
    if field == "name" and not is_name(said):
        return "move the file to where its name says; a name is lower case, with single . _ - between words"
    return f"write {field}: {said}, or move the file to where its {field} says"
