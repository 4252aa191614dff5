"""May this version be deployed for this use? ``budmodel deploy-check`` and ``budmodel license check``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from budmodel.domain.acknowledgments import holding, texts_to_accept
from budmodel.domain.license_decision import licence_opinion
from budmodel.domain.license_policy import accepted_names, ids_named
from budmodel.domain.scan_age import scan_age
from budmodel.domain.uses import Level, Opinion, Reason, Use
from budmodel.errors import DataError
from budmodel.operations.judging import accepted_of, sure_judges_of
from budmodel.operations.names import valid_model
from budmodel.rules.engine import Engine, Scope
from budmodel.rules.interface import Context, Judges
from budmodel.rules.registry import load
from budmodel.schema.model import Model
from budmodel.schema.values import after, format_timestamp, parse_timestamp
from budmodel.schema.version import HubRevision, S3Location, Version
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import CATALOG

RULES = (
    "yaml-invalid",
    "schema-invalid",
    "name-mismatch",
    "name-removed",
    "version-not-semver",
    "source-denied",
    "source-unpinned",
    "files-missing",
    "license-missing",
    "license-denied",
    "license-looser-than-text",
    "license-lineage-conflict",
    "lineage-cycle",
    "lineage-tainted",
    "scan-missing",
    "scan-failed",
    "scan-skipped",
    "scan-incomplete",
    "scan-mismatch",
    "scan-unsigned",
    "scan-untrusted",
    "scan-stale",
)
"""Rules of the gate that stop a deployment; policy never lowers them here."""
_BELIEVED = timedelta(hours=24)
"""For how long an answer may be kept where nothing in it ends before."""


class Answer(NamedTuple):
    """The decision, and all that it rests on."""

    decision: Level
    reasons: tuple[Reason, ...]
    duties: tuple[str, ...]
    subject: dict[str, Any]
    generated_from: str | None
    evaluated_at: str
    valid_until: str
    scope: str
    """``licence only``, or ``deployment``."""

    def data(self) -> dict[str, Any]:
        """For programs (DESIGN §5)."""
        return {
            "decision": self.decision,
            "reasons": [
                {"code": one.code, "level": one.level, "message": one.message, "clause": one.clause}
                for one in self.reasons
            ],
            "duties": list(self.duties),
            "subject": self.subject,
            "generated_from": self.generated_from,
            "evaluated_at": self.evaluated_at,
            "valid_until": self.valid_until,
            "scope": self.scope,
        }


class Question(NamedTuple):
    """What is asked."""

    name: str
    version: str
    use: Use
    now: datetime
    who: str | None = None
    """On whose behalf, for acknowledgments."""
    commit: str | None = None
    """The commit that the catalog was read at."""
    young_until: datetime | None = None
    """Until when the catalog is young enough to be asked; None where nobody asked for that."""

    @property
    def believed(self) -> datetime:
        """Until when an answer holds at most."""
        return min(filter(None, (after(self.now, _BELIEVED), self.young_until)))


def license_answer(snapshot: Snapshot, question: Question) -> Answer:
    """What the licences alone say: the model's own, its restrictions, and those of all ancestors.

    Raises:
        DataError: the model's or the version's record is invalid.
    """
    model, record = _records(snapshot, question)
    opinion = _license(snapshot, sure_judges_of(snapshot), model, record, question)
    return _answer(question, record, opinion, "licence only", question.believed)


def deploy_answer(snapshot: Snapshot, question: Question) -> Answer:
    """What everything together says: licences, scan, lifecycle, policy and acknowledgments.

    Raises:
        DataError: the model's or the version's record is invalid.
    """
    model, record = _records(snapshot, question)
    judges = sure_judges_of(snapshot)
    accepted = accepted_names(judges.licenses, judges.policy.licenses)
    opinion = _license(snapshot, judges, model, record, question, accepted)
    opinion += Opinion(reasons=tuple(_lifecycle(model, record, question.now)))
    gate, ends = _gate(snapshot, judges, question)
    opinion += Opinion(reasons=tuple(gate))
    opinion += Opinion(reasons=tuple(_acknowledged(snapshot, judges, model, record, question)))
    ends += [*_scan_end(snapshot, judges, question, record), *_retirement(model)]
    until = min([question.believed, *ends])
    return _answer(question, record, opinion, "deployment", max(until, question.now))


def _records(snapshot: Snapshot, question: Question) -> tuple[Model, Version]:
    _, model = valid_model(snapshot, question.name)
    view = snapshot.model(question.name)
    record = view.version(question.version)
    if record is None:
        path = view.version_path(question.version)
        raise DataError(f"{path}:1:1: the record is invalid; run budmodel check {path}")
    return model, record


def _answer(question: Question, record: Version, opinion: Opinion, scope: str, until: datetime) -> Answer:
    from budmodel.domain.manifest import manifest_sha256

    return Answer(
        decision=opinion.level,
        reasons=tuple(sorted(opinion.reasons, key=lambda one: {"deny": 0, "warn": 1, "allow": 2}[one.level])),
        duties=opinion.duties,
        subject={
            "name": question.name,
            "version": question.version,
            "manifest_sha256": manifest_sha256(record.files) if record.files else None,
            "uri": _uri(record),
        },
        generated_from=question.commit,
        evaluated_at=format_timestamp(question.now),
        valid_until=format_timestamp(until),
        scope=scope,
    )


def _uri(record: Version) -> str | None:
    if record.storage_path is not None:
        return record.storage_path
    if isinstance(record.source, S3Location):
        return record.source.uri
    if isinstance(record.source, HubRevision):
        return f"hf://{record.source.model_id}" + (
            f"@{record.source.revision}" if record.source.revision else ""
        )
    return None


def _license(
    snapshot: Snapshot,
    judges: Judges,
    model: Model,
    record: Version,
    question: Question,
    accepted: Mapping[str, bool] | None = None,
) -> Opinion:
    target = f"{question.name}@{question.version}"
    return licence_opinion(snapshot, judges.licenses, model, record, question.use, target, accepted=accepted)


def _lifecycle(model: Model, record: Version, now: datetime) -> Iterator[Reason]:
    if record.yanked is not None:
        yield Reason(
            code="yanked",
            level="deny",
            message=f"version {record.version} was withdrawn: {record.yanked.reason}",
        )
    if model.status == "archived":
        yield Reason(code="archived", level="deny", message=f"{model.name} is archived, not for new use")
    elif model.status == "deprecated":
        instead = f"; use {model.successor}" if model.successor else ""
        if any(end <= now for end in _retirement(model)):
            message = f"{model.name} was retired on {model.retires_on}{instead}"
            yield Reason(code="retired", level="deny", message=message)
            return
        until = f" and retires on {model.retires_on}" if model.retires_on else ""
        yield Reason(code="deprecated", level="warn", message=f"{model.name} is deprecated{until}{instead}")


def _retirement(model: Model) -> Iterator[datetime]:
    """When a model retires; a plain date begins at its midnight in UTC."""
    if model.retires_on is not None:
        yield parse_timestamp(model.retires_on)


def _gate(snapshot: Snapshot, judges: Judges, question: Question) -> tuple[list[Reason], list[datetime]]:
    """What the rules say of this version; what a waiver covers warns, and until when."""
    target = f"{question.name}@{question.version}"
    context = Context(head=snapshot, judges=judges, now=question.now)
    engine = Engine([load(slug) for slug in RULES])
    judgement = engine.judge(context, Scope(models=[question.name], files=[], strangers=[], gone=[]))
    reasons: list[Reason] = []
    ends: list[datetime] = []
    view = snapshot.model(question.name)
    own = {f"{view.folder}/model.yaml", view.version_path(question.version), view.scan_path(question.version)}
    for finding in judgement.findings:
        # What is wrong with another version of the model does not concern this one.
        if target not in finding.targets if finding.targets else finding.path not in own:
            continue
        about = replace(finding, targets=(target,)) if finding.targets else finding
        waiver = next(iter(judges.waiver_book.covering(about, judgement.manifests, question.now)), None)
        if waiver is None:
            reasons.append(
                Reason(code=finding.rule, level="deny", message=finding.message, clause=finding.path)
            )
            continue
        _, accepted = waiver
        ends.append(parse_timestamp(accepted.expires))
        reasons.append(
            Reason(
                code=finding.rule,
                level="warn",
                message=f"{finding.message}; waived until {accepted.expires}: {accepted.reason}",
                clause=finding.path,
            )
        )
    return reasons, ends


def _scan_end(snapshot: Snapshot, judges: Judges, question: Question, record: Version) -> Iterator[datetime]:
    scan = snapshot.model(question.name).scan(question.version)
    if scan is None or scan.finished is None:
        return
    formats = {record.format, *(row.format for row in scan.files)}
    limit = scan_age(scan, formats, judges.policy.scans, question.now).scan_limit_days
    yield after(parse_timestamp(scan.finished), timedelta(days=limit + 1))


def _acknowledged(
    snapshot: Snapshot, judges: Judges, model: Model, record: Version, question: Question
) -> Iterator[Reason]:
    """Whether somebody accepted the licences for which the policy asks that."""
    wanted = ids_named(judges.licenses, judges.policy.licenses.acknowledgment)
    known = accepted_of(snapshot, question.name, question.version)
    for license_, text in texts_to_accept(snapshot, judges.licenses, model, record, wanted):
        if (id_ := license_.id) not in wanted:
            continue
        held = holding(known, license_, text, use=question.use.kind, who=question.who, now=question.now)
        one = next(held, None)
        if one is not None:
            yield Reason(
                code="acknowledged",
                level="allow",
                message=f"{one.by} acknowledged {id_} for {one.use} use on {one.on}",
            )
            continue
        earlier = any(ack.license_id == id_ and ack.use == question.use.kind for ack in known)
        why = "again, since its text or the person is another" if earlier else "first"
        yield Reason(
            code="acknowledgment-missing",
            level="deny",
            message=f"the policy wants {id_} to be acknowledged for {question.use.kind} use {why}: budmodel "
            f"license acknowledge {question.name}@{question.version} --use {question.use.kind} --by WHO",
            clause=f"{CATALOG}/policy.yaml",
        )


__all__ = ["Answer", "Question", "deploy_answer", "license_answer"]
