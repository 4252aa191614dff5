"""``budmodel scan``: reads every byte of a version once, and writes down what was seen.

A run goes in stretches. At the beginning of each, the engines prove that they find what they must; at its
end (after a minute, and at the end of the run) they prove it again, and only then is anything of the stretch
written down as seen. So a run that is killed loses a minute, and an engine that stopped working is noticed
before its silence counts as a clean bill.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from datetime import datetime

from budmodel.domain.credentials import redact
from budmodel.domain.evidence import sign_scan
from budmodel.domain.manifest import manifest_sha256
from budmodel.domain.scan_results import FileRecord
from budmodel.errors import BudmodelError, OutsideError
from budmodel.operations.scan_job import Counter, Job, ScanOutcome, ScanSettings, Told
from budmodel.operations.scan_places import ScanPlace, listed_files, surely_same
from budmodel.operations.scan_reading import OtherBytesError, StoppedError, scan_file
from budmodel.operations.scan_records import VERDICTS, Evidence, attempted, concluded, keeps, skipped, written
from budmodel.operations.scan_reuse import SeenBefore
from budmodel.operations.scan_targets import Target
from budmodel.operations.workspace import Workspace
from budmodel.scanners.inspector import Scanners
from budmodel.schema.scan import ProvenLimit, Scan, ScanEngine
from budmodel.schema.values import format_timestamp
from budmodel.schema.version import File, Version
from budmodel.sources.interface import Progress, Source
from budmodel.store.files import Writer

STRETCH_SECONDS = 60.0
"""After so long the engines prove themselves, and what was seen is written down."""
_TRIES = 2
"""Times that a file is read where something outside failed."""


class ScanRun:
    """One run over several versions."""

    def __init__(
        self,
        workspace: Workspace,
        scanners: Scanners,
        seen: SeenBefore,
        settings: ScanSettings,
        progress: Progress | None = None,
    ) -> None:
        self._workspace, self._scanners, self._seen, self._settings = workspace, scanners, seen, settings
        self._progress = progress
        self._engines: tuple[ScanEngine, ...] | None = None
        self._since = 0.0
        self._stop = threading.Event()
        self._waiting: list[Job] = []
        self.written: list[str] = []
        """Paths of the records that were written."""

    def run(self, targets: Iterable[tuple[Target, Version, ScanPlace]]) -> Iterator[ScanOutcome]:
        """Scans the versions one after the other; their outcomes come as they are written down.

        An error of one stops no other, unless the engines cannot be asked any more.
        """
        down: str | None = None
        try:
            for target, record, place in targets:
                job = self._job(target, record, place)
                if down is None:
                    down = self._start()
                if down is not None:
                    job.error = down
                    yield self._close(job, ())
                    continue
                self._waiting.append(job)
                self._scan(job)
                if self._due() or job.error is not None:
                    yield from self._end_stretch()
            yield from self._end_stretch()
        except KeyboardInterrupt:
            self._stop.set()
            # What was seen stays seen, if the engines still are what they were; a second Ctrl-C ends that.
            for job in self._waiting:
                job.error = job.error or (
                    None if job.seen.keys() | job.fresh.keys() >= job.paths else "interrupted"
                )
            for _ in self._end_stretch():
                pass
            raise

    def _job(self, target: Target, record: Version, place: ScanPlace) -> Job:
        view = self._workspace.snapshot.model(target.name)
        path = view.scan_path(target.version)
        entry = self._workspace.snapshot.entry(path)
        raw = entry.raw if entry is not None else None
        old = view.scan(target.version)
        bound = old is not None and _bound(old, target, record)
        return Job(
            target=target,
            record=record,
            path=path,
            raw=raw,
            old=old if old is not None and bound and self._seen.trusts(old, record.files or ()) else None,
            place=place,
            started=self._settings.clock(),
            verdict_there=bound and old is not None and old.status in VERDICTS,
        )

    def _start(self) -> str | None:
        """Makes the engines ready for a stretch; returns why that is not possible."""
        if self._engines is not None:
            return None
        try:
            self._engines = self._scanners.start()
        except OutsideError as error:
            return redact(str(error))
        self._since = time.monotonic()
        return None

    def _due(self) -> bool:
        return time.monotonic() - self._since >= STRETCH_SECONDS

    def _scan(self, job: Job) -> None:
        """Sees all files of a version that nobody has seen yet."""
        engines = self._engines or ()
        try:
            with closing(job.place.open()) as source:
                there = listed_files(job.place, source)
                todo = []
                for file in job.files:
                    found = there.get(file.path)
                    if found is None or found.size != file.size:
                        how = "missing" if found is None else f"of {found.size} bytes instead of {file.size}"
                        raise OtherBytesError(
                            f"{file.path} is {how} at {job.place.shown}; run budmodel verify to see more"
                        )
                    before = None if self._settings.force else self._seen.of(file, engines, job.paths)
                    if before is not None and surely_same(file, found, job.place):
                        job.seen[file.path] = before
                    else:
                        todo.append(file)
                if todo:
                    self._begin(job)
                    self._read(job, source, todo)
        except StoppedError:
            job.error = "interrupted"
        except BudmodelError as error:
            job.error = redact(str(error))

    def _begin(self, job: Job) -> None:
        """Shows that a run is going on, where there is no verdict that would be hidden by that."""
        if not job.verdict_there:
            self._write(job, attempted(self._evidence(job), job.old, None, None))

    def _must_stay(self, job: Job) -> bool:
        """Whether the record on the disk is a verdict that an attempt would spoil.

        An attempt never replaces a verdict. Where one is trusted and signed, adding to it voids the signature
        unless this run can sign; where one is not trusted, nobody may sign it anew.
        """
        if not job.verdict_there:
            return False
        return job.old is None or (job.old.signature is not None and self._settings.signer is None)

    def _read(self, job: Job, source: Source, todo: list[File]) -> None:
        total = sum(file.size for file in todo)
        counter = Counter(str(job.target), total, self._progress)
        pool = ThreadPoolExecutor(max(1, self._settings.jobs), "budmodel-scan")
        # Large files first, so that no thread is left alone with one at the end.
        queue = sorted(todo, key=lambda file: -file.size)
        running: dict[Future[FileRecord], File] = {}
        try:
            while queue or running:
                while queue and len(running) < max(1, self._settings.jobs):
                    file = queue.pop(0)
                    running[pool.submit(self._patiently, source, job, file, counter)] = file
                done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
                for future in done:
                    file = running.pop(future)
                    job.fresh[file.path] = future.result()
                    job.files_read += 1
                    job.bytes_read += file.size
                if done and queue and self._due():
                    self._checkpoint(job)
        finally:
            unfinished = bool(running or queue)
            if unfinished:
                self._stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            if unfinished:
                self._stop.clear()

    def _patiently(self, source: Source, job: Job, file: File, counter: Counter) -> FileRecord:
        for attempt in range(1, _TRIES + 1):
            told = Told(counter)
            try:
                return scan_file(
                    self._scanners,
                    source,
                    file,
                    job.paths,
                    where=job.place.shown,
                    stop=self._stop,
                    tell=told,
                )
            except OtherBytesError:
                raise
            except OutsideError:
                told.take_back()
                if attempt == _TRIES or self._stop.is_set():
                    raise
        raise AssertionError

    def _checkpoint(self, job: Job) -> None:
        """Writes down what was seen so far of a version that takes long."""
        why = self._prove()
        if why is not None:
            job.fresh.clear()
            raise OutsideError(why)
        self._since = time.monotonic()
        self._keep(job)
        if not self._must_stay(job):
            self._write(job, attempted(self._evidence(job), job.old, None, None))

    def _prove(self) -> str | None:
        """Why the stretch does not count; None where the engines have proven that it does."""
        try:
            engines, self._limits = self._scanners.finish()
        except OutsideError as error:
            return redact(str(error))
        if engines != self._engines:
            return "an engine or its signatures changed while it scanned; run it again"
        return None

    _limits: tuple[ProvenLimit, ...] = ()

    def _end_stretch(self) -> Iterator[ScanOutcome]:
        """Proves the engines, and writes the records of all versions that wait for it."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        why = self._prove()
        engines = self._engines or ()
        if why is not None or any(job.error for job in waiting):
            self._engines = None  # an engine may be the reason; the next version begins with a proof
        else:
            self._since = time.monotonic()
        for job in waiting:
            if why is not None:
                job.fresh.clear()
                job.error = job.error or why
            self._keep(job, engines)
            yield self._close(job, engines)

    def _keep(self, job: Job, engines: tuple[ScanEngine, ...] | None = None) -> None:
        engines = self._engines or () if engines is None else engines
        by_path = {file.path: file for file in job.files}
        for path, record in job.fresh.items():
            job.seen[path] = record
            self._seen.keep(by_path[path], record, engines, job.paths)
        job.fresh.clear()

    def _evidence(self, job: Job, engines: tuple[ScanEngine, ...] | None = None) -> Evidence:
        return Evidence(
            name=job.target.name,
            record=job.record,
            location=job.place.location,
            started=job.started,
            engines=(self._engines or ()) if engines is None else engines,
            limits=self._limits,
            files=dict(job.seen),
            error=job.error,
        )

    def _close(self, job: Job, engines: tuple[ScanEngine, ...]) -> ScanOutcome:
        """Writes the record of a version, and says what became of it."""
        settings, now = self._settings, self._settings.clock()
        new = concluded(self._evidence(job, engines), job.old, settings.policy, now)
        fresh = new.attempt is None or (new.status == "FAILED" and new.finished == format_timestamp(now))
        error = new.attempt.error if new.attempt is not None else None
        wrote = False
        if self._unchanged(job, new, now):
            new = job.old or new
        elif not fresh and self._must_stay(job):
            job.notes.append("the verdict that is there stays as it is; the attempt is not recorded")
        elif new.status == "PASSED" and self._stays_signed(job):
            job.notes.append("the signed record stays, as this run has no key to sign a new one; give --key")
        else:
            try:
                wrote = self._write(job, new)
            except BudmodelError as problem:
                return self._outcome(job, job.old, "incomplete", written=False, error=str(problem))
        result = "incomplete" if not fresh else new.status.lower()
        return self._outcome(job, new, result, written=wrote, error=error)

    def _unchanged(self, job: Job, new: Scan, now: datetime) -> bool:
        old, settings = job.old, self._settings
        if old is None or settings.force or (old.signature is None and settings.signer is not None):
            return False
        return keeps(old, new, settings.policy, now)

    def _stays_signed(self, job: Job) -> bool:
        settings = self._settings
        return (
            job.old is not None
            and job.old.status in VERDICTS
            and job.old.signature is not None
            and settings.signer is None
            and not settings.force
        )

    def _write(self, job: Job, scan: Scan) -> bool:
        return self.write(job.path, job.raw, scan, job) is not None

    def write(self, path: str, raw: bytes | None, scan: Scan, job: Job | None = None) -> bytes | None:
        """Signs and writes a record; None where its bytes are there already.

        Raises:
            ConflictError: the file changed meanwhile.
            OutsideError: it could not be signed or written.
        """
        signer = self._settings.signer
        if signer is not None:
            view = self._workspace.snapshot.model(scan.name)
            record = view.version(scan.version)
            scan = sign_scan(scan, (record.files if record else None) or (), signer.name, signer.sign)
        data = written(scan)
        if data == raw:
            return None
        Writer(self._workspace.root).write(path, data, old=raw)
        if job is not None:
            job.raw = data
            if scan.status in VERDICTS or job.old is None or job.old.status not in VERDICTS:
                job.old = scan
        if path not in self.written:
            self.written.append(path)
        return data

    def _outcome(
        self, job: Job, scan: Scan | None, result: str, *, written: bool, error: str | None
    ) -> ScanOutcome:
        return ScanOutcome(
            target=job.target,
            status=scan.status if scan is not None else None,
            result=result,
            path=job.path,
            written=written,
            where=job.place.shown,
            files=len(job.files),
            bytes=sum(file.size for file in job.files),
            files_read=job.files_read,
            bytes_read=job.bytes_read,
            findings=tuple(finding.id for finding in scan.findings) if scan is not None else (),
            error=error,
            notes=tuple(job.notes),
        )

    def begin(self, target: Target, record: Version, place: ScanPlace) -> ScanOutcome:
        """Records that a scan begins, where there is no verdict yet; nothing is read."""
        job = self._job(target, record, place)
        before = job.raw
        if job.old is None or job.old.attempt is None or job.old.attempt.stopped is not None:
            self._begin(job)
        return self._outcome(job, job.old, "begun", written=job.raw != before, error=None)

    def skip(self, target: Target, record: Version, reason: str) -> ScanOutcome:
        """Records that a version is not scanned, and why; nothing is read."""
        view = self._workspace.snapshot.model(target.name)
        path = view.scan_path(target.version)
        entry = self._workspace.snapshot.entry(path)
        new = skipped(target.name, record, reason, self._settings.clock())
        old = view.scan(target.version)
        kept = old is not None and keeps(old, new, self._settings.policy, self._settings.clock())
        wrote = not kept and self.write(path, entry.raw if entry is not None else None, new) is not None
        return ScanOutcome(
            target=target,
            status="SKIPPED",
            result="skipped",
            path=path,
            written=wrote,
            files=len(record.files or ()),
        )


def _bound(old: Scan, target: Target, record: Version) -> bool:
    """Whether a record speaks of these very bytes of this version."""
    return (
        (old.name, old.version) == (target.name, target.version)
        and old.manifest_sha256 == manifest_sha256(record.files or ())
        and old.source == record.source
    )
