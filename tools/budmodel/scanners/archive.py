"""The engine ``archive``: opens containers strictly, and hands every member to all engines that it needs.

Readers of archives forgive: they skip what they cannot read, take one of two names, ignore what lies between.
An attacker shows the scanner one file and the loader another. So a container counts only where its structure
explains every byte of it, and where all readers would see the same members.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from budmodel.errors import BudmodelError
from budmodel.scanners.archive_names import BadContainerError, OpenQuestionError
from budmodel.scanners.archive_stream import read_compressed
from budmodel.scanners.archive_tar import read_tar
from budmodel.scanners.archive_zip import read_zip
from budmodel.scanners.interface import Found, Inspect, Outcome, Subject, Verdict
from budmodel.scanners.structure import MOST_FINDINGS, StructureScanner

Note = Callable[[Found], None]
Reader = Callable[[BinaryIO, Subject, Inspect, Note], None]
_READERS: dict[str, Reader] = {
    "zip": read_zip,
    "pytorch": read_zip,
    "torchscript": read_zip,
    "keras": read_zip,
    "tar": read_tar,
    "compressed": read_compressed,
}


class ArchiveScanner(StructureScanner):
    """The engine ``archive``."""

    name = "archive"

    def needs_spool(self, subject: Subject) -> bool:
        """Containers are read from their end, and more than once."""
        return subject.format in _READERS

    def open(self, subject: Subject, inspect: Inspect) -> ArchiveInspection:
        """Begins with a container."""
        return ArchiveInspection(subject, inspect)


class ArchiveInspection:
    """The engine at work on one container."""

    def __init__(self, subject: Subject, inspect: Inspect) -> None:
        self._subject, self._inspect = subject, inspect
        self._seen = 0
        self._found: dict[Found, None] = {}

    def feed(self, piece: bytes) -> None:
        self._seen += len(piece)

    def finish(self, spool: BinaryIO | None) -> Outcome:
        reader = _READERS.get(self._subject.format)
        total = self._seen if self._subject.size is None else self._subject.size
        if total != self._seen:
            return self._said("error", f"{self._seen} of {total} bytes came by", total)
        if reader is None:
            return self._said("unsupported", f"{self._subject.format} is no container", total)
        if spool is None:
            return self._said("error", "the container was not kept to be opened", total)
        try:
            reader(spool, self._subject, self._inspect, self._note)
        except BadContainerError as error:
            self._note(error.found)
        except OpenQuestionError as error:
            if not self._fails():
                return self._said(error.verdict, str(error), total)
        except BudmodelError:
            raise
        except Exception as error:  # a hostile container is not clean, and the run goes on
            if not self._fails():
                return self._said("error", f"the container could not be read ({type(error).__name__})", total)
        return self._said("found" if self._fails() else "clean", "", total)

    def close(self) -> None:
        self._found = {}

    def _note(self, found: Found) -> None:
        if len(self._found) < MOST_FINDINGS:
            self._found[found] = None

    def _fails(self) -> bool:
        return any(one.severity not in ("info", "low") for one in self._found)

    def _said(self, verdict: Verdict, message: str, total: int) -> Outcome:
        return Outcome(
            engine="archive",
            verdict=verdict,
            bytes_seen=self._seen,
            bytes_total=total,
            found=tuple(self._found),
            message=message,
        )
