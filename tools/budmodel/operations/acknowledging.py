"""Who accepted which licence for what: ``budmodel license acknowledge`` and ``acknowledgments``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from budmodel.domain.acknowledgments import holding, texts_to_accept, wrote
from budmodel.domain.license_policy import ids_named
from budmodel.domain.licensing import LicenseBook
from budmodel.errors import DataError
from budmodel.operations.judging import accepted_of, acknowledgments_of, signers_of
from budmodel.operations.names import resolve_model, resolve_version, valid_model
from budmodel.operations.planning import FileChange, Plan, validated
from budmodel.operations.provenance import Origin, origins
from budmodel.operations.workspace import Workspace
from budmodel.schema.governance import Policy
from budmodel.schema.license import Acknowledgment, License
from budmodel.schema.values import format_timestamp, is_name
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import CATALOG
from budmodel.store.yaml_write import dump


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeRequest:
    """Who accepts what, for what."""

    name: str
    """``NAME`` or ``NAME@V``."""
    use: str
    by: str
    note: str | None
    now: datetime


def plan_acknowledgment(workspace: Workspace, request: AcknowledgeRequest) -> Plan:
    """One new file for each licence of the version that was not acknowledged yet.

    Raises:
        NotFoundError: no such model or version.
        DataError: the version states no licence, or one that nobody has recorded: there is nothing to accept.
    """
    snapshot = workspace.snapshot
    name, version = resolve_version(snapshot, request.name)
    changes: list[FileChange] = []
    notes: list[str] = []
    known = accepted_of(snapshot, name, version)
    for license_, text in _licenses(snapshot, name, version):
        held = holding(known, license_, text, use=request.use, who=request.by, now=request.now)
        before = next(held, None)
        if before is not None:
            notes.append(
                f"{request.by} acknowledged {license_.id} for this use on {before.on}; nothing to add"
            )
            continue
        if text is None:
            notes.append(f"no text of {license_.id} is recorded, so that a changed text reopens nothing")
        changes.append(_file(request, name, version, license_, text))
    return Plan(
        message=f"Acknowledge the licence of {name}@{version} for {request.use} use",
        changes=tuple(changes),
        notes=tuple(notes),
        next_steps=("commit it under the name of who acknowledges: git commit",) if changes else (),
    )


def _licenses(snapshot: Snapshot, name: str, version: str) -> Iterator[tuple[License, str | None]]:
    """The licences of a version, and those of ancestors that the policy wants, each with its current text."""
    _, model = valid_model(snapshot, name)
    view = snapshot.model(name)
    record = view.version(version)
    stated = (record.license_type if record is not None else None) or model.license_type
    if stated is None:
        raise DataError(
            f"{view.folder}/model.yaml:1:1: {name} states no licence, so there is nothing to acknowledge; "
            f"say which with budmodel set {name} license_type=LICENSE"
        )
    book = LicenseBook.at(snapshot.records("license", License))
    found = book.resolve(stated)
    if found.error or found.unknown or not found.ids:
        missing = ", ".join(found.unknown) or stated
        raise DataError(
            f"{view.folder}/model.yaml:1:1: nobody has recorded the terms of {missing}, so nobody can accept "
            "them; add a record to catalog/licenses first"
        )
    if record is None:
        raise DataError(
            f"{view.version_path(version)}:1:1: the record is invalid, so nobody can say what it stands "
            f"under; run budmodel check {view.version_path(version)}"
        )
    policy = snapshot.record(f"{CATALOG}/policy.yaml", Policy) or Policy()
    wanted = ids_named(book, policy.licenses.acknowledgment)
    yield from texts_to_accept(snapshot, book, model, record, wanted)


def _file(
    request: AcknowledgeRequest, name: str, version: str, license_: License, text: str | None
) -> FileChange:
    data: dict[str, Any] = {
        "name": name,
        "version": version,
        "use": request.use,
        "by": request.by,
        "on": format_timestamp(request.now),
        "license_id": license_.id,
        "license_text_sha256": text,
        "note": request.note,
    }
    data = {key: value for key, value in data.items() if value is not None}
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:8]
    time = request.now.strftime("%Y%m%dT%H%M%SZ")
    path = f"{CATALOG}/acknowledgments/{name}/{version}/{time}-{digest}.yaml"
    raw = dump(data)
    validated(path, raw)
    return FileChange(path, None, raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """An acknowledgment with what Git knows of it."""

    path: str
    record: Acknowledgment
    holds: bool
    """Whether it is of the text that counts now."""
    origin: Origin | None
    """None where it is in no commit yet, or there is no Git."""

    @property
    def attributed(self) -> bool | None:
        """Whether who acknowledged wrote the commit, or signed it; None where no commit says."""
        return None if self.origin is None else wrote(self.record.by, writers(self.origin))


def writers(origin: Origin) -> set[str]:
    """Who stands behind the commit that brought a file: names, addresses, and the trusted signer."""
    brought = origin.introduced
    person = brought.written_by or brought.author
    found = {person.name, person.email}
    if brought.signature.signer is not None:
        found.add(brought.signature.signer)
    return found - {""}


def logged_name(snapshot: Snapshot, text: str) -> str:
    """The model that somebody asks the log about; one that was removed has acknowledgments still.

    Raises:
        NotFoundError: no such model.
    """
    if is_name(text) and acknowledgments_of(snapshot, text):
        return text
    return resolve_model(snapshot, text)


def audit_log(workspace: Workspace, snapshot: Snapshot, commit: str | None, name: str | None) -> list[Logged]:
    """All acknowledgments, the newest first, with commit and author.

    Args:
        workspace: the registry.
        snapshot: the catalog, on disk or of a commit.
        commit: the commit to look back from; None means HEAD.
        name: of this model alone, as :func:`logged_name` gives it.

    Raises:
        OutsideError: the clone is shallow.
    """
    found = acknowledgments_of(snapshot, name)
    known: Mapping[str, Origin] = {}
    repository = workspace.repository
    newest = commit or (repository.head() if repository is not None else None)
    if repository is not None and newest is not None and found:
        paths = [path for path, _ in found]
        known = origins(repository, snapshot, newest, paths, signers_of(snapshot))
    logged = [
        Logged(path=path, record=one, holds=_holds(snapshot, one), origin=known.get(path))
        for path, one in found
    ]
    return sorted(logged, key=lambda one: (one.record.on, one.path), reverse=True)


def _holds(snapshot: Snapshot, one: Acknowledgment) -> bool:
    try:
        current = {license_.id: text for license_, text in _licenses(snapshot, one.name, one.version)}
    except DataError:
        return False
    return one.license_id in current and current[one.license_id] == one.license_text_sha256
