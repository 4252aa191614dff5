"""Registering a model: ``budmodel add``, later ``POST /models``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from budmodel.errors import ConflictError, UsageError
from budmodel.operations.layout import model_file, version_file
from budmodel.operations.names import removed
from budmodel.operations.planning import FileChange, Plan, all_valid
from budmodel.schema.governance import Tombstone
from budmodel.schema.registration import FIRST_VERSION, normalise
from budmodel.schema.values import NAME_PATTERN, fold_name, format_timestamp, is_semver
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import CATALOG

FIRST_CHANGELOG = "First registration."


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRequest:
    """A model as it was handed in."""

    body: Mapping[str, Any]
    """As :func:`budmodel.schema.registration.normalise` accepts it: the seed's JSON body, unchanged."""
    now: datetime
    """The release time of a first version."""
    version: str | None = None
    """Its first version; None makes 1.0.0 where the body has a storage path, and none where it has not."""


def plan_add(snapshot: Snapshot, request: AddRequest) -> Plan:
    """What registering a model writes: model.yaml, and its first version where there is a storage path.

    Raises:
        UsageError: no name, or a body that contradicts itself.
        DataError: the record would be invalid; all problems at once.
        ConflictError: the name is taken, was removed, or is too like one that is taken.
    """
    try:
        registration = normalise(request.body)
    except ValueError as error:
        raise UsageError(str(error)) from None
    model = dict(registration.model)
    if not model.get("name"):
        raise UsageError("a name is missing; write budmodel add NAME …, or name: in the file")
    version = request.version or (FIRST_VERSION if registration.storage_path is not None else None)
    files = _files(model, version, registration.storage_path, request.now)
    name = str(model["name"])
    all_valid(f"{name!r} was not added", files)
    check_free(snapshot, name)
    return Plan(
        message=f"Add model {name}",
        changes=tuple(FileChange(path, None, raw) for path, raw in files.items()),
        next_steps=_next_steps(name, version),
    )


def _files(
    model: dict[str, Any], version: str | None, storage_path: str | None, now: datetime
) -> dict[str, bytes]:
    # A name that is none must not become part of a path; validation refuses the record afterwards.
    good = re.fullmatch(NAME_PATTERN, str(model["name"])) is not None
    folder = f"{CATALOG}/models/{model['name'] if good else 'name'}"
    if version is None:
        return {f"{folder}/model.yaml": model_file(model)}
    model.setdefault("default_version", version)
    release = {"version": version, "released": format_timestamp(now), "changelog": FIRST_CHANGELOG}
    if storage_path is not None:
        release["storage_path"] = storage_path
    file_name = version if is_semver(version) else FIRST_VERSION
    return {
        f"{folder}/model.yaml": model_file(model),
        f"{folder}/versions/{file_name}.yaml": version_file(release),
    }


def check_free(snapshot: Snapshot, name: str) -> None:
    """Refuses a name that a model has, had, or almost has (PEP 503 folding).

    Raises:
        ConflictError: the name is not free.
    """
    names = snapshot.tree.model_names()
    if name in names:
        raise ConflictError(
            f"{name} exists already at {CATALOG}/models/{name}; "
            f"change it with budmodel set {name} field=value"
        )
    folded = fold_name(name)
    for other in names:
        if fold_name(other) == folded:
            raise ConflictError(f"{name} would be mistaken for {other}, which exists; choose another name")
    for _, tombstone in snapshot.records("tombstone", Tombstone):
        if fold_name(tombstone.name) == folded:
            raise ConflictError(
                f"the name {tombstone.name} is not used again: {removed(tombstone)}; choose another name"
            )


def _next_steps(name: str, version: str | None) -> tuple[str, ...]:
    check = f"budmodel check {CATALOG}/models/{name}"
    return (check,) if version else (f"budmodel version add {name} 1.0.0 --storage-path URI", check)
