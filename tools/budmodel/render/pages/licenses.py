"""The table of all licences, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from budmodel.render.pages.frame import Frame
from budmodel.render.rows import Row
from budmodel.render.shell import Page
from budmodel.render.terms import limits, terms_of, verdict
from budmodel.schema.license import License


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseRow:
    """A licence with the models under it."""

    license: License
    models: tuple[Row, ...]


def licenses_page(frame: Frame, rows: Sequence[LicenseRow]) -> Page:
    """The table of all licences: those in use first, the most used before all, then the others by id."""
    return frame.page(
        "licenses.html.j2",
        "licenses/index.html",
        section="licences",
        title="Licences",
        description="What each licence of the registry allows, in short.",
        used=sorted((row for row in rows if row.models), key=lambda row: -len(row.models)),
        unused=[row for row in rows if not row.models],
        verdict=verdict,
        limits=limits,
    )


def license_page(frame: Frame, row: LicenseRow) -> Page:
    """The page of one licence."""
    return frame.page(
        "license.html.j2",
        f"licenses/{row.license.id}/index.html",
        section="licences",
        title=row.license.name,
        description=f"What {row.license.name} allows, demands and forbids.",
        l=row.license,
        terms=terms_of(row.license),
        models=row.models,
        verdict=verdict,
    )
