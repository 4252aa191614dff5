"""The Pareto front: what nothing else beats in both of two measures."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def front(points: Iterable[tuple[Key, float, float]]) -> set[Key]:
    """The keys on the front, where less of the first measure and more of the second is better.

    A point is on the front when no other is at least as good in both and better in one. Equal points are on
    it together.

    Args:
        points: key, cost (less is better), gain (more is better).
    """
    found: set[Key] = set()
    best: float | None = None
    cheapest_with_best = 0.0
    for key, cost, gain in sorted(points, key=lambda point: (point[1], -point[2])):
        if best is None or gain > best:
            found.add(key)
            best, cheapest_with_best = gain, cost
        elif gain == best and cost == cheapest_with_best:
            found.add(key)
    return found
