"""Which model of a catalog was made of which: the edges of its lineage, found over all models at once.

What is found over all models of a commit is remembered by the id of its tree of models: same models, same id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from budmodel.schema.kinds import classify
from budmodel.schema.model import BaseModelReference, HuggingFaceSource
from budmodel.schema.version import Version
from budmodel.store.entries import parse_entry
from budmodel.store.tree import CATALOG, MODELS, Overlay, passing

if TYPE_CHECKING:
    from budmodel.store.cache import RecordCache
    from budmodel.store.catalog import Snapshot

_HUB_IDS = "hub-ids"


class Families:
    """What the models of a snapshot were made of, and which of them come from which model of the Hub."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._tree = snapshot.tree
        self._cache = snapshot.cache

    @cached_property
    def stated(self) -> Mapping[str, tuple[str, Sequence[Mapping[str, Any]]]]:
        """Of every valid model the Hub id (casefolded) that it comes from, and what it was made of."""
        found = {}
        for name, data in self._snapshot.model_data():
            source = data.get("source")
            hub_id = source.get("model_id") if isinstance(source, Mapping) else None
            found[name] = (str(hub_id or "").casefold(), data.get("base_models") or ())
        return found

    def frozen(self) -> Iterator[tuple[str, str, Sequence[BaseModelReference]]]:
        """Name and version of all that froze what they were made of, with that.

        Of the others the bytes are looked at and nothing is parsed, nor kept.
        """
        paths = [
            path
            for path, kind in sorted(self._snapshot.types.items())
            if kind == "file" and path.startswith(MODELS) and path.split("/")[3:4] == ["versions"]
        ]
        for path, raw in passing(self._tree, paths):
            # A backslash may hide the key in an escape.
            suspect = b"base_models" in raw or b"\\" in raw
            place = classify(path.removeprefix(f"{CATALOG}/")) if suspect else None
            record = parse_entry(path, place, raw).record if place is not None else None
            if place is not None and isinstance(record, Version) and record.base_models is not None:
                yield place.says["name"], place.says["version"], record.base_models

    def held_as(self, hub_id: str) -> Sequence[str]:
        """The models of the catalog that come from this one of the Hub, by name."""
        return self._hub_ids.get(hub_id.casefold(), ())

    @cached_property
    def _hub_ids(self) -> Mapping[str, Sequence[str]]:
        return self._remembered(_HUB_IDS, self._find_hub_ids)

    def _find_hub_ids(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for name, (hub_id, _) in self.stated.items():
            if hub_id:
                found.setdefault(hub_id, []).append(name)
        return found

    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """The lineage's edges: the names (or ``hf:`` ids) that each model says it was made of."""
        if isinstance(self._tree, Overlay):
            edges = dict(self._below(self._tree).parents())
            edges.update((name, self._stated_of(name)) for name in _from_above(self._tree))
            return {name: bases for name, bases in edges.items() if bases}
        known = self._remembered("parents", self._find_parents)
        return {name: tuple(bases) for name, bases in known.items()}

    def _find_parents(self) -> Mapping[str, Sequence[str]]:
        return {name: _names(bases) for name, (_, bases) in self.stated.items() if bases}

    def all_parents(self) -> Mapping[str, tuple[str, ...]]:
        """As :meth:`parents`, with the bases that versions froze: all that may hand something down.

        A Hub id is casefolded, and has the models as parents that come from there.
        """
        if isinstance(self._tree, Overlay):
            # Ids that the change takes away stay: what rested on them is affected as well.
            edges = {name: list(bases) for name, bases in self._below(self._tree).all_parents().items()}
            for name in _from_above(self._tree):
                edges[name] = [*self._stated_of(name), *self._frozen_of(name)]
                for hub_id in self._hub_id_of(name):
                    edges[hub_id] = [*edges.get(hub_id, ()), name]
        else:
            known = self._remembered("all-parents", self._find_all_parents)
            edges = {name: list(bases) for name, bases in known.items()}
        return {name: tuple(dict.fromkeys(map(_folded, bases))) for name, bases in edges.items() if bases}

    def _find_all_parents(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {name: list(bases) for name, bases in self.parents().items()}
        for name, _, bases in self.frozen():
            found.setdefault(name, []).extend(_names_of(bases))
        for hub_id, names in self._hub_ids.items():
            found[f"hf:{hub_id}"] = list(names)
        return found

    def _below(self, tree: Overlay) -> Families:
        return type(self._snapshot)(tree.below, self._cache).families

    def _stated_of(self, name: str) -> tuple[str, ...]:
        model = self._snapshot.model(name).model
        return _names_of(model.base_models or ()) if model is not None else ()

    def _frozen_of(self, name: str) -> Iterator[str]:
        for entry in self._snapshot.model(name).versions.values():
            if entry.record is not None:
                yield from _names_of(entry.record.base_models or ())

    def _hub_id_of(self, name: str) -> Iterator[str]:
        model = self._snapshot.model(name).model
        if model is not None and isinstance(model.source, HuggingFaceSource) and model.source.model_id:
            yield f"hf:{model.source.model_id.casefold()}"

    def _remembered(
        self, what: str, find: Callable[[], Mapping[str, Sequence[str]]]
    ) -> Mapping[str, Sequence[str]]:
        key = self._tree.content_id() if self._cache is not None else None
        if self._cache is None or key is None:
            return find()
        known: Mapping[str, Sequence[str]] | None = self._cache.get_many(what, [key]).get(key)
        if known is None:
            known = find()
            self._cache.put_many(what, [(key, known)])
        return known


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


def _from_above(tree: Overlay) -> set[str]:
    """The models of which a file is not that of the tree below."""
    return {path.split("/")[2] for path in tree.from_above if path.startswith(MODELS)}


def _names_of(bases: Iterable[BaseModelReference]) -> tuple[str, ...]:
    return tuple(base.name for base in bases)


def _names(bases: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    models = (str(base["model"]) for base in bases)
    return tuple(model if model.startswith("hf:") else model.partition("@")[0] for model in models)


def _folded(name: str) -> str:
    return name.casefold() if name.startswith("hf:") else name
