"""Licences as the catalog records them: ``budmodel license list`` and ``show``. Facts, not a decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from budmodel.domain.licensing import LicenseBook
from budmodel.domain.suggest import nearest
from budmodel.errors import NotFoundError
from budmodel.operations.listing import license_book
from budmodel.operations.names import resolve, valid_model
from budmodel.schema.license import License
from budmodel.store.catalog import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseUse:
    """A licence and how many models name it."""

    record: License
    models: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a licence text (id, alias or expression) stands for."""

    expression: str | None
    """As the record writes it; None where no licence is stated."""
    licenses: tuple[License, ...] = ()
    unknown: tuple[str, ...] = ()
    """Names that no licence record of the catalog has. Unknown is never a yes."""
    error: str = ""
    """Why it is no expression."""
    subject: str | None = None
    """The model (``name`` or ``name@version``) that was asked for; None for a licence of its own."""

    def summary(self) -> str:
        """The terms in one line, for people."""
        if self.expression is None:
            return "no licence is stated"
        parts = [
            f"{record.id}: {', '.join(short_terms(record)) or 'no terms recorded'}"
            for record in self.licenses
        ]
        parts += [f"{name}: not in catalog/licenses" for name in self.unknown]
        return "; ".join(parts)


def list_licenses(snapshot: Snapshot) -> list[LicenseUse]:
    """All licence records by id, each with the number of models that name it."""
    book = license_book(snapshot)
    counts: dict[str, int] = {}
    resolved: dict[str, tuple[str, ...]] = {}
    for _, data in snapshot.model_data():
        text = data.get("license_type")
        if text:
            if text not in resolved:
                resolved[text] = book.resolve(text).ids
            for id_ in resolved[text]:
                counts[id_] = counts.get(id_, 0) + 1
    records = sorted(book.licenses.values(), key=lambda record: record.id.casefold())
    return [LicenseUse(record=record, models=counts.get(record.id, 0)) for record in records]


def terms_of(book: LicenseBook, expression: str | None, subject: str | None = None) -> Terms:
    """What a licence text stands for."""
    if expression is None:
        return Terms(expression=None, subject=subject)
    found = book.resolve(expression)
    return Terms(
        expression=expression,
        licenses=tuple(book.licenses[id_] for id_ in found.ids),
        unknown=found.unknown,
        error=found.error,
        subject=subject,
    )


def model_terms(snapshot: Snapshot, name: str, version: str | None) -> Terms:
    """The terms of a model, or of one version (which may have its own, frozen at release).

    Raises:
        DataError: the model's record is invalid.
    """
    _, model = valid_model(snapshot, name)
    record = snapshot.model(name).version(version) if version is not None else None
    own = record.license_type if record is not None else None
    subject = name if version is None else f"{name}@{version}"
    return terms_of(license_book(snapshot), own or model.license_type, subject)


def show_license(snapshot: Snapshot, text: str) -> Terms:
    """The terms of a licence (id or alias) or of a model (``NAME[@V]``); a licence of that name comes first.

    Raises:
        NotFoundError: neither; with the nearest name.
    """
    book = license_book(snapshot)
    if book.find(text) is not None:
        return terms_of(book, text)
    try:
        named = resolve(snapshot, text)
    except NotFoundError:
        if text.partition("@")[0] in snapshot.tree.model_names():
            raise
        near = nearest(text, [*book.known(), *snapshot.tree.model_names()])
        record = book.find(near) if near else None
        hint = f"did you mean {record.id if record else near}?" if near else "see budmodel license list"
        raise NotFoundError(f"no licence and no model {text!r} in the catalog; {hint}") from None
    return model_terms(snapshot, named.name, named.version)


def short_terms(record: License) -> Iterator[str]:
    """The facts of a licence that decide most questions, in a few words each."""
    if record.research_only:
        yield "research only"
    for words, value in (
        ("commercial use", record.commercial_use),
        ("derivatives", record.derivatives),
        ("redistribution", record.redistribution),
    ):
        if value is not None:
            yield f"{words} {_answer(value)}"
    if record.monthly_active_users_limit is not None:
        yield f"up to {record.monthly_active_users_limit:,} monthly active users"
    if record.annual_revenue_limit_usd is not None:
        yield f"up to {record.annual_revenue_limit_usd:,} USD revenue a year"
    if record.monthly_revenue_limit_usd is not None:
        yield f"up to {record.monthly_revenue_limit_usd:,} USD revenue a month"
    if record.attribution:
        yield "attribution required"
    if record.share_alike:
        yield "share alike"
    if record.api_only:
        yield "API only"


def _answer(value: bool | str) -> str:
    return "conditional" if value == "conditional" else "yes" if value else "no"
