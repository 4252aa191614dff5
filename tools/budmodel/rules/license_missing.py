"""license-missing: neither the model nor one of its versions says under which licence it stands."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject
from budmodel.schema.version import Version


class LicenseMissing(ModelRule):
    """Without a licence nothing is allowed, so a model that states none cannot be judged."""

    id = "license-missing"
    title = "A model states no licence"

    def visit(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        """One finding for each model without a licence that has a version without one, or no version."""
        view, model = subject.view, subject.view.model
        if model is None or model.license_type is not None:
            return
        bare = [version for version, entry in view.versions.items() if _lacks_one(entry.record)]
        if view.versions and not bare:
            return
        named = ", ".join(bare[:5]) + (" …" if len(bare) > 5 else "")
        where = f" for {named}" if len(bare) < len(view.versions) else ""
        yield self.finding(
            subject.path,
            f"{view.name} states no licence{where}",
            field_path=("license_type",),
            fix=f"run: budmodel set {view.name} license_type=…; budmodel license list shows the known ones",
            targets=tuple(f"{view.name}@{version}" for version in bare),
        )


def _lacks_one(record: Version | None) -> bool:
    return record is not None and record.license_type is None and record.yanked is None
