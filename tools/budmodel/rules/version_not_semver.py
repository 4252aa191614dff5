"""version-not-semver: the name of a version file is not a SemVer 2.0.0 version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from budmodel.domain.quoting import shown
from budmodel.findings import Finding
from budmodel.rules.interface import Context, ModelRule, ModelSubject
from budmodel.schema.values import is_semver

_LOOSE = re.compile(
    r"[vV]?([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.([0-9]{1,9}))?(?:[-_.]?([A-Za-z][0-9A-Za-z.-]*))?\Z"
)


class VersionNotSemver(ModelRule):
    """Versions are compared by SemVer precedence, so each must be one: https://semver.org/spec/v2.0.0.html."""

    id = "version-not-semver"
    title = "A version is not SemVer"

    def visit(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        """One finding for each version file whose name is not SemVer."""
        view = subject.view
        for version, entry in view.versions.items():
            if is_semver(version):
                continue
            meant = nearest_semver(version)
            fix = "name it MAJOR.MINOR.PATCH, such as 1.0.0"
            if meant is not None:
                there = view.version_path(meant)
                fix = f"rename {shown(entry.path)} to {there}, and write version: {meant} in it"
                if meant in view.versions:
                    fix = f"{there} is there already; remove this one"
            yield self.finding(entry.path, f"{version!r} is not a SemVer version", fix=fix)


def nearest_semver(text: str) -> str | None:
    """What a loose version means: ``1.0`` is 1.0.0, ``v1.0.0`` is 1.0.0, ``1.0.0rc1`` is 1.0.0-rc1."""
    match = _LOOSE.match(text)
    if match is None:
        return None
    numbers = ".".join(str(int(number or 0)) for number in match.groups()[:3])
    meant = f"{numbers}-{match[4]}" if match[4] else numbers
    return meant if is_semver(meant) else None
