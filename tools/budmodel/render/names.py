"""Which models have a page, and who was made of whom: one pass over the model records, before any page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from budmodel.schema.values import NAME_MAX, NAME_PATTERN, reserved
from budmodel.store.catalog import Snapshot

_name = re.compile(NAME_PATTERN[:-1] + r"\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A model that was made of another."""

    name: str
    relation: str


def publishable(name: str) -> bool:
    """Whether a folder's name may become a path of the site: a hostile tree may hold any name."""
    return len(name) <= NAME_MAX and _name.match(name) is not None and not reserved(name)


def lineage_of(snapshot: Snapshot) -> tuple[Mapping[str, Sequence[Child]], frozenset[str]]:
    """The models that name another as their base, by that other's name; and all names that have a page."""
    found: dict[str, dict[Child, None]] = {}
    names: set[str] = set()
    for name, data in snapshot.model_data():
        if not publishable(name):
            continue
        names.add(name)
        for base in data.get("base_models") or ():
            parent = base["model"]
            if not parent.startswith("hf:"):
                child = Child(name=name, relation=base["relation"])
                found.setdefault(parent.partition("@")[0], {})[child] = None
    children = {parent: sorted(ones, key=lambda child: child.name) for parent, ones in found.items()}
    return children, frozenset(names)
