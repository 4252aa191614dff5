"""The catalog as it stands in a tree: files found by their paths, read and validated when asked for.

A broken file is a value like any other: it never hides the others.
"""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from budmodel.findings import FieldPath
from budmodel.schema.base import Record
from budmodel.schema.kinds import IGNORED, KINDS, Place, classify
from budmodel.schema.model import BaseModelReference, HuggingFaceSource, Model
from budmodel.schema.problems import Problem, problems
from budmodel.schema.scan import Scan
from budmodel.schema.values import is_semver, version_key
from budmodel.schema.version import Version
from budmodel.store.tree import (
    CATALOG,
    MODELS,
    FileType,
    Overlay,
    Tree,
    UnreadableError,
    model_names,
    passing,
)
from budmodel.store.yaml_reader import Document, Position, YamlError, load, load_with_positions

if TYPE_CHECKING:
    from budmodel.schema.benchmark import Results
    from budmodel.store.cache import RecordCache

RecordT = TypeVar("RecordT", bound=Record)
_LINE_END = re.compile(rb"\n")
_BATCH = 500
"""Files that are read at a time where many are shown."""
_MANY = frozenset(["version", "scan", "results", "acknowledgment"])
"""Kinds of which a catalog holds so many that only the last ones stay in memory."""
_RECENT_BYTES = 2 << 20
"""Bytes of the files whose entries stay; as objects they take about ten times as much."""
_LINE_MAX = 1 << 14
"""Most bytes of a line that are given for an excerpt."""


class Unreadable(NamedTuple):
    """Why a file gave no data at all."""

    message: str
    line: int = 1
    column: int = 1
    fix: str = ""


@dataclass(slots=True, kw_only=True)
class Entry(Generic[RecordT]):
    """A file of the catalog: what its path says, its bytes, its data, and its record where it has one."""

    path: str
    place: Place
    raw: bytes
    data: Any = None
    record: RecordT | None = None
    unreadable: Unreadable | None = None
    problems: tuple[Problem, ...] = ()
    _document: Document | None = field(default=None, repr=False)
    _starts: list[int] = field(default_factory=list, repr=False, compare=False)

    @property
    def valid(self) -> bool:
        """Whether the file holds a record."""
        return self.record is not None

    def says(self, key: str) -> str:
        """What the path says: ``name``, ``version`` or ``id``."""
        return self.place.says[key]

    def position(self, field_path: FieldPath) -> Position:
        """Line and column (1-based) of a place in the document; of its nearest parent where it has none."""
        if self._document is None:
            try:
                self._document = load_with_positions(self.raw, max_bytes=self.place.kind.max_bytes)
            except YamlError as error:
                return error.line, error.column
        positions = self._document.positions
        while field_path:
            if field_path in positions:
                return positions[field_path]
            field_path = field_path[:-1]
        return 1, 1

    def line(self, number: int) -> str:
        """A line of the file (1-based), for an excerpt."""
        if not self._starts:
            self._starts = [0, *(match.end() for match in _LINE_END.finditer(self.raw)), len(self.raw) + 1]
        if not 0 < number < len(self._starts):
            return ""
        start, stop = self._starts[number - 1], self._starts[number] - 1
        return self.raw[start : min(stop, start + _LINE_MAX)].decode("utf-8", "replace").rstrip("\r")


_HUB_IDS = "hub-ids"


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
    def _index(self) -> _Index:
        return _Index(self.types)

    @property
    def strangers(self) -> Mapping[str, FileType]:
        """Paths at which no record belongs: unknown names, links, folders in a file's place."""
        return self._index.strangers

    def stranger(self, path: str) -> FileType | None:
        """What is at a path where no record belongs; None where one belongs, or nothing is there."""
        return self._index.stranger(path)

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

    def held_as(self, hub_id: str) -> Sequence[str]:
        """The models of the catalog that come from this one of the Hub, by name."""
        return self._hub_ids.get(hub_id.casefold(), ())

    @cached_property
    def _hub_ids(self) -> Mapping[str, Sequence[str]]:
        return self._remembered(_HUB_IDS, self._found_hub_ids)

    def _found_hub_ids(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for name, (hub_id, _) in self.family_data.items():
            if hub_id:
                found.setdefault(hub_id, []).append(name)
        return found

    @cached_property
    def family_data(self) -> Mapping[str, tuple[str, Sequence[Mapping[str, Any]]]]:
        """Of every valid model the Hub id (casefolded) that it comes from, and what it was made of."""
        found = {}
        for name, data in self.model_data():
            source = data.get("source")
            stated = source.get("model_id") if isinstance(source, Mapping) else None
            found[name] = (str(stated or "").casefold(), data.get("base_models") or ())
        return found

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

    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """The lineage's edges: the names (or ``hf:`` ids) that each model says it was made of.

        For a commit they are remembered by the id of its tree of models, which is a digest of the content.
        """
        if isinstance(self.tree, Overlay):
            edges = dict(Snapshot(self.tree.below, self.cache).parents())
            edges.update((name, self._stated(name)) for name in self._from_above(self.tree))
            return {name: bases for name, bases in edges.items() if bases}
        known = self._remembered(
            "parents",
            lambda: {name: _names(bases) for name, (_, bases) in self.family_data.items() if bases},
        )
        return {name: tuple(bases) for name, bases in known.items()}

    def all_parents(self) -> Mapping[str, tuple[str, ...]]:
        """As :meth:`parents`, with the bases that versions froze: all that may hand something down.

        A Hub id is casefolded, and has the models as parents that come from there.
        """
        if isinstance(self.tree, Overlay):
            below = Snapshot(self.tree.below, self.cache)
            # Ids that the change takes away stay: what rested on them is affected as well.
            edges = {name: list(bases) for name, bases in below.all_parents().items()}
            for name in self._from_above(self.tree):
                edges[name] = [*self._stated(name), *self._frozen(name)]
                for hub_id in self._hub_id(name):
                    edges[hub_id] = [*edges.get(hub_id, ()), name]
        else:
            known = self._remembered("all-parents", self._found_all_parents)
            edges = {name: list(bases) for name, bases in known.items()}
        return {name: tuple(dict.fromkeys(map(_folded, bases))) for name, bases in edges.items() if bases}

    def _found_all_parents(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {name: list(bases) for name, bases in self.parents().items()}
        for name, _, bases in self.frozen_bases():
            found.setdefault(name, []).extend(_names([base.model_dump() for base in bases]))
        for hub_id, names in self._hub_ids.items():
            found[f"hf:{hub_id}"] = list(names)
        return found

    def frozen_bases(self) -> Iterator[tuple[str, str, Sequence[BaseModelReference]]]:
        """Name and version of all that froze what they were made of, with that.

        Of the others the bytes are looked at and nothing is parsed, nor kept.
        """
        paths = [
            path
            for path, kind in sorted(self.types.items())
            if kind == "file" and path.startswith(MODELS) and path.split("/")[3:4] == ["versions"]
        ]
        for path, raw in passing(self.tree, paths):
            # A backslash may hide the key in an escape.
            place = self._place(path) if b"base_models" in raw or b"\\" in raw else None
            record = parse_entry(path, place, raw).record if place is not None else None
            if place is not None and isinstance(record, Version) and record.base_models is not None:
                yield place.says["name"], place.says["version"], record.base_models

    def _from_above(self, tree: Overlay) -> set[str]:
        """The models of which a file is not that of the tree below."""
        return {path.split("/")[2] for path in tree.from_above if path.startswith(MODELS)}

    def _stated(self, name: str) -> tuple[str, ...]:
        entry = self.entry(f"{CATALOG}/models/{name}/model.yaml")
        return _bases(entry.data if entry is not None and entry.valid else {})

    def _frozen(self, name: str) -> Iterator[str]:
        for entry in self.model(name).versions.values():
            bases = entry.record.base_models if entry.record is not None else None
            yield from _names([base.model_dump() for base in bases or ()])

    def _hub_id(self, name: str) -> Iterator[str]:
        model = self.record(f"{CATALOG}/models/{name}/model.yaml", Model)
        if model is not None and isinstance(model.source, HuggingFaceSource) and model.source.model_id:
            yield f"hf:{model.source.model_id.casefold()}"

    def _remembered(
        self, what: str, find: Callable[[], Mapping[str, Sequence[str]]]
    ) -> Mapping[str, Sequence[str]]:
        """What is found over all models, remembered by the id of a commit's tree of models."""
        key = self.tree.content_id() if self.cache is not None else None
        if self.cache is None or key is None:
            return find()
        known: Mapping[str, Sequence[str]] | None = self.cache.get_many(what, [key]).get(key)
        if known is None:
            known = find()
            self.cache.put_many(what, [(key, known)])
        return known

    def _model_files(self) -> dict[str, bytes]:
        """The bytes of every model.yaml by the folder's name, without listing what lies beside them."""
        names = self.tree.model_names()
        paths = {f"{CATALOG}/models/{name}/model.yaml": name for name in names}
        return {paths[path]: raw for path, raw in self._contents(list(paths))}


def remembered_hub_ids(cache: RecordCache | None, models: str | None) -> Mapping[str, Sequence[str]] | None:
    """The models by the Hub id (casefolded) that they come from; None where they are not remembered.

    Args:
        cache: where they may be.
        models: the id of a commit's tree of models.
    """
    if cache is None or models is None:
        return None
    key = models.encode()
    found: Mapping[str, Sequence[str]] | None = cache.get_many(_HUB_IDS, [key]).get(key)
    return found


def _bases(data: Mapping[str, Any]) -> tuple[str, ...]:
    return _names(data.get("base_models") or ())


def _names(bases: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    names = (str(base["model"]) for base in bases)
    return tuple(name if name.startswith("hf:") else name.partition("@")[0] for name in names)


def _folded(name: str) -> str:
    return name.casefold() if name.startswith("hf:") else name


def _model_place(name: str) -> Place:
    return Place(KINDS["model"], {"name": name})


class _Index:
    """The paths of a snapshot in order, so that what belongs to one model is a slice."""

    def __init__(self, types: Mapping[str, FileType]) -> None:
        self._types = types
        self._paths = sorted(types)

    @cached_property
    def names(self) -> list[str]:
        return model_names(self._types)

    def places_of(self, name: str) -> dict[str, Place]:
        found = ((path, self._place(path)) for path in self._below(f"{MODELS}{name}/"))
        return {path: place for path, place in found if place is not None}

    def _below(self, folder: str) -> list[str]:
        # "0" is the character after "/", so this is the first path that is no longer below the folder.
        start, end = bisect_left(self._paths, folder), bisect_left(self._paths, folder[:-1] + "0")
        return self._paths[start:end]

    def _place(self, path: str) -> Place | None:
        return classify(path.removeprefix(f"{CATALOG}/")) if self._types[path] == "file" else None

    @cached_property
    def by_kind(self) -> dict[str, list[str]]:
        """The paths outside the model folders by kind, and the model records themselves."""
        found: dict[str, list[str]] = {}
        start, end = bisect_left(self._paths, MODELS), bisect_left(self._paths, MODELS[:-1] + "0")
        for path in (*self._paths[:start], *self._paths[end:]):
            place = self._place(path)
            if place is not None:
                found.setdefault(place.kind.name, []).append(path)
        return found

    def model_records(self) -> list[str]:
        records = (f"{MODELS}{name}/model.yaml" for name in self.names)
        return [path for path in records if self._types.get(path) == "file"]

    def stranger(self, path: str) -> FileType | None:
        kind = self._types.get(path)
        if kind is None or self._place(path) is not None:
            return None
        return None if kind == "file" and path.rpartition("/")[2] in IGNORED else kind

    @cached_property
    def strangers(self) -> dict[str, FileType]:
        found = ((path, self.stranger(path)) for path in self._paths)
        return {path: kind for path, kind in found if kind is not None}


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


def read_entry(tree: Tree, path: str, place: Place) -> Entry[Any]:
    """Reads and validates one file; what is wrong with it becomes part of the entry."""
    try:
        raw = tree.read(path)
    except UnreadableError as error:
        return Entry(
            path=path, place=place, raw=b"", unreadable=Unreadable(str(error), fix="make it readable")
        )
    return parse_entry(path, place, raw)


def parse_entry(path: str, place: Place, raw: bytes) -> Entry[Any]:
    """As :func:`read_entry`, for bytes that are at hand."""
    entry: Entry[Any] = Entry(path=path, place=place, raw=raw)
    kind = place.kind
    if kind.record is None:
        return entry
    try:
        entry.data = load(raw, max_bytes=kind.max_bytes)
    except YamlError as error:
        entry.unreadable = Unreadable(error.message, error.line, error.column, error.fix)
        return entry
    try:
        entry.record = kind.record.model_validate(entry.data)
    except ValidationError as error:
        entry.problems = tuple(problems(kind.record, entry.data, error))
    return entry


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
