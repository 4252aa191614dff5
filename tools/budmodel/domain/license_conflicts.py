"""Where somebody claims more than a licence gives: a record against its licence, a child against its parents.

Pure, and strict in one direction only: what nobody has recorded is no conflict (other rules speak of it), and
what is recorded must not become freer. In an expression ``AND`` gives what all its parts give, ``OR`` what
the freest gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import Any

from budmodel.domain.licensing import LicenseBook, Term
from budmodel.schema.license import License
from budmodel.schema.model import LicenseRestrictions

_PERMISSIONS = {False: 0, "conditional": 1, True: 2}
_WORDS = {0: "forbids", 1: "allows under conditions", 2: "allows"}
_PREFIX = re.compile(r'names?\b[^;]*?\bbegins? with\s+"([^"]+)"')
_LIMITS = (
    ("monthly_active_users_limit", "monthly active users"),
    ("annual_revenue_limit_usd", "US dollars of revenue a year"),
    ("monthly_revenue_limit_usd", "US dollars of revenue a month"),
)


def looser_than_text(
    restrictions: LicenseRestrictions, tree: Term, book: LicenseBook
) -> Iterator[tuple[str, str]]:
    """The fields of a record that claim more than its licence gives, each with a part of a sentence.

    Args:
        restrictions: what the record states.
        tree: its licence.
        book: the licence records.
    """
    for field, words in (
        ("commercial_use", "commercial use"),
        ("derivatives", "derivatives"),
        ("redistribution", "passing copies on"),
    ):
        given = _permission(tree, book, field)
        if getattr(restrictions, field) is True and given == 0:
            yield field, f"allows {words}, which the licence forbids"
    limit, claimed = _limit(tree, book, "monthly_active_users_limit"), restrictions.monthly_active_users_limit
    if limit is not None and claimed is not None and claimed > limit:
        yield (
            "monthly_active_users_limit",
            f"allows {claimed} monthly active users, of which the licence gives {limit:.0f}",
        )


def freer_than_parent(
    name: str,
    child: Term,
    restrictions: Sequence[LicenseRestrictions],
    parent: Term,
    book: LicenseBook,
    *,
    outputs_only: bool = False,
) -> Iterator[str]:
    """In what a child is freer than one of its ancestors, as parts of a sentence.

    Args:
        name: of the child, for licences that ask for a name.
        child: its licence.
        restrictions: what its records narrow further.
        parent: the ancestor's licence.
        book: the licence records.
        outputs_only: only outputs of the ancestor were used, not its weights.
    """
    if outputs_only:
        if _permission(parent, book, "output_use") == 0:
            yield "outputs may not train other models"
        yield from _name(name, parent, book, outputs_only=True)
        return
    if _permission(parent, book, "derivatives") == 0:
        yield "derivatives are not allowed"
    unshared = _carrying(parent, book, lambda record: record.derivatives_shared is False)
    for field, words in (("commercial_use", "commercial use"), ("redistribution", "passing copies on")):
        given, claimed = _permission(parent, book, field), _claimed(child, restrictions, book, field)
        if given is not None and claimed is not None and claimed > given:
            yield f"it {_WORDS[claimed]} {words}, which the ancestor's licence {_WORDS[given]}"
        elif field == "redistribution" and unshared and claimed:
            unlike = " or ".join(sorted(unshared))
            yield f"it {_WORDS[claimed]} {words}, and {unlike} lets no derivative be passed on"
    for field, words in _LIMITS:
        given_limit, own_limit = _limit(parent, book, field), _own_limit(child, restrictions, book, field)
        if given_limit is not None and own_limit > given_limit:
            yield f"the limit of {given_limit:.0f} {words} is gone"
    gone = _excluded(parent, book) - _excluded(child, book)
    if gone:
        yield f"it is given in {', '.join(sorted(gone))}, where the ancestor's is not"
    yield from _handed_down(child, parent, book)
    yield from _name(name, parent, book, outputs_only=False)


def _claimed(
    child: Term, restrictions: Sequence[LicenseRestrictions], book: LicenseBook, field: str
) -> int | None:
    """What a child allows, as :func:`_permission`, once its own records have narrowed it."""
    return 0 if any(getattr(one, field) is False for one in restrictions) else _permission(child, book, field)


def _own_limit(
    child: Term, restrictions: Sequence[LicenseRestrictions], book: LicenseBook, field: str
) -> float:
    limits = [_limit(child, book, field), *(getattr(one, field, None) for one in restrictions)]
    return min((limit for limit in limits if limit is not None), default=inf)


def wider_than_allowed(
    child: Term,
    restrictions: Sequence[LicenseRestrictions],
    narrowed: Sequence[LicenseRestrictions],
    parent: Term | None,
    book: LicenseBook,
) -> Iterator[str]:
    """What the records of an ancestor allow less than its licence, and those of a child do not, in words.

    Args:
        child: its licence.
        restrictions: what its records narrow further.
        narrowed: what the ancestor's records narrow.
        parent: the ancestor's licence, whose own limits :func:`freer_than_parent` tells; None where unknown.
        book: the licence records.
    """

    def given(field: str) -> int | None:
        return _permission(parent, book, field) if parent is not None else None

    if any(one.derivatives is False for one in narrowed) and given("derivatives") != 0:
        yield "the ancestor's license_restrictions allow no derivatives"
    for field, words in (("commercial_use", "commercial use"), ("redistribution", "passing copies on")):
        claimed = _claimed(child, restrictions, book, field)
        if claimed and given(field) != 0 and any(getattr(one, field) is False for one in narrowed):
            yield f"it {_WORDS[claimed]} {words}, which the ancestor's license_restrictions forbid"
    field = "monthly_active_users_limit"
    most = min((one.monthly_active_users_limit or inf for one in narrowed), default=inf)
    licensed = _limit(parent, book, field) if parent is not None else None
    if most < (licensed or inf) and _own_limit(child, restrictions, book, field) > most:
        yield f"the limit of {most:.0f} monthly active users in the ancestor's license_restrictions is gone"


def _handed_down(child: Term, parent: Term, book: LicenseBook) -> Iterator[str]:
    """Duties that the child's own licence must repeat: in each alternative, where it leaves a choice."""
    alike = _carrying(parent, book, lambda record: record.share_alike is True)
    if alike and not _carrying(child, book, lambda record: record.id in alike):
        yield f"share-alike: derivatives stay under {' or '.join(sorted(alike))}"
    passing = _carrying(parent, book, lambda record: record.pass_on_restrictions is True)
    if passing and not _carrying(child, book, lambda one: one.id in passing or one.pass_on_restrictions):
        yield f"the use restrictions of {' and '.join(sorted(passing))} must be passed on"


def _name(name: str, parent: Term, book: LicenseBook, *, outputs_only: bool) -> Iterator[str]:
    for id_ in sorted(_carrying(parent, book, lambda record: record.naming is not None)):
        naming = book.licenses[id_].naming or ""
        prefix = name_prefix(naming)
        if prefix is None or (outputs_only and "output" not in naming):
            continue
        if not _plain(name).startswith(_plain(prefix)):
            yield f'its name must begin with "{prefix}"'


def name_prefix(naming: str) -> str | None:
    """The word with which names of derivatives must begin, where a licence's ``naming`` says so in quotes."""
    found = _PREFIX.search(" ".join(naming.split()))
    return found[1] if found is not None else None


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _permission(term: Term, book: LicenseBook, field: str) -> int | None:
    """0 no, 1 conditional, 2 yes; None where nobody recorded it."""
    if isinstance(term, str):
        record = book.find(term)
        if record is None:
            return None
        if field == "commercial_use" and record.research_only:
            return 0
        return _PERMISSIONS.get(getattr(record, field))
    answers = [_permission(inner, book, field) for inner in term.terms]
    known = [answer for answer in answers if answer is not None]
    if term.operator == "AND":
        # One part that forbids decides, whatever the others say.
        return 0 if 0 in known else (min(known) if len(known) == len(answers) and known else None)
    return max(known) if len(known) == len(answers) and known else (2 if 2 in known else None)


def _limit(term: Term, book: LicenseBook, field: str) -> float | None:
    """The limit; None where there is none."""
    if isinstance(term, str):
        record = book.find(term)
        if record is None or record.limits_bring == "duty":
            return None
        limit: int | None = getattr(record, field)
        return limit
    limits = [_limit(inner, book, field) for inner in term.terms]
    if term.operator == "AND":
        return min((limit for limit in limits if limit is not None), default=None)
    return None if None in limits else max(limit for limit in limits if limit is not None)


def _excluded(term: Term, book: LicenseBook) -> frozenset[str]:
    if isinstance(term, str):
        record = book.find(term)
        return frozenset(record.territories_excluded) if record is not None else frozenset()
    parts = [_excluded(inner, book) for inner in term.terms]
    return frozenset.union(*parts) if term.operator == "AND" else frozenset.intersection(*parts)


def _carrying(term: Term, book: LicenseBook, has: Callable[[License], Any]) -> frozenset[str]:
    """The licences of an expression that have a duty; of ``OR`` only where all have, since one may choose."""
    if isinstance(term, str):
        record = book.find(term)
        return frozenset({record.id}) if record is not None and has(record) else frozenset()
    parts = [_carrying(inner, book, has) for inner in term.terms]
    if term.operator == "OR" and not all(parts):
        return frozenset()
    return frozenset.union(*parts)
