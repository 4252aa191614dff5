"""Which models have a page, and who was made of whom: one pass over the model records, before any page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from budmodel.render.lineage_graph import Edge
from budmodel.schema.values import NAME_MAX, NAME_PATTERN, reserved
from budmodel.store.catalog import Snapshot

_name = re.compile(NAME_PATTERN[:-1] + r"\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A model that was made of another."""

    name: str
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The lineage of the whole catalog, as the records of models and versions state it."""

    names: frozenset[str]
    """The models that have a page."""
    up: dict[str, list[Edge]]
    """The edges to what each model was made of, by its name."""
    down: dict[str, list[Edge]]
    """The edges to what was made of each model, by its name."""

    def children(self, name: str) -> list[Child]:
        """The models that were made of a model, by name."""
        return [Child(name=edge.child, relation=edge.relation) for edge in self.down.get(name, ())]


def publishable(name: str) -> bool:
    """Whether a folder's name may become a path of the site: a hostile tree may hold any name."""
    return len(name) <= NAME_MAX and _name.match(name) is not None and not reserved(name)


def family_of(snapshot: Snapshot) -> Family:
    """The names that have a page, and their lineage, with what versions froze."""
    names: set[str] = set()
    up: dict[str, dict[Edge, None]] = {}
    for name, (_, bases) in snapshot.families.stated.items():
        if publishable(name):
            names.add(name)
            up[name] = dict.fromkeys(edges_of(name, bases))
    for name, _, frozen in snapshot.families.frozen():
        if name in names:
            up[name].update(dict.fromkeys(edges_of(name, [base.model_dump() for base in frozen])))
    down: dict[str, dict[Edge, None]] = {}
    for edge in (edge for edges in up.values() for edge in edges):
        down.setdefault(edge.parent, {})[edge] = None
        # A parent on the Hub that the catalog holds has its children here as well.
        for held in snapshot.held_as(edge.parent[3:]) if edge.parent.startswith("hf:") else ():
            down.setdefault(held, {})[Edge(held, edge.child, edge.relation)] = None
    return Family(
        names=frozenset(names),
        up={name: list(edges) for name, edges in up.items() if edges},
        down={
            name: sorted(edges, key=lambda edge: (edge.child, edge.relation)) for name, edges in down.items()
        },
    )


def edges_of(name: str, bases: Iterable[Mapping[str, Any]]) -> Iterable[Edge]:
    """The edges from a model to its bases, each once."""
    found: dict[Edge, None] = {}
    for base in bases:
        parent = base["model"]
        parent = parent if parent.startswith("hf:") else parent.partition("@")[0]
        found[Edge(parent, name, base["relation"])] = None
    return found
