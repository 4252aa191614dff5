"""Engines whose answers a test decides, and a registry with one version that lies in a folder."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from budmodel.errors import OutsideError
from budmodel.operations.import_run import open_source
from budmodel.operations.scan_job import ScanOutcome, ScanSettings
from budmodel.operations.scan_places import place_of
from budmodel.operations.scan_reuse import SeenBefore
from budmodel.operations.scan_signing import ScanSigner
from budmodel.operations.scan_targets import Target
from budmodel.operations.scanning import ScanRun
from budmodel.operations.workspace import Workspace
from budmodel.scanners.inspector import Scanners
from budmodel.scanners.interface import Found, Inspect, Inspection, Outcome, ScanConfig, Subject
from budmodel.schema.governance import ScanPolicy
from budmodel.schema.scan import ProvenLimit, Scan, ScanEngine, SignatureDatabase
from budmodel.store.git import Repository

EVIL = b"evil bytes of a test"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class FakeEngine:
    """An engine that finds EVIL, and does what a test asks for."""

    name: str
    database: SignatureDatabase | None = None
    version: str = "1"
    opened: list[str] = field(default_factory=list)
    starts: int = 0
    finishes: int = 0
    start_error: str | None = None
    finish_error: str | None = None
    feed_errors: list[str] = field(default_factory=list)
    """One OutsideError for each, at the next pieces."""
    verdict: Callable[[Subject], Outcome | None] | None = None
    on_feed: Callable[[Subject], None] | None = None

    def start(self) -> ScanEngine:
        self.starts += 1
        if self.start_error is not None:
            raise OutsideError(self.start_error)
        return ScanEngine(name=self.name, version=self.version, database=self.database)

    def needs_spool(self, subject: Subject) -> bool:
        return False

    def open(self, subject: Subject, inspect: Inspect) -> Inspection:
        self.opened.append(subject.path)
        return _Looking(self, subject)

    def finish(self) -> tuple[ScanEngine, tuple[ProvenLimit, ...]]:
        self.finishes += 1
        if self.finish_error is not None:
            raise OutsideError(self.finish_error)
        limits = (ProvenLimit(engine=self.name, window_bytes=64, canaries=2),) if self.database else ()
        return ScanEngine(name=self.name, version=self.version, database=self.database), limits


class _Looking:
    def __init__(self, engine: FakeEngine, subject: Subject) -> None:
        self._engine, self._subject, self._have = engine, subject, bytearray()

    def feed(self, piece: bytes) -> None:
        if self._engine.feed_errors:
            raise OutsideError(self._engine.feed_errors.pop(0))
        if self._engine.on_feed is not None:
            self._engine.on_feed(self._subject)
        self._have += piece

    def finish(self, spool: BinaryIO | None) -> Outcome:
        count = len(self._have)
        said = self._engine.verdict(self._subject) if self._engine.verdict is not None else None
        if said is not None:
            return said
        found: tuple[Found, ...] = ()
        if EVIL in self._have:
            found = (Found(code="malware", detail="Evil", severity="critical", message="evil bytes"),)
        return Outcome(
            engine=self._engine.name,
            verdict="found" if found else "clean",
            bytes_seen=count,
            bytes_total=count,
            found=found,
        )

    def close(self) -> None:
        pass


class World:
    """A registry with the model ``tiny`` whose files lie in a folder."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root / "registry", root / "bytes"
        self.folder.mkdir(parents=True)
        (self.root / "catalog").mkdir(parents=True)
        database = SignatureDatabase(version="27000", date="2026-11-19T08:00:00Z", signatures=3)
        self.clamav = FakeEngine("clamav", database=database)
        self.content = FakeEngine("content")
        self.policy = ScanPolicy(signatures_required=False)
        self.now = NOW

    def put(self, **files: bytes) -> None:
        """Files of the folder; a double underscore in a name stands for the dot."""
        for name, content in files.items():
            (self.folder / name.replace("__", ".")).write_bytes(content)

    def record(self, version: str = "1.0.0", name: str = "tiny") -> None:
        """Records what lies in the folder now as a version."""
        lines = [
            f"version: {version}",
            "released: 2026-01-01T00:00:00Z",
            "changelog: A test.",
            "files:",
        ]
        for path in sorted(self.folder.iterdir()):
            raw = path.read_bytes()
            digest = hashlib.sha256(raw).hexdigest()
            lines.append(f'  - {{path: {path.name}, size: {len(raw)}, sha256: "{digest}"}}')
        self.write(f"models/{name}/versions/{version}.yaml", "\n".join(lines) + "\n")
        self.write(
            f"models/{name}/model.yaml",
            f"name: {name}\narchitecture: llama\nlicense_type: MIT\nsource: {{type: custom}}\n"
            f"default_version: {version}\nowners: [a]\n",
        )

    def write(self, path: str, text: str) -> None:
        """A file below catalog/."""
        file = self.root / "catalog" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def scan_path(self, version: str = "1.0.0", name: str = "tiny") -> Path:
        """Where the scan record is."""
        return self.root / f"catalog/models/{name}/scans/{version}.yaml"

    def scan_record(self, version: str = "1.0.0", name: str = "tiny") -> Scan | None:
        """The scan record, valid or absent."""
        view = self.workspace().snapshot.model(name)
        if self.scan_path(version, name).exists():
            assert view.scan(version) is not None, self.scan_path(version, name).read_text()
        return view.scan(version)

    def workspace(self) -> Workspace:
        """As a command opens it."""
        return Workspace(self.root, Repository.find(self.root))

    def run(
        self, *versions: str, signer: ScanSigner | None = None, name: str = "tiny", **settings: object
    ) -> ScanRun:
        """A run that has not begun; ``targets`` are its versions."""
        here = self.workspace()
        engines = {"clamav": self.clamav, "content": self.content}
        scanners = Scanners(ScanConfig(policy=self.policy), engines)
        from budmodel.operations.scan_verifying import signers_of

        seen = SeenBefore(policy=self.policy, signers=signers_of(here.snapshot), signing=signer is not None)
        digests = set()
        for each in here.snapshot.names:
            for version in here.snapshot.versions_of(each):
                record = here.snapshot.model(each).version(version)
                digests |= {file.sha256 for file in (record.files if record else None) or ()}
        seen.add_catalog(here.snapshot, digests)
        chosen = ScanSettings(policy=self.policy, signer=signer, clock=self.clock, **settings)  # type: ignore[arg-type]
        self.here, self.versions, self.name = here, versions or ("1.0.0",), name
        return ScanRun(here, scanners, seen, chosen)

    def clock(self) -> datetime:
        """The moment that the test says it is."""
        return self.now

    def targets(self) -> Iterator[object]:
        """What is to be scanned by the run that was made last."""
        for version in self.versions:
            record = self.here.snapshot.model(self.name).version(version)
            assert record is not None
            place = place_of(self.name, record, open_source, folder=str(self.folder))
            yield Target(name=self.name, version=version), record, place

    def scan(self, *versions: str, **options: object) -> list[ScanOutcome]:
        """A whole run."""
        run = self.run(*versions, **options)  # type: ignore[arg-type]
        return list(run.run(self.targets()))  # type: ignore[arg-type]


def after(count: int, act: Callable[[], None]) -> Callable[[Subject], None]:
    """Does something once, at the piece of that number."""
    lock, left = threading.Lock(), [count]

    def on_feed(subject: Subject) -> None:
        with lock:
            left[0] -= 1
            now = left[0] == 0
        if now:
            act()

    return on_feed
