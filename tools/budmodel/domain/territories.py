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
_PART_OF = {"AX": "FI", **dict.fromkeys("GF GP MF MQ RE YT".split(), "FR")}  # noqa: SIM905
"""Territories with codes of their own that lie in a member state and in the Union: Åland (protocol 2 of the
Act of Accession of 1994) and the outermost regions of France (articles 349 and 355(1) TFEU)."""
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

    The Union is excluded with each of its members: whoever offers something in all of it does so there. What
    is no code counts as excluded wherever anything is: nobody can say that it is not meant.
    """
    if code not in TERRITORIES:
        return bool(excluded)
    return any(_is_in(one, code) or _is_in(code, one) for one in excluded)


def _is_in(code: str, whole: str) -> bool:
    state = _PART_OF.get(code, code)
    return whole in (code, state) or (whole == "EU" and state in EU)
