"""Who accepted which text of a licence, and whether that still holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from budmodel.domain.inheritance import Models, ancestors, bases_of
from budmodel.domain.licensing import LicenseBook
from budmodel.schema.license import Acknowledgment, License
from budmodel.schema.model import Model
from budmodel.schema.values import after, parse_timestamp
from budmodel.schema.version import Version

_CLOCKS_DIFFER = timedelta(days=1)


def current_text(license_: License, frozen: str | None = None) -> str | None:
    """The SHA-256 of the text that somebody accepts now.

    Args:
        license_: the licence's record.
        frozen: the text that the version froze at its release, which stays its own.

    Returns:
        The frozen text, or else the one that was seen last (of several, the last in the record); one without
        a date was seen after those above it. None where the record knows no text.
    """
    if frozen is not None:
        return frozen
    newest, current = "", None
    for text in license_.texts:
        if (text.seen or newest) >= newest:
            newest, current = text.seen or newest, text.sha256
    return current


def texts_to_accept(
    models: Models, book: LicenseBook, model: Model, record: Version, wanted: Collection[str]
) -> Iterator[tuple[License, str | None]]:
    """The licences of a version, and those of what it was made of that are wanted, with the text that counts.

    Args:
        models: the catalog, for ancestors.
        book: the licence records.
        model: the model's record.
        record: the version's.
        wanted: ids of licences that bind through the weights of ancestors too.
    """
    seen: set[tuple[str, str | None]] = set()
    found = [(record.license_type or model.license_type, record.license_text_sha256, True)]
    found += [
        (one.license_type, one.license_text_sha256, False)
        for one in ancestors(models, bases_of(model, record))
        if not one.outputs_only
    ]
    for stated, frozen, own in found:
        ids = book.resolve(stated).ids if stated is not None else ()
        for id_ in ids:
            # The text that a version froze is that of its licence, so of one among several nobody can say.
            text = current_text(book.licenses[id_], frozen if len(ids) == 1 else None)
            if (own or id_ in wanted) and (id_, text) not in seen:
                seen.add((id_, text))
                yield book.licenses[id_], text


def holding(
    known: Iterable[Acknowledgment],
    license_: License,
    text: str | None,
    *,
    use: str,
    who: str | None,
    now: datetime,
) -> Iterator[Acknowledgment]:
    """The acknowledgments of a version's licence that count: same use, same licence, same text, not of later.

    Args:
        known: those of the version.
        license_: the licence.
        text: its current text.
        use: ``commercial``, ``internal`` or ``research``.
        who: on whose behalf; None means that anybody's counts.
        now: the moment of the question; clocks may differ by a day.
    """
    for one in known:
        same = one.license_id == license_.id and one.license_text_sha256 == text and one.use == use
        if not same or parse_timestamp(one.on) > after(now, _CLOCKS_DIFFER):
            continue
        if who is None or _person(one.by) == _person(who):
            yield one


def _person(text: str) -> str:
    """Of ``Name <address>`` the address, which is one person's; a name alone stands for itself."""
    _, _, rest = text.rpartition("<")
    address = rest.removesuffix(">").strip() if rest.endswith(">") else ""
    return (address or text).casefold().strip()


def wrote(by: str, writers: Collection[str]) -> bool:
    """Whether who acknowledged is among those who wrote it: a name, an address, or ``Name <address>``."""
    claimed = {by.casefold().strip()}
    name, _, rest = by.partition("<")
    if rest.endswith(">"):
        # Both must fit: the name alone can be anybody's.
        claimed = {rest.removesuffix(">").casefold().strip()}
        if name.strip() and name.casefold().strip() not in {one.casefold() for one in writers}:
            return False
    return bool(claimed & {one.casefold() for one in writers})
