"""Which ancestors of a model are bad: their scan FAILED, they were yanked, or policy denies them.

A scan record that is there and holds no verdict that anybody can read may be a failed one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from budmodel.domain.inheritance import Ancestor, Models, ancestors
from budmodel.domain.source_policy import denied_source
from budmodel.schema.governance import DeniedItem
from budmodel.schema.model import BaseModelReference, HuggingFaceSource
from budmodel.schema.version import HubRevision, S3Location, Version


class Taint(NamedTuple):
    """An ancestor that is bad."""

    target: str
    """``name@version``."""
    why: str
    """As a part of a sentence: ``failed its scan``."""
    path: tuple[str, ...]
    """The way there from the child, nearest first."""


def taints(
    models: Models, parents: Sequence[BaseModelReference], denied: Sequence[DeniedItem]
) -> Iterator[Taint]:
    """The bad ancestors of a version, nearest first, each once.

    Args:
        models: the catalog.
        parents: of the version.
        denied: bytes and sources that policy denies.
    """
    digests = {item.sha256 for item in denied if item.sha256 is not None}
    sources = [item for item in denied if item.source is not None]
    seen: set[str] = set()
    for one in ancestors(models, parents):
        why = None if one.target in seen else _why(one, digests, sources)
        if why is not None:
            seen.add(one.target)
            yield Taint(target=one.target, why=why, path=one.path)


def _why(ancestor: Ancestor, digests: Collection[str], sources: Sequence[DeniedItem]) -> str | None:
    view, version = ancestor.view, ancestor.version
    record = view.version(version) if view is not None and version is not None else None
    scan = view.scan(version) if view is not None and version is not None else None
    if record is not None and record.yanked is not None:
        return "was yanked"
    if scan is not None and scan.status == "FAILED":
        return "failed its scan"
    if view is not None and version is not None and version in view.scans and scan is None:
        return "has a scan record that cannot be read, which may say that it failed"
    if record is not None and any(file.sha256 in digests for file in record.files or ()):
        return "is denied by the policy"
    if sources and any(denied_source(source, sources) for source in _sources(ancestor, record)):
        return "comes from where the policy denies it"
    return None


def _sources(ancestor: Ancestor, record: Version | None) -> Iterator[str]:
    """Where an ancestor comes from: Hub ids and storage locations."""
    if ancestor.view is None:
        yield ancestor.target.removeprefix("hf:")
        return
    model = ancestor.view.model
    if model is not None and isinstance(model.source, HuggingFaceSource) and model.source.model_id:
        yield model.source.model_id
    if record is None:
        return
    if isinstance(record.source, HubRevision):
        yield record.source.model_id
    elif isinstance(record.source, S3Location):
        yield record.source.uri
    if record.storage_path is not None:
        yield record.storage_path
