"""``import … --scan``: one pass over the bytes for their digests and for all engines."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from budmodel.domain.scan_results import FileRecord
from budmodel.errors import OutsideError
from budmodel.operations.import_run import ImportOutcome
from budmodel.operations.scan_job import ScanOutcome, ScanSettings
from budmodel.operations.scan_places import ScanPlace, place_of
from budmodel.operations.scan_reading import record_of
from budmodel.operations.scan_reuse import SeenBefore
from budmodel.operations.scan_signing import ScanSigner
from budmodel.operations.scan_targets import Target
from budmodel.operations.scanning import ScanRun
from budmodel.operations.workspace import Workspace
from budmodel.scanners.inspector import FileInspection, Scanners
from budmodel.schema.governance import ScanPolicy
from budmodel.schema.scan import ScanEngine
from budmodel.schema.version import Version
from budmodel.sources.interface import Listing, Progress, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    sha256: str
    record: FileRecord


@dataclass(slots=True)
class SharedPass:
    """Scans what an import hashes, and then the rest."""

    scanners: Scanners
    seen: SeenBefore
    policy: ScanPolicy
    signer: ScanSigner | None = None
    jobs: int = 1
    _engines: tuple[ScanEngine, ...] = ()
    _files: dict[str, _Seen] = field(default_factory=dict)
    _paths: frozenset[str] = frozenset()

    def start(self) -> None:
        """Makes the engines ready, before anything is read.

        Raises:
            OutsideError: an engine cannot be asked.
        """
        self._engines = self.scanners.start()

    def watch(self, source: Source) -> Source:
        """The source, whose files are scanned while they are hashed."""
        return _Watched(source, self)

    def scan(
        self,
        workspace: Workspace,
        imported: ImportOutcome,
        open_source: Callable[..., Source],
        *,
        folder: str | None = None,
        endpoint_url: str | None = None,
        progress: Progress | None = None,
    ) -> ScanOutcome | None:
        """Writes the scan record of what was imported; what was not hashed is read now.

        None where nothing was imported, or its files are not known.
        """
        plan = imported.imported
        record = workspace.snapshot.model(plan.name).version(plan.version) if plan is not None else None
        if plan is None or record is None or not record.files:
            return None
        self._hand_over(record)
        place: ScanPlace = place_of(plan.name, record, open_source, folder=folder, endpoint_url=endpoint_url)
        settings = ScanSettings(policy=self.policy, signer=self.signer, jobs=self.jobs)
        run = ScanRun(workspace, self.scanners, self.seen, settings, progress)
        (outcome,) = run.run([(Target(name=plan.name, version=plan.version), record, place)])
        return outcome

    def _hand_over(self, record: Version) -> None:
        for file in record.files or ():
            seen = self._files.get(file.path)
            if seen is not None and seen.sha256 == file.sha256:
                self.seen.keep(file, seen.record, self._engines, self._paths)

    def inspection(self, path: str, listing: Listing) -> FileInspection:
        """Begins with a file."""
        self._paths = frozenset(listing.paths)
        size = next(file.size for file in listing.files or () if file.path == path)
        return self.scanners.file(path, size, self._paths)

    def keep(self, path: str, sha256: str, record: FileRecord) -> None:
        """Remembers what was seen of a file."""
        self._files[path] = _Seen(sha256=sha256, record=record)


class _Watched:
    """A source whose hashing shares its pass with the engines."""

    def __init__(self, source: Source, shared: SharedPass) -> None:
        self._source, self._shared = source, shared

    def listing(self) -> Listing:
        return self._source.listing()

    def read(self, path: str, *, start: int = 0, length: int | None = None) -> bytes:
        return self._source.read(path, start=start, length=length)

    def chunks(self, path: str) -> Iterator[bytes]:
        return self._source.chunks(path)

    def sha256(self, path: str, progress: Progress | None = None) -> str:
        listing = self.listing()
        digest, done = hashlib.sha256(), 0
        size = next((file.size for file in listing.files or () if file.path == path), 0)
        inspection: FileInspection | None = self._shared.inspection(path, listing)
        try:
            for piece in self._source.chunks(path):
                digest.update(piece)
                done += len(piece)
                inspection = _fed(inspection, piece)
                if progress is not None:
                    progress(path, min(done, size), size)
            if inspection is not None:
                # The digest stands in any case; the scan reads the file again and tells what is wrong.
                with suppress(OutsideError):
                    self._shared.keep(path, digest.hexdigest(), record_of(inspection.finish()))
        finally:
            if inspection is not None:
                inspection.close()
        return digest.hexdigest()

    def close(self) -> None:
        self._source.close()


def _fed(inspection: FileInspection | None, piece: bytes) -> FileInspection | None:
    """The inspection; None once an engine has failed, which the scan after the import tells."""
    if inspection is not None:
        try:
            inspection.feed(piece)
        except OutsideError:
            inspection.close()
            return None
    return inspection
