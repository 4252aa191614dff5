"""license-unknown: a licence is named that the catalog holds no record of. Unknown is never allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from budmodel.domain.quoting import one_line
from budmodel.domain.suggest import nearest
from budmodel.findings import FieldPath, Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject, VersionRule, VersionSubject
from budmodel.schema.model import BaseModelReference


class LicenseUnknown(ModelRule, VersionRule):
    """Every id, alias and part of an SPDX expression must lead to a record of its terms."""

    id = "license-unknown"
    title = "A licence has no record"

    def visit(self, subject: ModelSubject | VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each unknown licence of a model, of a version, or of a parent on the Hub."""
        if isinstance(subject, ModelSubject):
            model = subject.view.model
            if model is not None:
                named = _named(model.license_type, model.base_models)
                yield from self._unknown(subject.path, named, subject.targets, context)
        else:
            record = subject.entry.record
            if record is not None and not subject.yanked:
                named = _named(record.license_type, record.base_models or ())
                yield from self._unknown(subject.path, named, (subject.target,), context)

    def _unknown(
        self, path: str, named: Iterator[tuple[FieldPath, str]], targets: tuple[str, ...], context: Context
    ) -> Iterator[Finding]:
        for field_path, text in named:
            resolution = context.judges.licenses.resolve(text)
            if resolution.error:
                yield self.finding(
                    path,
                    f"the licence {text!r} cannot be read: {one_line(resolution.error)}",
                    field_path=field_path,
                    fix="write an id such as Apache-2.0, or an expression such as MIT OR Apache-2.0",
                    targets=targets,
                )
            for unknown in () if resolution.error else resolution.unknown:
                # Of a record that comes with the model in one change license-unreviewed speaks.
                comes_too = context.may_differ(path) and context.proposed_licenses.find(unknown) is not None
                if comes_too and field_path == ("license_type",):
                    continue
                message, fix = _explain(unknown, context)
                yield self.finding(path, message, field_path=field_path, fix=fix, targets=targets)


def _named(own: str | None, parents: Sequence[BaseModelReference]) -> Iterator[tuple[FieldPath, str]]:
    if own is not None:
        yield ("license_type",), own
    for index, parent in enumerate(parents):
        if parent.license_type is not None:
            yield ("base_models", index, "license_type"), parent.license_type


def _explain(unknown: str, context: Context) -> tuple[str, str]:
    if context.proposed_licenses.find(unknown) is not None:
        return (
            f"the licence {unknown} is new in this change; it counts once it is on the base branch",
            "merge the licence record first",
        )
    book = context.judges.licenses
    near = nearest(unknown, book.known())
    record = book.find(near) if near is not None else None
    fix = f"did you mean {record.id}?" if record is not None else "add its terms below catalog/licenses/"
    return f"no record in catalog/licenses/ has the id or alias {unknown}", fix
