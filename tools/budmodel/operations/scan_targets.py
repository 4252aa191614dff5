"""Which versions a scan is about: named ones, all, or what a change adds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from budmodel.domain.evidence import judge_signature
from budmodel.domain.manifest import manifest_sha256
from budmodel.domain.signers import SignerBook
from budmodel.errors import UsageError
from budmodel.operations.change import Change
from budmodel.operations.names import resolve_version
from budmodel.operations.scan_records import VERDICTS, aging
from budmodel.schema.governance import ScanPolicy
from budmodel.schema.model import ApiSource
from budmodel.schema.scan import Scan
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot

_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A version that has bytes."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


def named(snapshot: Snapshot, texts: Iterable[str]) -> list[Target]:
    """The versions that the user names, each once.

    Raises:
        NotFoundError: one is not there.
    """
    found = (resolve_version(snapshot, text) for text in texts)
    return list(dict.fromkeys(Target(name=name, version=version) for name, version in found))


def every(snapshot: Snapshot) -> Iterator[Target]:
    """All versions that have files and are not yanked."""
    for name in snapshot.names:
        for version in snapshot.versions_of(name):
            record = snapshot.model(name).version(version)
            if (
                record is not None
                and record.files
                and record.yanked is None
                and has_bytes(snapshot, name, record)
            ):
                yield Target(name=name, version=version)


def touched(change: Change) -> Iterator[Target]:
    """The versions whose record, or whose scan record, a change adds or changes; and that are still there."""
    for path, kind in change.paths.items():
        parts = path.split("/")
        if len(parts) != 5 or parts[1] != "models" or parts[3] not in ("versions", "scans"):
            continue
        name, version = parts[2], parts[4].removesuffix(".yaml")
        if kind == "D" and parts[3] == "versions":
            continue
        record = change.merged.model(name).version(version)
        if record is not None and record.files and has_bytes(change.merged, name, record):
            yield Target(name=name, version=version)


def has_bytes(snapshot: Snapshot, name: str, record: Version) -> bool:
    """Whether a version has something to scan; API-only models have not."""
    model = snapshot.model(name).model
    source = record.source or (model.source if model is not None else None)
    return not isinstance(source, ApiSource)


def needs_scan(
    snapshot: Snapshot, target: Target, policy: ScanPolicy, signers: SignerBook, now: datetime
) -> bool:
    """Whether the verdict on a version is missing, of other bytes, not trusted, or soon too old."""
    view = snapshot.model(target.name)
    record, scan = view.version(target.version), view.scan(target.version)
    if record is None or scan is None or scan.attempt is not None or scan.status not in VERDICTS:
        return scan is None or scan.status != "SKIPPED"
    if scan.manifest_sha256 != manifest_sha256(record.files or ()):
        return True
    return not _trusted(scan, record, policy, signers) or aging(scan, policy, now)


def _trusted(scan: Scan, record: Version, policy: ScanPolicy, signers: SignerBook) -> bool:
    state = judge_signature(scan, record.files or (), signers)
    return state.kind == "trusted" or (state.kind == "unsigned" and not policy.signatures_required)


def shard_of(text: str) -> Callable[[Target], bool]:
    """Which versions belong to part I of N; the same ones on every machine.

    Raises:
        UsageError: it is not I/N with I from 1 to N.
    """
    match = _SHARD.match(text)
    if match is None or int(match[1]) > int(match[2]):
        raise UsageError(f"--shard {text!r} is no part; write I/N, such as 1/4 for the first of four")
    part, parts = int(match[1]) - 1, int(match[2])

    def belongs(target: Target) -> bool:
        digest = hashlib.sha256(str(target).encode()).digest()
        return int.from_bytes(digest[:8]) % parts == part

    return belongs
