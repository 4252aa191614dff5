"""What the pages and the API say of one model, made from its files in one reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from budmodel.domain.acknowledgments import texts_to_accept
from budmodel.domain.inheritance import bases_of
from budmodel.domain.leaderboard import Candidate
from budmodel.domain.license_policy import ids_named
from budmodel.domain.licensing import LicenseBook, Resolution, other_text
from budmodel.domain.uses import REPLY_RANK, Reply
from budmodel.findings import CheckResult, Finding, Waived
from budmodel.operations.candidates import candidates_of
from budmodel.operations.judging import scan_policy, signers_of
from budmodel.operations.uses import KINDS, Uses
from budmodel.render.commands import steps
from budmodel.render.evidence import Evidence, evidence_of
from budmodel.render.names import Child, family_of, publishable
from budmodel.render.scans import (
    NO_ARTIFACTS,
    NO_VERSION,
    WITHDRAWN,
    Exceptions,
    ScanState,
    bound,
    exceptions,
    manifest_of,
    state_of,
    state_without_exceptions,
    waivers_by_target,
)
from budmodel.render.terms import (
    TermLine,
    Verdict,
    answer_of,
    binding,
    handed_down,
    limits,
    narrowed,
    narrower_terms,
    verdict,
)
from budmodel.schema.governance import Policy, Waiver
from budmodel.schema.license import License
from budmodel.schema.model import BaseModelReference, LicenseRestrictions, Model, Requirements
from budmodel.schema.values import is_semver
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot
from budmodel.store.model_view import ModelView
from budmodel.store.tree import CATALOG


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseFacts:
    """A model's licence in short."""

    type: str | None
    licenses: tuple[License, ...]
    unknown: tuple[str, ...]
    commercial: Verdict
    derivatives: Verdict
    redistribution: Verdict
    limits: tuple[str, ...]
    restrictions: LicenseRestrictions | None
    narrower: tuple[TermLine, ...]
    """What the organisation forbids, in words."""
    narrowed_by_ancestors: bool
    """Whether what it was made of allows less than its own licence, which the answers already say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFacts:
    """A version and what is known of its bytes."""

    record: Version
    is_default: bool
    manifest: str | None
    scan: ScanState
    """As a page shows it."""
    recorded: ScanState
    """As the scan record alone says it: the same at any time."""
    evidence: Evidence | None
    """The scan record; None where nobody has begun a scan."""
    waivers: tuple[tuple[str, Waiver], ...]

    @property
    def version(self) -> str:
        """The version's number."""
        return self.record.version

    @property
    def size(self) -> int | None:
        """Bytes of all files; None where none are listed."""
        return sum(file.size for file in self.record.files) if self.record.files else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """A model as it is shown."""

    name: str
    model: Model
    versions: tuple[VersionFacts, ...]
    """Newest first."""
    default_version: str | None
    default: VersionFacts | None
    license: LicenseFacts
    parents: tuple[BaseModelReference, ...]
    children: tuple[Child, ...]
    requirements: Requirements | None
    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    to_acknowledge: tuple[str, ...]
    """The licences, its own and inherited, that the policy wants somebody to accept before a deployment."""

    @property
    def scan(self) -> ScanState:
        """The scan state of the default version."""
        if not self.model.has_artifacts:
            return NO_ARTIFACTS
        if self.default is not None:
            return self.default.scan
        return WITHDRAWN if self.versions else NO_VERSION

    @property
    def released(self) -> str:
        """When the newest version was released; empty where there is none."""
        return max((version.record.released for version in self.versions), default="")

    @property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """What for, and the command for a POSIX shell: from a look at the model to serving it."""
        record = self.default.record if self.default is not None else None
        return tuple(steps(self.name, record, failed=self.scan.slug == "failed"))


class Reader:
    """Makes facts of models. Holds what all of them share: licences, lineage, exceptions."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.book = LicenseBook.at(snapshot.records("license", License))
        self._waivers = waivers_by_target(snapshot)
        self.family = family_of(snapshot)
        self.uses = Uses(snapshot, self.book)
        self._resolved: dict[str, Resolution] = {}
        self._policy = scan_policy(snapshot)
        self._signers = signers_of(snapshot)
        policy = snapshot.record(f"{CATALOG}/policy.yaml", Policy) or Policy()
        self._wanted = ids_named(self.book, policy.licenses.acknowledgment)

    def known(self, name: str) -> bool:
        """Whether a model has a page."""
        return name in self.family.names

    def facts(self, view: ModelView, check: CheckResult | None = None) -> ModelFacts | None:
        """The facts of a model; None where its model.yaml holds no record or its name cannot be a path.

        Args:
            view: the model.
            check: what a check said of it; where it was not checked, states are as the records say.
        """
        model = view.model
        if model is None or not publishable(view.name):
            return None
        said = _said(check)
        default_version = view.default_version
        versions = [
            self._version(view, entry.record, model, default_version, said)
            for entry in view.versions.values()
            if entry.record is not None and is_semver(entry.says("version"))
        ]
        default = next((facts for facts in versions if facts.is_default), None)
        release = default.record if default is not None else None
        return ModelFacts(
            name=view.name,
            model=model,
            versions=tuple(reversed(versions)),
            default_version=default_version,
            default=default,
            license=self._license(model, release),
            parents=tuple(bases_of(model, release)),
            children=tuple(self.family.children(view.name)),
            requirements=(release.requirements if release is not None else None) or model.requirements,
            findings=check.findings if check is not None else (),
            waived=check.waived if check is not None else (),
            to_acknowledge=tuple(self._to_acknowledge(model, release)),
        )

    def _to_acknowledge(self, model: Model, release: Version | None) -> Iterator[str]:
        if release is not None and self._wanted:
            found = texts_to_accept(self.snapshot, self.book, model, release, self._wanted)
            yield from dict.fromkeys(license_.id for license_, _ in found if license_.id in self._wanted)

    def candidates(self, view: ModelView, check: CheckResult | None = None) -> Iterator[Candidate]:
        """The results as the leaderboard takes them, with why nobody may deploy what they measured.

        Args:
            view: the model.
            check: what a check said of it.
        """
        if not view.results:
            return
        said = _said(check)
        states = {
            version: self._states(view, entry.record, view.model, said)[2]
            for version, entry in view.versions.items()
            if entry.record is not None and view.model is not None
        }
        yield from _judged(candidates_of(view), states)

    def _states(
        self, view: ModelView, record: Version, model: Model, said: Exceptions | None
    ) -> tuple[str | None, ScanState, ScanState]:
        """The digest of a version's files, its scan as the record alone tells it, and as a page shows it."""
        target = f"{view.name}@{record.version}"
        manifest = manifest_of(record)
        scan = view.scan(record.version) if model.has_artifacts else None
        recorded = state_without_exceptions(model.has_artifacts, manifest, scan)
        waivers = None if said is not None else bound(self._waivers.get(target, ()), manifest)
        return manifest, recorded, state_of(target, recorded, said or exceptions(None), waivers)

    def _version(
        self, view: ModelView, record: Version, model: Model, default: str | None, said: Exceptions | None
    ) -> VersionFacts:
        manifest, recorded, shown = self._states(view, record, model, said)
        scan = view.scan(record.version) if model.has_artifacts else None
        return VersionFacts(
            record=record,
            is_default=record.version == default,
            manifest=manifest,
            recorded=recorded,
            evidence=evidence_of(record, scan, self._policy, self._signers),
            scan=shown,
            waivers=tuple(bound(self._waivers.get(f"{view.name}@{record.version}", ()), manifest)),
        )

    def _license(self, model: Model, release: Version | None) -> LicenseFacts:
        type_ = (release.license_type if release is not None else None) or model.license_type
        frozen = release.license_restrictions if release is not None else None
        restrictions = frozen or model.license_restrictions
        resolution = self.resolve(type_)
        licenses = tuple(self.book.licenses[id_] for id_ in resolution.ids) if resolution is not None else ()
        frozen_text = release.license_text_sha256 if release is not None else None
        # The terms of a text that nobody recorded are unknown, whatever its licence is called.
        known = None if type_ is not None and other_text(self.book, type_, frozen_text) else resolution
        own = [
            narrowed(answer_of(known, self.book, field), restrictions, field)
            for field in ("commercial_use", "derivatives", "redistribution")
        ]
        held = binding(resolution.tree if resolution is not None else None, self.book)
        replies = self._inherited(model, release)
        left = [handed_down(answer, reply) for answer, reply in zip(own, replies, strict=True)]
        commercial, derivatives, redistribution = map(verdict, left)
        return LicenseFacts(
            type=type_,
            licenses=licenses,
            unknown=resolution.unknown if resolution is not None else (),
            commercial=commercial,
            derivatives=derivatives,
            redistribution=redistribution,
            limits=tuple(limits(held, restrictions)),
            restrictions=restrictions,
            narrower=tuple(narrower_terms(restrictions, held)),
            narrowed_by_ancestors=left != own,
        )

    def _inherited(self, model: Model, release: Version | None) -> tuple[Reply, Reply, Reply]:
        """What ancestors leave of commercial use, derivatives and redistribution.

        The last two are asked for whatever kind of use they leave most to: that they are no commercial
        ones is what the first says.
        """
        if release is None:
            return "allow", "allow", "allow"
        replies = self.uses.of(model, release).inherited
        derivative, redistribute = (
            min((replies[kind, action] for kind in KINDS), key=REPLY_RANK.__getitem__)
            for action in ("derivative", "redistribute")
        )
        return replies["commercial", "use"], derivative, redistribute

    def resolve(self, type_: str | None) -> Resolution | None:
        """What a licence name or expression stands for; many models share one."""
        if type_ is None:
            return None
        if type_ not in self._resolved:
            self._resolved[type_] = self.book.resolve(type_)
        return self._resolved[type_]


def _judged(found: Iterable[Candidate], states: Mapping[str, ScanState]) -> Iterator[Candidate]:
    """The results, with why nobody may deploy what they measured where its scan is the reason."""
    for candidate in found:
        state = states.get(candidate.version)
        if state is None:
            yield replace(candidate, blocked="its version has no valid record")
        elif state.waived_until:
            yield replace(candidate, waived=state.text)
        elif state.slug in ("passed", "no-artifacts"):
            yield candidate
        else:
            yield replace(candidate, blocked=candidate.blocked or f"it is blocked: {state.text}")


def _said(check: CheckResult | None) -> Exceptions | None:
    return exceptions(check) if check is not None else None
