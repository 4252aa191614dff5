"""license-denied: a licence is known, but the policy does not accept it."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject, VersionRule, VersionSubject


class LicenseDenied(ModelRule, VersionRule):
    """``A AND B`` needs both accepted, ``A OR B`` one of them; denied wins over allowed."""

    id = "license-denied"
    title = "A licence is not accepted by the policy"

    def visit(self, subject: ModelSubject | VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each model, and each version with a licence of its own, that is not acceptable."""
        accepted = context.accepted_licenses
        if accepted is None:
            return
        if isinstance(subject, ModelSubject):
            model = subject.view.model
            text, who, targets = model.license_type if model else None, subject.view.name, subject.targets
        else:
            record = None if subject.yanked else subject.entry.record
            text, who, targets = record.license_type if record else None, subject.target, (subject.target,)
        if text is None:
            return
        resolution = context.judges.licenses.resolve(text)
        refused = [id_ for id_ in resolution.ids if not accepted.get(id_.casefold(), False)]
        # Where nothing known is refused, what is unknown is the matter of license-unknown.
        if not refused or resolution.acceptable(accepted):
            return
        spelled = "" if refused == [text] else f" (in its licence {text})"
        yield self.finding(
            subject.path,
            f"the policy does not accept {', '.join(refused)}, under which {who} stands{spelled}",
            field_path=("license_type",),
            fix="use another model, or propose a change to licenses: in catalog/policy.yaml",
            targets=targets,
        )
