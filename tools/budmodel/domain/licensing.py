"""Licence names and expressions against the licences that the catalog knows.

This module resolves; it does not judge. Unknown is a value of its own and never a yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from budmodel.schema.license import License


class ExpressionInvalidError(ValueError):
    """The text is neither a name nor an SPDX expression; the message says why."""


@dataclass(frozen=True)
class LicenseBook:
    """All licence records by id and alias; case does not matter."""

    licenses: Mapping[str, License]
    """By id, as the record writes it."""

    @classmethod
    def of(cls, licenses: Iterable[License]) -> LicenseBook:
        """A book of these records."""
        return cls({license_.id: license_ for license_ in licenses})

    @classmethod
    def at(cls, licenses: Iterable[tuple[str, License]]) -> LicenseBook:
        """A book of records with their paths: one whose path is not its id speaks for no licence."""
        return cls.of(record for path, record in licenses if path.endswith(f"/{record.id}.yaml"))

    @cached_property
    def _claims(self) -> dict[str, frozenset[str]]:
        """The ids of the records that claim a name; an id wins over the aliases of others."""
        ids: dict[str, frozenset[str]] = {}
        aliases: dict[str, frozenset[str]] = {}
        for id_, license_ in self.licenses.items():
            ids[id_.casefold()] = ids.get(id_.casefold(), frozenset()) | {id_}
            for alias in map(str.casefold, license_.aliases):
                aliases[alias] = aliases.get(alias, frozenset()) | {id_}
        return {**aliases, **ids}

    @cached_property
    def _names(self) -> dict[str, str]:
        return {name: next(iter(ids)) for name, ids in self._claims.items() if len(ids) == 1}

    def claimants(self, name: str) -> frozenset[str]:
        """The ids of all records that have a name as id or alias: more than one where they contend for it."""
        return self._claims.get(name.strip().casefold(), frozenset())

    def find(self, name: str) -> License | None:
        """The record of a single id or alias; None also where several records claim the name."""
        id_ = self._names.get(name.strip().casefold())
        return None if id_ is None else self.licenses[id_]

    def known(self) -> Iterator[str]:
        """All ids and aliases, for suggestions."""
        yield from self._names

    def resolve(self, text: str) -> Resolution:
        """What an id, an alias or an SPDX expression over them stands for.

        An expression that names a known licence is that expression, whoever has the whole text as an alias:
        else a new record could free all models under ``A AND B`` from both.
        """
        whole = self.find(text)
        if whole is not None and not self._composed(text):
            return Resolution(text=text, ids=(whole.id,), unknown=(), tree=whole.id)
        try:
            tree = parse_expression(text)
        except ExpressionInvalidError as error:
            return Resolution(text=text, ids=(), unknown=(text,), tree=None, error=str(error))
        ids: list[str] = []
        unknown: list[str] = []
        for symbol in symbols(tree):
            found = self.find(symbol)
            if found is not None:
                ids.append(found.id)
            else:
                unknown.append(symbol)
        return Resolution(
            text=text, ids=tuple(dict.fromkeys(ids)), unknown=tuple(dict.fromkeys(unknown)), tree=tree
        )

    def _composed(self, text: str) -> bool:
        if " " not in text.strip():
            return False
        try:
            tree = parse_expression(text)
        except ExpressionInvalidError:
            return False
        return isinstance(tree, Operation) and any(self.claimants(symbol) for symbol in symbols(tree))


class Resolution(NamedTuple):
    """The licences that a text names."""

    text: str
    ids: tuple[str, ...]
    unknown: tuple[str, ...]
    tree: Term | None
    error: str = ""

    def acceptable(self, accept: Mapping[str, bool]) -> bool:
        """Whether the expression holds when each licence is accepted or not.

        ``AND`` needs both sides, ``OR`` one of them; a licence that is not in ``accept`` is not accepted.
        """
        return self.tree is not None and not self.error and _holds(self.tree, accept)


@dataclass(frozen=True, slots=True)
class Operation:
    """``AND`` or ``OR`` over terms."""

    operator: str
    terms: tuple[Term, ...]


Term = str | Operation


def named_by_text(book: LicenseBook, sha256: str) -> str | None:
    """The licence that is recorded with a text; None where nobody recorded it."""
    texts = ((one.sha256, id_) for id_, record in book.licenses.items() for one in record.texts)
    return next((id_ for digest, id_ in texts if digest == sha256), None)


def other_text(book: LicenseBook, text: str, frozen: str | None) -> bool:
    """Whether a version froze a text (SHA-256) that its licence is not recorded with: its terms are unknown.

    Where the record knows no text at all, nobody can say.
    """
    ids = book.resolve(text).ids if frozen is not None else ()
    texts = {one.sha256 for id_ in ids for one in book.licenses[id_].texts}
    return bool(texts) and frozen not in texts


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Term:
    """An SPDX expression as a tree of ids and operations. ``A WITH x`` is one id: ``A WITH x``.

    Raises:
        ExpressionInvalidError: the text is no expression.
    """
    # Imported here: most licences are plain ids, and the library takes 60 ms to load.
    from license_expression import ExpressionError, Licensing

    try:
        parsed = Licensing().parse(text)
    # The library has none for some of what it cannot take, such as ().
    except (ExpressionError, ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise ExpressionInvalidError(" ".join(str(error).split()) or "not an SPDX expression") from None
    if parsed is None:
        raise ExpressionInvalidError("empty")
    return _convert(parsed)


def _convert(node: Any) -> Term:
    # The library keeps the blanks: " AND ".
    operator = str(getattr(node, "operator", "")).strip()
    if operator in ("AND", "OR"):
        return Operation(operator, tuple(_convert(child) for child in node.args))
    return str(node)


def choices_left(term: Term, accept: Mapping[str, bool]) -> Term:
    """An expression without the alternatives that somebody does not accept, as long as one is left.

    Args:
        term: the expression.
        accept: for each casefolded id or alias whether it is accepted; others are not.
    """
    if isinstance(term, str):
        return term
    kept = [one for one in term.terms if _holds(one, accept)] if term.operator == "OR" else []
    terms = tuple(choices_left(one, accept) for one in kept or term.terms)
    return terms[0] if len(terms) == 1 else Operation(term.operator, terms)


def symbols(term: Term) -> Iterator[str]:
    """The licences that an expression names."""
    if isinstance(term, str):
        yield term
    else:
        for inner in term.terms:
            yield from symbols(inner)


def _holds(term: Term, accept: Mapping[str, bool]) -> bool:
    if isinstance(term, str):
        return accept.get(term.casefold(), False)
    answers = [_holds(inner, accept) for inner in term.terms]
    return all(answers) if term.operator == "AND" else any(answers)
