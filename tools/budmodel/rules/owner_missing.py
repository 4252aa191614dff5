"""owner-missing: nobody answers for the model."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding, Severity
from budmodel.rules.interface import Context, ModelRule, ModelSubject


class OwnerMissing(ModelRule):
    """Somebody must be found when a scan fails or a licence changes."""

    id = "owner-missing"
    title = "A model has no owner"
    severity = Severity.WARNING

    def visit(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        """One finding for each model without owners."""
        model = subject.view.model
        if model is None or model.owners:
            return
        yield self.finding(
            subject.path,
            f"{model.name} has no owners, so nobody answers for it",
            field_path=("owners",),
            fix=f"run: budmodel set {model.name} owners+=TEAM",
            targets=subject.targets,
        )
