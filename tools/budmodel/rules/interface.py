"""What a rule is: one file, one slug, one thing that it visits. It returns findings and never prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

from budmodel.domain.license_policy import accepted_names
from budmodel.domain.licensing import LicenseBook
from budmodel.domain.lineage import Lineage
from budmodel.domain.manifest import manifest_sha256
from budmodel.domain.signers import SignerBook
from budmodel.domain.waivers import WaiverBook
from budmodel.findings import FieldPath, Finding, Severity
from budmodel.rules.definitions import accelerators_of, benchmarks_of
from budmodel.schema.governance import Policy, Tombstone, Waiver
from budmodel.schema.license import License
from budmodel.schema.values import fold_name
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot
from budmodel.store.entries import Entry
from budmodel.store.model_view import ModelView
from budmodel.store.tree import FileType

if TYPE_CHECKING:
    from budmodel.schema.benchmark import Accelerator, Benchmark


@dataclass(frozen=True)
class Judges:
    """What decides: never taken from the change that is being judged."""

    policy: Policy
    licenses: LicenseBook
    waivers: Mapping[str, Waiver]
    """By path."""
    tombstones: Mapping[str, Tombstone]
    """By the name of the removed model."""
    described: Snapshot
    """Where benchmarks and hardware are defined; they are described, not trusted."""
    signers: SignerBook = SignerBook.EMPTY
    """Who may sign scan records."""

    @cached_property
    def waiver_book(self) -> WaiverBook:
        """The waivers by what they name."""
        return WaiverBook(self.waivers)

    @cached_property
    def benchmarks(self) -> Mapping[str, Benchmark]:
        """The benchmark definitions by id."""
        return benchmarks_of(self.described)

    @cached_property
    def accelerators(self) -> Mapping[str, Accelerator]:
        """The accelerators by id and alias."""
        return accelerators_of(self.described)


@dataclass(frozen=True)
class Context:
    """What a rule may look at besides the thing that it visits."""

    head: Snapshot
    """The catalog that is judged."""
    judges: Judges
    now: datetime
    base: Snapshot | None = None
    """The catalog on the base branch, for rules that compare."""
    changed: Mapping[str, str] | None = None
    """Path → A, M or D of the change; None where the whole catalog is judged."""
    writers: Mapping[str, frozenset[str]] | None = None
    """Who stands behind the commit that brought an acknowledgment (names, addresses, trusted signers), by its
    path; a file of no commit is not in it. None where Git cannot say."""

    @cached_property
    def lineage(self) -> Lineage:
        """The lineage graph of the judged catalog."""
        return lineage_of(self.head)

    @cached_property
    def family(self) -> Lineage:
        """As the lineage, with what versions froze, and with Hub ids between a model and its children."""
        return Lineage(self.head.families.all_parents())

    @cached_property
    def folded_names(self) -> Mapping[str, list[str]]:
        """Model names by their folded form (PEP 503)."""
        found: dict[str, list[str]] = {}
        for name in self.head.names:
            found.setdefault(fold_name(name), []).append(name)
        return found

    @cached_property
    def removed_names(self) -> Mapping[str, str]:
        """Names that have a tombstone, on the base or in the judged catalog, by their folded form."""
        entries = (self.head.entry(path) for path in self.head.paths("tombstone"))
        names = [entry.says("name") for entry in entries if entry is not None]
        return {fold_name(name): name for name in (*names, *self.judges.tombstones)}

    @cached_property
    def denied_digests(self) -> Mapping[str, str]:
        """The policy's reason by the SHA-256 of bytes that must not be in the catalog."""
        return {item.sha256: item.reason for item in self.judges.policy.denied if item.sha256 is not None}

    @cached_property
    def accepted_licenses(self) -> Mapping[str, bool] | None:
        """Whether the policy accepts a licence, by id and alias (casefolded); None where it accepts all."""
        return accepted_names(self.judges.licenses, self.judges.policy.licenses)

    @cached_property
    def proposed_licenses(self) -> LicenseBook:
        """The licence records of the judged catalog, which may hold some that do not judge yet."""
        return LicenseBook.at(self.head.records("license", License))

    @cached_property
    def license_names(self) -> Mapping[str, frozenset[str]]:
        """The paths of the licence records that have an id or alias, by its casefolded form."""
        found: dict[str, frozenset[str]] = {}
        for path, record in self.head.records("license", License):
            for name in (record.id, *record.aliases):
                found[name.casefold()] = found.get(name.casefold(), frozenset()) | {path}
        return found

    def may_differ(self, path: str) -> bool:
        """Whether a file may differ from the base branch's: only then is it worth reading both."""
        return self.base is not None and (self.changed is None or path in self.changed)


def lineage_of(snapshot: Snapshot) -> Lineage:
    """The lineage graph of a catalog."""
    return Lineage(snapshot.families.parents())


class Stranger(NamedTuple):
    """A path at which no record belongs."""

    path: str
    type: FileType


class Gone(NamedTuple):
    """A file that the base branch has and the judged catalog has not."""

    entry: Entry[Any]

    @property
    def path(self) -> str:
        """Where the file was."""
        return self.entry.path


@dataclass
class VersionSubject:
    """A version together with its model."""

    view: ModelView
    version: str
    entry: Entry[Version]
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.path = self.entry.path

    @property
    def target(self) -> str:
        """``name@version``, as waivers name it."""
        return f"{self.view.name}@{self.version}"

    @property
    def yanked(self) -> bool:
        """Whether the version was withdrawn."""
        return self.entry.record is not None and self.entry.record.yanked is not None

    @property
    def needs_bytes(self) -> bool:
        """Whether the version has artifacts that somebody may load: not for API-only or yanked versions."""
        model = self.view.model
        if self.yanked:
            return False
        return model is None or model.has_artifacts

    @cached_property
    def manifest(self) -> str | None:
        """The manifest digest; None where the version lists no files."""
        record = self.entry.record
        return None if record is None or not record.files else manifest_sha256(record.files)


class ModelSubject(NamedTuple):
    """A model: its view and the path at which to point."""

    view: ModelView

    @property
    def path(self) -> str:
        """Where model.yaml is, or should be."""
        return f"{self.view.folder}/model.yaml"

    @property
    def targets(self) -> tuple[str, ...]:
        """All versions that are not yanked: what a waiver must name to cover a finding on the model."""
        return tuple(
            f"{self.view.name}@{version}"
            for version, entry in self.view.versions.items()
            if entry.record is None or entry.record.yanked is None
        )


SubjectT = TypeVar("SubjectT")


class Rule(Generic[SubjectT]):
    """Base of all rules. Subclass one of the five kinds below; the class is stateless.

    A rule that visits two kinds of things inherits from both kinds and visits their union.
    """

    id: ClassVar[str]
    """The slug: what waivers, policy, SARIF and the documentation call it."""
    title: ClassVar[str]
    """What is wrong, in a few words."""
    severity: ClassVar[Severity] = Severity.ERROR
    needs_base: ClassVar[bool] = False
    """Whether it compares with the base branch."""

    def visit(self, subject: SubjectT, context: Context) -> Iterator[Finding]:
        """What is wrong with a subject."""
        raise NotImplementedError

    def finding(
        self,
        path: str,
        message: str,
        *,
        field_path: FieldPath = (),
        fix: str = "",
        targets: tuple[str, ...] = (),
        details: tuple[str, ...] = (),
        line: int = 0,
        column: int = 0,
    ) -> Finding:
        """A finding of this rule. Where line is 0 the engine takes it and the column from ``field_path``."""
        return Finding(
            rule=self.id,
            message=message,
            path=path,
            severity=self.severity,
            line=line,
            column=column,
            field_path=field_path,
            fix=fix,
            targets=targets,
            details=details,
        )


class EntryRule(Rule[Entry[Any]]):
    """Visits every file that holds a record, valid or not."""


class StrangerRule(Rule[Stranger]):
    """Visits every path at which no record belongs."""


class ModelRule(Rule[ModelSubject]):
    """Visits every model."""


class VersionRule(Rule[VersionSubject]):
    """Visits every version whose file name is SemVer, valid or not."""


class GoneRule(Rule[Gone]):
    """Visits every file that was deleted against the base branch."""
