"""source-denied: bytes, or the API of a model, come from where the policy does not let them come from."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.quoting import one_line
from budmodel.domain.source_policy import host_problems, hub_problems, location_problems
from budmodel.findings import FieldPath, Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject, VersionRule, VersionSubject
from budmodel.schema.governance import Policy
from budmodel.schema.model import HuggingFaceSource, Model
from budmodel.schema.version import HubRevision, S3Location, Version

_Problem = tuple[FieldPath, str]


class SourceDenied(ModelRule, VersionRule):
    """Only organisations, buckets and hosts that the policy lists, nothing it denies, and no ``file:``."""

    id = "source-denied"
    title = "A source is not allowed"

    def visit(self, subject: ModelSubject | VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each field that names such a source, and for each file with denied bytes."""
        policy = context.judges.policy
        if isinstance(subject, ModelSubject):
            model, who, targets = subject.view.model, subject.view.name, subject.targets
            # Where every version was withdrawn, nobody takes anything from there any more.
            withdrawn = bool(subject.view.versions) and not targets
            found = _model(model, policy) if model is not None and not withdrawn else iter(())
        else:
            record, who, targets = subject.entry.record, subject.target, (subject.target,)
            found = _version(record, context) if record is not None and not subject.yanked else iter(())
        for field_path, problem in found:
            yield self.finding(
                subject.path,
                f"{who}: {'.'.join(map(str, field_path))} {problem}",
                field_path=field_path,
                fix="take it from an allowed source, or propose a change to catalog/policy.yaml",
                targets=targets,
            )


def _model(model: Model, policy: Policy) -> Iterator[_Problem]:
    if isinstance(model.source, HuggingFaceSource) and model.source.model_id is not None:
        for problem in hub_problems(model.source.model_id, policy):
            yield ("source", "model_id"), problem
    if model.api is not None and model.api.endpoint is not None:
        for problem in host_problems(model.api.endpoint, policy.sources):
            yield ("api", "endpoint"), problem


def _version(record: Version, context: Context) -> Iterator[_Problem]:
    policy = context.judges.policy
    if isinstance(record.source, HubRevision):
        for problem in hub_problems(record.source.model_id, policy):
            yield ("source", "model_id"), problem
    elif isinstance(record.source, S3Location):
        for problem in location_problems(record.source.uri, policy):
            yield ("source", "uri"), problem
    if record.storage_path is not None:
        for problem in location_problems(record.storage_path, policy):
            yield ("storage_path",), problem
    if context.denied_digests:
        for index, file in enumerate(record.files or ()):
            reason = context.denied_digests.get(file.sha256)
            if reason is not None:
                problem = f"is that of bytes which the policy denies: {one_line(reason)}"
                yield ("files", index, "sha256"), problem
