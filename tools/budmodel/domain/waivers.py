"""When a waiver covers a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from budmodel.domain.quoting import one_line
from budmodel.findings import Finding
from budmodel.schema.governance import Waiver
from budmodel.schema.values import parse_timestamp

NOT_WAIVABLE = frozenset(
    ["yaml-invalid", "schema-invalid", "version-modified", "scan-mismatch", "scan-replayed", "scan-untrusted"]
)
"""Rules that no waiver covers and no policy lowers (DESIGN §3)."""
_MOST = 3
"""Most names that a sentence lists."""


def expired(waiver: Waiver, now: datetime) -> bool:
    """Whether the waiver has ended. A plain date ends at its midnight in UTC, when that day begins."""
    return parse_timestamp(waiver.expires) <= now


def covers(waiver: Waiver, finding: Finding, manifests: Mapping[str, str | None], now: datetime) -> bool:
    """Whether a waiver in force names this finding's rule and all its versions, with their exact bytes.

    Args:
        waiver: the waiver, from the branch that judges.
        finding: the finding; one that speaks of no version cannot be waived.
        manifests: manifest digest by ``name@version``; None where a version lists no files.
        now: the moment of judging.
    """
    return why_not(waiver, finding, manifests, now) is None


def why_not(
    waiver: Waiver, finding: Finding, manifests: Mapping[str, str | None], now: datetime
) -> str | None:
    """What keeps a waiver from covering a finding, as what to do about it; None where it covers.

    Args:
        waiver, finding, manifests, now: as for :func:`covers`.
    """
    if finding.rule in NOT_WAIVABLE or not finding.targets:
        return f"no waiver covers {finding.rule} here"
    if finding.rule not in waiver.rules:
        return f"add {finding.rule} to its rules"
    if expired(waiver, now):
        return f"it ended on {waiver.expires}; have a new date approved"
    missing = [target for target in finding.targets if target not in waiver.named]
    if missing:
        return f"add {_some(missing)} to its targets"
    return _other_bytes(waiver, finding, manifests) or _other_findings(waiver, finding)


def _other_bytes(waiver: Waiver, finding: Finding, manifests: Mapping[str, str | None]) -> str | None:
    stated = waiver.manifest_sha256
    known = {target: manifests.get(target) for target in finding.targets}
    # A waiver bound to bytes does not cover a version that no longer lists them.
    if all(manifest == stated for manifest in known.values()):
        return None
    if len(set(known.values())) > 1:
        return f"it can name the files of one version only, and this is about {_some(list(known))}"
    (manifest,) = set(known.values())
    if manifest is None:
        return f"remove manifest_sha256, as {_some(list(known))} lists no files"
    return f"write manifest_sha256: {manifest} (the version's files)"


def _other_findings(waiver: Waiver, finding: Finding) -> str | None:
    if finding.rule != "scan-failed":
        return None
    if not finding.details:
        return "the scan names no finding, so that none can be accepted"
    accepted = set(waiver.findings)
    missing = [one for one in finding.details if one not in accepted]
    return f"add {_some(missing)} to its findings" if missing else None


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return one_line(", ".join(names[:_MOST])) + more


class WaiverBook:
    """Waivers by the rule and the versions that they name, so that each finding asks a few of them only."""

    def __init__(self, waivers: Mapping[str, Waiver]) -> None:
        """The waivers by path."""
        self._paths: dict[tuple[str, str], list[str]] = {}
        self._waivers = waivers
        for path in sorted(waivers):
            for rule in dict.fromkeys(waivers[path].rules):
                for target in waivers[path].named:
                    self._paths.setdefault((rule, target), []).append(path)

    @classmethod
    def of(cls, waivers: Iterable[tuple[str, Waiver]]) -> WaiverBook:
        """The waivers as pairs of path and record."""
        return cls(dict(waivers))

    def names(self, target: str) -> bool:
        """Whether a waiver names a version ``name@version``, whatever for."""
        return target in self._targets

    @cached_property
    def _targets(self) -> frozenset[str]:
        return frozenset(target for _, target in self._paths)

    def naming(self, finding: Finding) -> Iterator[tuple[str, Waiver]]:
        """The waivers that name a finding's rule and at least the first of its versions, by path."""
        for target in finding.targets[:1]:
            for path in self._paths.get((finding.rule, target), ()):
                yield path, self._waivers[path]

    def covering(
        self, finding: Finding, manifests: Mapping[str, str | None], now: datetime
    ) -> tuple[tuple[str, Waiver], ...]:
        """The waivers that cover a finding, by path: one of them all its versions, or each some of them.

        A waiver is bound to the files of one version, so what a model says of all its versions takes several.

        Args:
            finding, manifests, now: as for :func:`covers`.

        Returns:
            None of them where a version is left uncovered.
        """
        whole = [one for one in self.naming(finding) if covers(one[1], finding, manifests, now)]
        if whole or len(finding.targets) < 2:
            return tuple(whole[:1])
        found: dict[str, Waiver] = {}
        for target in finding.targets:
            part = self.covering(replace(finding, targets=(target,)), manifests, now)
            if not part:
                return ()
            found.update(part)
        return tuple(found.items())
