"""What a NAME means: ``name``, ``name@version``, ``name@alias``, or a Hub id (``org/name``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from budmodel.domain.suggest import nearest
from budmodel.errors import DataError, NotFoundError, UsageError
from budmodel.schema.governance import Tombstone
from budmodel.schema.model import Model
from budmodel.schema.values import fold_name, is_name
from budmodel.store.catalog import Snapshot
from budmodel.store.entries import Entry
from budmodel.store.tree import CATALOG

MOST_LISTED = 5
"""Most versions or names that an error lists."""


class Named(NamedTuple):
    """A model of the catalog, and the version where one was named (an alias is resolved)."""

    name: str
    version: str | None = None


def resolve(snapshot: Snapshot, text: str) -> Named:
    """The model, and version where one is stated, that a text names.

    Raises:
        NotFoundError: no such model, version or alias; with the nearest name where one is near.
        UsageError: a Hub id from which several models come.
    """
    name, at, version = text.partition("@")
    name = model_name(snapshot, name)
    if not at:
        return Named(name)
    return Named(name, _version(snapshot, name, version))


def resolve_model(snapshot: Snapshot, text: str) -> str:
    """As :func:`resolve` where only a model makes sense.

    Raises:
        NotFoundError: no such model.
        UsageError: a version is named.
    """
    name, at, _ = text.partition("@")
    if at:
        raise UsageError(f"{text!r} names a version, but this is about the whole model; write {name}")
    return model_name(snapshot, name)


def resolve_version(snapshot: Snapshot, text: str) -> tuple[str, str]:
    """A model and a version of it: the stated one, or else its default version.

    Raises:
        NotFoundError: no such model or version, or none is stated and the default is none that is there.
    """
    named = resolve(snapshot, text)
    version = named.version or snapshot.model(named.name).default_version
    if version is None:
        raise NotFoundError(
            f"{named.name} has no version yet; add one with budmodel version add {named.name} 1.0.0"
        )
    if named.version is None and version not in (there := snapshot.versions_of(named.name)):
        raise NotFoundError(
            f"the default version of {named.name} is {version}, which it does not have; name another with "
            f"budmodel version default {named.name} V ({listed(reversed(there)) or 'it has none'})"
        )
    return named.name, version


def valid_model(snapshot: Snapshot, name: str) -> tuple[Entry[Model], Model]:
    """The entry of a model's model.yaml and its record.

    Raises:
        DataError: it is invalid; with the first problem's place.
    """
    path = f"{CATALOG}/models/{name}/model.yaml"
    entry = snapshot.entry(path)
    if entry is None or entry.record is None:
        where, what = f"{path}:1:1", "is missing"
        if entry is not None and entry.unreadable is not None:
            broken = entry.unreadable
            where, what = f"{path}:{broken.line}:{broken.column}", broken.message
        elif entry is not None and entry.problems:
            first = entry.problems[0]
            line, column = entry.position(first.field_path)
            where, what = f"{path}:{line}:{column}", first.message
        raise DataError(f"{where}: {what}; mend it, then run budmodel check {CATALOG}/models/{name}")
    return entry, entry.record


def model_name(snapshot: Snapshot, text: str) -> str:
    """The model that a name or a Hub id stands for; the folders of models are listed, and nothing else.

    Raises:
        NotFoundError, UsageError: as :func:`resolve`.
    """
    if is_name(text) and snapshot.tree.type_of(f"{CATALOG}/models/{text}/model.yaml") == "file":
        return text
    # Whatever is no name is looked up in a listing, never as a path: the text may hold ../ or worse.
    names = snapshot.tree.model_names()
    if text in names:
        return text
    if "/" in text:
        return _by_hub_id(snapshot, text.removeprefix("hf:"))
    folded = fold_name(text)
    for name in names:
        if fold_name(name) == folded:
            raise NotFoundError(f"no model {text!r} in the catalog; did you mean {name}?")
    for _, tombstone in snapshot.records("tombstone", Tombstone):
        if fold_name(tombstone.name) == folded:
            raise NotFoundError(f"no model {text!r} in the catalog: {removed(tombstone)}")
    near = nearest(text, names)
    hint = f"did you mean {near}?" if near else "see budmodel list"
    raise NotFoundError(f"no model {text!r} in the catalog; {hint}")


def removed(tombstone: Tombstone) -> str:
    """What became of a removed model, as part of a sentence."""
    successor = f"; use {tombstone.successor} instead" if tombstone.successor else ""
    return f"it was removed on {tombstone.removed[:10]} ({tombstone.reason}){successor}"


def _by_hub_id(snapshot: Snapshot, text: str) -> str:
    wanted = text.casefold()
    ids: dict[str, list[str]] = {}
    for name, hub_id in _hub_ids(snapshot):
        ids.setdefault(hub_id.casefold(), []).append(name)
    found = ids.get(wanted) or list(dict.fromkeys(_models_with_version_from(snapshot, wanted)))
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"several models come from {text}: {listed(found)}; write one of these names")
    near = nearest(text, ids)
    hint = f"did you mean {ids[near.casefold()][0]}?" if near else "see budmodel list"
    raise NotFoundError(f"no model in the catalog comes from {text!r}; {hint}")


def _hub_ids(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for name, data in snapshot.model_data():
        source = data.get("source")
        if isinstance(source, dict) and source.get("model_id"):
            yield name, str(source["model_id"])


def _models_with_version_from(snapshot: Snapshot, wanted: str) -> Iterator[str]:
    from budmodel.operations.finding import version_entries

    for entry in version_entries(snapshot, wanted):
        source = entry.data.get("source") if isinstance(entry.data, dict) else None
        if isinstance(source, dict) and str(source.get("model_id", "")).casefold() == wanted:
            yield entry.says("name")


def _version(snapshot: Snapshot, name: str, text: str) -> str:
    versions = snapshot.versions_of(name)
    if text in versions:
        return text
    model = snapshot.record(f"{CATALOG}/models/{name}/model.yaml", Model)
    aliases = model.aliases if model is not None else {}
    if text in aliases:
        version = aliases[text]
        if version in versions:
            return version
        raise NotFoundError(
            f"{name}@{text} stands for {version}, which {name} does not have; "
            f"mend it with budmodel set {name} aliases.{text}=VERSION"
        )
    if not versions:
        raise NotFoundError(
            f"{name} has no version {text!r}: it has none yet; see budmodel version add --help"
        )
    raise NotFoundError(f"{name} has no version {text!r}; it has {listed([*aliases, *reversed(versions)])}")


def listed(names: Iterable[str]) -> str:
    """Some names in a sentence: ``a, b, c and 4 more``."""
    all_ = list(names)
    shown = ", ".join(all_[:MOST_LISTED])
    return shown if len(all_) <= MOST_LISTED else f"{shown} and {len(all_) - MOST_LISTED} more"
