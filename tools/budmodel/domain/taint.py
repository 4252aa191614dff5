"""Which ancestors of a model are bad: their scan FAILED, they were yanked, or policy denies them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from budmodel.schema.model import BaseModelReference, Model
from budmodel.schema.scan import Scan
from budmodel.schema.version import Version

MOST = 1000
"""Most ancestors that are looked at; merges of merges could go on for ever."""


class View(Protocol):
    """A model as the catalog holds it."""

    @property
    def model(self) -> Model | None: ...

    @property
    def default_version(self) -> str | None: ...

    def version(self, version: str) -> Version | None: ...

    def scan(self, version: str) -> Scan | None: ...


class Models(Protocol):
    """The catalog."""

    def has_model(self, name: str) -> bool: ...

    def model(self, name: str) -> View: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Taint:
    """An ancestor that is bad."""

    target: str
    """``name@version``."""
    why: str
    """As a part of a sentence: ``failed its scan``."""
    path: tuple[str, ...]
    """The way there from the child, nearest first."""


def taints(models: Models, parents: Sequence[BaseModelReference], denied: Collection[str]) -> Iterator[Taint]:
    """The bad ancestors of a version, nearest first.

    Args:
        models: the catalog.
        parents: of the version.
        denied: digests that policy denies.
    """
    queue = [(parent, ()) for parent in parents if not parent.external]
    waiting: list[tuple[BaseModelReference, tuple[str, ...]]] = list(queue)
    seen: set[str] = set()
    while waiting and len(seen) < MOST:
        parent, path = waiting.pop(0)
        if not models.has_model(parent.name):
            continue
        view = models.model(parent.name)
        version = parent.version or view.default_version
        target = f"{parent.name}@{version}" if version else parent.name
        if target in seen:
            continue
        seen.add(target)
        record = view.version(version) if version else None
        here = (*path, target)
        why = _why(record, view.scan(version) if version else None, denied)
        if why is not None:
            yield Taint(target=target, why=why, path=here)
        model = view.model
        own = record.base_models if record is not None and record.base_models is not None else None
        following = own if own is not None else (model.base_models if model is not None else ())
        waiting += [(one, here) for one in following if not one.external]


def _why(record: Version | None, scan: Scan | None, denied: Collection[str]) -> str | None:
    if record is not None and record.yanked is not None:
        return "was yanked"
    if scan is not None and scan.status == "FAILED":
        return "failed its scan"
    if record is not None and any(file.sha256 in denied for file in record.files or ()):
        return "is denied by the policy"
    return None
