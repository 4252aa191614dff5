"""Where ``deploy-check`` gets the files that its answer rests on: a clone, a commit, or a published site."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from budmodel.domain.suggest import nearest
from budmodel.errors import NotFoundError, OutsideError, UsageError
from budmodel.operations.deploy_files import HeldAs, Shelf, deploy_files
from budmodel.operations.names import model_name, resolve_version
from budmodel.operations.workspace import Workspace
from budmodel.schema.kinds import classify
from budmodel.schema.values import after, fold_name, is_name, parse_timestamp
from budmodel.sources.published import PublishedCatalog
from budmodel.store.catalog import Snapshot
from budmodel.store.families import remembered_hub_ids
from budmodel.store.git_disk import blob_id
from budmodel.store.memory_tree import MemoryTree
from budmodel.store.tree import CATALOG

PUBLISHED_MAX_AGE = timedelta(days=7)
"""How old the newest commit of a published catalog may be where nobody says: a mirror that nobody brings up
to date looks like any other, and must not mean yes for ever."""
_MOST_FILES = 100_000
_FEW_NEW = 100
"""Models in no commit yet of which each is looked at."""
_CLOCKS_DIFFER = timedelta(days=1)


class Facts(NamedTuple):
    """A part of a catalog that is enough to answer about one version."""

    snapshot: Snapshot
    name: str
    version: str
    commit: str | None
    """The commit that it was read at; None where the files are of none (uncommitted changes, no Git)."""
    commit_time: str | None
    """Of the newest commit, RFC 3339 in UTC."""


def facts_here(workspace: Workspace, text: str, commit: str | None = None) -> Facts:
    """What a clone holds.

    Args:
        workspace: the registry.
        text: ``NAME``, ``NAME@V``, ``NAME@alias``, or a Hub id.
        commit: as it stood there; None means the files on disk.

    Raises:
        NotFoundError, UsageError: as :func:`budmodel.operations.names.resolve_version`.
    """
    whole = workspace.snapshot if commit is None else workspace.at_commit(commit)
    name, at, version = text.partition("@")
    name = model_name(whole, name)
    shelf = Shelf(whole.tree)
    repository = workspace.repository
    newest = commit or (repository.head() if repository is not None else None)
    on_disk = shelf if commit is None else None
    files = deploy_files(shelf, name, _held_as(workspace, whole, newest, on_disk))
    part = Snapshot(MemoryTree(files))
    name, version = resolve_version(part, f"{name}{at}{version}")
    time = repository.commit_time(newest) if repository is not None and newest is not None else None
    if commit is None and newest is not None and not _committed(workspace, newest, shelf, files):
        newest = None
    return Facts(snapshot=part, name=name, version=version, commit=newest, commit_time=time)


def _held_as(workspace: Workspace, whole: Snapshot, commit: str | None, on_disk: Shelf | None) -> HeldAs:
    """Tells the models that come from one of the Hub: those of the newest commit, and those in no commit yet.

    The former are remembered for a commit's tree of models; on disk it would take a look at each model.
    Git is asked with the first question: few models have a parent on the Hub.

    Args:
        workspace: the registry.
        whole: the catalog that is asked.
        commit: the newest; None where there is none.
        on_disk: the files, where those on disk are asked.
    """

    @cache
    def known() -> HeldAs:
        repository = workspace.repository
        models = repository.tree_id(commit, f"{CATALOG}/models") if repository and commit else None
        if repository is None or commit is None or models is None:
            return whole.held_as
        remembered = remembered_hub_ids(workspace.cache, models)
        committed = workspace.at_commit(commit).held_as if remembered is None else _in(remembered)
        if on_disk is None:
            return committed
        new = sorted(set(whole.tree.model_names()) - set(repository.folders(models)))
        if len(new) > _FEW_NEW:
            return whole.held_as
        return lambda hub_id: [*committed(hub_id), *(name for name in new if on_disk.is_of(name, hub_id))]

    return lambda hub_id: known()(hub_id)


def _in(remembered: Mapping[str, Sequence[str]]) -> HeldAs:
    return lambda hub_id: remembered.get(hub_id.casefold(), ())


def _committed(workspace: Workspace, commit: str, shelf: Shelf, files: Mapping[str, bytes]) -> bool:
    """Whether what was read is what the commit holds: an answer names no commit that says other things."""
    assert workspace.repository is not None
    asked, there = shelf.looked_at
    known = workspace.repository.blob_ids(commit, asked)
    return known.keys() == there and all(
        known[path] == blob_id(raw, len(known[path])) for path, raw in files.items()
    )


def facts_published(address: str, text: str) -> Facts:
    """What a published site holds.

    Args:
        address: of its folder ``api``: ``https://…/api``, or a folder on disk.
        text: as above.

    Raises:
        OutsideError: the site could not be read, contradicts itself, or does not say how old it is.
        NotFoundError: it has no such model or version.
        UsageError: the address or the name is none.
    """
    site = PublishedCatalog.at(address)
    index = site.result("index.json")
    if index is None:
        raise OutsideError(f"{site.address}/index.json is not there; is it the api folder of a site?")
    commit, commit_time, digests = _index(site, index[1])
    name, at, version = text.partition("@")
    name = _published_name(site, name, digests)
    path = f"models/{name}/deploy.json"
    found = site.result(path)
    if found is None and f"api/{path}" not in digests:
        raise NotFoundError(_unknown(site, name))
    if found is None:
        raise OutsideError(
            f"{site.address}/{path} is not there, and index.json names it; try again in a minute"
        )
    raw, result = found
    _as_listed(site, path, raw, digests)
    files = dict(_files(site, path, name, result))
    if not files:
        raise OutsideError(
            f"{site.address}/{path} holds no records, as the lineage of {name} is too long; state fewer "
            "base_models"
        )
    part = Snapshot(MemoryTree(files))
    name, version = resolve_version(part, f"{name}{at}{version}")
    return Facts(snapshot=part, name=name, version=version, commit=commit, commit_time=commit_time)


def _as_listed(site: PublishedCatalog, path: str, raw: bytes, digests: Mapping[str, str]) -> None:
    """Refuses a file of another commit than the index."""
    if digests.get(f"api/{path}") != hashlib.sha256(raw).hexdigest():
        raise OutsideError(
            f"{site.address}/{path} is not the file that index.json names; try again in a minute"
        )


def _index(site: PublishedCatalog, result: Any) -> tuple[str, str, Mapping[str, str]]:
    try:
        commit, time = str(result["commit"]), str(result["commit_time"])
        parse_timestamp(time)
        return commit, time, {str(one["path"]): str(one["sha256"]) for one in result["files"]}
    except (KeyError, TypeError, ValueError):
        raise OutsideError(
            f"{site.address}/index.json does not say from which commit it was built, and so not how old it is"
        ) from None


def _published_name(site: PublishedCatalog, text: str, digests: Mapping[str, str]) -> str:
    """The model's name; a Hub id is looked up."""
    if is_name(text):
        return text
    if "/" not in text:
        raise UsageError(f"{text!r} is no name of a model; see {site.address}/models.json")
    wanted = text.removeprefix("hf:").casefold()
    found = [
        str(one.get("name"))
        for one in _models(site, digests)
        if isinstance(one.get("source"), Mapping)
        and str(one["source"].get("model_id", "")).casefold() == wanted
    ]
    if len(found) == 1 and is_name(found[0]):
        return found[0]
    if found:
        raise UsageError(f"several models come from {text}: {', '.join(found[:5])}; write one of these names")
    raise NotFoundError(f"no model of {site.address} comes from {text!r}; see {site.address}/models.json")


def _models(site: PublishedCatalog, digests: Mapping[str, str] | None = None) -> Iterator[Mapping[str, Any]]:
    """The models of the site; for more than a hint it must be the list that the index names."""
    listed = site.result("models.json")
    if listed is not None and digests is not None:
        _as_listed(site, "models.json", listed[0], digests)
    yield from (
        (one for one in listed[1] if isinstance(one, Mapping))
        if listed and isinstance(listed[1], list)
        else ()
    )


def _unknown(site: PublishedCatalog, name: str) -> str:
    names = [str(one.get("name")) for one in _models(site)]
    near = next((one for one in names if fold_name(one) == fold_name(name)), None) or nearest(name, names)
    hint = f"did you mean {near}?" if near else f"see {site.address}/models.json"
    return f"no model {name!r} at {site.address}; {hint}"


def _files(site: PublishedCatalog, path: str, name: str, result: Any) -> Iterator[tuple[str, bytes]]:
    """The records in a body, each at a place where the catalog has records."""
    try:
        if result["name"] != name or len(result["files"]) > _MOST_FILES:
            raise ValueError
        for one in result["files"]:
            place = classify(one["path"].removeprefix(f"{CATALOG}/"))
            if place is None or not one["path"].startswith(f"{CATALOG}/"):
                raise ValueError
            yield one["path"], one["text"].encode()
    except (KeyError, TypeError, ValueError, AttributeError):
        raise OutsideError(
            f"{site.address}/{path} does not hold the records of {name}; name another mirror"
        ) from None


def check_age(facts: Facts, most: timedelta, now: datetime, *, refresh: str) -> datetime:
    """Until when the catalog is young enough.

    Args:
        facts: what was read.
        most: how old its newest commit may be.
        now: the moment of the question.
        refresh: what to do about an old one, as part of a sentence.

    Raises:
        OutsideError: it is too old, or nobody can say: nothing can be decided.
    """
    if facts.commit_time is None:
        raise OutsideError(
            "there is no commit yet that says how old the catalog is; commit it, then ask again"
        )
    newest = parse_timestamp(facts.commit_time)
    if newest - now > _CLOCKS_DIFFER:
        raise OutsideError(
            f"the catalog's newest commit, of {facts.commit_time}, lies in the future, so that its age is "
            "unknown; set the clock, or name another mirror"
        )
    if now - newest > most:
        raise OutsideError(
            f"the catalog's newest commit is of {facts.commit_time}, too old for {_days(most)}; {refresh}"
        )
    return after(newest, most)


def _days(span: timedelta) -> str:
    minutes = span.total_seconds() / 60
    if minutes < 60:
        return f"--max-age {minutes:g}m"
    hours = minutes / 60
    return f"--max-age {hours / 24:g}d" if hours >= 48 else f"--max-age {hours:g}h"
