"""Whether bytes are a pickle, though nothing need say so: protocols 0 and 1 look like text."""

from __future__ import annotations

import io
import pickletools
from contextlib import suppress

_NAMES = (".pkl", ".pickle", ".joblib")
_IMPORTS = frozenset({"GLOBAL", "STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"})
_CALLS = frozenset({"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"})
_MOST = 2000
"""Operations that are looked at; a longer pickle has shown by then what it is."""
_MANY = 200


def looks_like_pickle(head: bytes, name: str) -> bool:
    """Whether a file that begins so is a pickle.

    From protocol 2 on a pickle says so. Before that, a file counts as one where loading it would import and
    call something, also if it breaks off behind that; or where its name says so and it can be loaded.

    Args:
        head: its first bytes.
        name: its last name.
    """
    if head[:1] == b"\x80" and len(head) > 2 and 2 <= head[1] <= 5:
        return _operations(head)[0] >= 2
    if not head or head[0] >= 0x80:
        return False
    count, imports, calls, stopped = _operations(head)
    if imports and (calls or stopped):
        return count >= 3
    if count >= _MANY:
        return imports
    return stopped and count >= 2 and name.lower().endswith(_NAMES)


def _operations(head: bytes) -> tuple[int, bool, bool, bool]:
    """Operations up to the first error; whether some import, whether some call, whether there is an end."""
    count, imports, calls, stopped = 0, False, False, False
    stream = io.BytesIO(head)
    # Whatever goes wrong: it is no pickle, or one that is cut off here.
    with suppress(Exception):
        while count < _MOST and stream.tell() < len(head):
            for operation, argument, _ in pickletools.genops(stream):
                count += 1
                name = operation.name
                if name in ("GLOBAL", "INST") and not _is_name(str(argument)):
                    return count, imports, calls, stopped
                imports = imports or name in _IMPORTS
                calls = calls or name in _CALLS
                stopped = stopped or name == "STOP"
                if count >= _MOST:
                    break
    return count, imports, calls, stopped


def _is_name(text: str) -> bool:
    """Whether it may be a module and a name; what is none cannot be imported."""
    return all(part.isidentifier() for word in text.split(" ") for part in word.split("."))
