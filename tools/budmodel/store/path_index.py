"""The paths of a catalog in order: which file is a record of which kind, and what belongs to which model."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from functools import cached_property

from budmodel.schema.kinds import IGNORED, Place, classify
from budmodel.store.tree import CATALOG, MODELS, FileType, model_names


class PathIndex:
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
