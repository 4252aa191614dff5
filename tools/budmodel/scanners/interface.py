"""What a scanner is: an engine that sees every byte of a file once, as it streams by, and says what it saw.

How a file travels. The operation reads a file of a version once, piece by piece, from wherever it is. It
opens an :class:`Inspector` file for it and feeds the pieces; the inspector holds back the first
:data:`HEAD` bytes, decides the format by content, opens an :class:`Inspection` of every engine that the
format needs, and hands each piece to all of them. Where an engine needs to seek (containers, pickles), the
inspector spools the pieces to a temporary file meanwhile, and no engine reads the source again. What is
inside a container is inspected in the same way, one member at a time.

Engines never execute, import or unpickle anything, never open a path that a file names, and never raise for
hostile content: what they cannot decide is an outcome of ``error``, ``limit`` or ``unsupported``, none of
which is ever a pass. They raise :class:`budmodel.errors.OutsideError` where something outside failed (clamd
went away, the disk is full): then the run is incomplete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, Protocol

from budmodel.schema.governance import ScanPolicy
from budmodel.schema.scan import ProvenLimit, ScanEngine

HEAD = 1 << 16
"""Bytes at the beginning of a file by which its format is decided."""
TAIL = 66_000
"""Bytes at the end of a file that are looked at for a second format (a zip's end record lies there)."""
MAX_DEPTH = 8
"""Containers within containers that are opened; one more is an outcome of ``limit``."""

Verdict = Literal["clean", "found", "error", "unsupported", "limit"]
Severity = Literal["critical", "high", "medium", "low", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that an engine found. Severity ``info`` and ``low`` inform; the others fail the version."""

    code: str
    """What kind of thing, as a slug: unsafe-pickle, malware, bad-header, zip-bomb, custom-code, …"""
    detail: str = ""
    """What exactly, short and stable over runs (``posix.system``, a signature's name): part of the id."""
    severity: Severity
    message: str
    """One sentence for people; quotes foreign text escaped and shortened."""
    member: str = ""
    """The path inside the container, with ``!`` between levels; empty for the file itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one engine saw of one file."""

    engine: str
    verdict: Verdict
    bytes_seen: int
    bytes_total: int
    found: tuple[Found, ...] = ()
    message: str = ""
    """Why the verdict is error, unsupported or limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A file, or a member of a container, that is about to be inspected."""

    path: str
    """The path in the version's manifest, for members that of the outermost container."""
    member: str = ""
    """The path inside the container; empty for the file itself."""
    name: str
    """The last name, which only hints at a format."""
    size: int | None
    """Bytes; None where a compressed stream does not say."""
    format: str
    head: bytes
    """The first bytes, at most HEAD."""
    depth: int = 0
    """Containers around it."""
    files: frozenset[str] = frozenset()
    """All paths of the version, for what may name other files (ONNX external data, ``auto_map``)."""


class Inspection(Protocol):
    """One engine at work on one subject. Pieces come in order and without gaps."""

    def feed(self, piece: bytes) -> None:
        """The next bytes.

        Raises:
            OutsideError: something outside failed; the run is incomplete.
        """
        ...

    def finish(self, spool: BinaryIO | None) -> Outcome:
        """The verdict, after the last byte. ``spool``: the whole subject, where the engine asked for it."""
        ...

    def close(self) -> None:
        """Lets go of what it holds; also called when the run was cut off. Never raises."""
        ...


class Scanner(Protocol):
    """An engine. One instance serves a run, from several threads."""

    name: str

    def start(self) -> ScanEngine:
        """Makes ready, proves its limits where that is possible, and says its version.

        Raises:
            OutsideError: the engine cannot be asked, or does not do what it must: nothing may be scanned.
        """
        ...

    def needs_spool(self, subject: Subject) -> bool:
        """Whether it must seek in this subject."""
        ...

    def open(self, subject: Subject, inspect: Inspect) -> Inspection:
        """Begins with a subject. ``inspect`` runs all engines over something inside it."""
        ...

    def finish(self) -> tuple[ScanEngine, tuple[ProvenLimit, ...]]:
        """Proves at the end of a run that the engine is still the same one and still finds what it must.

        Raises:
            OutsideError: it is not, so that nothing of the run counts.
        """
        ...


class Inspect(Protocol):
    """Runs every engine over a member of a container, one level deeper."""

    def __call__(
        self,
        member: str,
        size: int | None,
        pieces: Iterable[bytes],
        *,
        engines: Iterable[str] | None = None,
    ) -> MemberResult:
        """What the engines saw of it.

        Args:
            member: its name inside the container, as text (undecodable bytes escaped).
            size: its bytes, where known; more bytes than that are a finding.
            pieces: its bytes, decompressed as they are asked for.
            engines: only these engines; None means all that its format needs.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberResult:
    """What the engines saw of a member."""

    format: str
    size: int
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """What all engines saw of one file of a version; outcomes of members are folded into the file's."""

    path: str
    format: str
    size: int
    outcomes: tuple[Outcome, ...]
    """One for each engine, sorted by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanConfig:
    """What a run of the scanners is told."""

    policy: ScanPolicy
    clamd: tuple[str, ...] = ()
    """Endpoints: ``unix:PATH`` or ``tcp://HOST:PORT``; empty asks BUDMODEL_CLAMD and the usual sockets."""
    temporary: str | None = None
    """Where to spool; None is the system's temporary folder."""
    tell: Callable[[str], None] | None = field(default=None)
    """Told what is being done beside the files themselves (proving limits)."""
