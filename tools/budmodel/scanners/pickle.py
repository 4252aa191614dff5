"""The engine ``pickle``: which functions loading a file would call, by reading its operations.

Nothing is loaded. Each file is walked through in a process of its own with little memory and time; only what
is small, and therefore cheap whatever it holds, is walked through here.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import budmodel
from budmodel.domain.quoting import shown
from budmodel.errors import OutsideError
from budmodel.scanners.interface import Found, Inspect, Outcome, Subject, Verdict
from budmodel.scanners.pickle_allowed import not_allowed
from budmodel.scanners.pickle_child import CPU_SECONDS
from budmodel.scanners.pickle_file import Report, examine, header_of
from budmodel.scanners.pickle_walk import PickleError
from budmodel.scanners.structure import MOST_FINDINGS, StructureScanner
from budmodel.schema.governance import ScanPolicy

HERE_MAX = 1 << 16
"""Bytes of a file that is walked through in this process."""
_ANSWER_MAX = 64 << 20
_SECONDS = 2.0 * CPU_SECONDS
_FORMATS = frozenset({"pickle", "numpy"})


class PickleScanner(StructureScanner):
    """The engine ``pickle``."""

    name = "pickle"

    def __init__(self, config: object) -> None:
        super().__init__(config)
        policy: ScanPolicy = getattr(config, "policy", None) or ScanPolicy()
        self._allowed = tuple(policy.allowed_imports)
        self.told = sorted(set(self._allowed))

    def needs_spool(self, subject: Subject) -> bool:
        """For pickles; not for the plain numbers of a .npy, and a zip's members come one by one."""
        return subject.format in _FORMATS and not _plain_numbers(subject)

    def open(self, subject: Subject, inspect: Inspect) -> PickleInspection:
        """Begins with a file or member."""
        return PickleInspection(subject, self._allowed)


class PickleInspection:
    """The engine at work on one file."""

    def __init__(self, subject: Subject, allowed: Sequence[str]) -> None:
        self._subject, self._allowed = subject, allowed
        self._seen = 0

    def feed(self, piece: bytes) -> None:
        self._seen += len(piece)

    def finish(self, spool: BinaryIO | None) -> Outcome:
        subject = self._subject
        total = self._seen if subject.size is None else subject.size
        if total != self._seen:
            return self._said("error", f"{self._seen} of {total} bytes came by", (), total)
        if subject.format not in _FORMATS:
            # A container: its members were seen one by one.
            return self._said("clean", "", (), total)
        if _plain_numbers(subject):
            return self._numbers(total)
        if spool is None:
            return self._said("error", "the file was not kept to be read", (), total)
        return self._judged(_examined(spool, self._seen, subject.format), total)

    def close(self) -> None:
        pass

    def _numbers(self, total: int) -> Outcome:
        report = Report()
        try:
            report = examine(_Sized(self._subject.head, total), total, "numpy")
        except PickleError as error:
            report.error = str(error)
        return self._judged(report, total)

    def _judged(self, report: Report, total: int) -> Outcome:
        found = [
            Found(
                code="unsafe-pickle",
                detail=shown(name)[:150],
                severity="critical" if name in report.dangerous else "high",
                message=f"loading it calls {shown(name)[:200]}, which is not on the list of allowed imports",
            )
            for name in not_allowed(report.names, self._allowed)
        ]
        found += [
            Found(
                code="unsafe-pickle", detail=odd.replace(" ", "-"), severity="high", message=f"it has {odd}"
            )
            for odd in sorted(report.odd)
        ]
        if report.unexplained:
            found.append(Found(code="trailing-bytes", severity="high", message=report.unexplained))
        kept = tuple(found[:MOST_FINDINGS])
        if kept:
            return self._said("found", "", kept, total)
        if report.limit:
            return self._said("limit", report.limit, (), total)
        if report.error:
            return self._said("error", report.error, (), total)
        return self._said("clean", "", (), total)

    def _said(self, verdict: Verdict, message: str, found: tuple[Found, ...], total: int) -> Outcome:
        return Outcome(
            engine="pickle",
            verdict=verdict,
            bytes_seen=self._seen,
            bytes_total=total,
            found=found,
            message=message,
        )


class _Sized(io.BytesIO):
    """The head of a file that is as long as the file: for readers that only measure the rest."""

    def __init__(self, head: bytes, size: int) -> None:
        super().__init__(head)
        self._size = size

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 2:
            return super().seek(self._size + offset)
        return super().seek(offset, whence)


def _plain_numbers(subject: Subject) -> bool:
    """Whether a .npy says that it holds numbers only, so that its header is all that matters."""
    if subject.format != "numpy":
        return False
    head = subject.head
    wide = head[6:7] in (b"\x02", b"\x03")
    start = 12 if wide else 10
    length = int.from_bytes(head[8:start], "little")
    if len(head) < start + length:
        return False
    try:
        _, descr = header_of(head[start : start + length])
    except PickleError:
        return False
    return isinstance(descr, str) and descr.lstrip("<>|=")[:1] in "biufcSUV?mM" and "O" not in descr


def _examined(spool: BinaryIO, size: int, format_name: str) -> Report:
    """What a file would do.

    Raises:
        OutsideError: no process could be started.
    """
    if size <= HERE_MAX:
        spool.seek(0)
        return examine(io.BytesIO(spool.read(size)), size, format_name)
    tools = Path(budmodel.__file__).resolve().parents[1]
    start = (
        f"import sys; sys.path.insert(0, {str(tools)!r}); "
        "from budmodel.scanners.pickle_child import main; main()"
    )
    with _file(spool) as file:
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and our own words
                [sys.executable, "-I", "-c", start, format_name],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
                check=False,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            )
        except subprocess.TimeoutExpired:
            return Report(limit="it takes more time than a walk may have")
        except OSError as error:
            raise OutsideError(
                f"the process that reads pickles cannot be started ({error.strerror}); try again"
            ) from None
    if done.returncode != 0:
        return Report(limit=f"walking through it took too much memory or time (exit code {done.returncode})")
    return _report(done.stdout)


def _file(spool: BinaryIO) -> Any:
    """A real file with the spool's bytes; the spool itself where it is one, which stays open."""
    spool.seek(0)
    try:
        spool.fileno()
    except (OSError, ValueError):
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        shutil.copyfileobj(spool, file)
        file.seek(0)
        return file
    return _Kept(spool)


class _Kept:
    """A file that is not closed at the end of a block."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __enter__(self) -> BinaryIO:
        self._file.flush()
        return self._file

    def __exit__(self, *_: object) -> None:
        pass


def _report(raw: bytes) -> Report:
    """The child's answer; one that is none decides nothing."""
    wrong = Report(error="the process that read it gave no answer that can be used")
    if len(raw) > _ANSWER_MAX:
        return wrong
    try:
        data = json.loads(raw)
        return Report(
            names={str(name) for name in data["names"]},
            dangerous={str(name) for name in data["dangerous"]},
            odd={str(name) for name in data["odd"]},
            error=str(data["error"]),
            limit=str(data["limit"]),
            unexplained=str(data["unexplained"]),
            pickles=int(data["pickles"]),
        )
    except (ValueError, KeyError, TypeError):
        return wrong
