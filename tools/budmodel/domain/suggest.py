"""Did you mean …? The nearest known word, cheap enough for ten thousand wrong words in ten thousand names."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

MOST = 200
"""Most words that are compared in full; a catalog of names with one prefix must not cost minutes."""


def nearest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str | None:
    """The known word that is most like ``word``, without regard to case; None where none is near.

    Args:
        word: what was written.
        known: what could have been meant.
        cutoff: least similarity from 0 to 1, as :func:`difflib.get_close_matches` counts it.
    """
    import difflib  # only who was misunderstood waits for it

    folded = word.casefold()
    slack = max(2, len(folded) // 4)
    near = (item for item in known if abs(len(item) - len(folded)) <= slack and _begins_alike(item, folded))
    spelled = {item.casefold(): item for item in islice(near, MOST)}
    found = difflib.get_close_matches(folded, spelled, n=1, cutoff=cutoff)
    return spelled[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """A fix as text: the nearest known word, or what to do where none is near."""
    found = nearest(word, known)
    return f"did you mean {found}?" if found is not None else otherwise


def _begins_alike(item: str, folded: str) -> bool:
    # A slip in both of the first two letters is rare; asking for one of them spares most comparisons.
    head = item[:2].casefold()
    return head[:1] == folded[:1] or head[1:] == folded[1:2]
