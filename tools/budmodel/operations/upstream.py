"""What moved upstream since it was imported: ``budmodel outdated``, ``budmodel sync``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from budmodel.domain.credentials import redact
from budmodel.errors import BudmodelError, UsageError
from budmodel.operations.import_compare import FilesDifference, Level, compare_files, needed_level
from budmodel.operations.import_digests import recorded_files
from budmodel.operations.import_texts import TextState
from budmodel.operations.names import listed, resolve_model
from budmodel.schema.version import HubRevision, Version
from budmodel.sources.interface import Source
from budmodel.store.catalog import Snapshot

ASKED_AT_ONCE = 6
"""Models that are asked about at the same time; the Hub limits how many requests one client may make."""

Head = Callable[[str], tuple[str, str | None]]
"""The commit that a Hub id is at now, and when it was made."""


class Opener(Protocol):
    """Opens a Hub id at a commit."""

    def __call__(self, model_id: str, /, *, revision: str) -> Source:
        """The source, which the caller closes."""
        ...


State = Literal["current", "moved", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """The newest version of a model beside the Hub."""

    name: str
    version: str
    model_id: str
    pinned: str | None
    """The commit of the version; None where the record does not pin one."""
    upstream: str | None = None
    """The commit that the Hub is at."""
    last_modified: str | None = None
    state: State = "unknown"
    """``current`` also where the Hub moved but the files that the version takes are the same."""
    changes: FilesDifference | None = None
    """What differs in the files, where that was asked for and could be said."""
    level: Level | None = None
    """The least step that the files need; the configuration may need a larger one."""
    error: str | None = None
    """Why it could not be asked."""


def newest_from_hub(snapshot: Snapshot, names: Sequence[str]) -> Iterator[tuple[str, Version]]:
    """The newest version of each model, where it is from the Hub.

    Args:
        snapshot: the catalog.
        names: names or Hub ids; empty means all models that are not archived.

    Raises:
        NotFoundError: there is no such model.
        UsageError: a named model is not from the Hub.
    """
    for name in [resolve_model(snapshot, text) for text in names] or _living(snapshot):
        records = [e.record for e in snapshot.model(name).versions.values() if e.record is not None]
        if records and isinstance(records[-1].source, HubRevision):
            yield name, records[-1]
        elif names:
            raise UsageError(
                f"the newest version of {name} is not from the Hub, so nothing can have moved there; "
                f"see budmodel version list {name}"
            )


def find_moved(
    wanted: Iterable[tuple[str, Version]], head: Head, open_hub: Opener | None = None
) -> list[Upstream]:
    """Asks the Hub about each version, a few at a time; one that cannot be asked is listed with its error.

    Args:
        wanted: names and versions, as :func:`newest_from_hub` gives them.
        head: one cheap request.
        open_hub: to say what would change where a model moved; None leaves that open.
    """

    def ask(item: tuple[str, Version]) -> Upstream:
        return _with_changes(item[1], _asked(*item, head), open_hub)

    pool = ThreadPoolExecutor(ASKED_AT_ONCE)
    try:
        return list(pool.map(ask, list(wanted)))
    finally:
        # Without this, Ctrl-C would wait for every question that is asked or still to be asked.
        pool.shutdown(wait=False, cancel_futures=True)


def exit_code(found: Iterable[Upstream | TextState]) -> int:
    """4 where something could not be asked, else 1 where something moved, else 0."""
    states = {item.state for item in found}
    return 4 if "unknown" in states else 1 if "moved" in states else 0


def failures(found: Iterable[Upstream]) -> Iterator[str]:
    """Why models could not be asked: one sentence for all that failed alike, as where the network is down."""
    alike: dict[str, list[str]] = {}
    for item in found:
        if item.error is not None:
            alike.setdefault(item.error, []).append(item.name)
    for error, names in alike.items():
        yield f"{names[0]}: {error}" if len(names) == 1 else f"{listed(names)}: {error}"


def _living(snapshot: Snapshot) -> list[str]:
    return [name for name, data in snapshot.model_data() if data.get("status") != "archived"]


def _asked(name: str, record: Version, head: Head) -> Upstream:
    source = record.source
    assert isinstance(source, HubRevision)
    said = Upstream(name=name, version=record.version, model_id=source.model_id, pinned=source.revision)
    try:
        commit, modified = head(source.model_id)
    except BudmodelError as error:
        return replace(said, error=redact(str(error)))
    state: State = "current" if commit == source.revision else "moved"
    return replace(said, upstream=commit, last_modified=modified, state=state)


def _with_changes(record: Version, said: Upstream, open_hub: Opener | None) -> Upstream:
    if said.state != "moved" or said.upstream is None or open_hub is None or record.files is None:
        return said
    try:
        with closing(open_hub(said.model_id, revision=said.upstream)) as source:
            selection = record.selection.model_dump() if record.selection is not None else {}
            files, _ = recorded_files(source, source.listing(), selection)
    except BudmodelError as error:
        return replace(said, state="unknown", error=redact(str(error)))
    changes = compare_files(record.files, files)
    if changes.empty:
        # A commit that only touches what the version leaves out would be reported every night.
        return replace(said, state="current", changes=changes)
    return replace(said, changes=changes, level=needed_level(changes, ()))
