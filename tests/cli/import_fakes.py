"""Sources that hold what a test puts into them, and a translation that only says what they state."""

from __future__ import annotations

import hashlib
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from budmodel.errors import OutsideError
from budmodel.sources.interface import Draft, Listing, Note, Progress, RemoteFile, Stated
from budmodel.sources.naming import name_of, organisation_of
from budmodel.sources.registry import SOURCES

FIRST, SECOND = "a" * 40, "b" * 40
WEIGHTS = {"model.safetensors": b"weights", "config.json": b"{}", "README.md": b"# A card"}
MODEL = {
    "architecture": "llama",
    "parameter_count": 1_000_000,
    "description": "A tiny model.",
    "context_length": 4096,
    "license_type": "MIT",
    "tags": ["chat"],
}
VERSION = {
    "fingerprint": {"architecture": "llama", "vocab_size": 32000},
    "format": "safetensors",
    "precision": "bf16",
}


def digest(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


@dataclass
class Fake:
    """One model somewhere; a test changes what it holds."""

    id: str = "acme/Tiny-1M"
    kind: str = "huggingface"
    revision: str = FIRST
    files: dict[str, bytes] | None = field(default_factory=lambda: dict(WEIGHTS))
    model: dict[str, Any] = field(default_factory=lambda: dict(MODEL))
    version: dict[str, Any] = field(default_factory=lambda: dict(VERSION))
    results: tuple[dict[str, Any], ...] = ()
    notes: tuple[Note, ...] = ()
    digests: bool = True
    sizes: dict[str, int] = field(default_factory=dict)
    broken: str | None = None
    hashed: list[str] = field(default_factory=list)
    closed: int = 0
    stated: Stated | None = None

    def listing(self) -> Listing:
        """As its files are now."""
        if self.broken is not None:
            raise OutsideError(self.broken)
        files = None if self.files is None else tuple(map(self._file, sorted(self.files)))
        paths = tuple(sorted(self.files or WEIGHTS))
        hub = self.kind == "huggingface"
        source = {"huggingface": {"model_id": self.id, "revision": self.revision}, "s3": {"uri": self.id}}
        return Listing(
            kind=self.kind,  # type: ignore[arg-type]
            source={"type": self.kind, **source.get(self.kind, {})},
            storage_path=self.id if self.kind == "s3" else None,
            files=files,
            paths=paths,
            released="2025-07-01T10:00:00Z",
            suggested_name=name_of(self.id),
            organisation=organisation_of(self.id) if hub else None,
        )

    def _file(self, path: str) -> RemoteFile:
        content = (self.files or {})[path]
        return RemoteFile(
            path=path,
            size=self.sizes.get(path, len(content)),
            sha256=digest(content) if self.digests else None,
        )

    def read(self, path: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Bytes of a file."""
        return (self.files or {})[path][start : None if length is None else start + length]

    def sha256(self, path: str, progress: Progress | None = None) -> str:
        """Remembers what was hashed."""
        self.hashed.append(path)
        return digest((self.files or {})[path])

    def chunks(self, path: str) -> Iterator[bytes]:
        """All at once."""
        yield (self.files or {})[path]

    def close(self) -> None:
        """Counts."""
        self.closed += 1


class World:
    """All fakes by their ids, in place of every source and of the translation."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fakes: dict[str, Fake] = {}
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        module = types.ModuleType("import_fakes_now")
        module.open_source = self._open  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "import_fakes_now", module)
        for kind in SOURCES:
            monkeypatch.setitem(SOURCES, kind, "import_fakes_now:open_source")
        translation = types.ModuleType("budmodel.sources.translate")
        translation.translate = translate  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "budmodel.sources.translate", translation)
        monkeypatch.setattr("budmodel.sources.huggingface.head", self._head)

    def add(self, fake: Fake | None = None, **more: Any) -> Fake:
        """Puts a fake there, and gives it."""
        found = fake if fake is not None else Fake(**more)
        self.fakes[found.id] = found
        return found

    def _open(self, subject: str, **options: Any) -> Fake:
        self.asked.append((subject, options))
        if subject not in self.fakes:
            raise OutsideError(f"There is no model {subject} on the Hub, or it is private; check the id.")
        return self.fakes[subject]

    def _head(self, model_id: str) -> tuple[str, str | None]:
        fake = self._open(model_id)
        if fake.broken is not None:
            raise OutsideError(fake.broken)
        return fake.revision, "2025-08-01T00:00:00Z"


def translate(source: Any, listing: Listing, stated: Stated, **_: Any) -> Draft:
    """What the fake states, and what the user does."""
    source.stated = stated
    model = dict(source.model)
    if stated.architecture is not None:
        model["architecture"] = stated.architecture
    if stated.parameter_count is not None:
        model |= {"parameter_count": stated.parameter_count, "parameter_count_origin": "stated"}
    if stated.license is not None:
        model["license_type"] = stated.license
    kind = listing.kind
    model["source"] = {"type": "custom"}
    if kind == "huggingface":
        model["source"] = {"type": kind, "model_id": listing.source["model_id"]}
    version = {"source": dict(listing.source), "released": listing.released, **source.version}
    globs = {"include": list(stated.include), "exclude": list(stated.exclude)}
    selection = {key: value for key, value in globs.items() if value}
    if selection:
        version["selection"] = selection
    return Draft(
        name=stated.name or listing.suggested_name,
        organisation=listing.organisation,
        model=model,
        version=version,
        results=source.results,
        notes=source.notes,
    )
