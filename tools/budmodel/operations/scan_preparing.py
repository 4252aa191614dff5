"""From what the user asks to a run: which versions, from where, judged by whose policy and signers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from budmodel.domain.signers import SignerBook
from budmodel.errors import OutsideError, UsageError
from budmodel.operations.change import change_against
from budmodel.operations.judging import scan_policy, signers_of
from budmodel.operations.scan_places import ScanPlace, place_of
from budmodel.operations.scan_targets import Target, every, has_bytes, named, needs_scan, shard_of, touched
from budmodel.operations.verifying import valid_record
from budmodel.operations.workspace import Workspace
from budmodel.schema.governance import ScanPolicy
from budmodel.schema.version import Version
from budmodel.sources.interface import Source
from budmodel.store.catalog import Snapshot

Wanted = tuple[Target, Version, ScanPlace]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which versions the user wants to be scanned."""

    names: tuple[str, ...] = ()
    all: bool = False
    base: str | None = None
    """What the change against this revision adds or changes; its catalog judges, too."""
    stale: bool = False
    """Only those whose verdict is missing, not trusted, or soon too old."""
    shard: str | None = None
    folder: str | None = None
    endpoint_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A run that can begin."""

    wanted: tuple[Wanted, ...]
    policy: ScanPolicy
    signers: SignerBook


def prepare(
    workspace: Workspace, asked: Asked, open_source: Callable[..., Source], now: datetime
) -> Prepared:
    """Finds the versions and the places.

    Raises:
        UsageError: the options contradict each other, or a version has nothing to scan.
        NotFoundError: a model or version is not there.
        DataError: a record is invalid.
        OutsideError: a named version lists no files.
    """
    chosen = [bool(asked.names), asked.all, asked.base is not None]
    if sum(chosen) != 1:
        raise UsageError(
            "say what to scan: one or more NAME[@V], --all, or --changed --base REV, and only one of these"
        )
    judge = workspace.snapshot
    if asked.base is not None:
        change = change_against(workspace, asked.base, None)
        judge, targets = change.base, list(dict.fromkeys(touched(change)))
    else:
        targets = named(judge, asked.names) if asked.names else list(every(judge))
    policy, signers = scan_policy(judge), signers_of(judge)
    snapshot = workspace.snapshot
    if asked.stale:
        targets = [one for one in targets if needs_scan(snapshot, one, policy, signers, now)]
    if asked.shard is not None:
        targets = list(filter(shard_of(asked.shard), targets))
    if asked.folder is not None and len(targets) != 1:
        raise UsageError("--path is the copy of one version; name exactly one NAME[@V] with it")
    return Prepared(
        wanted=tuple(_wanted(snapshot, targets, asked, open_source)), policy=policy, signers=signers
    )


def _wanted(
    snapshot: Snapshot, targets: Iterable[Target], asked: Asked, open_source: Callable[..., Source]
) -> Iterable[Wanted]:
    for target in targets:
        record = valid_record(snapshot, target.name, target.version)
        if not has_bytes(snapshot, target.name, record):
            raise UsageError(f"{target} is an API: it has no files, so there is nothing to scan")
        try:
            place = place_of(
                target.name, record, open_source, folder=asked.folder, endpoint_url=asked.endpoint_url
            )
        except OutsideError as error:
            # One version that cannot be read stops no other; it is told when its turn comes.
            place = ScanPlace(shown="", location=None, open=partial(_raise, error))
        yield target, record, place


def _raise(error: OutsideError) -> Source:
    raise error
