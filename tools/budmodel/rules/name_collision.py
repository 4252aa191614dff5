"""name-collision: two models, or two licences, have names that people and tools take for the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.findings import FieldPath, Finding
from budmodel.rules.interface import Context, EntryRule, ModelRule, ModelSubject
from budmodel.schema.license import License
from budmodel.schema.values import fold_name
from budmodel.store.entries import Entry


class NameCollision(ModelRule, EntryRule):
    """Model names are unique when folded as in PEP 503, licence ids and aliases when case does not count."""

    id = "name-collision"
    title = "Two records have the same name but for case or punctuation"

    def visit(self, subject: ModelSubject | Entry[Any], context: Context) -> Iterator[Finding]:
        """One finding on each record that shares a name with others."""
        if isinstance(subject, ModelSubject):
            yield from self._model(subject, context)
        elif isinstance(subject.record, License):
            yield from self._license(subject.path, subject.record, context)

    def _model(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        name = subject.view.name
        alike = context.folded_names.get(fold_name(name), [])
        if len(alike) < 2:
            return
        others = ", ".join(other for other in alike if other != name)
        yield self.finding(
            subject.path,
            f"the name {name} differs from {others} only in case or punctuation",
            field_path=("name",),
            fix="rename the newer one, or make it a version of the other",
        )

    def _license(self, path: str, record: License, context: Context) -> Iterator[Finding]:
        for field_path, name in _names(record):
            others = sorted(context.license_names[name.casefold()] - {path})
            if others:
                yield self.finding(
                    path,
                    f"the licence name {name} also belongs to {', '.join(others)}",
                    field_path=field_path,
                    fix="take the name out of one of them",
                )


def _names(record: License) -> Iterator[tuple[FieldPath, str]]:
    yield ("id",), record.id
    for index, alias in enumerate(record.aliases):
        yield ("aliases", index), alias
