"""The engine ``clamav``: every byte of every file goes to clamd, and only clamd's exact word counts as clean.

Flat files (weights, text, images) go in windows of 64 MiB that overlap by 1 MiB, so that a file of any size
is searched and no signature of up to 1 MiB can hide at a border. Containers go as one stream, since clamd
opens them only whole, as long as clamd takes files of that size (2 GiB); a larger one goes in windows, and
what is inside reaches clamd member by member from the archive engine, which such a format needs too. While
clamd searches one window, the next one is on its way.

What windows cannot show: signatures of a whole file's hash or length, and those whose parts lie further apart
than the overlap.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import BinaryIO

from budmodel.domain.formats import ENGINES_OF
from budmodel.errors import OutsideError
from budmodel.scanners.clamav_stream import Slicing, Windows
from budmodel.scanners.clamd_canary import COUNT, prove
from budmodel.scanners.clamd_endpoint import Patience, parse_endpoint
from budmodel.scanners.clamd_pool import Pool, common, each, version
from budmodel.scanners.clamd_protocol import Client
from budmodel.scanners.clamd_version import NAME, engine_of
from budmodel.scanners.interface import Inspect, Outcome, ScanConfig, Subject
from budmodel.schema.scan import ProvenLimit, ScanEngine

WINDOW = 64 << 20
"""Bytes of a window, the overlap included."""
OVERLAP = 1 << 20
VARIABLE = "BUDMODEL_CLAMD"
USUAL = (
    "unix:/run/clamav/clamd.ctl",
    "unix:/var/run/clamav/clamd.ctl",
    "unix:/tmp/clamd.socket",
    "tcp://127.0.0.1:3310",
)
"""Where distributions let clamd listen; the first one that answers is taken."""
_FRESH = 60.0
"""Seconds for which a proof at the end of a stretch is also that at the beginning of the next."""


class ClamavScanner:
    """The engine ``clamav``. One instance serves a run, from several threads."""

    name = NAME

    def __init__(
        self,
        config: ScanConfig,
        *,
        slicing: Slicing | None = None,
        patience: Patience | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Asks nobody yet.

        Args:
            config: the endpoints, and who is told.
            slicing: other windows than the usual ones.
            patience: how long clamd may take.
            environment: read instead of the process's own.

        Raises:
            UsageError: an endpoint is none.
        """
        variables = os.environ if environment is None else environment
        stated = config.clamd or tuple(
            part.strip() for part in variables.get(VARIABLE, "").split(",") if part.strip()
        )
        self._tell = config.tell or (lambda _: None)
        self._slicing = slicing or Slicing(window=WINDOW, overlap=OVERLAP)
        self._named = bool(stated)
        endpoints = dict.fromkeys(parse_endpoint(text) for text in stated or USUAL)
        self._clients = [Client(endpoint, patience) for endpoint in endpoints]
        self._pool: Pool | None = None
        self._met: list[Client] = []
        self._version = ""
        self._proven: tuple[str, frozenset[Client], float] | None = None

    def start(self) -> ScanEngine:
        """Meets every clamd and lets it prove its limits.

        Raises:
            OutsideError: none can be asked, they differ, or one does not find what it must.
        """
        self._pool, self._met, self._version = self._meet()
        engine = engine_of(self._version, self._met[0].endpoint)
        before, self._proven = self._proven, None
        fresh = before is not None and time.monotonic() - before[2] < _FRESH
        if not (fresh and before is not None and before[:2] == (self._version, frozenset(self._met))):
            self._prove(self._met)
        return engine

    def needs_spool(self, subject: Subject) -> bool:
        """Never: the bytes are sent as they come."""
        return False

    def open(self, subject: Subject, inspect: Inspect) -> ClamavInspection:
        """Begins with a file or member.

        Raises:
            OutsideError: :meth:`start` did not succeed.
        """
        if self._pool is None:
            raise OutsideError(
                "ClamAV was not started, so nothing can be scanned; this is a bug, please report it"
            )
        return ClamavInspection(self._pool, subject, self._slicing)

    def finish(self) -> tuple[ScanEngine, tuple[ProvenLimit, ...]]:
        """Lets each clamd that answered since the last proof prove that it still is what it was.

        Raises:
            OutsideError: one cannot: what was scanned since then does not count.
        """
        pool = self._pool
        if pool is None:
            raise OutsideError(
                "ClamAV was not started, so it proves nothing; this is a bug, please report it"
            )
        answered = pool.take_answered()
        try:
            again = dict(each(answered or self._met, version))
            first = common(again)
            if first != self._version:
                raise OutsideError(
                    f"ClamAV was {self._version!r} at the beginning of the run and is {first!r} now; "
                    "run it again with the new signatures"
                )
            self._prove(list(again))
        except BaseException:
            pool.give_back(answered)
            raise
        self._proven = (self._version, frozenset(again), time.monotonic())
        limit = ProvenLimit(
            engine=self.name,
            window_bytes=self._slicing.window,
            overlap_bytes=self._slicing.overlap,
            canaries=COUNT,
        )
        return engine_of(self._version, self._met[0].endpoint), (limit,)

    def _meet(self) -> tuple[Pool, list[Client], str]:
        if self._named:
            pool = Pool(self._clients)
            said, met, errors = pool.meet()
            for error in errors:
                self._tell(f"{error}; the others do its work")
            return pool, met, said
        for client in self._clients:
            try:
                said = version(client)
            except OutsideError:
                continue
            return Pool([client]), [client], said
        places = ", ".join(USUAL)
        raise OutsideError(
            f"no clamd answers at {places}; install and start it (apt-get install clamav-daemon), "
            f"or name it in {VARIABLE} or with --clamd"
        )

    def _prove(self, clients: list[Client]) -> None:
        window = self._slicing.window
        for client in clients:
            self._tell(f"proving that clamd at {client.endpoint} finds EICAR in the last of {window} bytes")
        each(clients, lambda client: prove(client, window))


class ClamavInspection:
    """A file or member on its way to clamd."""

    def __init__(self, pool: Pool, subject: Subject, slicing: Slicing) -> None:
        self._size = subject.size
        # Whatever may hold something that clamd unpacks, and whatever nobody here can read.
        contained = "archive" in ENGINES_OF.get(subject.format, ())
        whole = contained or subject.format not in ENGINES_OF or subject.format in ("unknown", "executable")
        self._windows = Windows(pool, slicing, subject.size, whole=whole, divisible=contained or not whole)

    def feed(self, piece: bytes) -> None:
        """The next bytes.

        Raises:
            OutsideError: clamd went away, or gave an answer that decides nothing.
        """
        self._windows.feed(piece)

    def finish(self, spool: BinaryIO | None) -> Outcome:
        """What clamd said of all windows.

        Raises:
            OutsideError: see :meth:`feed`.
        """
        self._windows.end()
        came = self._windows.came
        total = came if self._size is None else self._size
        found = self._windows.found
        message = self._windows.limited
        if came != total and not message:
            return Outcome(
                engine=NAME,
                verdict="error",
                bytes_seen=min(self._windows.seen, total),
                bytes_total=total,
                found=found,
                message=f"{came} of {total} bytes came by",
            )
        return Outcome(
            engine=NAME,
            verdict="found" if found else "limit" if message else "clean",
            bytes_seen=self._windows.seen,
            bytes_total=total,
            found=found,
            message=message,
        )

    def close(self) -> None:
        """Hangs up; never raises."""
        self._windows.close()
