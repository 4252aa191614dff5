"""What the structure engines share: one reader at work on one file, and the outcome of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import BinaryIO

from budmodel import __version__
from budmodel.scanners.interface import Found, Outcome, Subject, Verdict
from budmodel.scanners.window import Reading, ShortError, StructureError, UndecidedError, Window
from budmodel.schema.scan import ProvenLimit, ScanEngine

MOST_FINDINGS = 50
"""Findings of one engine on one file; more say nothing new."""
Guarded = Callable[[], object]
_END = object()


class Reader:
    """A reading of one file's header; the engines add the format."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.found: list[Found] = []
        self.undecided: UndecidedError | None = None
        """Why the file cannot be cleared, though nothing is wrong with it."""

    def read(self) -> Reading:
        """Reads the header; returns where only data follows.

        Raises:
            StructureError, UndecidedError, ShortError: see there.
        """
        raise NotImplementedError

    def check_end(self, total: int) -> None:
        """Compares what the header said with the size that the file had.

        Raises:
            StructureError, UndecidedError: see there.
        """

    def note(self, found: Found) -> None:
        """Keeps a finding, each once and not without end."""
        if found not in self.found and len(self.found) < MOST_FINDINGS:
            self.found.append(found)


class StructureInspection:
    """One structure engine at work on one file."""

    def __init__(self, engine: str, subject: Subject, reader: Reader) -> None:
        self._engine, self._subject, self._reader = engine, subject, reader
        self._seen = 0
        self._reading: Reading | None = reader.read()
        self._failed: tuple[Verdict, str] | None = None
        self._step()

    def feed(self, piece: bytes) -> None:
        self._seen += len(piece)
        if self._reading is not None:
            self._reader.window.push(piece)
            self._step()

    def finish(self, spool: BinaryIO | None) -> Outcome:
        size = self._subject.size
        total = self._seen if size is None else size
        if total != self._seen:
            self._failed = ("error", f"{self._seen} of {total} bytes came by")
        else:
            self._reader.window.end()
            self._step()
            if self._failed is None and not _fails(self._reader.found):
                self._guard(lambda: self._reader.check_end(total))
        self.close()
        verdict, message = self._judge()
        return Outcome(
            engine=self._engine,
            verdict=verdict,
            bytes_seen=self._seen,
            bytes_total=total,
            found=tuple(self._reader.found),
            message=message,
        )

    def close(self) -> None:
        if self._reading is not None:
            self._reading.close()
        self._reading = None

    def _judge(self) -> tuple[Verdict, str]:
        if _fails(self._reader.found):
            return "found", ""
        if self._failed is None and self._reader.undecided is not None:
            self._failed = (self._reader.undecided.verdict, str(self._reader.undecided))
        return self._failed or ("clean", "")

    def _step(self) -> None:
        reading = self._reading
        if reading is not None and not self._guard(lambda: next(reading, _END) is not _END):
            self.close()
            self._reader.window = Window(self._reader.window.total)

    def _guard(self, act: Guarded) -> bool:
        """Runs a piece of the reading; whatever it raises is an outcome, since the file is hostile."""
        try:
            return bool(act())
        except StructureError as error:
            self._reader.note(error.found)
        except UndecidedError as error:
            self._failed = (error.verdict, str(error))
        except ShortError:
            self._reader.note(
                Found(
                    code="bad-header",
                    detail="short",
                    severity="high",
                    message=f"the file ends after {self._seen} bytes, within its header",
                )
            )
        except Exception as error:  # whatever a hostile header reached: it is not clean, and the run goes on
            self._failed = ("error", f"the header could not be read ({type(error).__name__})")
        return False


class StructureScanner:
    """What the three structure engines have in common: they need no spool, no other program and no limits."""

    name: str

    def __init__(self, config: object) -> None:
        self._config = config

    told: object = None
    """What of the policy takes part in the verdicts: what was seen under another one is seen again."""

    def start(self) -> ScanEngine:
        return ScanEngine(name=self.name, version=__version__ + _mark(self.told))

    def needs_spool(self, subject: Subject) -> bool:
        return False

    def finish(self) -> tuple[ScanEngine, tuple[ProvenLimit, ...]]:
        return self.start(), ()


def _mark(told: object) -> str:
    """A few characters that stand for what an engine was told; none where it was told nothing."""
    if not told:
        return ""
    return f"+policy.{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]}"


def _fails(found: list[Found]) -> bool:
    return any(one.severity not in ("info", "low") for one in found)
