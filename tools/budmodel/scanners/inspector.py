"""One pass over a file: decides its format, and hands every piece to all engines that the format needs.

The first bytes are held back until the format is known. Where an engine must seek, the pieces are written to
a temporary file without a name meanwhile, so that the source is never read twice. A zip says only at its end
what it is (a PyTorch checkpoint, TorchScript, a Keras model, an .npz): all but ClamAV see it after its last
byte, out of the temporary file.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import BinaryIO, Self

from budmodel.domain.formats import ENGINES, required_engines
from budmodel.errors import BudmodelError, OutsideError
from budmodel.scanners.folding import fold
from budmodel.scanners.interface import (
    HEAD,
    MAX_DEPTH,
    FileResult,
    Found,
    Inspection,
    MemberResult,
    Outcome,
    ScanConfig,
    Scanner,
    Subject,
)
from budmodel.scanners.registry import SCANNERS
from budmodel.schema.scan import ProvenLimit, ScanEngine

_PIECE = 1 << 20
_REFINED = frozenset({"zip"})
"""Formats that only the whole file can tell apart."""


class Scanners:
    """All engines of a run. Several threads may inspect files at once."""

    def __init__(self, config: ScanConfig, engines: Mapping[str, Scanner] | None = None) -> None:
        """Makes the engines, which ask nobody yet.

        Args:
            config: what the run is told.
            engines: other engines than those of the registry.
        """
        self.config = config
        self._engines = (
            dict(engines) if engines is not None else {name: _made(name, config) for name in ENGINES}
        )

    def start(self) -> tuple[ScanEngine, ...]:
        """Makes all engines ready and says their versions, sorted by name.

        Raises:
            OutsideError: an engine cannot be asked, or does not find what it must.
        """
        return tuple(self._engines[name].start() for name in sorted(self._engines))

    def file(self, path: str, size: int, files: frozenset[str]) -> FileInspection:
        """Begins with a file of a version.

        Args:
            path: in the version's manifest.
            size: its bytes, as the manifest says.
            files: all paths of the version.
        """
        place = _Place(path=path, member="", name=_last(path), size=size, depth=0, files=files)
        return FileInspection(self, place)

    def engine(self, name: str) -> Scanner | None:
        """An engine by its name; None where nobody here is called so."""
        return self._engines.get(name)

    def finish(self) -> tuple[tuple[ScanEngine, ...], tuple[ProvenLimit, ...]]:
        """Proves that all engines still are what they were, and still find what they must.

        Raises:
            OutsideError: one is not, so that nothing since the start counts.
        """
        ended = [self._engines[name].finish() for name in sorted(self._engines)]
        return tuple(engine for engine, _ in ended), tuple(limit for _, limits in ended for limit in limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Which file or member is inspected."""

    path: str
    member: str
    name: str
    size: int | None
    depth: int
    files: frozenset[str]
    only: frozenset[str] | None = None
    """The only engines wanted; None means all that the format needs."""


@dataclass(slots=True)
class _Work:
    """One engine at work."""

    engine: str
    inspection: Inspection | None
    failed: str = ""
    """Why it could not go on."""


@dataclass(slots=True)
class _Seen:
    """What is known of the file so far."""

    count: int = 0
    buffer: bytearray = field(default_factory=bytearray)
    members: list[Outcome] = field(default_factory=list)
    extra: list[Outcome] = field(default_factory=list)


class FileInspection:
    """A file, or a member of a container, at its passage through the engines."""

    def __init__(self, scanners: Scanners, place: _Place) -> None:
        self._scanners, self._place = scanners, place
        self._seen = _Seen()
        self._works: list[_Work] | None = None
        self._subject: Subject | None = None
        self._spool: BinaryIO | None = None

    def feed(self, piece: bytes) -> None:
        """The next bytes.

        Raises:
            OutsideError: something outside failed (clamd went away, the disk is full).
        """
        self._seen.count += len(piece)
        if self._works is not None:
            self._pass(piece)
            return
        self._seen.buffer += piece
        if len(self._seen.buffer) >= HEAD:
            self._begin()

    def finish(self) -> FileResult:
        """What all engines saw, after the last byte.

        Raises:
            OutsideError: something outside failed.
        """
        try:
            if self._works is None:
                self._begin()
            subject = self._refine()
            own = [self._outcome(work) for work in self._works or ()]
        finally:
            self.close()
        outcomes = fold(own, [*self._seen.members, *self._seen.extra], self._seen.count)
        return FileResult(
            path=self._place.path, format=subject.format, size=self._seen.count, outcomes=outcomes
        )

    def close(self) -> None:
        """Lets go of everything; never raises."""
        for work in self._works or ():
            if work.inspection is not None:
                with suppress(Exception):
                    work.inspection.close()
                work.inspection = None
        if self._spool is not None:
            with suppress(OSError):
                self._spool.close()
            self._spool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> None:
        from budmodel.scanners.sniff import identify

        place, buffer = self._place, bytes(self._seen.buffer)
        head = buffer[:HEAD]
        subject = self._subject = Subject(
            path=place.path,
            member=place.member,
            name=place.name,
            size=place.size,
            format=identify(head, place.size, place.name),
            head=head,
            depth=place.depth,
            files=place.files,
        )
        self._works = []
        self._seen.buffer = bytearray()
        wanted = self._wanted(subject.format)
        late = subject.format in _REFINED
        for name in wanted:
            if not late or name == "clamav":
                self._open(name, subject)
        engines = [self._scanners.engine(name) for name in wanted]
        if late or any(engine is not None and engine.needs_spool(subject) for engine in engines):
            with _disk():
                self._spool = tempfile.TemporaryFile(dir=self._scanners.config.temporary)  # noqa: SIM115
        for start in range(0, len(buffer), _PIECE):
            self._pass(buffer[start : start + _PIECE])

    def _refine(self) -> Subject:
        """The subject, once all bytes are there; engines that waited for that see them now."""
        subject, spool = self._subject, self._spool
        assert subject is not None and self._works is not None
        if subject.format not in _REFINED or spool is None:
            return subject
        from budmodel.scanners.sniff import refine

        spool.seek(0)
        subject = self._subject = replace(subject, format=refine(subject.format, spool))
        at_work = {work.engine for work in self._works}
        fresh = [self._open(name, subject) for name in self._wanted(subject.format) if name not in at_work]
        spool.seek(0)
        while piece := spool.read(_PIECE):
            for work in fresh:
                _feed(work, piece)
        return subject

    def _wanted(self, format_name: str) -> tuple[str, ...]:
        names = required_engines(format_name, self._scanners.config.policy)
        only = self._place.only
        return names if only is None else tuple(name for name in names if name in only)

    def _open(self, name: str, subject: Subject) -> _Work:
        engine = self._scanners.engine(name)
        work = _Work(name, None)
        assert self._works is not None
        self._works.append(work)
        if engine is None:
            work.failed = f"the policy asks for the engine {name}, which nobody here has"
            return work
        try:
            work.inspection = engine.open(subject, self._inspect)
        except BudmodelError:
            raise
        except Exception as error:  # a hostile head: not clean, and the run goes on
            work.failed = f"the file could not be begun ({type(error).__name__})"
        return work

    def _pass(self, piece: bytes) -> None:
        if self._spool is not None:
            with _disk():
                self._spool.write(piece)
        for work in self._works or ():
            _feed(work, piece)

    def _outcome(self, work: _Work) -> Outcome:
        size = self._place.size
        total = self._seen.count if size is None else size
        if not work.failed and work.inspection is not None:
            if self._spool is not None:
                self._spool.seek(0)
            try:
                return replace(work.inspection.finish(self._spool), engine=work.engine)
            except BudmodelError:
                raise
            except Exception as error:  # see above
                work.failed = f"the file could not be read to its end ({type(error).__name__})"
        return Outcome(
            engine=work.engine, verdict="error", bytes_seen=0, bytes_total=total, message=work.failed
        )

    def _inspect(
        self,
        member: str,
        size: int | None,
        pieces: Iterable[bytes],
        *,
        engines: Iterable[str] | None = None,
    ) -> MemberResult:
        """Implements :class:`budmodel.scanners.interface.Inspect` for the members of this file."""
        place = self._place
        inner = f"{place.member}!{member}" if place.member else member
        if place.depth >= MAX_DEPTH:
            deep = Outcome(
                engine="archive",
                verdict="limit",
                bytes_seen=0,
                bytes_total=size or 0,
                message=f"more than {MAX_DEPTH} containers within each other are not opened",
            )
            self._seen.extra.append(deep)
            return MemberResult(format="unknown", size=0, outcomes=(deep,))
        only = frozenset(engines) if engines is not None else None
        child_place = replace(
            place, member=inner, name=_last(member), size=size, depth=place.depth + 1, only=only
        )
        with FileInspection(self._scanners, child_place) as child:
            for piece in _within(size, pieces):
                child.feed(piece)
            result = child.finish()
        outcomes = tuple(_placed(outcome, inner) for outcome in result.outcomes)
        if size is not None and result.size > size:
            outcomes = (*outcomes, _too_long(inner, size))
        self._seen.members += outcomes
        return MemberResult(format=result.format, size=result.size, outcomes=outcomes)


def _made(name: str, config: ScanConfig) -> Scanner:
    module, _, attribute = SCANNERS[name].partition(":")
    made: Scanner = getattr(import_module(module), attribute)(config)
    return made


def _feed(work: _Work, piece: bytes) -> None:
    if work.failed or work.inspection is None:
        return
    try:
        work.inspection.feed(piece)
    except BudmodelError:
        raise
    except Exception as error:  # whatever a hostile file reached in an engine is no verdict
        work.failed = f"the file could not be read on ({type(error).__name__})"


def _within(size: int | None, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces, until there is one byte more than there may be."""
    seen = 0
    for piece in pieces:
        seen += len(piece)
        yield piece
        if size is not None and seen > size:
            return


def _placed(outcome: Outcome, member: str) -> Outcome:
    """With the member's path in each finding that does not say it yet."""
    return replace(
        outcome,
        found=tuple(one if one.member else replace(one, member=member) for one in outcome.found),
        message=f"{member}: {outcome.message}" if outcome.message else "",
    )


def _too_long(member: str, size: int) -> Outcome:
    found = Found(
        code="bad-container",
        detail="member-size",
        severity="high",
        message=f"a member holds more than the {size} bytes that the container says",
        member=member,
    )
    return Outcome(engine="archive", verdict="found", bytes_seen=size, bytes_total=size, found=(found,))


def _last(path: str) -> str:
    return path.rpartition("/")[2]


@contextmanager
def _disk() -> Iterator[None]:
    """What may go wrong with the temporary file is told as one sentence."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        why = "the disk is full" if full else (error.strerror or type(error).__name__)
        raise OutsideError(
            f"a temporary file cannot be written ({why}); set TMPDIR to a folder with enough room"
        ) from None
