"""Territories as licences name them: ISO 3166-1 alpha-2 codes, and EU for the European Union as a whole.

Source of the members of the Union: https://european-union.europa.eu/principles-countries-history/eu-countries_en.
"""

from __future__ import annotations

from collections.abc import Collection

from budmodel.schema.territories import TERRITORIES

EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
"""Members of the European Union; some licences exclude it as a whole."""
_MEANT = {"UK": "GB", "EL": "GR"}


def territory(text: str) -> str:
    """A territory's code.

    Raises:
        ValueError: there is no such code; the message says what to write.
    """
    code = text.strip().upper()
    if code in TERRITORIES:
        return code
    hint = f"write {_MEANT[code]}" if code in _MEANT else "write an ISO 3166-1 code such as DE, or EU"
    raise ValueError(f"{text!r} is no territory; {hint}")


def lies_in(code: str, excluded: Collection[str]) -> bool:
    """Whether a territory is one of those that a licence excludes, or has a part that is.

    The Union is excluded with each of its members: whoever offers something in all of it does so there.
    """
    if code == "EU":
        return "EU" in excluded or bool(EU & set(excluded))
    return code in excluded or (code in EU and "EU" in excluded)
