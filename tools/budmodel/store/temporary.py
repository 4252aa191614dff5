"""The names of the files that a writer uses while it works; every reader asks for them."""

from __future__ import annotations

import re

_TEMPORARY = re.compile(r"\.budmodel-[0-9a-f]{16}\.tmp\Z")


def is_temporary(name: str) -> bool:
    """Whether a file name (without folder) is one that a writer uses while it works; readers skip those."""
    return _TEMPORARY.match(name) is not None
