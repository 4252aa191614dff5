"""A run of the scanner: how it is to be done, one version at work, and what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from budmodel.domain.scan_results import FileRecord
from budmodel.operations.scan_places import ScanPlace
from budmodel.operations.scan_signing import ScanSigner
from budmodel.operations.scan_targets import Target
from budmodel.schema.governance import ScanPolicy
from budmodel.schema.scan import Scan
from budmodel.schema.version import File, Version
from budmodel.sources.interface import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSettings:
    """How a run is to be done."""

    policy: ScanPolicy
    signer: ScanSigner | None = None
    jobs: int = 1
    """Files that are read at the same time."""
    force: bool = False
    """Reads all, whatever was seen before, and writes the record even if nothing changed."""
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOutcome:
    """What became of one version."""

    target: Target
    status: str | None
    """The status of its record now; None where there is none."""
    result: str
    """``passed``, ``failed``, ``incomplete``, ``skipped``, ``begun``, or ``planned`` (nothing was done)."""
    path: str
    written: bool = False
    where: str = ""
    files: int = 0
    bytes: int = 0
    files_read: int = 0
    bytes_read: int = 0
    findings: tuple[str, ...] = ()
    """Names of what was found, also of what only informs."""
    error: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Job:
    """A version at work."""

    target: Target
    record: Version
    path: str
    raw: bytes | None
    """The bytes of the scan record as it is on the disk."""
    old: Scan | None
    """That record, where it may be built upon."""
    place: ScanPlace
    started: datetime
    verdict_there: bool = False
    """Whether the record on the disk is a verdict on these bytes, trusted or not."""
    seen: dict[str, FileRecord] = field(default_factory=dict)
    fresh: dict[str, FileRecord] = field(default_factory=dict)
    """Seen in this stretch: counts once the engines have proven themselves."""
    error: str | None = None
    files_read: int = 0
    bytes_read: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def files(self) -> list[File]:
        """The files of the version."""
        return list(self.record.files or ())

    @property
    def paths(self) -> frozenset[str]:
        """Their paths."""
        return frozenset(file.path for file in self.files)


class Counter:
    """Bytes of a version over all threads."""

    def __init__(self, label: str, total: int, progress: Progress | None) -> None:
        self._label, self._total, self._progress = label, total, progress
        self._lock = threading.Lock()
        self._done = 0

    def add(self, count: int) -> None:
        """Some more bytes, or fewer."""
        if self._progress is not None:
            with self._lock:
                self._done += count
                self._progress(self._label, max(0, self._done), self._total)


class Told:
    """Bytes of one try at one file, which may be taken back."""

    def __init__(self, counter: Counter) -> None:
        self._counter, self._count = counter, 0

    def __call__(self, count: int) -> None:
        self._count += count
        self._counter.add(count)

    def take_back(self) -> None:
        """The try was in vain."""
        with suppress(Exception):
            self._counter.add(-self._count)
