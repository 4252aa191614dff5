"""The catalog as it stands in a tree: files found by their paths, read and validated when asked for.

A broken file is a value like any other: it never hides the others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from budmodel.schema.kinds import KINDS, Place, classify
from budmodel.store.entries import Entry, RecordT, parse_entry, read_entry
from budmodel.store.families import Families
from budmodel.store.model_view import ModelView, sort_versions
from budmodel.store.path_index import PathIndex
from budmodel.store.tree import CATALOG, FileType, Tree, UnreadableError

if TYPE_CHECKING:
    from budmodel.store.cache import RecordCache

_BATCH = 500
"""Files that are read at a time where many are shown."""
_MANY = frozenset(["version", "scan", "results", "acknowledgment"])
"""Kinds of which a catalog holds so many that only the last ones stay in memory."""
_RECENT_BYTES = 2 << 20
"""Bytes of the files whose entries stay; as objects they take about ten times as much."""


class Snapshot:
    """All files below ``catalog/`` at one moment. Reading is lazy; what people look up often is kept."""

    def __init__(self, tree: Tree, cache: RecordCache | None = None) -> None:
        self.tree = tree
        self.cache = cache
        self._kept: dict[str, Entry[Any] | None] = {}
        self._recent: dict[str, Entry[Any]] = {}
        self._recent_size = 0
        self._last: tuple[str, Mapping[str, Place]] = ("", {})

    @cached_property
    def types(self) -> Mapping[str, FileType]:
        """Every path (relative to the root) with what is there."""
        return self.tree.types()

    @cached_property
    def _index(self) -> PathIndex:
        return PathIndex(self.types)

    @cached_property
    def strangers(self) -> Mapping[str, FileType]:
        """Paths at which no record belongs: unknown names, links, what other disks take for the catalog."""
        return {**self._index.strangers, **self._beside}

    def stranger(self, path: str) -> FileType | None:
        """What is at a path where no record belongs; None where one belongs, or nothing is there."""
        return self._index.stranger(path) or self._beside.get(path)

    @cached_property
    def _beside(self) -> Mapping[str, FileType]:
        return self.tree.beside()

    @property
    def names(self) -> list[str]:
        """The names of all model folders, sorted."""
        return self._index.names

    def has_model(self, name: str) -> bool:
        """Whether there is a folder of that name with a model.yaml."""
        return self.types.get(f"{CATALOG}/models/{name}/model.yaml") == "file"

    def versions_of(self, name: str) -> list[str]:
        """The versions of a model by the names of their files, in SemVer order, without reading them."""
        folder = f"{CATALOG}/models/{name}/versions/"
        return sort_versions(
            path.removeprefix(folder).removesuffix(".yaml")
            for path in self.files_of(name)
            if path.startswith(folder)
        )

    def paths(self, kind: str) -> list[str]:
        """The paths of all files of a kind, sorted."""
        return self._index.model_records() if kind == "model" else self._index.by_kind.get(kind, [])

    def entry(self, path: str) -> Entry[Any] | None:
        """The file at a path; None where there is none. Global files and model.yaml are kept."""
        if path in self._kept:
            return self._kept[path]
        recent = self._recent.pop(path, None)
        if recent is not None:
            self._recent[path] = recent
            return recent
        place = self._place(path)
        entry = None if place is None else read_entry(self.tree, path, place)
        if place is None or entry is None or place.kind.name not in _MANY:
            self._kept[path] = entry
        else:
            self._remember(entry)
        return entry

    def _remember(self, entry: Entry[Any]) -> None:
        """Keeps the last entries of the kinds that are many: a lineage asks for its members again."""
        if len(entry.raw) > _RECENT_BYTES:
            return
        self._recent[entry.path] = entry
        self._recent_size += len(entry.raw)
        while self._recent_size > _RECENT_BYTES:
            oldest = self._recent.pop(next(iter(self._recent)))
            self._recent_size -= len(oldest.raw)

    def record(self, path: str, record: type[RecordT]) -> RecordT | None:
        """The record at a path; None where the file is absent or invalid."""
        entry = self.entry(path)
        return entry.record if entry is not None and isinstance(entry.record, record) else None

    def records(self, kind: str, record: type[RecordT]) -> Iterator[tuple[str, RecordT]]:
        """All valid records of a kind with their paths."""
        for path in self.paths(kind):
            found = self.record(path, record)
            if found is not None:
                yield path, found

    def shown_records(
        self, kind: str, record: type[RecordT], paths: Sequence[str]
    ) -> Iterator[tuple[str, RecordT]]:
        """The valid records among many files of a kind, for tables: what the cache knows is not parsed again.

        Nothing that decides reads through here: a decision rests on the bytes alone.
        """
        for start in range(0, len(paths), _BATCH):
            there = [path for path in paths[start : start + _BATCH] if self.types.get(path) == "file"]
            contents = dict(self._contents(there))
            known = self.cache.get_many(kind, contents.values()) if self.cache is not None else {}
            fresh: list[tuple[bytes, Any]] = []
            for path, raw in contents.items():
                place = self._place(path)
                if raw in known:
                    yield path, record.model_validate(known[raw])
                elif place is not None:
                    entry = parse_entry(path, place, raw)
                    if isinstance(entry.record, record):
                        fresh.append((raw, entry.data))
                        yield path, entry.record
            if self.cache is not None:
                self.cache.put_many(kind, fresh)

    def _contents(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        prefetch = getattr(self.tree, "prefetch", None)
        if prefetch is not None:
            prefetch(paths)
        for path in paths:
            with contextlib.suppress(UnreadableError):
                yield path, self.tree.read(path)

    def model(self, name: str) -> ModelView:
        """A model with all that belongs to it, read when asked for."""
        return ModelView(self, name)

    @cached_property
    def families(self) -> Families:
        """Which model was made of which."""
        return Families(self)

    def held_as(self, hub_id: str) -> Sequence[str]:
        """The models of the catalog that come from this one of the Hub, by name."""
        return self.families.held_as(hub_id)

    def files_of(self, name: str) -> list[str]:
        """All paths of a model's folder that hold records, sorted."""
        return list(self.places_of(name))

    def places_of(self, name: str) -> Mapping[str, Place]:
        """The files of a model with their places; those of the last model are kept, as it is asked often."""
        if self._last[0] != name:
            self._last = (name, self._index.places_of(name))
        return self._last[1]

    def _place(self, path: str) -> Place | None:
        place = self._last[1].get(path)
        if place is None and self.types.get(path) == "file":
            place = classify(path.removeprefix(f"{CATALOG}/"))
        return place

    def model_data(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Name and validated data of every valid model.yaml: the fast way over all models.

        Where the cache knows the bytes, neither YAML nor Pydantic runs.
        """
        contents = self._model_files()
        known = self.cache.get_many("model", contents.values()) if self.cache is not None else {}
        fresh: list[tuple[bytes, Any]] = []
        for name, raw in contents.items():
            data = known.get(raw)
            if data is None:
                entry = parse_entry(f"{CATALOG}/models/{name}/model.yaml", _model_place(name), raw)
                self._kept.setdefault(entry.path, entry)
                if entry.record is None:
                    continue
                data = entry.data
                fresh.append((raw, data))
            yield name, data
        if self.cache is not None:
            self.cache.put_many("model", fresh)

    def _model_files(self) -> dict[str, bytes]:
        """The bytes of every model.yaml by the folder's name, without listing what lies beside them."""
        names = self.tree.model_names()
        paths = {f"{CATALOG}/models/{name}/model.yaml": name for name in names}
        return {paths[path]: raw for path, raw in self._contents(list(paths))}


def _model_place(name: str) -> Place:
    return Place(KINDS["model"], {"name": name})
