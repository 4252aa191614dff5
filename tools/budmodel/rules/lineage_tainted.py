"""lineage-tainted: a model was made of one whose bytes are known to be bad, or that was withdrawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from budmodel.domain.taint import taints
from budmodel.findings import Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject
from budmodel.schema.model import BaseModelReference


class LineageTainted(VersionRule):
    """What was poisoned in a parent is still there in what was made of it."""

    id = "lineage-tainted"
    title = "A model was made of a bad one"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each ancestor that failed its scan, was yanked or is denied."""
        record, model = subject.entry.record, subject.view.model
        if record is None or model is None or subject.yanked:
            return
        parents: Sequence[BaseModelReference] = (
            record.base_models if record.base_models is not None else model.base_models
        )
        for taint in taints(context.head, parents, context.judges.policy.denied):
            chain = " ← ".join((subject.target, *taint.path))
            yield self.finding(
                subject.path,
                f"{taint.target} {taint.why}, and {subject.target} was made of it ({chain})",
                field_path=("version",),
                fix="make it anew of a good version, or withdraw it: "
                f"budmodel version yank {subject.view.name} {subject.version} --reason …",
                targets=(subject.target,),
                details=(taint.target,),
            )
