"""What a disk that folds names (macOS, Windows) would lay over the catalog: ``Catalog/`` beside ``catalog/``.

Git keeps both apart, so that the records which decide are those of ``catalog/``; where such a disk checks
them out, they are those of whichever came last.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

KindT = TypeVar("KindT", bound=str)
Listing = Callable[[Sequence[str]], Iterator[tuple[str, KindT]]]
"""Asked for what lies directly in some folders (``""`` is the top), each ending with a slash."""
_UNSEEN = frozenset(["Cc", "Cf", "Cs"])
"""Categories of what a disk may skip in a name: controls, joiners, bytes that are not UTF-8."""


def lookalikes(path: str, listing: Listing[KindT]) -> Mapping[str, KindT]:
    """The paths, other than this one, that a folding disk takes for it, with what is there.

    Args:
        path: a folder, from the top of its repository.
        listing: what lies in a folder.
    """
    found: dict[str, KindT] = {}
    meant, above, folders = "", "", [""]
    parts = path.split("/")
    for depth, part in enumerate(parts):
        meant = f"{above}{part}"
        same = {one: kind for one, kind in listing(folders) if fold_file(_name(one)) == fold_file(part)}
        last = depth == len(parts) - 1
        # A folder on the way counts once something in it does; anything else stands in the way itself.
        found |= {one: kind for one, kind in same.items() if one != meant and (last or kind != "folder")}
        folders = [f"{one}/" for one, kind in same.items() if kind == "folder"]
        above = f"{meant}/"
        if not folders:
            break
    return found


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def fold_file(name: str) -> str:
    """A file's name as the most forgiving disk reads it: no case, nothing unseen, no dots at its end.

    Windows also drops spaces at the end, and takes what follows a colon for a part of the same file.
    """
    plain = unicodedata.normalize("NFKC", name.partition(":")[0]).casefold()
    return "".join(one for one in plain if unicodedata.category(one) not in _UNSEEN).rstrip(". ")


def seen_from(root: str, path: str) -> str:
    """A path as it is told relative to a root below the same top: ``../ML/catalog``.

    Args:
        root: empty, or ending with a slash.
        path: from the top.
    """
    up = 0
    while not path.startswith(root):
        root, up = root[: root.rstrip("/").rfind("/") + 1], up + 1
    return "../" * up + path.removeprefix(root)
