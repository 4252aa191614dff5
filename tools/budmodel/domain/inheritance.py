"""The ancestors of a version with what they hand down: their licences, restrictions, scans and withdrawals.

A walk over whatever holds the models; each ancestor counts in the version that the child names, or else in
its default version, and with the bases that this version froze.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from budmodel.schema.model import BaseModelReference, LicenseRestrictions, Model
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

    @property
    def last_version(self) -> str | None: ...

    def version(self, version: str) -> Version | None: ...

    def scan(self, version: str) -> Scan | None: ...

    @property
    def scans(self) -> Mapping[str, object]: ...


class Models(Protocol):
    """The catalog."""

    def has_model(self, name: str) -> bool: ...

    def model(self, name: str) -> View: ...

    def held_as(self, hub_id: str) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """One of the models that a version was made of."""

    target: str
    """``name@version``, ``name`` where it has no version, or ``hf:org/name``."""
    path: tuple[str, ...]
    """The way there from the child, nearest first, itself last."""
    outputs_only: bool
    """Whether only outputs of it were used on this way (``distilled``), and not its weights."""
    view: View | None
    """None where the catalog does not hold it."""
    version: str | None
    license_type: str | None
    """Its licence: frozen by the version, or the model's; of one elsewhere, as the child states it."""
    license_text_sha256: str | None = None
    """The text that its version froze."""
    restrictions: tuple[LicenseRestrictions, ...] = ()
    """What the organisation forbids with it."""
    unknown: str | None = None
    """Why nobody can say what it hands down, as a part of a sentence: ``is not in the catalog``."""


def ancestors(models: Models, parents: Sequence[BaseModelReference]) -> Iterator[Ancestor]:
    """All ancestors of what has these parents, nearest first; each version once for either way of use.

    One elsewhere is told once for each licence that is stated of it, so that no statement hides a stricter
    one. Where there are more than :data:`MOST`, the last one is unknown and stands for the rest.

    Args:
        models: the catalog.
        parents: of the version.
    """
    waiting: deque[tuple[BaseModelReference, tuple[str, ...], bool]] = deque(
        (one, (), False) for one in parents
    )
    seen: set[tuple[str, str | None, bool]] = set()
    while waiting:
        reference, path, outputs_only = waiting.popleft()
        outputs_only = outputs_only or reference.relation == "distilled"
        found = _ancestor(models, reference, path, outputs_only)
        key = (found.target, found.license_type, outputs_only)
        if key in seen:
            continue
        if len(seen) == MOST:
            beyond = f"comes after {MOST} more ancestors, and no more are read"
            yield replace(found, view=None, unknown=beyond)
            return
        seen.add(key)
        yield found
        waiting += [(one, found.path, outputs_only) for one in (*_bases(found), *_held(models, reference))]


def _ancestor(
    models: Models, reference: BaseModelReference, path: tuple[str, ...], outputs_only: bool
) -> Ancestor:
    if reference.external or not models.has_model(reference.name):
        return Ancestor(
            target=reference.model,
            path=(*path, reference.model),
            outputs_only=outputs_only,
            view=None,
            version=None,
            license_type=reference.license_type,
            unknown=None if reference.external else "is not in the catalog",
        )
    view = models.model(reference.name)
    # Where all were withdrawn or cannot be read there is no default, and the child was made of one of them.
    version = reference.version or view.default_version or view.last_version
    target = f"{reference.name}@{version}" if version else reference.name
    model, record = view.model, view.version(version) if version else None
    stated = [record.license_type if record else None, model.license_type if model else None]
    limits = [model.license_restrictions if model else None, record.license_restrictions if record else None]
    return Ancestor(
        target=target,
        path=(*path, target),
        outputs_only=outputs_only,
        view=view,
        version=version,
        license_type=next(filter(None, stated), None),
        license_text_sha256=record.license_text_sha256 if record else None,
        restrictions=tuple(one for one in limits if one is not None),
        unknown=_unreadable(model, record, version),
    )


def _unreadable(model: Model | None, record: Version | None, version: str | None) -> str | None:
    if model is None:
        return "has a record that cannot be read"
    if version is not None and record is None:
        return f"has no version {version} that can be read"
    return None


def _held(models: Models, reference: BaseModelReference) -> Iterator[BaseModelReference]:
    """The same parent where the catalog holds it: naming it by its Hub id sheds none of its terms."""
    for name in models.held_as(reference.model.removeprefix("hf:")) if reference.external else ():
        yield BaseModelReference(model=name, relation=reference.relation)


def _bases(ancestor: Ancestor) -> Sequence[BaseModelReference]:
    if ancestor.view is None:
        return ()
    record = ancestor.view.version(ancestor.version) if ancestor.version else None
    return bases_of(ancestor.view.model, record)


def bases_of(model: Model | None, record: Version | None) -> Sequence[BaseModelReference]:
    """What a version was made of: what it froze, or else what its model states."""
    if record is not None and record.base_models is not None:
        return record.base_models
    return model.base_models if model is not None else ()
