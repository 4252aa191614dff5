"""The process that walks through one pickle: little memory, little time, and nothing to write to.

Standard input is the file; the only argument says its format. Standard output is one JSON object.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict

MEMORY = 3 << 30
"""Bytes of address space."""
CPU_SECONDS = 300


def limit() -> None:
    """Gives up what a walk does not need."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Examines standard input."""
    # picklescan is imported before the limits hold, which it needs no files for afterwards.
    import picklescan.scanner  # noqa: F401

    from budmodel.scanners.pickle_file import Report, examine

    limit()
    with open(0, "rb", closefd=False) as stream:
        size = stream.seek(0, 2)
        try:
            report = examine(stream, size, sys.argv[1])
        except MemoryError:
            report = Report(limit="it takes more memory than a walk may have")
    data = {key: sorted(value) if isinstance(value, set) else value for key, value in asdict(report).items()}
    sys.stdout.write(json.dumps(data))


if __name__ == "__main__":
    main()
