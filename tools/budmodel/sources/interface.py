"""What a source is: something that lists the files of a model, pinned, and lets them be read in parts.

A source fetches and states; it never writes to the catalog, never executes what it reads, and trusts no
answer: sizes, counts and paths are checked against the limits below before they are used. Every foreign
error leaves a source as one of :mod:`budmodel.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

MAX_FILES = 50_000
"""Most files of a version; a listing with more is refused."""
MAX_SMALL_FILE = 16 << 20
"""Largest file in bytes that is read whole (configuration, card, licence text)."""
MAX_HEADER = 100 << 20
"""Largest header in bytes that is read of a weights file (the safetensors reference has the same limit)."""

Progress = Callable[[str, int, int], None]
"""Called with a label, what is done and what there is to do (bytes, or files)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file as its source lists it. ``sha256`` is None where the source does not know it."""

    path: str
    size: int
    sha256: str | None = None
    etag: str | None = None
    version_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a source holds at one pinned moment."""

    kind: Literal["huggingface", "s3", "local"]
    source: Mapping[str, str]
    """The ``source`` of the version record, pinned: ``{type: huggingface, model_id: …, revision: …}``"""
    storage_path: str | None = None
    """The organisation's own copy, where the source is one."""
    files: tuple[RemoteFile, ...] | None
    """All files, sorted by path; None where the source did not say sizes (an old or partial answer)."""
    paths: tuple[str, ...] = ()
    """Names of all files where ``files`` is None, else the same paths."""
    released: str | None = None
    """When this state was made, RFC 3339 in UTC."""
    suggested_name: str
    """A name for the catalog, made of the repository's or folder's name; well formed."""
    organisation: str | None = None
    """Who publishes it, for ``<org>-<name>`` where names collide; well formed like a name."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the source itself states beyond files, as it answered (the Hub: its models API)."""
    notes: tuple[str, ...] = ()
    """What a reviewer should know about the listing itself."""


class Source(Protocol):
    """One place to import from, opened for one model. All reads raise OutsideError."""

    def listing(self) -> Listing:
        """All files, pinned."""
        ...

    def read(self, path: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Bytes of a file: whole (at most MAX_SMALL_FILE), or a range of it."""
        ...

    def sha256(self, path: str, progress: Progress | None = None) -> str:
        """The digest of a whole file, streamed in constant memory; read in one pass."""
        ...

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a whole file, in one pass and in constant memory; they count after the last one only.

        What is wrong with them may be found at their end: a cut line, a file that was changed meanwhile.
        """
        ...

    def close(self) -> None:
        """Lets go of connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What the user states, which wins over what is derived."""

    name: str | None = None
    architecture: str | None = None
    parameter_count: int | None = None
    license: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that a reviewer should see beside a draft: a guess, a disagreement, a gap."""

    kind: Literal["guess", "disagreement", "missing", "choice", "information"]
    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a source was translated into: records without a decision about versions."""

    name: str
    organisation: str | None
    model: Mapping[str, Any]
    """Fields of model.yaml, in its order, without name, default_version and owners."""
    version: Mapping[str, Any]
    """Fields of a version record without version and changelog; no ``files`` where digests are not known."""
    results: tuple[Mapping[str, Any], ...] = ()
    """Rows of a results record, from the card's model-index and ``.eval_results``."""
    notes: tuple[Note, ...] = ()
