"""What the index pages keep of each model: one light row, so that ten thousand fit in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from budmodel.domain.leaderboard import Candidate
from budmodel.findings import Finding, Severity
from budmodel.render.evidence import EvidenceRow, evidence_row
from budmodel.render.facts import ModelFacts
from budmodel.render.filters import summary
from budmodel.render.scans import ScanState
from budmodel.render.support import Support, support_of
from budmodel.render.terms import Verdict
from budmodel.schema.model import HuggingFaceSource, Modalities
from budmodel.schema.version import HubRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A version in the list of newest releases."""

    name: str
    version: str
    released: str
    changelog: str
    scan: ScanState


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A model in a table."""

    name: str
    architecture: str
    parameters: int | None
    active_parameters: int | None
    license_type: str | None
    license_ids: tuple[str, ...]
    commercial: Verdict
    scan: ScanState
    status: str
    tasks: tuple[str, ...]
    description: str
    versions: int
    errors: int
    """Of all its versions."""
    blocked: bool
    """Whether one of the errors is about the default version, or the model as a whole."""
    scan_states: tuple[str, ...]
    """The scan state of each version that is not yanked."""
    waived_until: str | None
    newest: Release | None
    evidence: tuple[EvidenceRow, ...]
    """Of each version that has bytes and is not yanked."""
    tags: tuple[str, ...]
    modality: str
    """What goes in and what comes out: ``image + text → text``; empty where nobody said it."""
    found_as: str
    """What it is called elsewhere, for the search: its id on the Hub or at its provider."""
    source: str
    """huggingface, custom, api, or empty."""
    context_length: int | None
    default_version: str | None
    support: Support | None
    """What it adds to the support matrix."""
    stale: bool
    """Whether the check said that the default version's scan is too old to be believed."""

    @property
    def gate(self) -> str:
        """Whether the default version may be used at all: blocked, waived or clear."""
        if self.blocked or (self.scan.slug not in ("passed", "no-artifacts") and not self.scan.waived_until):
            return "blocked"
        return "waived" if self.scan.waived_until else "clear"


def row_of(facts: ModelFacts, measured: Iterable[Candidate] = ()) -> Row:
    """The row of a model with its benchmark results."""
    model = facts.model
    current = [version for version in facts.versions if version.record.yanked is None]
    ends = [version.scan.waived_until for version in current if version.scan.waived_until]
    stale = set(_stale(facts))
    newest = max(current, key=lambda version: version.record.released, default=None)
    return Row(
        name=facts.name,
        architecture=model.architecture,
        parameters=model.parameter_count,
        active_parameters=model.active_parameter_count,
        license_type=facts.license.type,
        license_ids=tuple(license_.id for license_ in facts.license.licenses),
        commercial=facts.license.commercial,
        scan=facts.scan,
        status=model.status,
        tasks=tuple(model.tasks),
        description=summary(model.description, 200),
        versions=len(facts.versions),
        errors=sum(1 for finding in facts.findings if finding.severity is Severity.ERROR),
        blocked=any(_concerns(facts, finding) for finding in facts.findings),
        scan_states=tuple(version.scan.slug for version in current),
        waived_until=min(ends, default=None),
        evidence=tuple(
            evidence_row(
                facts.name,
                version.version,
                version.scan,
                version.evidence,
                stale=f"{facts.name}@{version.version}" in stale,
            )
            for version in current
            if model.has_artifacts
        ),
        tags=tuple(model.tags),
        modality=_modality(model.modalities),
        found_as=_elsewhere(facts),
        source=model.source.type if model.source is not None else "",
        context_length=model.context_length,
        default_version=facts.default_version,
        support=support_of(facts, measured),
        stale=f"{facts.name}@{facts.default_version}" in stale,
        newest=None
        if newest is None
        else Release(
            name=facts.name,
            version=newest.version,
            released=newest.record.released,
            changelog=summary(newest.record.changelog, 140),
            scan=newest.scan,
        ),
    )


def _elsewhere(facts: ModelFacts) -> str:
    api = facts.model.api
    sources = [facts.model.source, facts.default.record.source if facts.default is not None else None]
    ids = [one.model_id for one in sources if isinstance(one, HuggingFaceSource | HubRevision)]
    ids += [api.provider, api.model_id] if api is not None else []
    return " ".join(dict.fromkeys(filter(None, ids)))


def _modality(stated: Modalities | None) -> str:
    if stated is None or not (stated.input or stated.output):
        return ""
    sides = (" + ".join(sorted(set(side))) or "?" for side in (stated.input, stated.output))
    return " → ".join(sides)


def _concerns(facts: ModelFacts, finding: Finding) -> bool:
    """Whether a finding is an error about the default version, and not about another one alone."""
    if finding.severity is not Severity.ERROR or facts.default_version is None:
        return finding.severity is Severity.ERROR
    if finding.targets:
        return f"{facts.name}@{facts.default_version}" in finding.targets
    folder, _, file = finding.path.rpartition("/")
    return not folder.endswith(("/versions", "/scans")) or file == f"{facts.default_version}.yaml"


def _stale(facts: ModelFacts) -> Iterator[str]:
    """The versions of which the check said that their scan is too old, waived or not."""
    for finding in (*facts.findings, *(item.finding for item in facts.waived)):
        if finding.rule == "scan-stale":
            yield from finding.targets
