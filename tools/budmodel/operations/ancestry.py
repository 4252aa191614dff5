"""What a model was made of, and what was made of it: ``budmodel lineage``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    """Of an ancestor the version that its child names, of a descendant the one that froze what it was made
    of; None where there is none."""
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
        self.up: dict[str, list[_Edge]] = {
            name: edges(data.get("base_models") or ()) for name, data in self.data.items()
        }
        self._defaults: dict[str, str | None] = {}
        self._frozen: set[tuple[str, str]] = set()
        self._down: dict[str, dict[tuple[_Edge, str | None], None]] = {}
        for name, parents in self.up.items():
            self._adopt(name, None, parents)
        for name, version, bases in snapshot.families.frozen():
            self._frozen.add((name, version))
            self._adopt(name, version, edges([base.model_dump() for base in bases]))
        self._snapshot = snapshot

    def _adopt(self, name: str, version: str | None, parents: Sequence[_Edge]) -> None:
        """Tells the parents of their child; a version only where its model does not say the same."""
        for edge in parents:
            children = self._down.setdefault(_folded(edge.other), {})
            if (_Edge(name, None, edge.relation, None), edge.version) not in children:
                children[_Edge(name, version, edge.relation, None), edge.version] = None

    def held_as(self, other: str) -> str | None:
        """The model of the catalog that comes from a parent on the Hub; the first by name."""
        return next(iter(self._snapshot.held_as(other.removeprefix("hf:"))), None)

    def meant(self, name: str, version: str | None) -> str | None:
        """The version that is named, or else the default one; None where there is none."""
        if version is not None or name not in self.data:
            return version
        if name not in self._defaults:
            self._defaults[name] = self._snapshot.model(name).default_version
        return self._defaults[name]

    def holds(self, edge: _Edge) -> bool:
        """Whether the catalog holds the model, and the version where one is named."""
        if edge.other not in self.data:
            return False
        return edge.version is None or edge.version in self._snapshot.versions_of(edge.other)

    def version(self, edge: _Edge) -> Version | None:
        """The record of the version that an edge means, with what it froze."""
        version = self.meant(edge.other, edge.version)
        if version is None or edge.other not in self.data:
            return None
        return self._snapshot.model(edge.other).version(version)

    def parents(self, edge: _Edge) -> list[_Edge]:
        """What a relative was made of: what its version froze, or else what its model states."""
        if edge.other.startswith("hf:"):
            held = self.held_as(edge.other)
            return self.parents(_Edge(held, None, edge.relation, None)) if held is not None else []
        record = self.version(edge)
        if record is not None and record.base_models is not None:
            return edges([base.model_dump() for base in record.base_models])
        return self.up.get(edge.other, [])

    def children(self, edge: _Edge) -> list[_Edge]:
        """What was made of a relative, also where that is named by its id on the Hub."""
        found: dict[_Edge, None] = {}
        for child, named in self._children(edge.other):
            if self._is_of(edge, self.meant(edge.other, named)):
                found[child] = None
        return sorted(found, key=_order)

    def all_children(self, name: str) -> list[_Edge]:
        """What was made of any version of a model."""
        return sorted({child: None for child, _ in self._children(name)}, key=_order)

    def _children(self, name: str) -> Iterator[tuple[_Edge, str | None]]:
        yield from self._down.get(name, ())
        source = self.data.get(name, {}).get("source")
        if isinstance(source, Mapping) and source.get("model_id"):
            yield from self._down.get(_folded(f"hf:{source['model_id']}"), ())

    def _is_of(self, edge: _Edge, version: str | None) -> bool:
        """Whether what was made of a version of a model was made of what an edge stands for."""
        if edge.version is not None:
            return version == edge.version
        return version is None or (edge.other, version) not in self._frozen


def _order(child: _Edge) -> tuple[str, str]:
    return child.other, child.version or ""


def _folded(name: str) -> str:
    """The Hub treats ids without regard to case."""
    return name.casefold() if name.startswith("hf:") else name


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
    """The relatives of a model; of a version (the default one if none is named) if that froze its bases."""
    graph = _Graph(snapshot)
    version = named.version
    if version is None and named.name in graph.data:
        meant = graph.version(_Edge(named.name, None, "", None))
        version = meant.version if meant is not None and meant.base_models is not None else None
    start = _Edge(named.name, version, "", None)
    own = graph.parents(start)
    # Asked about a model, all count that were made of any of its versions.
    first = graph.children(start) if named.version is not None else graph.all_children(named.name)
    return Ancestry(
        name=named.name,
        version=version,
        ancestors=tuple(_walk(named.name, own, graph.parents, graph)),
        descendants=tuple(_walk(named.name, first, graph.children, graph)),
        cycle=_cycle(graph, start, own),
    )


def _cycle(graph: _Graph, start: _Edge, own: Sequence[_Edge]) -> tuple[str, ...] | None:
    """The shortest circle: of models as their records state it, or else of the versions that are meant."""
    from budmodel.domain.lineage import Lineage

    if own == graph.up.get(start.other, []):
        stated = {name: tuple(edge.other for edge in found) for name, found in graph.up.items() if found}
        cycle = Lineage(stated).cycle_through(start.other)
        if cycle is not None:
            return cycle
    names: dict[tuple[str, str | None], str] = {}
    parents: dict[str, tuple[str, ...]] = {}
    first = _node(graph, start, names)
    waiting = [(first, start)]
    while waiting and len(parents) < MOST:
        here, edge = waiting.pop()
        if here not in parents:
            above = [(_node(graph, one, names), one) for one in graph.parents(edge)]
            parents[here] = tuple(node for node, _ in above)
            waiting += above
    cycle = Lineage(parents).cycle_through(first)
    return tuple(node.partition("@")[0] for node in cycle) if cycle is not None else None


def _node(graph: _Graph, edge: _Edge, names: dict[tuple[str, str | None], str]) -> str:
    """``name@version`` of the version that an edge means, looked up once."""
    key = (edge.other, edge.version)
    if key not in names:
        version = graph.meant(*key)
        names[key] = f"{edge.other}@{version}" if version else edge.other
    return names[key]


def _walk(
    start: str,
    first: Sequence[_Edge],
    along: Callable[[_Edge], Sequence[_Edge]],
    graph: _Graph,
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
    data = graph.data.get(edge.other) if graph.holds(edge) else None
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
        known=graph.holds(edge),
        status=data.get("status", "active") if data is not None else None,
        revision=edge.revision,
        held_as=held_as,
        again=again,
    )
