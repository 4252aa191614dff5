"""A source held in memory, and the drafts made of it; every draft is checked against the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from budmodel.domain.licensing import LicenseBook
from budmodel.errors import NotFoundError, OutsideError
from budmodel.schema.benchmark import Results
from budmodel.schema.license import License
from budmodel.schema.model import Model
from budmodel.schema.version import Version
from budmodel.sources.interface import Draft, Listing, Progress, RemoteFile, Stated
from budmodel.sources.translate import name_of, translate
from budmodel.store.yaml_reader import load

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded data in ../shared is not here")
BOOK = LicenseBook.of(
    License.model_validate(load(path.read_bytes()))
    for path in sorted((ROOT / "catalog/licenses").glob("*.yaml"))
)


class Memory:
    """A source whose files are bytes in memory. Files without bytes cannot be read."""

    def __init__(self, files: Mapping[str, bytes], listing: Listing, failing: bool = False) -> None:
        self.files, self._listing, self.failing = files, listing, failing
        self.requests: list[tuple[str, int, int | None]] = []

    def listing(self) -> Listing:
        return self._listing

    def read(self, path: str, *, start: int = 0, length: int | None = None) -> bytes:
        self.requests.append((path, start, length))
        if self.failing:
            raise OutsideError("the network is down; try again")
        if path not in self.files:
            raise NotFoundError(f"{path} is not there")
        return self.files[path][start : None if length is None else start + length]

    def sha256(self, path: str, progress: Progress | None = None) -> str:
        raise AssertionError("a translation reads no whole weights")

    def chunks(self, path: str) -> Iterator[bytes]:
        raise AssertionError("a translation reads no whole weights")

    def close(self) -> None:
        pass


def memory(
    model_id: str,
    files: Mapping[str, bytes | str | Mapping[str, Any] | list[Any]],
    *,
    facts: Mapping[str, Any] | None = None,
    others: Mapping[str, int] | None = None,
    sizes: bool = True,
    failing: bool = False,
) -> Memory:
    """A source with these files; ``others`` are files that are only listed, with their sizes."""
    raw = {path: _bytes(content) for path, content in files.items()}
    listed = {path: len(content) for path, content in raw.items()} | dict(others or {})
    listing = Listing(
        kind="huggingface",
        source={"type": "huggingface", "model_id": model_id, "revision": "0" * 40},
        files=tuple(RemoteFile(path=path, size=listed[path], sha256="0" * 64) for path in sorted(listed))
        if sizes
        else None,
        paths=tuple(sorted(listed)),
        released="2026-01-01T00:00:00Z",
        suggested_name=name_of(model_id),
        organisation=name_of(model_id.split("/")[0]),
        facts=facts or {},
    )
    return Memory(raw, listing, failing)


def _bytes(content: bytes | str | Mapping[str, Any] | list[Any]) -> bytes:
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def draft_of(source: Memory, stated: Stated | None = None, **more: Any) -> Draft:
    """The draft, whose records have passed the schema."""
    draft = translate(source, source.listing(), stated or Stated(), **{"licenses": BOOK, **more})
    model = {"name": draft.name, "architecture": "unknown", "parameter_count": 1, **draft.model}
    if "active_parameter_count" in draft.model and "parameter_count" not in draft.model:
        raise AssertionError("active without total")
    Model.model_validate(model)
    Version.model_validate({"version": "1.0.0", **draft.version})
    if draft.results:
        Results.model_validate({"results": list(draft.results)})
    return draft


def kinds(draft: Draft, field: str) -> list[str]:
    """The kinds of notes about a field."""
    return [note.kind for note in draft.notes if note.field == field]
