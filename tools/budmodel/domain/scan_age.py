"""How old the evidence of a scan is. Policy judges it (rule scan-stale); the verdict stays what it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from budmodel.schema.governance import ScanPolicy
from budmodel.schema.scan import Scan, ScanEngine
from budmodel.schema.values import parse_timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """How old the evidence is, which policy judges and the verdict does not."""

    scan_days: int | None
    """Whole days since the scan finished."""
    scan_limit_days: int
    database_days: dict[str, int | None]
    """By engine that has a signature database: its whole days when the scan finished; None without a date."""
    database_limit_days: int
    stale: tuple[str, ...]
    """What is too old or undated, each as a sentence without its full stop."""


def scan_age(scan: Scan, formats: Collection[str | None], policy: ScanPolicy, now: datetime) -> Age:
    """How old a scan is, and how old the signatures were that it used.

    Args:
        scan: the record.
        formats: of the version's files; the one that ages fastest counts.
        policy: says how old either may be.
        now: the moment at which the scan's age is told.
    """
    by_format = policy.max_age_days_by_format
    limits = [by_format[name] for name in formats if name is not None and name in by_format]
    limit = min(limits, default=policy.max_age_days)
    finished = parse_timestamp(scan.finished) if scan.finished is not None else None
    days = (now - finished).days if finished is not None else None
    databases = {
        engine.name: _database_days(engine, finished)
        for engine in scan.engines
        # ClamAV without a database found nothing for that reason alone.
        if engine.database is not None or engine.name == "clamav"
    }
    stale = [f"the scan is {days} days old, the policy allows {limit}"] if (days or 0) > limit else []
    if days is not None and days < 0:
        stale.append("the scan says that it finished in the future")
    for engine, age in databases.items():
        if age is None:
            stale.append(f"the signatures of {engine} bear no date")
        elif age > policy.max_database_age_days:
            stale.append(
                f"the signatures of {engine} were {age} days old at the scan, "
                f"the policy allows {policy.max_database_age_days}"
            )
    return Age(
        scan_days=days,
        scan_limit_days=limit,
        database_days=databases,
        database_limit_days=policy.max_database_age_days,
        stale=tuple(stale),
    )


def _database_days(engine: ScanEngine, finished: datetime | None) -> int | None:
    date = engine.database.date if engine.database is not None else None
    return None if date is None or finished is None else (finished - parse_timestamp(date)).days
