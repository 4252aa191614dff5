"""lineage-unknown-base: a model was made of one that the catalog does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from budmodel.domain.suggest import did_you_mean
from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject, VersionRule, VersionSubject
from budmodel.schema.model import BaseModelReference


class LineageUnknownBase(ModelRule, VersionRule):
    """Licences and taints pass down the lineage, so each parent is in the catalog or is named on the Hub."""

    id = "lineage-unknown-base"
    title = "A parent is not in the catalog"

    def visit(self, subject: ModelSubject | VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each parent, or version of a parent, that is not there."""
        if isinstance(subject, ModelSubject):
            model = subject.view.model
            if model is not None and model.base_models:
                yield from self._unknown(subject, model.base_models, subject.targets, context)
            return
        record = subject.entry.record
        if record is not None and record.base_models and not subject.yanked:
            yield from self._unknown(subject, record.base_models, (subject.target,), context)

    def _unknown(
        self,
        subject: ModelSubject | VersionSubject,
        parents: Sequence[BaseModelReference],
        targets: tuple[str, ...],
        context: Context,
    ) -> Iterator[Finding]:
        for index, parent in enumerate(parents):
            problem = None if parent.external else _problem(parent, context)
            if problem is not None:
                where = ("base_models", index, "model")
                message, fix = problem
                yield self.finding(subject.path, message, field_path=where, fix=fix, targets=targets)


def _problem(parent: BaseModelReference, context: Context) -> tuple[str, str] | None:
    head, wanted = context.head, parent.version
    if not head.has_model(parent.name):
        fix = did_you_mean(parent.name, head.names, "register it first, or name it on the Hub: hf:org/name")
        return f"the base model {parent.name} is not in the catalog", fix
    if wanted is not None and wanted not in head.versions_of(parent.name):
        known = ", ".join(head.versions_of(parent.name)[-3:]) or "none"
        return f"the base model {parent.name} has no version {wanted}", f"its newest versions: {known}"
    return None
