"""lineage-cycle: a model descends from itself."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject


class LineageCycle(ModelRule):
    """Nothing is made of itself, so a cycle means that one of the statements is wrong."""

    id = "lineage-cycle"
    title = "The lineage goes in a circle"

    def visit(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        """One finding on each model of a cycle, with the way round."""
        model = subject.view.model
        if model is None or not model.base_models:
            return
        cycle = context.lineage.cycle_through(subject.view.name)
        if cycle is None:
            return
        index = next(index for index, parent in enumerate(model.base_models) if parent.name == cycle[1])
        shown = cycle if len(cycle) <= 8 else (*cycle[:4], "…", *cycle[-3:])
        yield self.finding(
            subject.path,
            f"{subject.view.name} descends from itself: {' → '.join(shown)}",
            field_path=("base_models", index, "model"),
            fix="remove the base_models entry that is wrong",
            targets=subject.targets,
        )
