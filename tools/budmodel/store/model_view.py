"""A model of the catalog with its versions, scans and results, and which of its versions is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from budmodel.schema.values import is_semver, version_key
from budmodel.store.tree import CATALOG

if TYPE_CHECKING:
    from budmodel.schema.benchmark import Results
    from budmodel.schema.model import Model
    from budmodel.schema.scan import Scan
    from budmodel.schema.version import Version
    from budmodel.store.catalog import Snapshot
    from budmodel.store.entries import Entry


class ModelView:
    """A model with its versions, scans and results. Holds what it has read; make a new one to let go."""

    def __init__(self, snapshot: Snapshot, name: str) -> None:
        self.snapshot = snapshot
        self.name = name
        self.folder = f"{CATALOG}/models/{name}"

    @cached_property
    def entry(self) -> Entry[Model] | None:
        """The entry of model.yaml."""
        return self.snapshot.entry(f"{self.folder}/model.yaml")

    @property
    def model(self) -> Model | None:
        """The record of model.yaml, where it is valid."""
        return self.entry.record if self.entry is not None else None

    @cached_property
    def versions(self) -> dict[str, Entry[Version]]:
        """The version files by what their names say, in SemVer order, valid or not."""
        found = {
            version: self.snapshot.entry(self.version_path(version))
            for version in self.snapshot.versions_of(self.name)
        }
        return {version: entry for version, entry in found.items() if entry is not None}

    @cached_property
    def scans(self) -> dict[str, Entry[Scan]]:
        """The scan records by version."""
        return {entry.says("version"): entry for entry in self._of_kind("scan")}

    @cached_property
    def results(self) -> list[Entry[Results]]:
        """The files of benchmark results."""
        return list(self._of_kind("results"))

    def entries(self) -> Iterator[Entry[Any]]:
        """Every file of the model's folder that holds a record, each read once."""
        if self.entry is not None:
            yield self.entry
        yield from self.versions.values()
        yield from self.scans.values()
        yield from self.results

    def version_path(self, version: str) -> str:
        """Where the record of a version is."""
        return f"{self.folder}/versions/{version}.yaml"

    def scan_path(self, version: str) -> str:
        """Where the scan record of a version is."""
        return f"{self.folder}/scans/{version}.yaml"

    def version(self, version: str) -> Version | None:
        """The record of a version, where it is there and valid."""
        entry = self.versions.get(version)
        return entry.record if entry is not None else None

    def scan(self, version: str) -> Scan | None:
        """The scan record of a version, where it is there and valid."""
        entry = self.scans.get(version)
        return entry.record if entry is not None else None

    @property
    def default_version(self) -> str | None:
        """The version meant where none is named: the stated default, else the newest that is not yanked."""
        valid = {v: e.record for v, e in self.versions.items() if e.record is not None}
        return default_of(self.model, valid)

    @property
    def last_version(self) -> str | None:
        """The newest version, whatever is wrong with it."""
        return next(reversed(self.versions), None)

    def _of_kind(self, kind: str) -> Iterator[Entry[Any]]:
        for path, place in self.snapshot.places_of(self.name).items():
            if place.kind.name == kind:
                entry = self.snapshot.entry(path)
                if entry is not None:
                    yield entry


def default_of(model: Model | None, versions: Mapping[str, Version]) -> str | None:
    """The version meant where none is named: the stated default, else the newest that is not yanked.

    Args:
        model: the model's record, where it is valid.
        versions: its valid versions by the names of their files, in SemVer order.
    """
    if model is not None and model.default_version is not None:
        return model.default_version
    stable = [version for version, record in versions.items() if record.yanked is None]
    return stable[-1] if stable else None


def sort_versions(versions: Iterable[str]) -> list[str]:
    """Versions by SemVer 2.0.0 precedence; what is not SemVer comes first, by text."""
    wanted = list(versions)
    valid = [v for v in wanted if is_semver(v)]
    if len(valid) > 1:
        valid.sort(key=version_key)
    return sorted(v for v in wanted if not is_semver(v)) + valid
