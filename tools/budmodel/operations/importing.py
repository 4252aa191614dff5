"""Importing a model: what a source says becomes a new model, a new version, missing files, or nothing.

One runner serves every source. It reads, compares and plans; nothing is written before the whole plan
stands and every record in it is valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from budmodel.domain.licensing import LicenseBook
from budmodel.errors import UsageError
from budmodel.operations.import_digests import recorded_files
from budmodel.operations.import_draft import bounded, settled
from budmodel.operations.import_files import (
    commented_model,
    model_path,
    new_results,
    origins,
    version_path,
)
from budmodel.operations.import_match import Here, find_name
from budmodel.operations.import_update import FIRST_IMPORT, Found, plan_update
from budmodel.operations.layout import version_file
from budmodel.operations.planning import FileChange, Plan, all_valid
from budmodel.operations.versions import semver_hint
from budmodel.operations.workspace import Workspace
from budmodel.schema.license import License
from budmodel.schema.registration import FIRST_VERSION
from budmodel.schema.values import format_timestamp, is_semver
from budmodel.schema.version import Selection
from budmodel.sources.interface import Draft, Listing, Note, Progress, Source, Stated
from budmodel.store.catalog import Snapshot

Decision = Literal["new", "version", "filled", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How to import, beyond what the user states of the model itself."""

    now: datetime
    """The release time where the source states none."""
    version: str | None = None
    """The number of the version; None chooses the proper next one."""
    storage_path: str | None = None
    """Where the organisation's own copy lives, where the source does not say it."""
    set_default: bool = False
    hash_files: bool = True
    """False leaves files whose digest the source does not state without one."""
    progress: Progress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import would write, and what a reviewer should know."""

    name: str
    version: str
    decision: Decision
    """A new model, a new version of one, a version whose files are now known, or nothing."""
    origin: str
    """``hf:org/name at 0123456789``, a URI, or a local folder."""
    plan: Plan
    notes: tuple[Note, ...] = ()


def plan_import(workspace: Workspace, source: Source, stated: Stated, options: ImportOptions) -> ImportPlan:
    """What importing from an open source would write.

    Args:
        workspace: the registry.
        source: the model's source; the caller closes it.
        stated: what the user says, which wins over what is derived.
        options: how.

    Raises:
        UsageError: architecture or parameter count is in neither source nor options; no such version number.
        ConflictError: the name belongs to another model; the version exists.
        DataError: a record would be invalid, or the catalog's own is.
        OutsideError: the source failed.
    """
    from budmodel.sources.translate import translate

    if options.version is not None and not is_semver(options.version):
        meant = semver_hint(options.version) or "three numbers such as 1.0.0"
        raise UsageError(f"--version {options.version!r} is not a SemVer version; write {meant}")
    snapshot = workspace.snapshot
    listing = source.listing()
    here = Here(listing=listing, storage_path=options.storage_path or listing.storage_path)
    name, exists = find_name(snapshot, here, stated)
    recorded = _recorded_selection(snapshot, name) if exists and not _selects(stated) else None
    asked = replace(stated, name=name)
    if recorded is not None:
        asked = replace(asked, include=tuple(recorded.include), exclude=tuple(recorded.exclude))
    book = LicenseBook.at(snapshot.records("license", License))
    draft = translate(source, listing, asked, licenses=book, known_names=snapshot.names)
    draft = settled(draft, snapshot, name, listing.notes)
    found = _found(source, here, draft, options, recorded)
    if exists:
        return _updated(snapshot, found, stated, options, book)
    return _new(found, options)


def _selects(stated: Stated) -> bool:
    return bool(stated.include or stated.exclude)


def _recorded_selection(snapshot: Snapshot, name: str) -> Selection | None:
    """Which files the newest version takes, so that only what upstream changed is a change; None: unknown."""
    records = [entry.record for entry in snapshot.model(name).versions.values() if entry.record is not None]
    newest = records[-1] if records else None
    if newest is None or (newest.selection is None and newest.files is None):
        return None
    return newest.selection or Selection()


def _found(
    source: Source,
    here: Here,
    draft: Draft,
    options: ImportOptions,
    recorded: Selection | None,
) -> Found:
    """The draft with its files, which are hashed where they must be and when they are needed."""
    version = {key: value for key, value in draft.version.items() if key != "files" and value is not None}
    if recorded is not None:
        version["selection"] = recorded.model_dump(exclude_defaults=True)
    if not version.get("selection"):
        version.pop("selection", None)
    if here.storage_path is not None:
        version["storage_path"] = here.storage_path
    version.setdefault("released", here.listing.released or format_timestamp(options.now))

    def files(selection: Mapping[str, Any]) -> tuple[list[dict[str, Any]] | None, tuple[Note, ...]]:
        return recorded_files(
            source, here.listing, selection, hash_files=options.hash_files, progress=options.progress
        )

    return Found(here=here, draft=draft, version=version, files_of=files)


def _updated(
    snapshot: Snapshot, found: Found, stated: Stated, options: ImportOptions, book: LicenseBook
) -> ImportPlan:
    update = plan_update(
        snapshot,
        found,
        book,
        stated_version=options.version,
        own_selection=_selects(stated),
        set_default=options.set_default,
    )
    said = found.draft.notes
    if update.decision == "unchanged":
        # How facts were derived matters where they are written; a contradiction always does.
        said = tuple(note for note in said if note.kind == "disagreement")
    return ImportPlan(
        name=found.draft.name,
        version=update.version,
        decision=update.decision,
        origin=origin_of(found.here.listing),
        plan=update.plan,
        notes=bounded((*said, *update.notes)),
    )


def _new(found: Found, options: ImportOptions) -> ImportPlan:
    draft, name = found.draft, found.draft.name
    _check_complete(name, draft.model)
    version = options.version or FIRST_VERSION
    files, missing = found.files_of(found.version.get("selection") or {})
    notes = bounded((*draft.notes, *missing))
    model = {**draft.model, "name": name, "default_version": version}
    record = {**found.version, "version": version, "changelog": FIRST_IMPORT}
    if files is not None:
        record["files"] = files
    origin = origin_of(found.here.listing)
    written = {
        model_path(name): commented_model(model, origins(origin, model, notes)),
        version_path(name, version): version_file(record),
        **new_results(None, name, version, str(record["released"]), draft.results),
    }
    all_valid(f"{name!r} was not imported", written)
    return ImportPlan(
        name=name,
        version=version,
        decision="new",
        origin=origin,
        plan=Plan(
            message=f"Import {name} {version} from {origin}",
            changes=tuple(FileChange(path, None, raw) for path, raw in written.items()),
            next_steps=(f"budmodel check catalog/models/{name}",),
        ),
        notes=notes,
    )


def _check_complete(name: str, model: Mapping[str, Any]) -> None:
    missing = [
        flag
        for field, flag in (
            ("architecture", "--architecture A"),
            ("parameter_count", "--parameter-count N"),
        )
        if not model.get(field)
    ]
    if missing:
        what = " and ".join(flag.split()[0].removeprefix("--").replace("-", " ") for flag in missing)
        raise UsageError(f"the source of {name} does not say its {what}; state it with {' '.join(missing)}")


def origin_of(listing: Listing) -> str:
    """Where an import is from, in a sentence."""
    model_id, revision = listing.source.get("model_id"), listing.source.get("revision")
    if model_id is not None:
        return f"hf:{model_id} at {revision[:10]}" if revision else f"hf:{model_id}"
    return listing.storage_path or listing.source.get("uri") or "a local folder"
