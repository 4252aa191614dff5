"""name-collision: two models have names that people and tools take for the same."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject
from budmodel.schema.values import fold_name


class NameCollision(ModelRule):
    """Names are unique when folded as in PEP 503: ``-``, ``_``, ``.`` are one, and case does not count."""

    id = "name-collision"
    title = "Two models have the same name but for case or punctuation"

    def visit(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        """One finding on each model that shares its folded name with others."""
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
