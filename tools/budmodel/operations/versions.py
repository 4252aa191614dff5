"""Versions of a model: add, choose the default, withdraw: ``budmodel version``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import semver

from budmodel.domain.version_bump import Facts, differences, preceding, smallest, step
from budmodel.errors import ConflictError, DataError, NotFoundError, UsageError
from budmodel.operations.layout import MODEL_ORDER, VERSION_ORDER, version_file
from budmodel.operations.names import listed, valid_model
from budmodel.operations.planning import FileChange, Plan, all_valid, changed, validated
from budmodel.operations.setting import editable
from budmodel.schema.kinds import KINDS, Place
from budmodel.schema.model import Model
from budmodel.schema.values import format_timestamp, is_semver
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot
from budmodel.store.entries import Entry, parse_entry
from budmodel.store.tree import CATALOG
from budmodel.store.yaml_edit import DELETE, edit


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRequest:
    """A new version as it was handed in; only what is stated is written."""

    name: str
    version: str
    now: datetime
    """The release time where the body states none."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the version record."""
    set_default: bool = False


def plan_version(snapshot: Snapshot, request: VersionRequest) -> Plan:
    """What adding a version writes.

    Raises:
        UsageError: the version is not SemVer, or an API-only model is given bytes.
        ConflictError: the version exists, or one that differs only in build metadata.
        DataError: the record would be invalid; all problems at once.
    """
    name, version = request.name, request.version
    check_new_version(snapshot, name, version)
    _, model = valid_model(snapshot, name)
    lacks_default = model.default_version is None and not request.set_default
    stated = request.body.get("version", version)
    if stated != version:
        raise UsageError(
            f"the file is about version {stated}, not {version}; name the same version twice, or once"
        )
    body: dict[str, Any] = {"version": version, "released": format_timestamp(request.now), **request.body}
    if not model.has_artifacts and (body.get("storage_path") or body.get("files")):
        raise UsageError(f"{name} is reached through an API (source: api), so its versions have no files")
    path = f"{CATALOG}/models/{name}/versions/{version}.yaml"
    raw = version_file({key: value for key, value in body.items() if value is not None})
    all_valid(f"{name}@{version} was not added", {path: raw})
    default = _set_default(snapshot, name, version) if request.set_default else ()
    record = parse_entry(path, Place(KINDS["version"], {"name": name, "version": version}), raw).record
    return Plan(
        message=f"Add {name} {version}",
        changes=(FileChange(path, None, raw), *default),
        notes=tuple(_too_small(snapshot, model, record)) if isinstance(record, Version) else (),
        next_steps=(
            *([f"budmodel version default {name} {version}"] if lacks_default else []),
            f"budmodel check {CATALOG}/models/{name}",
        ),
    )


def _too_small(snapshot: Snapshot, model: Model, new: Version) -> Iterator[str]:
    """What the rule version-bump-too-small will say of a new version, said before it is written."""
    view = snapshot.model(model.name)
    released = {
        version: entry.record
        for version, entry in view.versions.items()
        if entry.record is not None and is_semver(version)
    }
    before = preceding(new.version, {key: one.yanked is not None for key, one in released.items()})
    raised = step(before, new.version) if before is not None else None
    if before is None or raised is None:
        return
    was, now = (Facts.of(one, model.architecture, model.base_models) for one in (released[before], new))
    found = [one for one in differences(was, now) if one.needs > raised]
    if found:
        needs = max(one.needs for one in found)
        what = ", ".join(one.what for one in found if one.needs is needs)
        enough = smallest(before, needs)
        yield f"{new.version} changes {what} against {before}, which needs {enough} or higher"


def check_new_version(snapshot: Snapshot, name: str, version: str) -> None:
    """Refuses a version that is not SemVer or that exists, with other build metadata or without.

    Raises:
        UsageError, ConflictError: as :func:`plan_version`.
    """
    if not is_semver(version):
        meant = semver_hint(version)
        raise UsageError(
            f"{version!r} is not a SemVer version; write {meant or 'three numbers such as 1.0.0'}"
        )
    new = semver.Version.parse(version)
    for other in snapshot.versions_of(name):
        if other == version:
            raise ConflictError(
                f"{name} has a version {version} already, and released versions do not change; "
                "add another, or yank this one"
            )
        if is_semver(other) and new.compare(other) == 0:
            raise ConflictError(
                f"{version} has the same precedence as {other}, since build metadata does not count; "
                "choose another number"
            )


def semver_hint(text: str) -> str | None:
    """The SemVer version that was probably meant: ``1.1`` → ``1.1.0``, ``v2`` → ``2.0.0``; None: unclear."""
    core, dash, rest = text.strip().removeprefix("v").partition("-")
    parts = core.split(".")
    if all(part.isdecimal() and part.isascii() for part in parts) and len(parts) <= 3:
        meant = ".".join(str(int(part)) for part in [*parts, "0", "0"][:3]) + dash + rest
        return meant if is_semver(meant) else None
    return None


def _set_default(snapshot: Snapshot, name: str, version: str) -> tuple[FileChange, ...]:
    entry = editable(snapshot, name)
    raw = edit(entry.raw, {("default_version",): version}, order=MODEL_ORDER)
    validated(entry.path, raw)
    return changed([FileChange(entry.path, entry.raw, raw)])


def plan_default(snapshot: Snapshot, name: str, version: str) -> Plan:
    """What making a version the default writes; empty where it is that already.

    Raises:
        ConflictError: the version is yanked.
    """
    record = _valid_version(snapshot, name, version)[1]
    if record.yanked is not None:
        raise ConflictError(
            f"{name}@{version} is yanked ({record.yanked.reason}); "
            f"choose another version{_candidates(snapshot, name, version)}"
        )
    return Plan(
        message=f"Make {version} the default version of {name}",
        changes=_set_default(snapshot, name, version),
        next_steps=(f"budmodel check {CATALOG}/models/{name}",),
    )


def plan_yank(snapshot: Snapshot, name: str, version: str, reason: str, now: datetime) -> Plan:
    """What withdrawing a version writes; the file and all else in it stay.

    Raises:
        ConflictError: it is yanked already, for another reason.
        DataError: the record is invalid.
    """
    entry, record = _valid_version(snapshot, name, version)
    if record.yanked is not None:
        if record.yanked.reason == reason:
            return Plan(message="", changes=())
        raise ConflictError(
            f"{name}@{version} was yanked on {record.yanked.on[:10]} already ({record.yanked.reason}); "
            "use --undo first to state another reason"
        )
    _, model = valid_model(snapshot, name)
    notes = []
    if model.default_version == version:
        notes.append(
            f"{version} is the default version of {name}; choose another with "
            f"budmodel version default {name} V{_candidates(snapshot, name, version)}"
        )
    notes += [
        f"the alias {alias} of {name} stands for it; change it with budmodel set {name} aliases.{alias}=V"
        for alias, target in model.aliases.items()
        if target == version
    ]
    change = {("yanked",): {"reason": reason, "on": format_timestamp(now)}}
    return _plan_edit(entry, change, f"Yank {name} {version}\n\n{reason}", tuple(notes))


def plan_unyank(snapshot: Snapshot, name: str, version: str) -> Plan:
    """What taking a withdrawal back writes; empty where the version is not yanked."""
    entry, _ = _valid_version(snapshot, name, version)
    return _plan_edit(entry, {("yanked",): DELETE}, f"Take back the yank of {name} {version}")


def _plan_edit(
    entry: Entry[Any], change: Mapping[Any, Any], message: str, notes: tuple[str, ...] = ()
) -> Plan:
    raw = edit(entry.raw, change, order=VERSION_ORDER)
    validated(entry.path, raw)
    return Plan(
        message=message,
        changes=changed([FileChange(entry.path, entry.raw, raw)]),
        notes=notes,
        next_steps=(f"budmodel check {CATALOG}/models/{entry.says('name')}",),
    )


def _valid_version(snapshot: Snapshot, name: str, version: str) -> tuple[Entry[Any], Version]:
    entry = snapshot.entry(f"{CATALOG}/models/{name}/versions/{version}.yaml")
    if entry is None:
        raise NotFoundError(f"{name} has no version {version!r}; it has {listed(snapshot.versions_of(name))}")
    if not isinstance(entry.record, Version):
        raise DataError(f"{entry.path}:1:1: the record is invalid; run budmodel check {entry.path}")
    return entry, entry.record


def _candidates(snapshot: Snapshot, name: str, version: str) -> str:
    """Versions that are not yanked, newest first, as the end of a sentence."""
    view = snapshot.model(name)
    fit = [
        other
        for other, entry in reversed(view.versions.items())
        if other != version and entry.record is not None and entry.record.yanked is None
    ]
    return f" ({listed(fit)})" if fit else " (there is no other that is not yanked)"


def hub_source(snapshot: Snapshot, name: str, model_id: str | None, revision: str | None) -> dict[str, str]:
    """A version's source on the Hub; the repository is the model's own where none is stated.

    Raises:
        UsageError: the model names no repository.
    """
    from budmodel.schema.model import HuggingFaceSource

    if model_id is None:
        source = valid_model(snapshot, name)[1].source
        model_id = source.model_id if isinstance(source, HuggingFaceSource) else None
    if model_id is None:
        raise UsageError(f"{name} names no repository on the Hub; state it with --model-id ORG/NAME")
    found = {"type": "huggingface", "model_id": model_id}
    return found if revision is None else {**found, "revision": revision}
