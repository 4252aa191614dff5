"""Writing a report where the user asked for it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from budmodel.errors import UsageError


def write_output(path: Path, text: str) -> None:
    """Writes a text file whole or not at all. A device such as ``/dev/stdout`` is written to directly.

    Raises:
        UsageError: the file cannot be written.
    """
    with opened_output(path) as stream:
        stream.write(text.encode("utf-8"))


@contextmanager
def opened_output(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its place when the block ends without an error, and is gone after one.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as device:
                yield device
            return
        with _beside(path) as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}; name another file with --output") from None


@contextmanager
def _beside(path: Path) -> Iterator[BinaryIO]:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".budmodel-", suffix=".tmp")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        # mkstemp makes files that only their owner may read; a report is read by others.
        fresh.chmod(0o644)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
