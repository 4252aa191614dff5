"""The lineage graph: which model was made of which."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Lineage:
    """Parents by model name. External parents (``hf:org/name``) have no parents of their own here."""

    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The other direction."""
        found: dict[str, list[str]] = {}
        for child, parents in self.parents.items():
            for parent in dict.fromkeys(parents):
                found.setdefault(parent, []).append(child)
        return {parent: tuple(sorted(children)) for parent, children in found.items()}

    def ancestors(self, name: str) -> list[str]:
        """All that a model was made of, nearest first."""
        return list(_reach(name, self.parents))

    def descendants(self, name: str) -> list[str]:
        """All that was made of a model, nearest first."""
        return list(_reach(name, self.children))

    def cycle_through(self, name: str) -> tuple[str, ...] | None:
        """The shortest cycle that a model is part of: ``(a, b, a)``; None where there is none."""
        reached_from: dict[str, str] = {}
        queue = deque([name])
        while queue:
            here = queue.popleft()
            for parent in self.parents.get(here, ()):
                if parent == name:
                    return (name, *reversed(_way_back(here, name, reached_from)), name)
                if parent not in reached_from:
                    reached_from[parent] = here
                    queue.append(parent)
        return None


def _way_back(here: str, name: str, reached_from: Mapping[str, str]) -> list[str]:
    way: list[str] = []
    while here != name:
        way.append(here)
        here = reached_from[here]
    return way


def _reach(start: str, edges: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    seen = {start}
    queue = [start]
    while queue:
        for following in edges.get(queue.pop(0), ()):
            if following not in seen:
                seen.add(following)
                queue.append(following)
                yield following


def abridged(way: Sequence[str]) -> Sequence[str]:
    """A way through a lineage for people: of a long one its two ends."""
    return way if len(way) <= 8 else (*way[:4], "…", *way[-3:])
