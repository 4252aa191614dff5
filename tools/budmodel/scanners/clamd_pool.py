"""Several clamd as one: each stream goes to the one that has least to do, and all must be the same.

One that cannot be reached, or that failed in the middle of a stream, is left out as long as another is
there. The pool also remembers which ones have answered since they last proved themselves: what they said
counts only once they have proved themselves again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from budmodel.errors import OutsideError
from budmodel.scanners.clamd_protocol import Client, Reply, Stream

T = TypeVar("T")


@dataclass(slots=True)
class _Member:
    """What is known of one clamd."""

    client: Client
    busy: int = 0
    failed: bool = False
    answered: bool = False
    """Whether something rests on its word since it last proved itself."""


class Lease:
    """A stream to one clamd of the pool. One thread at a time."""

    def __init__(self, pool: Pool, member: _Member, stream: Stream) -> None:
        self._pool, self._member, self._stream = pool, member, stream
        self._open = True

    def send(self, piece: bytes | memoryview) -> None:
        """See :meth:`budmodel.scanners.clamd_protocol.Stream.send`."""
        self._try(lambda: self._stream.send(piece))

    def end(self) -> None:
        """See :meth:`budmodel.scanners.clamd_protocol.Stream.end`."""
        self._try(self._stream.end)

    def reply(self) -> Reply:
        """See :meth:`budmodel.scanners.clamd_protocol.Stream.reply`."""
        reply = self._try(self._stream.reply)
        with self._pool.lock:
            self._member.answered = True
        self.close()
        return reply

    def close(self) -> None:
        """Lets go of the connection; never raises."""
        if self._open:
            self._open = False
            self._stream.close()
            with self._pool.lock:
                self._member.busy -= 1

    def _try(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except OutsideError:
            with self._pool.lock:
                self._member.failed = True
            self.close()
            raise


class Pool:
    """The clamd of a run."""

    def __init__(self, clients: Sequence[Client]) -> None:
        """Asks nobody yet.

        Args:
            clients: at least one.
        """
        self.lock = threading.Lock()
        self._members = [_Member(client) for client in clients]

    @property
    def size(self) -> int:
        """How many share the work at the moment, at least 1."""
        with self.lock:
            return max(1, sum(not member.failed for member in self._members))

    def meet(self) -> tuple[str, list[Client], list[OutsideError]]:
        """Asks all of them who they are.

        Returns:
            The version that they have in common, those that answered, and why others did not.

        Raises:
            OutsideError: none answers, or they differ.
        """
        there: dict[Client, str] = {}
        errors: list[OutsideError] = []
        answers = each((member.client for member in self._members), _version_or_error)
        for member, (client, answer) in zip(self._members, answers, strict=True):
            member.failed = isinstance(answer, OutsideError)
            if isinstance(answer, OutsideError):
                errors.append(answer)
            else:
                there[client] = answer
        if not there:
            raise errors[0]
        return common(there), list(there), errors

    def open(self) -> Lease:
        """A stream to the clamd that has least to do.

        Raises:
            OutsideError: none can be reached.
        """
        tried: list[_Member] = []
        while True:
            with self.lock:
                left = [member for member in self._members if member not in tried]
                # One that failed is asked again where there is no other.
                member = min(left, key=lambda one: (one.failed, one.busy))
                member.busy += 1
            tried.append(member)
            try:
                stream = member.client.stream()
            except BaseException as error:
                with self.lock:
                    member.busy -= 1
                    member.failed = True
                if not isinstance(error, OutsideError) or len(tried) == len(self._members):
                    raise
                continue
            with self.lock:
                member.failed = False
            return Lease(self, member, stream)

    def take_answered(self) -> list[Client]:
        """Those on whose word something rests; from now on they begin anew."""
        with self.lock:
            answered = [member for member in self._members if member.answered]
            for member in answered:
                member.answered = False
            return [member.client for member in answered]

    def give_back(self, clients: Iterable[Client]) -> None:
        """These did not prove themselves: what rests on their word still waits for it."""
        waiting = list(clients)
        with self.lock:
            for member in self._members:
                member.answered = member.answered or member.client in waiting


def version(client: Client) -> str:
    """What a clamd says that it is.

    Raises:
        OutsideError: it does not say so.
    """
    pong = client.ask("PING")
    if pong != "PONG":
        raise client.odd(pong.encode())
    return client.ask("VERSION")


def common(versions: dict[Client, str]) -> str:
    """The version of all.

    Raises:
        OutsideError: they differ.
    """
    (first, expected), *others = versions.items()
    for client, said in others:
        if said != expected:
            raise OutsideError(
                f"clamd at {first.endpoint} is {expected!r} and the one at {client.endpoint} {said!r}; "
                "a pool needs the same engine and signatures everywhere: update them, then run it again"
            )
    return expected


def each(clients: Iterable[Client], act: Callable[[Client], T]) -> list[tuple[Client, T]]:
    """Does something with all of them at the same time; the first error in their order is raised."""
    everyone = list(clients)
    if len(everyone) == 1:
        return [(everyone[0], act(everyone[0]))]
    with ThreadPoolExecutor(max(1, len(everyone)), "budmodel-clamd") as executor:
        return list(zip(everyone, executor.map(act, everyone), strict=True))


def _version_or_error(client: Client) -> str | OutsideError:
    try:
        return version(client)
    except OutsideError as error:
        return error
