"""license-lineage-conflict: a model is published as freer than what it was made of lets it be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from budmodel.domain.inheritance import ancestors, bases_of
from budmodel.domain.license_conflicts import freer_than_parent, wider_than_allowed
from budmodel.findings import FieldPath, Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject, VersionRule, VersionSubject
from budmodel.schema.model import BaseModelReference, LicenseRestrictions


class LicenseLineageConflict(ModelRule, VersionRule):
    """A fine-tune, an adapter, a quantization or a merge carries the terms of everything it was made of."""

    id = "license-lineage-conflict"
    title = "A model is freer than what it was made of"

    def visit(self, subject: ModelSubject | VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each ancestor whose terms are not kept."""
        model = subject.view.model
        if model is None:
            return
        narrowed = [model.license_restrictions]
        if isinstance(subject, ModelSubject):
            text, parents, who, targets = (
                model.license_type,
                model.base_models,
                subject.view.name,
                subject.targets,
            )
        else:
            record = None if subject.yanked else subject.entry.record
            # The model speaks for versions that froze nothing of their own.
            if record is None or (record.license_type is None and record.base_models is None):
                return
            narrowed.append(record.license_restrictions)
            text, parents = record.license_type or model.license_type, list(bases_of(model, record))
            who, targets = subject.target, (subject.target,)
        if text is not None:
            yield from self._compare(subject, context, text, parents, narrowed, who, targets)

    def _compare(
        self,
        subject: ModelSubject | VersionSubject,
        context: Context,
        text: str,
        parents: Sequence[BaseModelReference],
        narrowed: Sequence[LicenseRestrictions | None],
        who: str,
        targets: tuple[str, ...],
    ) -> Iterator[Finding]:
        book = context.judges.licenses
        child = book.resolve(text).tree
        own = [one for one in narrowed if one is not None]
        place: FieldPath = ("license_type",)
        for ancestor in ancestors(context.head, parents) if child is not None else ():
            assert child is not None
            license_type = ancestor.license_type
            tree = book.resolve(license_type).tree if license_type is not None else None
            freer: list[str] = []
            if tree is not None:
                name, outputs_only = subject.view.name, ancestor.outputs_only
                freer += freer_than_parent(name, child, own, tree, book, outputs_only=outputs_only)
            if not ancestor.outputs_only:
                freer += wider_than_allowed(child, own, ancestor.restrictions, tree, book)
            if freer:
                chain = " ← ".join((who, *ancestor.path))
                terms = f"the terms of {ancestor.target} ({license_type or 'no licence'})"
                yield self.finding(
                    subject.path,
                    f"{who} ({text}) does not keep {terms}: {'; '.join(freer)} ({chain})",
                    field_path=place,
                    fix="state the stricter terms or the missing duty, or make it of something freer",
                    targets=targets,
                    details=(ancestor.target,),
                )
