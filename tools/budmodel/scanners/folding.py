"""What an engine saw of a file and of all that is inside it, as one outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from budmodel.scanners.interface import Found, Outcome, Verdict

MOST_FOUND = 200
"""Findings of one engine in one file; a container may hold any number of bad members."""
# The worst comes last. What was found is certain; what could not be read may be worse than it seems.
_ORDER: tuple[Verdict, ...] = ("clean", "unsupported", "limit", "error", "found")


def fold(own: Sequence[Outcome], members: Iterable[Outcome], size: int) -> tuple[Outcome, ...]:
    """One outcome for each engine, sorted by name.

    Args:
        own: what the engines saw of the file itself.
        members: what they saw of members at any depth.
        size: bytes of the file; an engine that saw members only has seen them all, or says why not.
    """
    by_engine: dict[str, list[Outcome]] = {outcome.engine: [] for outcome in own}
    for outcome in members:
        by_engine.setdefault(outcome.engine, []).append(outcome)
    itself = {outcome.engine: outcome for outcome in own}
    return tuple(_folded(engine, itself.get(engine), by_engine[engine], size) for engine in sorted(by_engine))


def _folded(engine: str, own: Outcome | None, members: Sequence[Outcome], size: int) -> Outcome:
    everything = [own, *members] if own is not None else list(members)
    worst = max(everything, key=lambda outcome: _ORDER.index(outcome.verdict))
    found: dict[Found, None] = dict.fromkeys(one for outcome in everything for one in outcome.found)
    kept = tuple(found)[:MOST_FOUND]
    if own is not None:
        seen, total = own.bytes_seen, own.bytes_total
    else:
        whole = all(one.verdict in ("clean", "found") for one in members)
        seen, total = (size if whole else 0), size
    return Outcome(
        engine=engine,
        verdict=worst.verdict,
        bytes_seen=seen,
        bytes_total=total,
        found=kept,
        message=worst.message,
    )
