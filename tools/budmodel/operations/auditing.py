"""What was decided about a version on a day, by whom and on what grounds: ``budmodel report audit``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from budmodel.domain.uses import Kind, Use
from budmodel.domain.waivers import expired
from budmodel.errors import DataError, GateError, NotFoundError
from budmodel.operations.deploying import Answer, Question, deploy_answer
from budmodel.operations.history import Entry, history
from budmodel.operations.judging import acknowledgments_of, signers_of
from budmodel.operations.licenses import Terms, model_terms
from budmodel.operations.names import resolve_version
from budmodel.operations.provenance import Origin, origins
from budmodel.operations.scan_state import ScanJudges, ScanState, scan_state
from budmodel.operations.scan_verifying import Proof, verify_scan
from budmodel.operations.workspace import Workspace
from budmodel.schema.governance import Waiver
from budmodel.schema.license import Acknowledgment, License
from budmodel.schema.model import Model
from budmodel.schema.values import format_timestamp, is_name
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot
from budmodel.store.git import Repository
from budmodel.store.git_log import Commit, log
from budmodel.store.tree import CATALOG

USES: tuple[Kind, ...] = ("commercial", "internal", "research")
RECENT = 10
"""Commits of the model's history that are told."""
_JUDGES = (f"{CATALOG}/policy.yaml", f"{CATALOG}/allowed_signers")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """Of what and when."""

    name: str
    """``NAME`` or ``NAME@V``; without a version the default one of that day."""
    commit: str
    now: datetime
    """The moment at which ages and expiries are judged."""
    use: Use
    """The circumstances; each kind is asked in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer to one kind of use."""

    use: str
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverThen:
    """A waiver that names the version."""

    path: str
    record: Waiver
    in_force: bool
    origin: Origin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgmentThen:
    """An acknowledgment of the version's licence."""

    path: str
    record: Acknowledgment
    origin: Origin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseThen:
    """A licence record as it stood, and who brought it."""

    record: License
    kept: tuple[str, ...]
    """The SHA-256 of those of its texts that the catalog itself keeps."""
    origin: Origin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All that an auditor asks about one version on one day."""

    name: str
    version: str
    commit: str
    commit_time: str
    evaluated_at: str
    model: Model
    record: Version
    decisions: tuple[Decision, ...]
    files: tuple[Origin, ...]
    """The records of model, version and scan, the policy and the signers, as far as they are there."""
    terms: Terms
    licenses: tuple[LicenseThen, ...]
    scan_state: ScanState
    proof: Proof | None
    """What the scan record proves; None where there is none that can be read."""
    no_proof: str
    """Why there is none."""
    waivers: tuple[WaiverThen, ...]
    acknowledgments: tuple[AcknowledgmentThen, ...]
    history: tuple[Entry, ...]

    def data(self) -> dict[str, Any]:
        """For programs; see ``budmodel report audit --help``."""
        return {
            "name": self.name,
            "version": self.version,
            "commit": self.commit,
            "commit_time": self.commit_time,
            "evaluated_at": self.evaluated_at,
            "decisions": [{"use": one.use, **one.answer.data()} for one in self.decisions],
            "records": [asdict(one) for one in self.files],
            "license": {
                "expression": self.terms.expression,
                "text_sha256": self.record.license_text_sha256,
                "unknown": list(self.terms.unknown),
                "licenses": [
                    {
                        "record": one.record.model_dump(mode="json", exclude_none=True),
                        "kept": list(one.kept),
                        "origin": _origin(one.origin),
                    }
                    for one in self.licenses
                ],
            },
            "scan": {
                "state": asdict(self.scan_state),
                "proof": _proof(self.proof),
                "no_proof": self.no_proof or None,
            },
            "waivers": [
                {
                    "path": one.path,
                    "in_force": one.in_force,
                    "record": one.record.model_dump(mode="json", exclude_none=True),
                    "origin": _origin(one.origin),
                }
                for one in self.waivers
            ],
            "acknowledgments": [
                {
                    "path": one.path,
                    "record": one.record.model_dump(mode="json", exclude_none=True),
                    "origin": _origin(one.origin),
                }
                for one in self.acknowledgments
            ],
            "history": [asdict(one) for one in self.history],
        }


def _origin(origin: Origin | None) -> dict[str, Any] | None:
    return asdict(origin) if origin is not None else None


def _proof(proof: Proof | None) -> dict[str, Any] | None:
    if proof is None:
        return None
    record = proof.record.model_dump(mode="json", exclude_none=True)
    return {
        "status": proof.record.status,
        "finished": proof.record.finished,
        "manifest_sha256": proof.record.manifest_sha256,
        "bound": proof.bound,
        "engines": record["engines"],
        "findings": record["findings"],
        "signature": {**asdict(proof.signature), "at": proof.signed_at},
        "problems": list(proof.problems),
        "stale": list(proof.age.stale),
    }


def audit(workspace: Workspace, request: AuditRequest) -> Audit:
    """The page for an auditor, from one commit alone.

    Raises:
        NotFoundError: no such model or version on that day.
        DataError: a record that decides is invalid.
        UsageError: there is no Git here.
        OutsideError: the clone is shallow, or Git failed.
    """
    repository = workspace.git("report audit")
    snapshot = workspace.at_commit(request.commit)
    try:
        name, version = resolve_version(snapshot, request.name)
    except NotFoundError as error:
        raise _elsewhen(repository, request) or error from None
    decisions = tuple(_decisions(snapshot, name, version, request))
    view = snapshot.model(name)
    model, record = view.model, view.version(version)
    assert model is not None and record is not None, "the decisions were made about valid records"
    terms = model_terms(snapshot, name, version)
    waivers = _waivers(snapshot, f"{name}@{version}")
    acknowledgments = acknowledgments_of(snapshot, name, version)
    records = [view.version_path(version), view.scan_path(version), f"{view.folder}/model.yaml", *_JUDGES]
    licenses = [_license_path(one) for one in terms.licenses]
    wanted = [*records, *licenses, *(path for path, _ in waivers), *(path for path, _ in acknowledgments)]
    known = origins(repository, snapshot, request.commit, wanted, signers_of(snapshot))
    proof, no_proof = _verified(snapshot, name, version, request.now)
    return Audit(
        name=name,
        version=version,
        commit=request.commit,
        commit_time=repository.commit_time(request.commit),
        evaluated_at=format_timestamp(request.now),
        model=model,
        record=record,
        decisions=decisions,
        files=tuple(known[path] for path in records if path in known),
        terms=terms,
        licenses=tuple(
            LicenseThen(record=one, kept=tuple(_kept(snapshot, one)), origin=known.get(_license_path(one)))
            for one in terms.licenses
        ),
        scan_state=scan_state(
            f"{name}@{version}",
            record,
            view.scan(version),
            ScanJudges.of(snapshot),
            request.now,
            has_artifacts=model.has_artifacts,
        ),
        proof=proof,
        no_proof=no_proof,
        waivers=tuple(
            WaiverThen(
                path=path,
                record=one,
                in_force=not expired(one, request.now),
                origin=known.get(path),
            )
            for path, one in waivers
        ),
        acknowledgments=tuple(
            AcknowledgmentThen(path=path, record=one, origin=known.get(path)) for path, one in acknowledgments
        ),
        history=tuple(history(workspace, name, RECENT, request.commit)),
    )


def _decisions(snapshot: Snapshot, name: str, version: str, request: AuditRequest) -> Iterator[Decision]:
    for kind in USES:
        question = Question(
            name=name,
            version=version,
            use=replace(request.use, kind=kind),
            now=request.now,
            commit=request.commit,
        )
        yield Decision(use=kind, answer=deploy_answer(snapshot, question))


def _elsewhen(repository: Repository, request: AuditRequest) -> NotFoundError | None:
    """When a name was in the catalog that was not in it then, and what it was called: models are renamed.

    Of a removed model its tombstone tells.
    """
    name, commit = request.name.partition("@")[0], request.commit
    head = repository.head()
    if not is_name(name) or head is None or repository.shallow:
        return None
    folder = f"{CATALOG}/models/{name}"
    if repository.tree_id(commit, folder) is not None:
        return None
    if repository.tree_id(commit, f"{CATALOG}/removed/{name}.yaml") is not None:
        return None
    before = log(repository, [folder], rev=commit, limit=1)
    found = before or log(repository, [folder], rev=head)[-1:]
    if not found:
        return None
    whole = log(repository, [f"{CATALOG}/models"], rev=found[0].commit, limit=1)
    other = _moved(whole, folder, came=not before)
    event = f"on {found[0].time[:10]} with commit {found[0].commit[:10]}"
    then = f"{name} was not in the catalog at commit {commit[:10]}"
    if before:
        hint = f", and is called {other} since; ask about {other}" if other else "; name an earlier date"
        return NotFoundError(f"{then}: it went {event}{hint}")
    hint = f" as another name of {other}; ask about {other}" if other else "; name a later date"
    return NotFoundError(f"{then}: it came {event}{hint}")


def _moved(commits: Sequence[Commit], folder: str, *, came: bool) -> str | None:
    """The other model to or from which a commit moved the version files of a folder, byte for byte."""
    edits = [edit for one in commits for edit in one.edits if "/versions/" in edit.path]
    added = {edit.after: edit.path for edit in edits if edit.before is None}
    gone = {edit.before: edit.path for edit in edits if edit.after is None}
    here, there = (added, gone) if came else (gone, added)
    moved = (blob for blob, path in here.items() if path.startswith(f"{folder}/") and blob in there)
    return next((there[blob].split("/")[2] for blob in moved), None)


def _waivers(snapshot: Snapshot, target: str) -> list[tuple[str, Waiver]]:
    found = snapshot.records("waiver", Waiver)
    return sorted((path, one) for path, one in found if target in one.named)


def _license_path(record: License) -> str:
    return f"{CATALOG}/licenses/{record.id}.yaml"


def _kept(snapshot: Snapshot, record: License) -> Sequence[str]:
    texts = f"{CATALOG}/licenses/texts"
    return [one.sha256 for one in record.texts if f"{texts}/{one.sha256}.txt" in snapshot.types]


def _verified(snapshot: Snapshot, name: str, version: str, now: datetime) -> tuple[Proof | None, str]:
    try:
        return verify_scan(snapshot, name, version, now), ""
    except (GateError, DataError) as error:
        return None, str(error)


__all__ = ["Audit", "AuditRequest", "audit"]
