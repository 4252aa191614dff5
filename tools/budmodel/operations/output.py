"""Writing a report where the user asked for it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from budmodel.errors import UsageError


def write_output(path: Path, text: str) -> None:
    """Writes a text file whole or not at all. A device such as ``/dev/stdout`` is written to directly.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=".budmodel-", suffix=".tmp", delete=False
        ) as stream:
            stream.write(text)
        # mkstemp makes files that only their owner may read; a report is read by others.
        Path(stream.name).chmod(0o644)
        Path(stream.name).replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}; name another file with --output") from None
