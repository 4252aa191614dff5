"""Everything that the catalog knows of one model: ``budmodel show``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from budmodel.domain.manifest import manifest_sha256
from budmodel.domain.waivers import expired
from budmodel.operations.licenses import Terms, model_terms
from budmodel.operations.names import Named, valid_model
from budmodel.operations.scan_state import ScanJudges, ScanState, scan_state
from budmodel.operations.workspace import Workspace
from budmodel.rules.interface import lineage_of
from budmodel.schema.governance import Waiver
from budmodel.schema.model import Model
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot
from budmodel.store.entries import Entry
from budmodel.store.git import Change
from budmodel.store.model_view import ModelView


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionState:
    """One version: its data, whether it is the default, and its scan."""

    version: str
    data: Mapping[str, Any] | None
    """The record's data; None where it is invalid."""
    default: bool
    aliases: tuple[str, ...]
    scan: ScanState
    files: int | None
    """How many files it lists; None where it lists none yet."""
    bytes: int | None
    """Their sizes together."""
    manifest_sha256: str | None
    """The digest of its list of files, by which scans and waivers are bound to them."""
    path: str

    @property
    def yanked(self) -> str | None:
        """Why it was withdrawn; None where it was not."""
        yanked = (self.data or {}).get("yanked")
        return str(yanked.get("reason")) if isinstance(yanked, dict) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A model that this one was made of."""

    model: str
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A waiver that names a version of the model."""

    path: str
    rules: tuple[str, ...]
    targets: tuple[str, ...]
    reason: str
    approved_by: str
    expires: str
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """A model with all that belongs to it."""

    name: str
    data: Mapping[str, Any]
    """The data of model.yaml, with ``status`` filled in."""
    default_version: str | None
    """The stated one, or the newest that is not yanked."""
    versions: tuple[VersionState, ...]
    """In SemVer order; only the one that was asked for, where one was."""
    terms: Terms
    parents: tuple[Parent, ...]
    children: tuple[str, ...]
    waivers: tuple[InForce, ...]
    results: int
    """Benchmark results of the shown versions."""
    folder: str
    last_change: Change | None
    """The newest commit that touched the folder; None without Git, or for what is not committed."""


def show(
    workspace: Workspace, snapshot: Snapshot, named: Named, now: datetime, *, changed_in: str | None = "HEAD"
) -> Details:
    """A model, or one version of it.

    Args:
        workspace: for the last change in Git.
        snapshot: the catalog as it stands, or stood.
        named: the model.
        now: the moment at which waivers are judged.
        changed_in: the commit (resolved, or HEAD) in whose history the last change is; None: do not look.

    Raises:
        DataError: the model's record is invalid.
    """
    entry, model = valid_model(snapshot, named.name)
    view = snapshot.model(named.name)
    waivers = dict(snapshot.records("waiver", Waiver))
    judges = ScanJudges.of(snapshot)
    repository = workspace.repository if changed_in is not None else None
    wanted = [version for version in view.versions if named.version in (None, version)]
    return Details(
        name=named.name,
        data={**entry.data, "status": model.status},
        default_version=view.default_version,
        versions=tuple(_version(view, model, version, judges, now) for version in wanted),
        terms=model_terms(snapshot, named.name, named.version),
        parents=tuple(Parent(model=base.model, relation=base.relation) for base in model.base_models),
        children=lineage_of(snapshot).children.get(named.name, ()),
        waivers=_waivers(view, waivers, now),
        results=sum(_results(item, wanted) for item in view.results),
        folder=view.folder,
        last_change=repository.last_change(view.folder, changed_in or "HEAD")
        if repository is not None
        else None,
    )


def _version(view: ModelView, model: Model, version: str, judges: ScanJudges, now: datetime) -> VersionState:
    entry: Entry[Version] = view.versions[version]
    record = entry.record
    files = record.files if record is not None else None
    return VersionState(
        version=version,
        data=entry.data if record is not None else None,
        default=version == view.default_version,
        aliases=tuple(alias for alias, target in model.aliases.items() if target == version),
        scan=scan_state(
            f"{view.name}@{version}",
            record,
            view.scan(version),
            judges,
            now,
            has_artifacts=model.has_artifacts,
        ),
        files=len(files) if files is not None else None,
        bytes=sum(file.size for file in files) if files is not None else None,
        manifest_sha256=manifest_sha256(files) if files else None,
        path=entry.path,
    )


def _waivers(view: ModelView, waivers: Mapping[str, Waiver], now: datetime) -> tuple[InForce, ...]:
    found = []
    for path, waiver in sorted(waivers.items()):
        targets = tuple(target for target in waiver.targets if target.partition("@")[0] == view.name)
        if targets:
            found.append(
                InForce(
                    path=path,
                    rules=tuple(waiver.rules),
                    targets=targets,
                    reason=waiver.reason,
                    approved_by=waiver.approved_by,
                    expires=waiver.expires,
                    expired=expired(waiver, now),
                )
            )
    return tuple(found)


def _results(entry: Entry[Any], versions: list[str]) -> int:
    return len(entry.record.results) if entry.record is not None and entry.says("version") in versions else 0
