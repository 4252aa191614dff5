"""default-version-yanked: the default version or an alias names a version that was withdrawn."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.quoting import one_line
from budmodel.findings import FieldPath, Finding, Severity
from budmodel.rules.interface import Context, ModelRule, ModelSubject


class DefaultVersionYanked(ModelRule):
    """A warning and no error: withdrawing a version must not wait until its replacement is there."""

    id = "default-version-yanked"
    title = "A default version or an alias was withdrawn"
    severity = Severity.WARNING

    def visit(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        """One finding for each reference to a yanked version."""
        view, model = subject.view, subject.view.model
        if model is None:
            return
        named: list[tuple[str, FieldPath, str | None]] = [
            ("the default version", ("default_version",), model.default_version)
        ]
        for alias, version in model.aliases.items():
            named.append((f"the alias {alias}", ("aliases", alias), version))
        for what, field_path, meant in named:
            record = view.version(meant) if meant is not None else None
            if record is None or record.yanked is None:
                continue
            yield self.finding(
                subject.path,
                f"{what} of {view.name} is {meant}, which was yanked: {one_line(record.yanked.reason)}",
                field_path=field_path,
                fix=f"name another one, such as: budmodel version default {view.name} …",
                targets=(f"{view.name}@{meant}",),
            )
