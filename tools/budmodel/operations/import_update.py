"""An import of a model that the catalog has: fill a version's files, add the next version, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from budmodel.domain.licensing import LicenseBook
from budmodel.findings import FieldPath
from budmodel.operations.import_compare import (
    changelog,
    compare_files,
    config_differences,
    needed_level,
    next_version,
)
from budmodel.operations.import_files import new_results, version_path
from budmodel.operations.import_match import Here, same_pin
from budmodel.operations.import_merge import differences, fills
from budmodel.operations.import_notes import of_overwritten, of_released, of_small_step
from budmodel.operations.import_same import check_commit, must_be_same, same_selection
from budmodel.operations.layout import MODEL_ORDER, VERSION_ORDER, version_file
from budmodel.operations.names import valid_model
from budmodel.operations.planning import FileChange, Plan, all_valid, changed, validated
from budmodel.operations.versions import check_new_version
from budmodel.schema.registration import FIRST_VERSION
from budmodel.schema.version import Version
from budmodel.sources.interface import Draft, Note
from budmodel.store.catalog import Snapshot
from budmodel.store.model_view import ModelView
from budmodel.store.yaml_edit import edit

FIRST_IMPORT = "First import."
Files = list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a source holds, ready to be compared."""

    here: Here
    draft: Draft
    version: Mapping[str, Any]
    """The version record without version, changelog and files."""
    files_of: Callable[[Mapping[str, Any]], tuple[Files, tuple[Note, ...]]]
    """The files that a selection takes, with digests; hashes where it must. And why there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What to do with a model that is there."""

    version: str
    decision: Literal["version", "filled", "unchanged"]
    plan: Plan
    notes: tuple[Note, ...]


def plan_update(
    snapshot: Snapshot,
    found: Found,
    book: LicenseBook,
    *,
    stated_version: str | None,
    own_selection: bool,
    set_default: bool,
) -> Update:
    """What an import adds to a model that the catalog has.

    Args:
        snapshot: the catalog.
        found: what the source holds.
        book: the licences, so that two spellings of one are no difference.
        stated_version: the number that the user wants.
        own_selection: whether the user said which files to take, so that a recorded selection does not hold.
        set_default: whether the version is to be the default.

    Raises:
        ConflictError: the stated version exists with other bytes.
        OutsideError: the same commit has other bytes now than the catalog recorded.
        DataError: a record would be invalid, or the catalog's own is.
    """
    entry, model = valid_model(snapshot, found.draft.name)
    data: Mapping[str, Any] = entry.data
    view = snapshot.model(found.draft.name)
    job = _Job(snapshot, view, found, own_selection)
    told = tuple(differences(data, found.draft.model, book))
    target = job.fillable(stated_version)
    if target is not None:
        update = job.fill(target)
    else:
        update = job.unchanged(stated_version) or job.add(stated_version, model.architecture)
    wanted: dict[FieldPath, Any] = {}
    if update.decision != "unchanged":
        wanted = fills(data, found.draft.model)
        if model.default_version is None and not view.versions:
            wanted[("default_version",)] = update.version
    if set_default:
        wanted[("default_version",)] = update.version
    raw = edit(entry.raw, wanted, order=MODEL_ORDER) if wanted else entry.raw
    validated(entry.path, raw)
    changes = changed([*update.plan.changes, FileChange(entry.path, entry.raw, raw)])
    return Update(
        version=update.version,
        decision=update.decision,
        plan=Plan(
            message=update.plan.message or f"Make {update.version} the default version of {view.name}",
            changes=changes,
            next_steps=(f"budmodel check catalog/models/{view.name}",) if changes else (),
        ),
        notes=(*told, *update.notes),
    )


@dataclass
class _Job:
    snapshot: Snapshot
    view: ModelView
    found: Found
    own_selection: bool

    @property
    def name(self) -> str:
        return self.view.name

    def records(self) -> Iterator[Version]:
        """The valid versions, newest first."""
        for entry in reversed(self.view.versions.values()):
            if entry.record is not None:
                yield entry.record

    def fillable(self, stated: str | None) -> Version | None:
        """The version of exactly these bytes whose files nobody knows yet."""
        for record in self.records():
            wanted = stated is None or record.version == stated
            if (
                wanted
                and record.files is None
                and same_pin(record, self.found.here)
                and (
                    record.selection is None or not self.own_selection or same_selection(record, self.wanted)
                )
            ):
                return record
        return None

    def fill(self, record: Version) -> Update:
        """Only ``files`` may be filled, once; all else in a released version stays.

        A version without a selection takes all files, unless the user says now which ones.
        """
        selection: Mapping[str, Any] = record.selection.model_dump() if record.selection is not None else {}
        if record.selection is None and self.own_selection:
            selection = self.wanted
        files, missing = self.found.files_of(selection)
        told = tuple(of_released(self.name, record, self.found.version))
        if files is None:
            return self._nothing(record, (*told, *missing))
        entry = self.view.versions[record.version]
        raw = edit(entry.raw, {("files",): files}, order=VERSION_ORDER)
        validated(entry.path, raw)
        results = self._results(record.version, record.released)
        return Update(
            version=record.version,
            decision="filled",
            plan=Plan(
                message=f"Record the files of {self.name} {record.version}",
                changes=(FileChange(entry.path, entry.raw, raw), *results),
            ),
            notes=told,
        )

    def unchanged(self, stated: str | None) -> Update | None:
        """The version that has these bytes already, if any."""
        files, missing = self.files
        for record in self.records():
            if stated is not None and record.version != stated and self._has(stated):
                continue
            difference = compare_files(record.files, files)
            pinned = same_pin(record, self.found.here)
            if pinned and self.found.here.model_id is not None:
                check_commit(f"{self.name}@{record.version}", self.found.here, difference)
            if difference.empty or (
                pinned and must_be_same(record, self.found.here, files, own_selection=self.own_selection)
            ):
                told = of_released(self.name, record, self.found.version)
                return self._nothing(record, (*told, *missing))
        return None

    def add(self, stated: str | None, architecture: str) -> Update:
        """The next version."""
        files, missing = self.files
        newest = next(self.records(), None)
        number, text = stated or FIRST_VERSION, FIRST_IMPORT
        notes: tuple[Note, ...] = ()
        if newest is not None:
            number, text, notes = self._following(newest, files, stated, architecture)
        check_new_version(self.snapshot, self.name, number)
        body = {**self.found.version, "version": number, "changelog": text}
        if files is not None:
            body["files"] = files
        path = version_path(self.name, number)
        raw = version_file(body)
        all_valid(f"{self.name}@{number} was not imported", {path: raw})
        results = self._results(number, str(body["released"]))
        return Update(
            version=number,
            decision="version",
            plan=Plan(
                message=f"Import {self.name} {number} from {self.found.here.shown()}",
                changes=(FileChange(path, None, raw), *results),
            ),
            notes=(*notes, *missing),
        )

    def _following(
        self, newest: Version, files: Files, stated: str | None, architecture: str
    ) -> tuple[str, str, tuple[Note, ...]]:
        difference = compare_files(newest.files, files)
        facts = self._facts(newest, architecture)
        level = needed_level(difference, facts)
        number = stated or next_version(newest.version, level)
        start = f"Imported from {self.found.here.shown()}{self._revision()}."
        notes = (
            *of_overwritten(self.name, newest, self.found.here),
            *of_small_step(newest.version, number, level),
        )
        return number, changelog(start, newest.version, difference, facts), notes

    def _facts(self, newest: Version, architecture: str) -> dict[str, tuple[Any, Any]]:
        facts = config_differences(newest, self.found.version)
        derived = self.found.draft.model.get("architecture")
        stated = newest.fingerprint is not None and newest.fingerprint.architecture is not None
        # An old version without a fingerprint was of the architecture that the model states.
        if not stated and derived and str(derived).casefold() != architecture.casefold():
            facts["architecture"] = (architecture, derived)
        return facts

    def _revision(self) -> str:
        revision = self.found.here.listing.source.get("revision")
        return f" at {revision[:10]}" if revision else ""

    @property
    def wanted(self) -> Mapping[str, Any]:
        """Which files to take."""
        selection: Mapping[str, Any] = self.found.version.get("selection") or {}
        return selection

    @cached_property
    def files(self) -> tuple[Files, tuple[Note, ...]]:
        """The files now, and why there are none. Hashing may take long, so that it happens once."""
        return self.found.files_of(self.wanted)

    def _has(self, version: str) -> bool:
        return version in self.view.versions

    def _results(self, version: str, released: str) -> list[FileChange]:
        written = new_results(self.view, self.name, version, released, self.found.draft.results)
        all_valid(f"the results of {self.name} were not imported", written)
        return [FileChange(path, None, raw) for path, raw in written.items()]

    def _nothing(self, record: Version, notes: tuple[Note, ...]) -> Update:
        return Update(
            version=record.version, decision="unchanged", plan=Plan(message="", changes=()), notes=notes
        )
