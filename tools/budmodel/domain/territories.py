"""Territories as licences name them: ISO 3166-1 alpha-2 codes, and EU for the European Union as a whole.

Sources: the officially assigned codes of ISO 3166-1 (https://www.iso.org/obp/ui/#search/code/), and the
members of the Union (https://european-union.europa.eu/principles-countries-history/eu-countries_en).
"""

from __future__ import annotations

from collections.abc import Collection

EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
"""Members of the European Union; some licences exclude it as a whole."""
_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
_ASSIGNED = frozenset(_CODES.split())
_MEANT = {"UK": "GB", "EL": "GR"}


def territory(text: str) -> str:
    """A territory's code.

    Raises:
        ValueError: there is no such code; the message says what to write.
    """
    code = text.strip().upper()
    if code in _ASSIGNED or code == "EU":
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
