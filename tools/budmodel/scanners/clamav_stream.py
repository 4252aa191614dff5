"""A file's bytes, as the streams in which clamd gets them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from budmodel.scanners.clamd_pool import Lease, Pool
from budmodel.scanners.interface import Found, Severity

LARGEST = 2_147_483_645
"""Bytes of the largest file that clamd 1.4 searches, whatever its configuration says."""
MOST_FOUND = 50
_MORE_THAN_WORKERS = 1
"""Windows that wait for an answer beyond one for each clamd, so that none of them is idle meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slicing:
    """How files are cut into windows."""

    window: int
    """Bytes of each, the overlap included."""
    overlap: int
    """Bytes at the end of a window that the next one begins with; less than the window."""
    largest: int = LARGEST
    """Bytes of the largest stream that goes whole."""

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.window <= self.largest:
            raise ValueError("a window must be larger than its overlap, and not larger than a whole stream")


@dataclass(slots=True)
class _Window:
    """A stream of which the answer is awaited."""

    lease: Lease
    start: int
    fresh: int = 0
    """Bytes of it that no window before it had."""
    length: int = 0
    most: int = 0
    """Bytes that it may have."""


class Windows:
    """Sends the bytes of one file. Pieces come in order; answers are awaited as late as possible."""

    def __init__(
        self, pool: Pool, slicing: Slicing, size: int | None, *, whole: bool, divisible: bool
    ) -> None:
        """Opens nothing yet.

        Args:
            pool: where the streams go.
            slicing: the windows.
            size: of the file; None where it is not known.
            whole: as one stream, as long as that is possible.
            divisible: whether what does not go whole may go in windows.
        """
        self._pool, self._slicing = pool, slicing
        self._divisible = divisible
        too_large = size is not None and size > slicing.largest
        self._first = slicing.largest if whole and not (too_large and divisible) else slicing.window
        self._current: _Window | None = None
        self._waiting: deque[_Window] = deque()
        self._tail = bytearray()
        self._found: dict[str, Found] = {}
        self.came = 0
        """Bytes that were fed."""
        self.seen = 0
        """Bytes that clamd has searched."""
        self.limited = ""
        """Which limit kept it from searching the others."""

    @property
    def found(self) -> tuple[Found, ...]:
        """What clamd found, each signature once."""
        return tuple(self._found.values())

    def feed(self, piece: bytes) -> None:
        """The next bytes.

        Raises:
            OutsideError: clamd went away, or gave an answer that decides nothing.
        """
        rest = memoryview(piece)
        while len(rest):
            window = self._current
            if window is None or window.length == window.most:
                if window is not None and not self._divisible:
                    self._give_up()
                    self.came += len(rest)
                    return
                window = self._next()
            part = rest[: window.most - window.length]
            rest = rest[len(part) :]
            window.lease.send(part)
            window.length += len(part)
            window.fresh += len(part)
            self.came += len(part)
            self._keep(part)

    def end(self) -> None:
        """No more bytes come: awaits all answers.

        Raises:
            OutsideError: clamd went away, or gave an answer that decides nothing.
        """
        if self._current is None and not self.came:
            self._next()
        self._finish_current()
        while self._waiting:
            self._await_oldest()

    def close(self) -> None:
        """Hangs up; never raises."""
        if self._current is not None:
            self._current.lease.close()
        for window in self._waiting:
            window.lease.close()
        self._current = None
        self._waiting.clear()

    def _next(self) -> _Window:
        """Opens the next window, which begins with the end of the one before."""
        again = self._current is not None
        self._finish_current()
        while len(self._waiting) >= self._pool.size + _MORE_THAN_WORKERS:
            self._await_oldest()
        window = _Window(self._pool.open(), self.came - (len(self._tail) if again else 0))
        self._current = window
        window.most = self._slicing.window if again else self._first
        if again:
            window.lease.send(bytes(self._tail))
            window.length = len(self._tail)
        return window

    def _keep(self, part: memoryview) -> None:
        """Keeps the last bytes, as many as windows overlap by."""
        if len(part) >= self._slicing.overlap:
            self._tail.clear()
        self._tail += part[max(0, len(part) - self._slicing.overlap) :]
        del self._tail[: max(0, len(self._tail) - self._slicing.overlap)]

    def _finish_current(self) -> None:
        if self._current is not None:
            window, self._current = self._current, None
            self._waiting.append(window)
            window.lease.end()

    def _await_oldest(self) -> None:
        window = self._waiting.popleft()
        reply = window.lease.reply()
        if reply.kind == "limit":
            self.limited = self.limited or (
                f"ClamAV stopped at its limit {reply.name}, so it did not search all; raise it in clamd.conf"
            )
            return
        self.seen += window.fresh
        if reply.kind == "found" and len(self._found) < MOST_FOUND:
            whole = window.length == self.came
            where = (
                "" if whole else f" in the bytes from {window.start} to {window.start + window.length - 1}"
            )
            self._found.setdefault(reply.name, _finding(reply.name, where))

    def _give_up(self) -> None:
        self.limited = f"ClamAV searches {self._slicing.largest} bytes of such a file, and it has more"


def _finding(name: str, where: str) -> Found:
    if name.startswith("Heuristics.Encrypted."):
        return Found(
            code="encrypted",
            detail=name,
            severity="medium",
            message=f"ClamAV cannot look into encrypted content ({name}){where}",
        )
    severity: Severity = "critical"
    if name.startswith(("Heuristics.", "PUA.")):
        severity = "high"
    return Found(code="malware", detail=name, severity=severity, message=f"ClamAV found {name}{where}")
