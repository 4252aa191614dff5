"""name-removed: a model has the name of one that was removed."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject
from budmodel.schema.values import fold_name


class NameRemoved(ModelRule):
    """A removed name is not given again: whoever still asks for it must not get something else."""

    id = "name-removed"
    title = "A model has the name of a removed one"

    def visit(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        """One finding where a tombstone of the base or of this catalog stands on the folded name."""
        removed = context.removed_names.get(fold_name(subject.view.name))
        if removed is None:
            return
        yield self.finding(
            subject.path,
            f"the name {subject.view.name} cannot be given again: there is a catalog/removed/{removed}.yaml",
            field_path=("name",),
            fix="choose another name",
        )
