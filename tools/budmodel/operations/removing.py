"""Removing a model: ``budmodel remove``. Its folder goes, a tombstone stays, the name is not used again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from budmodel.errors import UsageError
from budmodel.operations.layout import tombstone_file
from budmodel.operations.names import listed, resolve_model
from budmodel.operations.planning import FileChange, Plan, all_valid
from budmodel.operations.workspace import Workspace
from budmodel.rules.interface import lineage_of
from budmodel.schema.values import format_timestamp, is_semver
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import CATALOG, UnreadableError


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRequest:
    """Which model goes, why, by whom, and what takes its place."""

    name: str
    reason: str
    by: str
    now: datetime
    successor: str | None = None


def plan_remove(workspace: Workspace, request: RemoveRequest) -> Plan:
    """What removing a model writes.

    Raises:
        NotFoundError: no such model, or no such successor.
        UsageError: the folder holds something that is no file, or the model would succeed itself.
        DataError: the reason or the name is no valid text.
    """
    snapshot, name = workspace.snapshot, request.name
    path = f"{CATALOG}/removed/{name}.yaml"
    raw = tombstone_file(_tombstone(workspace, snapshot, request))
    all_valid(f"{name} was not removed", {path: raw})
    gone = tuple(FileChange(item, _bytes(snapshot, item), None) for item in _files(snapshot, name))
    return Plan(
        message=f"Remove model {name}\n\n{request.reason}",
        changes=(*gone, FileChange(path, None, raw)),
        notes=tuple(_notes(snapshot, name)),
        next_steps=("budmodel check",),
    )


def _tombstone(workspace: Workspace, snapshot: Snapshot, request: RemoveRequest) -> dict[str, object]:
    found: dict[str, object] = {
        "name": request.name,
        "reason": request.reason,
        "removed": format_timestamp(request.now),
        "by": request.by,
    }
    if request.successor is not None:
        found["successor"] = resolve_model(snapshot, request.successor)
        if found["successor"] == request.name:
            raise UsageError(f"{request.name} cannot succeed itself; name another model with --successor")
    versions = [version for version in snapshot.versions_of(request.name) if is_semver(version)]
    if versions:
        found["last_versions"] = versions
    repository = workspace.repository
    head = repository.head() if repository is not None else None
    if repository is not None and head and repository.last_change(f"{CATALOG}/models/{request.name}"):
        found["last_commit"] = head
    return found


def _files(snapshot: Snapshot, name: str) -> Iterator[str]:
    folder = f"{CATALOG}/models/{name}/"
    for path, kind in sorted(snapshot.types.items()):
        if path.startswith(folder):
            if kind not in ("file", "folder"):
                raise UsageError(
                    f"{path} is a {kind}, which is not deleted by machine; remove it by hand first"
                )
            if kind == "file":
                yield path


def _bytes(snapshot: Snapshot, path: str) -> bytes:
    try:
        return snapshot.tree.read(path)
    except UnreadableError as error:
        raise UsageError(f"{path} {error}; mend that first") from None


def _notes(snapshot: Snapshot, name: str) -> Iterator[str]:
    lineage = lineage_of(snapshot)
    children = lineage.children.get(name, ())
    if children:
        verb = "loses its base" if len(children) == 1 else "lose their base"
        yield f"{listed(children)} {verb}; change base_models there, or budmodel check reports them"
    further = [other for other in lineage.descendants(name) if other not in children]
    if further:
        yield f"further descendants: {listed(further)}"
