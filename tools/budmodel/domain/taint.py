"""Which ancestors of a model are bad: their scan FAILED, they were yanked, or policy denies them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from budmodel.domain.inheritance import Ancestor, Models, ancestors
from budmodel.schema.model import BaseModelReference


class Taint(NamedTuple):
    """An ancestor that is bad."""

    target: str
    """``name@version``."""
    why: str
    """As a part of a sentence: ``failed its scan``."""
    path: tuple[str, ...]
    """The way there from the child, nearest first."""


def taints(models: Models, parents: Sequence[BaseModelReference], denied: Collection[str]) -> Iterator[Taint]:
    """The bad ancestors of a version, nearest first, each once.

    Args:
        models: the catalog.
        parents: of the version.
        denied: digests that policy denies.
    """
    seen: set[str] = set()
    for one in ancestors(models, parents):
        why = None if one.target in seen else _why(one, denied)
        if why is not None:
            seen.add(one.target)
            yield Taint(target=one.target, why=why, path=one.path)


def _why(ancestor: Ancestor, denied: Collection[str]) -> str | None:
    view, version = ancestor.view, ancestor.version
    if view is None or version is None:
        return None
    record, scan = view.version(version), view.scan(version)
    if record is not None and record.yanked is not None:
        return "was yanked"
    if scan is not None and scan.status == "FAILED":
        return "failed its scan"
    if record is not None and any(file.sha256 in denied for file in record.files or ()):
        return "is denied by the policy"
    return None
