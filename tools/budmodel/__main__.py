"""``python -m budmodel`` and the console script."""

import os
import sys
from contextlib import suppress


def main() -> None:
    """Runs the command line and leaves with its exit code."""
    # Looking for Pydantic's plug-ins takes time at each start, and nobody else's code belongs in here.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from budmodel.cli.main import run

    code = run(sys.argv[1:])
    if code == 130:
        # Threads that wait for the network must not keep whoever pressed Ctrl-C waiting; all is cleaned up.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
