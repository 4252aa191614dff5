"""Which licences a policy accepts: its lists of ids, aliases or expressions, turned into ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from budmodel.domain.licensing import LicenseBook
from budmodel.schema.governance import LicensePolicy


def accepted_names(book: LicenseBook, policy: LicensePolicy) -> Mapping[str, bool] | None:
    """For every id and alias (casefolded) of the book whether the policy accepts it; None where it takes all.

    Denied wins over allowed. An absent ``allowed`` accepts what is not denied, an empty one accepts nothing.
    """
    if policy.allowed is None and not policy.denied:
        return None
    denied = ids_named(book, policy.denied)
    allowed = (
        None if policy.allowed is None else {id_ for name in policy.allowed for id_ in book.resolve(name).ids}
    )
    answers: dict[str, bool] = {}
    for name in book.known():
        record = book.find(name)
        assert record is not None
        answers[name] = record.id not in denied and (allowed is None or record.id in allowed)
    return answers


def ids_named(book: LicenseBook, names: Iterable[str]) -> set[str]:
    """The licences that a policy speaks of where it asks for more: of a contended name, all that claim it."""
    return {id_ for name in names for id_ in (*book.claimants(name), *book.resolve(name).ids)}
