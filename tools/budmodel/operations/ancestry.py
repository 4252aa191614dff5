"""What a model was made of, and what was made of it: ``budmodel lineage``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budmodel.operations.names import Named
from budmodel.store.catalog import Snapshot

MOST = 2000
"""Most relatives of a model that are told; merges of merges can have more paths than anybody reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A model on a path of the lineage."""

    model: str
    """Its name, or ``hf:org/name``."""
    version: str | None
    """The version that the child names; None where it names none."""
    relation: str
    """How the younger of the two was made of the older."""
    path: tuple[str, ...]
    """From the model that was asked about to this one."""
    license_type: str | None
    known: bool
    """Whether the catalog holds it."""
    status: str | None
    again: bool = False
    """Whether it was told before on another path, so that what lies behind it is not repeated."""

    @property
    def external(self) -> bool:
        """Whether it is on the Hub and not in this catalog."""
        return self.model.startswith("hf:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestry:
    """The relatives of a model, each path once, in the order of a tree."""

    name: str
    version: str | None
    ancestors: tuple[Relative, ...]
    descendants: tuple[Relative, ...]
    cycle: tuple[str, ...] | None
    """The shortest cycle that the model is part of."""


@dataclass(frozen=True, slots=True)
class _Edge:
    other: str
    version: str | None
    relation: str
    license_type: str | None


class _Graph:
    """The lineage of the whole catalog with the relations on its edges."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.data: dict[str, Mapping[str, Any]] = dict(snapshot.model_data())
        self.up: dict[str, list[_Edge]] = {}
        self.down: dict[str, list[_Edge]] = {}
        for name, data in self.data.items():
            self.up[name] = edges(data.get("base_models") or ())
            for edge in self.up[name]:
                child = _Edge(name, None, edge.relation, None)
                if child not in self.down.setdefault(edge.other, []):
                    self.down[edge.other].append(child)
        for children in self.down.values():
            children.sort(key=lambda edge: edge.other)


def edges(bases: Sequence[Mapping[str, Any]]) -> list[_Edge]:
    """The parents that a record names."""
    found = []
    for base in bases:
        name, version = str(base["model"]), None
        if not name.startswith("hf:"):
            name, _, said = name.partition("@")
            version = said or None
        found.append(_Edge(name, version, str(base["relation"]), base.get("license_type")))
    return found


def ancestry(snapshot: Snapshot, named: Named) -> Ancestry:
    """The relatives of a model; those of a version where it froze its own bases."""
    from budmodel.domain.lineage import Lineage

    graph = _Graph(snapshot)
    own = graph.up.get(named.name, [])
    if named.version is not None:
        record = snapshot.model(named.name).version(named.version)
        if record is not None and record.base_models is not None:
            own = edges([base.model_dump() for base in record.base_models])
    up = {**graph.up, named.name: own}
    lineage = Lineage({name: tuple(edge.other for edge in found) for name, found in up.items() if found})
    return Ancestry(
        name=named.name,
        version=named.version,
        ancestors=tuple(_walk(named.name, up, graph)),
        descendants=tuple(_walk(named.name, graph.down, graph)),
        cycle=lineage.cycle_through(named.name),
    )


def _walk(start: str, along: Mapping[str, list[_Edge]], graph: _Graph) -> list[Relative]:
    """Depth first, each model's own relatives once: later paths to it end there."""
    told: list[Relative] = []
    seen = {start}
    stack: list[tuple[_Edge, tuple[str, ...]]] = [
        (edge, (start, edge.other)) for edge in reversed(along.get(start, []))
    ]
    while stack and len(told) < MOST:
        edge, path = stack.pop()
        again = edge.other in seen
        data = graph.data.get(edge.other)
        told.append(
            Relative(
                model=edge.other,
                version=edge.version,
                relation=edge.relation,
                path=path,
                license_type=edge.license_type or (data or {}).get("license_type"),
                known=data is not None,
                status=(data or {}).get("status", "active") if data is not None else None,
                again=again,
            )
        )
        if not again:
            seen.add(edge.other)
            following = along.get(edge.other, [])
            stack += [(next_edge, (*path, next_edge.other)) for next_edge in reversed(following)]
    return told
