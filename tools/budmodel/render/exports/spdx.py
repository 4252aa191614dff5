"""Licences in SPDX's words: ids and expressions, with ``LicenseRef-`` for what SPDX has no id for.

Source: SPDX Specification 3.0.1, Annex B (license expressions): a reference is ``LicenseRef-`` and letters,
digits, ``-`` and ``.``. The ids are those that the library license-expression carries.
"""

from __future__ import annotations

import re
from functools import cache

from budmodel.domain.licensing import LicenseBook, Operation, Term
from budmodel.render.exports.catalog import Catalog

_unfit = re.compile(r"[^A-Za-z0-9.-]+")


@cache
def _ids() -> dict[str, str]:
    """SPDX's ids by their lower case, exceptions left out."""
    # Imported here: it takes 60 ms to load.
    from license_expression import get_spdx_licensing

    known = get_spdx_licensing().known_symbols.items()
    return {
        key.lower(): key
        for key, symbol in known
        if not symbol.is_exception and not key.lower().startswith("licenseref-")
    }


@cache
def _exceptions() -> dict[str, str]:
    from license_expression import get_spdx_licensing

    known = get_spdx_licensing().known_symbols.items()
    return {key.lower(): key for key, symbol in known if symbol.is_exception}


def spdx_id(name: str) -> str | None:
    """The SPDX id of that name as SPDX writes it; None where SPDX has none. Case does not matter."""
    return _ids().get(name.lower())


def reference(name: str) -> str:
    """``LicenseRef-`` and the name."""
    text = name[len("LicenseRef-") :] if name.lower().startswith("licenseref-") else name
    return f"LicenseRef-{_unfit.sub('-', text).strip('-.') or 'unnamed'}"


def expression(catalog: Catalog, license_type: str) -> str:
    """A licence of the catalog (id, alias or expression) as a valid SPDX expression."""
    found = catalog.resolve(license_type)
    if found.tree is None or found.error:
        return reference(license_type)
    return _text(found.tree, catalog.book, nested=False)


def _text(term: Term, book: LicenseBook, *, nested: bool) -> str:
    if isinstance(term, Operation):
        joined = f" {term.operator} ".join(_text(inner, book, nested=True) for inner in term.terms)
        return f"({joined})" if nested else joined
    known = book.find(term)
    return _single(known.id if known is not None else term)


def _single(name: str) -> str:
    license_, _, exception = name.partition(" WITH ")
    if exception:
        both = spdx_id(license_), _exceptions().get(exception.strip().lower())
        return " WITH ".join(part for part in both if part) if all(both) else reference(name)
    return spdx_id(name) or reference(name)
