"""The contents of Git's blobs, read by ``git cat-file`` without a check-out."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from budmodel.store.git_run import incomplete, process


class Blobs:
    """Reads blobs of one repository. Its processes end with :meth:`close`."""

    def __init__(self, top: Path, options: Sequence[str]) -> None:
        """A reader.

        Args:
            top: the repository's folder.
            options: what Git must be told to use it.
        """
        self._top = top
        self._options = options
        self._children: list[subprocess.Popen[bytes]] = []
        self._waiting: subprocess.Popen[bytes] | None = None
        """A process that answers one question after the other."""
        self._owner = os.getpid()
        self._stack = ExitStack()
        self._others: list[ExitStack] = []
        """Processes of the process from which this one was forked: held, so that nothing ends them here."""

    def close(self) -> None:
        """Ends the processes that an unfinished reading left, and the one that waits for questions."""
        for child in self._children:
            child.kill()
        self._let_go()

    def many(self, oids: Sequence[str]) -> Iterator[bytes]:
        """The contents of many, in order, streamed from a process of their own.

        Raises:
            OutsideError: one is missing (partial clone) or is no blob.
        """
        request = "".join(f"{oid}\n" for oid in oids).encode()
        with process(self._top, [*self._options, "cat-file", "--batch", "--buffer"]) as child:
            self._children.append(child)
            # Both pipes are finite: one side writes while the other reads.
            feeder = threading.Thread(target=_feed, args=(child, request), daemon=True)
            feeder.start()
            try:
                for oid in oids:
                    yield _read(child, oid)
            finally:
                child.kill()
                feeder.join()
                self._children.remove(child)

    def one(self, oid: str) -> bytes:
        """The content of one; a single process answers all such questions.

        Raises:
            OutsideError: it is missing (partial clone) or is no blob.
        """
        child = self._process()
        try:
            assert child.stdin is not None
            child.stdin.write(f"{oid}\n".encode())
            child.stdin.flush()
            return _read(child, oid)
        except BaseException as error:
            # What it says next may belong to this question still.
            self._let_go()
            if isinstance(error, OSError):
                raise incomplete() from error
            raise

    def _process(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            # Two processes that were forked from one must not share its pipes.
            self._others.append(self._stack)
            self._stack, self._waiting, self._owner = ExitStack(), None, os.getpid()
        if self._waiting is None:
            command = [*self._options, "cat-file", "--batch"]
            self._waiting = self._stack.enter_context(process(self._top, command))
        return self._waiting

    def _let_go(self) -> None:
        if self._owner == os.getpid():
            self._waiting = None
            self._stack.close()


def _feed(child: subprocess.Popen[bytes], request: bytes) -> None:
    assert child.stdin is not None
    # The reader may have stopped early: then nobody wants the rest.
    with suppress(OSError, ValueError):
        child.stdin.write(request)
        child.stdin.close()


def _read(child: subprocess.Popen[bytes], oid: str) -> bytes:
    assert child.stdout is not None
    header = child.stdout.readline().split()
    if len(header) != 3 or header[0] != oid.encode() or header[1] != b"blob":
        raise incomplete()
    size = int(header[2])
    data = child.stdout.read(size + 1)
    if len(data) != size + 1:
        raise incomplete()
    return data[:-1]
