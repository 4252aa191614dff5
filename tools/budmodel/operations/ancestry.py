"""What a model was made of, and what was made of it: ``budmodel lineage``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budmodel.operations.names import Named
from budmodel.schema.version import Version
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
    revision: str | None = None
    """Of one on the Hub: the commit that the child names."""
    held_as: str | None = None
    """Of one on the Hub: the model of this catalog that comes from there, if there is one."""
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
    revision: str | None = None


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
        self._snapshot = snapshot

    def held_as(self, other: str) -> str | None:
        """The model of the catalog that comes from a parent on the Hub; the first by name."""
        return next(iter(self._snapshot.held_as(other.removeprefix("hf:"))), None)

    def version(self, edge: _Edge) -> Version | None:
        """The record of the version that an edge names, with what it froze."""
        if edge.version is None or edge.other not in self.data:
            return None
        return self._snapshot.model(edge.other).version(edge.version)

    def parents(self, edge: _Edge) -> list[_Edge]:
        """What a relative was made of: what the named version froze, or else what its model states."""
        record = self.version(edge)
        if record is not None and record.base_models is not None:
            return edges([base.model_dump() for base in record.base_models])
        return self.up.get(edge.other, [])


def edges(bases: Sequence[Mapping[str, Any]]) -> list[_Edge]:
    """The parents that a record names."""
    found = []
    for base in bases:
        name, version = str(base["model"]), None
        if not name.startswith("hf:"):
            name, _, said = name.partition("@")
            version = said or None
        found.append(
            _Edge(name, version, str(base["relation"]), base.get("license_type"), base.get("revision"))
        )
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
        ancestors=tuple(_walk(named.name, own, graph.parents, graph)),
        descendants=tuple(
            _walk(
                named.name, graph.down.get(named.name, []), lambda edge: graph.down.get(edge.other, []), graph
            )
        ),
        cycle=lineage.cycle_through(named.name),
    )


def _walk(
    start: str, first: Sequence[_Edge], along: Callable[[_Edge], Sequence[_Edge]], graph: _Graph
) -> list[Relative]:
    """Depth first, each relative's own relatives once: later paths to it end there."""
    told: list[Relative] = []
    seen: set[tuple[str, str | None]] = {(start, None)}
    stack: list[tuple[_Edge, tuple[str, ...]]] = [(edge, (start, edge.other)) for edge in reversed(first)]
    while stack and len(told) < MOST:
        edge, path = stack.pop()
        # Of a circle no version is told twice, of whatever version it is.
        again = (edge.other, edge.version) in seen or edge.other in path[:-1]
        told.append(_relative(edge, path, graph, again=again))
        if not again:
            seen.add((edge.other, edge.version))
            following = along(edge)
            stack += [(next_edge, (*path, next_edge.other)) for next_edge in reversed(following)]
    return told


def _relative(edge: _Edge, path: tuple[str, ...], graph: _Graph, *, again: bool) -> Relative:
    data = graph.data.get(edge.other)
    record = graph.version(edge)
    external = edge.other.startswith("hf:")
    held_as = graph.held_as(edge.other) if external else None
    # What the child states of a parent on the Hub comes first: it was stated of that very revision.
    here = data if data is not None else graph.data.get(held_as or "", {})
    frozen = record.license_type if record is not None else None
    return Relative(
        model=edge.other,
        version=edge.version,
        relation=edge.relation,
        path=path,
        license_type=edge.license_type or frozen or here.get("license_type"),
        known=data is not None,
        status=data.get("status", "active") if data is not None else None,
        revision=edge.revision,
        held_as=held_as,
        again=again,
    )
