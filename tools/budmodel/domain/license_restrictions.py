"""What an organisation forbids with a model of its own accord, on top of the licence."""

from __future__ import annotations

from budmodel.domain.uses import Opinion, Reason, Use
from budmodel.schema.model import LicenseRestrictions
from budmodel.schema.values import format_count


def restricted(restrictions: LicenseRestrictions | None, use: Use) -> Opinion:
    """What the organisation itself forbids with a model; it can only forbid more than the licence."""
    if restrictions is None:
        return Opinion()
    found: list[Reason] = []

    def deny(what: str) -> None:
        found.append(
            Reason(
                code="restricted",
                level="deny",
                message=f"license_restrictions of the record do not allow {what}",
                clause="license_restrictions",
            )
        )

    if restrictions.commercial_use is False and use.kind == "commercial":
        deny("commercial use")
    if restrictions.derivatives is False and use.derivative:
        deny("derivatives")
    if restrictions.redistribution is False and use.redistribute:
        deny("passing copies on")
    limit = restrictions.monthly_active_users_limit
    if limit is not None:
        if use.mau is not None and use.mau > limit:
            deny(f"more than {format_count(limit)} monthly active users")
        elif use.mau is None:
            found.append(
                Reason(
                    code="users-not-stated",
                    level="warn",
                    message=f"the record allows {format_count(limit)} monthly active users; state --mau",
                    clause="license_restrictions",
                )
            )
    return Opinion(reasons=tuple(found))
