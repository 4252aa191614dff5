"""Work on many models at once, in processes that share what was read before they began."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

FEW = 64
"""Fewer models than this are done faster than processes start."""
MOST_PROCESSES = 8
_Result = TypeVar("_Result")
_work: list[Callable[[str], Any]] = []
"""What the processes do: they are forked, so that it need not travel."""


def each(work: Callable[[str], _Result], names: Sequence[str]) -> Iterator[_Result]:
    """What the work makes of each name, in the order of the names.

    The work may write files, and must not rely on what it changes in memory: it may happen in a process of
    its own. Where processes cannot be forked safely (not on Linux, or beside other threads), or there are few
    names, it happens here.
    """
    count = min(MOST_PROCESSES, _cores(), len(names) // FEW)
    # A fork copies locks as other threads hold them, and there are some while a site is served.
    if count < 2 or sys.platform != "linux" or threading.active_count() > 1:
        yield from map(work, names)
        return
    _work.append(work)
    try:
        with multiprocessing.get_context("fork").Pool(count, initializer=_begin) as pool:
            yield from pool.imap(_one, names, chunksize=16)
    finally:
        _work.pop()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def _begin() -> None:
    # Ctrl-C reaches all processes; the first one decides and ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _one(name: str) -> Any:
    return _work[-1](name)
