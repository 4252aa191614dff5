"""``python -m budmodel`` and the console script."""

import gc
import os
import sys
from contextlib import suppress
from types import ModuleType


def main() -> None:
    """Runs the command line and leaves with its exit code."""
    _in_utf8()
    _without_plugins()
    _with_streams()
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


def _in_utf8() -> None:
    """Starts over in Python's UTF-8 mode (PEP 540) where the system's language has another encoding.

    Git's names and paths are UTF-8 wherever they are read: a commit gives the same bytes in each language.
    """
    if sys.getfilesystemencoding() == "utf-8" or sys.flags.utf8_mode or not sys.executable:
        return
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - ourselves


def _without_plugins() -> None:
    """Keeps Pydantic from looking for plug-ins: it takes time, and nobody else's code belongs in here.

    The variable is what Pydantic documents. But it reads that only after ``importlib.metadata`` and all of
    ``email`` are loaded, a fifteenth of deploy-check; so the module that reads it is replaced by its answer.
    Where a later Pydantic has no such module, this changes nothing.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    loader = ModuleType("pydantic.plugin._loader")
    loader.__dict__["get_plugins"] = tuple
    sys.modules.setdefault(loader.__name__, loader)


def _with_streams() -> None:
    """Gives standard streams that are closed (``>&-``) somewhere to go: the verdict is the exit code still.

    Otherwise the first file that is opened takes their number, and whoever writes there writes into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        descriptor = os.open(os.devnull, os.O_RDWR)
        if descriptor != number:
            os.dup2(descriptor, number)
            os.close(descriptor)
        stream = os.fdopen(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)
        setattr(sys, name, stream)


if __name__ == "__main__":
    main()
