"""Who accepted which text of a licence, and whether that still holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from budmodel.schema.license import Acknowledgment, License


def current_text(license_: License, frozen: str | None = None) -> str | None:
    """The SHA-256 of the text that somebody accepts now.

    Args:
        license_: the licence's record.
        frozen: the text that the version froze at its release, which stays its own.

    Returns:
        The frozen text, or else the one that was seen last (of several, the last in the record); None where
        the record knows no text.
    """
    if frozen is not None:
        return frozen
    newest = max(enumerate(license_.texts), key=lambda item: (item[1].seen or "", item[0]), default=None)
    return newest[1].sha256 if newest is not None else None


def holding(
    known: Iterable[Acknowledgment], license_: License, text: str | None, *, use: str, who: str | None
) -> Iterator[Acknowledgment]:
    """The acknowledgments of a version's licence that count: same use, same licence, same text.

    Args:
        known: those of the version.
        license_: the licence.
        text: its current text.
        use: ``commercial``, ``internal`` or ``research``.
        who: on whose behalf; None means that anybody's counts.
    """
    for one in known:
        same = one.license_id == license_.id and one.license_text_sha256 == text and one.use == use
        if same and (who is None or one.by.casefold() == who.casefold()):
            yield one


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
