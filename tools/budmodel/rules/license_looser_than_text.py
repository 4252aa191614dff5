"""license-looser-than-text: a record allows what its licence does not. Restrictions may only narrow."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.license_conflicts import looser_than_text
from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject, VersionRule, VersionSubject


class LicenseLooserThanText(ModelRule, VersionRule):
    """``license_restrictions`` say what the organisation allows of what the licence gives, never more."""

    id = "license-looser-than-text"
    title = "A record claims more than its licence gives"

    def visit(self, subject: ModelSubject | VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each field that is looser than the licence."""
        model = subject.view.model
        if isinstance(subject, ModelSubject):
            if model is None:
                return
            stated, text, who, targets = (
                model.license_restrictions,
                model.license_type,
                subject.view.name,
                subject.targets,
            )
        else:
            record = None if subject.yanked else subject.entry.record
            if record is None or model is None:
                return
            stated, who, targets = record.license_restrictions, subject.target, (subject.target,)
            text = record.license_type or model.license_type
        if stated is None or text is None:
            return
        tree = context.judges.licenses.resolve(text).tree
        for field, what in (
            looser_than_text(stated, tree, context.judges.licenses) if tree is not None else ()
        ):
            yield self.finding(
                subject.path,
                f"{who} {what} ({text})",
                field_path=("license_restrictions", field),
                fix="state what the licence gives or less; what is left out is as the licence has it",
                targets=targets,
            )
