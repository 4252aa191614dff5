"""license-unreviewed: the terms of a licence were written down, but nobody compared them with its text."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.licensing import named_by_text, other_text
from budmodel.findings import Finding, Severity
from budmodel.rules.interface import Context, ModelRule, ModelSubject, VersionRule, VersionSubject


class LicenseUnreviewed(ModelRule, VersionRule):
    """A record that is new in a change judges nothing yet; one without a review warns."""

    id = "license-unreviewed"
    title = "Nobody has reviewed a licence's record"

    def _frozen_text(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """A version may have frozen a text that nobody has recorded: one name can stand for several texts."""
        record, model = subject.entry.record, subject.view.model
        text = (record.license_type if record else None) or (model.license_type if model else None)
        if record is None or text is None or subject.yanked:
            return
        if other_text(context.judges.licenses, text, record.license_text_sha256):
            known = named_by_text(context.judges.licenses, record.license_text_sha256 or "")
            whose = f", which is that of {known}" if known is not None else ""
            yield self.finding(
                subject.path,
                f"{text} is recorded with other texts than the one that {subject.target} froze{whose}",
                field_path=("license_text_sha256",),
                fix="read that text, and add it to texts of the licence's record, or write another record",
                targets=(subject.target,),
            )

    def visit(self, subject: ModelSubject | VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each licence of a model, or of a version of its own, that nobody has reviewed."""
        if isinstance(subject, ModelSubject):
            model = subject.view.model
            text, targets = model.license_type if model else None, subject.targets
        else:
            yield from self._frozen_text(subject, context)
            record = None if subject.yanked else subject.entry.record
            text, targets = record.license_type if record else None, (subject.target,)
        if text is None:
            return
        found = context.judges.licenses.resolve(text)
        for id_ in found.ids:
            if context.judges.licenses.licenses[id_].reviewed is None:
                yield self.finding(
                    subject.path,
                    f"nobody has compared the record of {id_} with the licence's text",
                    field_path=("license_type",),
                    fix=f"read the text, mend catalog/licenses/{id_}.yaml, and state reviewed: {{by, on}}",
                    targets=targets,
                ).lowered(Severity.WARNING)
        # A change that only brings the record of what was unknown is welcome.
        for name in found.unknown if context.may_differ(subject.path) and not found.error else ():
            if context.proposed_licenses.find(name) is not None:
                yield self.finding(
                    subject.path,
                    f"the licence {name} is new in this change; it counts once it is on the base branch",
                    field_path=("license_type",),
                    fix="have the licence record reviewed and merged first",
                    targets=targets,
                )
