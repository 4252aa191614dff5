"""The catalog as the exports read it: in batches, so that its size costs time and not memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from budmodel.domain.inheritance import View, bases_of
from budmodel.domain.license_decision import licence_opinion
from budmodel.domain.licensing import LicenseBook, Resolution
from budmodel.domain.signers import SignerBook
from budmodel.domain.uses import Level, Use
from budmodel.operations.judging import scan_policy, signers_of
from budmodel.render.evidence import evidence_of
from budmodel.render.exports.items import Item, Release
from budmodel.render.names import publishable
from budmodel.render.scans import bound, manifest_of, state_without_exceptions, waivers_by_target
from budmodel.schema.base import Record
from budmodel.schema.benchmark import Result, Results
from budmodel.schema.governance import CatalogInfo, ScanPolicy, Waiver
from budmodel.schema.license import License
from budmodel.schema.model import HuggingFaceSource, Model
from budmodel.schema.scan import Scan
from budmodel.schema.values import is_semver
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot
from budmodel.store.model_view import default_of, sort_versions
from budmodel.store.tree import CATALOG, MODELS

_BATCH = 100
"""Models that are in memory at a time."""
_KEPT = 1000
"""Ancestors that are kept."""
_KINDS: Mapping[str, type[Record]] = {"model": Model, "version": Version, "scan": Scan, "results": Results}


@dataclass
class _Files:
    """The valid records of one model; as an ancestor of others, what the licence engine asks of it."""

    model: Model | None = None
    versions: dict[str, Version] = field(default_factory=dict)
    scans: dict[str, Scan] = field(default_factory=dict)
    results: dict[str, list[tuple[str, Result]]] = field(default_factory=dict)

    last_version: str | None = None
    """The newest version, whatever is wrong with it; only ancestors are asked for it."""

    @property
    def in_order(self) -> dict[str, Version]:
        """The versions in SemVer order."""
        return {version: self.versions[version] for version in sort_versions(self.versions)}

    @property
    def default_version(self) -> str | None:
        """The version meant where none is named."""
        return default_of(self.model, self.in_order)

    def version(self, version: str) -> Version | None:
        """A version's record."""
        return self.versions.get(version)

    def scan(self, version: str) -> Scan | None:
        """A version's scan record; licences do not ask for it."""
        return self.scans.get(version)


class _Ancestors:
    """The catalog as the licence engine sees it. Many models have the same ancestors, so some are kept."""

    def __init__(self, snapshot: Snapshot, read: Callable[[str], _Files]) -> None:
        self.has_model = snapshot.has_model
        self.held_as = snapshot.held_as
        self._kept = lru_cache(maxsize=_KEPT)(read)

    def model(self, name: str) -> View:
        """A model and its versions."""
        return self._kept(name)


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """A catalog, or the part of it that is to be exported."""

    snapshot: Snapshot
    selected: Mapping[str, str | None] | None = None
    """Version (or None for all of them) by the model's name; None for the whole catalog."""
    commit: str | None = None
    commit_time: str | None = None
    """RFC 3339."""
    by_model: bool = False
    """One row for each model, where a format has rows."""

    @cached_property
    def info(self) -> CatalogInfo | None:
        """What the registry says of itself."""
        return self.snapshot.record(f"{CATALOG}/catalog.yaml", CatalogInfo)

    @property
    def title(self) -> str:
        """What the registry is called."""
        return (self.info.name if self.info is not None else None) or "budmodel"

    @cached_property
    def book(self) -> LicenseBook:
        """The licences."""
        return LicenseBook.at(self.snapshot.records("license", License))

    @cached_property
    def names(self) -> list[str]:
        """The models that are wanted, sorted."""
        if self.selected is not None:
            return sorted(self.selected)
        return [name for name in self.snapshot.names if publishable(name)]

    @cached_property
    def left_out(self) -> list[str]:
        """The models without a valid record that were come across so far."""
        return []

    def items(self) -> Iterator[Item]:
        """The models by name; what holds no valid record is left out, as ``budmodel check`` tells."""
        for start in range(0, len(self.names), _BATCH):
            for name, files in self._read(self.names[start : start + _BATCH]).items():
                if files.model is not None:
                    yield self._item(name, files.model, files)
                else:
                    self.left_out.append(name)

    def resolve(self, license_type: str) -> Resolution:
        """What a licence name or expression stands for; many models share one."""
        if license_type not in self._resolved:
            self._resolved[license_type] = self.book.resolve(license_type)
        return self._resolved[license_type]

    def commercial(self, item: Item, release: Release) -> Level:
        """What the licences, of the ancestors as well, answer to commercial use of a release."""
        key = repr(
            (
                release.license_type,
                item.model.has_artifacts,
                item.model.license_restrictions,
                release.record.license_restrictions,
                release.record.license_text_sha256,
                release.bases,
            )
        )
        if key in self._levels:
            return self._levels[key]
        use = Use(kind="commercial")
        level = licence_opinion(self._ancestors, self.book, item.model, release.record, use, item.name).level
        # Most models with ancestors are alone with them, so that remembering these would only cost memory.
        if not release.bases:
            self._levels[key] = level
        return level

    def hub_id_of(self, name: str) -> str | None:
        """Where another model of the catalog is on the Hub, as its model.yaml says."""
        path = f"{MODELS}{name}/model.yaml"
        for _, model in self.snapshot.shown_records("model", Model, [path]):
            return model.source.model_id if isinstance(model.source, HuggingFaceSource) else None
        return None

    @cached_property
    def _ancestors(self) -> _Ancestors:
        return _Ancestors(self.snapshot, self._read_ancestor)

    @cached_property
    def _resolved(self) -> dict[str, Resolution]:
        return {}

    @cached_property
    def _levels(self) -> dict[str, Level]:
        return {}

    @cached_property
    def _waivers(self) -> dict[str, list[tuple[str, Waiver]]]:
        return waivers_by_target(self.snapshot)

    @cached_property
    def _policy(self) -> ScanPolicy:
        return scan_policy(self.snapshot)

    @cached_property
    def _signers(self) -> SignerBook:
        return signers_of(self.snapshot)

    def _read_ancestor(self, name: str) -> _Files:
        files = self._read([name], ("model", "version"))[name]
        files.last_version = next(reversed(self.snapshot.versions_of(name)), None)
        return files

    def _read(self, names: Sequence[str], kinds: Iterable[str] = tuple(_KINDS)) -> dict[str, _Files]:
        """The records of some models; what the cache knows is not parsed again."""
        found = {name: _Files() for name in names}
        places = {path: place for name in names for path, place in self.snapshot.places_of(name).items()}
        for kind in kinds:
            paths = sorted(path for path, place in places.items() if place.kind.name == kind)
            for path, read in self.snapshot.shown_records(kind, _KINDS[kind], paths):
                says = places[path].says
                _keep(found[says["name"]], path, says.get("version", ""), read)
        return found

    def _item(self, name: str, model: Model, files: _Files) -> Item:
        named = self.selected.get(name) if self.selected is not None else None
        default = files.default_version
        versions = files.in_order.values()
        releases = tuple(self._release(name, model, record, default, files) for record in versions)
        meant = named or default
        return Item(
            name=name,
            model=model,
            releases=releases,
            chosen=next((release for release in releases if release.version == meant), None),
            only=named is not None,
        )

    def _release(
        self, name: str, model: Model, record: Version, default: str | None, files: _Files
    ) -> Release:
        manifest = manifest_of(record)
        scan = files.scans.get(record.version) if model.has_artifacts else None
        waivers = self._waivers.get(f"{name}@{record.version}", ())
        return Release(
            record=record,
            is_default=record.version == default,
            manifest=manifest,
            state=state_without_exceptions(model.has_artifacts, manifest, scan),
            evidence=evidence_of(record, scan, self._policy, self._signers),
            waivers=tuple(bound(waivers, manifest)),
            results=tuple(files.results.get(record.version, ())),
            license_type=record.license_type or model.license_type,
            bases=tuple(bases_of(model, record)),
            requirements=record.requirements or model.requirements,
        )


def _keep(files: _Files, path: str, version: str, read: Record) -> None:
    """Puts a record in its place. A version that contradicts its file's name is none."""
    if isinstance(read, Model):
        files.model = read
    elif isinstance(read, Version) and read.version == version and is_semver(version):
        files.versions[version] = read
    elif isinstance(read, Scan):
        files.scans[version] = read
    elif isinstance(read, Results):
        files.results.setdefault(version, []).extend((path, result) for result in read.results)
