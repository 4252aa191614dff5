"""What clamd says that it is: the engine, and its signatures."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from budmodel.errors import OutsideError
from budmodel.scanners.clamd_endpoint import Endpoint
from budmodel.schema.scan import ScanEngine, SignatureDatabase
from budmodel.schema.values import format_timestamp

NAME = "clamav"
"""The engine's name in scan records."""
_VERSION = re.compile(r"ClamAV (?P<engine>[^/\s]+)(?:/(?P<number>[0-9]+)/(?P<date>[^/]+))?")
_DATE = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +([0-9]{1,2}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([0-9]{4})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def engine_of(said: str, endpoint: Endpoint) -> ScanEngine:
    """Reads what VERSION says.

    Args:
        said: ``ClamAV 1.4.6/27800/Sun Nov 22 21:42:17 2026``; the database's part lacks where its signatures
            bear no version (files that somebody wrote by hand).
        endpoint: where. clamd tells its local time and no zone: on this machine it is ours, elsewhere UTC.

    Raises:
        OutsideError: it is no such line.
    """
    match = _VERSION.fullmatch(said)
    date = _date(match["date"], endpoint.here) if match and match["date"] else None
    if match is None or (match["date"] and date is None) or len(said) > 200:
        raise OutsideError(
            f"clamd at {endpoint} says that it is {said[:200]!r}, which is no version of ClamAV; "
            "see who listens there"
        )
    database = SignatureDatabase(version=match["number"], date=date)
    return ScanEngine(name=NAME, version=match["engine"], database=database)


def _date(text: str, here: bool) -> str | None:
    match = _DATE.fullmatch(text)
    if match is None or match[1] not in _MONTHS:
        return None
    day, hour, minute, second, year = (int(part) for part in match.groups()[1:])
    try:
        moment = datetime(year, _MONTHS.index(match[1]) + 1, day, hour, minute, second)
        zoned = moment.astimezone() if here else moment.replace(tzinfo=UTC)
        return format_timestamp(zoned.astimezone(UTC))
    except (ValueError, OverflowError):
        return None
