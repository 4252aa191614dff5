"""lineage-cycle: a model descends from itself."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.inheritance import ancestors
from budmodel.domain.lineage import abridged
from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject, VersionRule, VersionSubject


class LineageCycle(ModelRule, VersionRule):
    """Nothing is made of itself, so a cycle means that one of the statements is wrong."""

    id = "lineage-cycle"
    title = "The lineage goes in a circle"

    def visit(self, subject: ModelSubject | VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding on each model of a cycle, and on each version that froze a part of it, with the way."""
        if isinstance(subject, VersionSubject):
            yield from self._frozen(subject, context)
            return
        model = subject.view.model
        if model is None or not model.base_models:
            return
        cycle = context.lineage.cycle_through(subject.view.name)
        if cycle is None:
            return
        index = next(index for index, parent in enumerate(model.base_models) if parent.name == cycle[1])
        yield self.finding(
            subject.path,
            f"{subject.view.name} descends from itself: {' → '.join(abridged(cycle))}",
            field_path=("base_models", index, "model"),
            fix="remove the base_models entry that is wrong",
            targets=subject.targets,
        )

    def _frozen(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        record = None if subject.yanked else subject.entry.record
        if record is None or not record.base_models:
            return
        for ancestor in ancestors(context.head, record.base_models):
            if ancestor.target == subject.target:
                way = " → ".join(abridged((subject.target, *ancestor.path)))
                yield self.finding(
                    subject.path,
                    f"{subject.target} descends from itself: {way}",
                    field_path=("base_models",),
                    fix="remove the base_models entry that is wrong",
                    targets=(subject.target,),
                )
                return
