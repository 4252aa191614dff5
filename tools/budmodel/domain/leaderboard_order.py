"""One order of a leaderboard's rows, so that the same results give the same output on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budmodel.domain.leaderboard import Candidate


def in_order(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """The candidates in one order, whatever their order was."""
    keyed = sorted(((_identity(candidate), candidate) for candidate in candidates), key=itemgetter(0))
    for _, same in groupby(keyed, key=itemgetter(0)):
        found = [candidate for _, candidate in same]
        # Rows that differ in nothing but a setting are rare, and a whole record is slow to compare.
        yield from found if len(found) == 1 else sorted(found, key=_everything)


def _everything(candidate: Candidate) -> tuple[object, ...]:
    state = (candidate.architecture, candidate.parameter_count or 0, candidate.yanked, candidate.archived)
    settings = sorted((key, setting_text(value)) for key, value in candidate.result.settings.items())
    return (repr(settings), candidate.result.model_dump_json(), *state, candidate.blocked)


def _identity(candidate: Candidate) -> tuple[str, str, str, str, str, float]:
    """What tells most rows apart."""
    result = candidate.result
    return (
        candidate.name,
        candidate.version,
        result.origin,
        str(result.date),
        str(result.source),
        result.value,
    )


def setting_text(value: str | bool | int | float) -> str:
    """A setting as text, in which ``5`` and ``5.0`` are the same and ``true`` is not ``1``."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
