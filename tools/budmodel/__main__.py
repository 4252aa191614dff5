"""``python -m budmodel`` and the console script."""

import gc
import os
import sys
from contextlib import suppress


def main() -> None:
    """Runs the command line and leaves with its exit code."""
    # Looking for Pydantic's plug-ins takes time at each start, and nobody else's code belongs in here.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # A command makes many objects and drops few; collecting cycles as often as Python does by default takes a
    # fifth of the time of a large check, and some of that of every start.
    gc.set_threshold(100_000, 50, 50)
    from budmodel.cli.main import run

    code = run(sys.argv[1:])
    # Python looks through all objects once more before it ends; the system takes them back faster.
    gc.freeze()
    if code == 130:
        # Threads that wait for the network must not keep whoever pressed Ctrl-C waiting; all is cleaned up.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
