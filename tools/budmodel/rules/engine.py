"""Runs the rules over a catalog: every rule, every subject, all findings at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

from budmodel.domain.quoting import shown
from budmodel.domain.waivers import NOT_WAIVABLE, expired, why_not
from budmodel.findings import CheckResult, Finding, Severity, Waived, in_order
from budmodel.rules.hiding import hide, quote
from budmodel.rules.interface import (
    Context,
    EntryRule,
    Gone,
    GoneRule,
    ModelRule,
    ModelSubject,
    Rule,
    Stranger,
    StrangerRule,
    VersionRule,
    VersionSubject,
)
from budmodel.rules.registry import rules
from budmodel.schema.problems import MOST
from budmodel.schema.values import is_semver
from budmodel.store.entries import Entry

_FIELD = 200
"""Most characters of a key in a finding's field: the key of a hostile file may be a megabyte long."""


class Scope(NamedTuple):
    """What is judged: models by name, other files by path, deleted files by path."""

    models: Sequence[str]
    files: Sequence[str]
    strangers: Sequence[str]
    gone: Sequence[str]

    @classmethod
    def everything(cls, context: Context) -> Scope:
        """The whole catalog."""
        head = context.head
        return cls(
            models=head.names,
            files=[path for path in sorted(head.types) if not path.startswith("catalog/models/")],
            strangers=list(head.strangers),
            gone=_deleted(context),
        )


def _deleted(context: Context) -> list[str]:
    if context.changed is None:
        return []
    return sorted(path for path, status in context.changed.items() if status == "D")


class Judgement(NamedTuple):
    """The findings on a scope, and the manifests by which waivers are bound."""

    findings: tuple[Finding, ...]
    manifests: Mapping[str, str | None]
    models: int
    versions: int


class Engine:
    """The rules by what they visit."""

    def __init__(self, selected: Iterable[Rule[Any]] | None = None) -> None:
        chosen = list(rules().values() if selected is None else selected)
        self._entry = [rule for rule in chosen if isinstance(rule, EntryRule)]
        self._stranger = [rule for rule in chosen if isinstance(rule, StrangerRule)]
        self._model = [rule for rule in chosen if isinstance(rule, ModelRule)]
        self._version = [rule for rule in chosen if isinstance(rule, VersionRule)]
        self._gone = [rule for rule in chosen if isinstance(rule, GoneRule)]

    def judge(self, context: Context, scope: Scope) -> Judgement:
        """Everything that is wrong within a scope, each with its line and column."""
        found: list[Finding] = []
        manifests: dict[str, str | None] = {}
        versions = 0
        for name in scope.models:
            findings, subjects = self._judge_model(context, name)
            found += findings
            versions += len(subjects)
            # Only versions that a finding speaks of can be waived, so only their digests are needed.
            if any(finding.targets for finding in findings):
                manifests.update((subject.target, subject.manifest) for subject in subjects)
        for path in scope.files:
            entry = context.head.entry(path)
            if entry is not None:
                found += self._judge_entry(context, entry)
        for path in scope.strangers:
            kind = context.head.stranger(path)
            if kind is None:
                continue
            stranger = Stranger(path, kind)
            found += [f for rule in self._stranger for f in rule.visit(stranger, context)]
        for path in scope.gone:
            before = context.base.entry(path) if context.base is not None else None
            if before is not None:
                found += [f for rule in self._gone for f in rule.visit(Gone(before), context)]
        return Judgement(tuple(_severity(f, context) for f in found), manifests, len(scope.models), versions)

    def _judge_model(self, context: Context, name: str) -> tuple[list[Finding], list[VersionSubject]]:
        view = context.head.model(name)
        found: list[Finding] = []
        for entry in view.entries():
            found += self._judge_entry(context, entry)
        model = ModelSubject(view)
        placed = [f for rule in self._model for f in rule.visit(model, context)]
        released = [item for item in view.versions.items() if is_semver(item[0])]
        subjects = [VersionSubject(view, version, entry) for version, entry in released]
        for subject in subjects:
            placed += [f for rule in self._version for f in rule.visit(subject, context)]
        if placed:
            by_path = {entry.path: entry for entry in view.entries()}
            found += [_place(finding, by_path.get(finding.path)) for finding in capped(placed)]
        return found, subjects

    def _judge_entry(self, context: Context, entry: Entry[Any]) -> Iterator[Finding]:
        found = chain.from_iterable(rule.visit(entry, context) for rule in self._entry)
        for finding in capped(found):
            yield _place(finding, entry)


def capped(found: Iterable[Finding]) -> list[Finding]:
    """At most 200 findings of a rule on a file, and one that says how many more there are."""
    listed: list[Finding] = []
    counts: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], Finding] = {}
    for finding in found:
        key = (finding.rule, finding.path)
        counts[key] += 1
        if counts[key] <= MOST:
            listed.append(finding)
        elif key not in last:
            last[key] = finding
    for key, finding in last.items():
        more = counts[key] - MOST
        message = f"{more} more findings of this rule are not listed"
        # A single one more takes no more room than to say so; and schema-invalid counts on its own.
        listed.append(
            finding if more == 1 else replace(finding, message=message, fix="mend the others first")
        )
    return listed


def _place(finding: Finding, entry: Entry[Any] | None) -> Finding:
    """The finding with line, column and the line's text. No credential leaves the file through a report."""
    place = finding.field_path
    finding = replace(
        finding,
        message=hide(finding.message),
        fix=hide(finding.fix),
        field_path=tuple(hide(part)[:_FIELD] if isinstance(part, str) else part for part in place),
    )
    if entry is None:
        return finding.at(finding.line or 1, finding.column or 1)
    line, column = (finding.line, finding.column) if finding.line else entry.position(place)
    return finding.at(line, column or 1, quote(entry, line))


def _severity(finding: Finding, context: Context) -> Finding:
    if not finding.line:
        finding = finding.at(1, 1)
    stated = context.judges.policy.severity.get(finding.rule)
    if stated is None or finding.rule in NOT_WAIVABLE:
        return finding
    return finding.lowered(Severity(stated))


def verdict(judgement: Judgement, context: Context, findings: Iterable[Finding] | None = None) -> CheckResult:
    """Takes out what a waiver covers, and orders the rest."""
    chosen = judgement.findings if findings is None else findings
    kept: list[Finding] = []
    waived: list[Waived] = []
    for finding in chosen:
        waivers, fix = _covering(finding, judgement.manifests, context)
        if waivers:
            waived += waivers
        else:
            kept.append(replace(finding, fix=fix) if fix else finding)
    return CheckResult(
        findings=tuple(in_order(dict.fromkeys(kept))),
        waived=tuple(sorted(waived, key=lambda item: (item.finding.path, item.finding.rule, item.waiver))),
        models=judgement.models,
        versions=judgement.versions,
    )


def _covering(
    finding: Finding, manifests: Mapping[str, str | None], context: Context
) -> tuple[list[Waived], str]:
    """The waivers that cover a finding; or, where one in force names it in vain, what to mend in that."""
    if finding.rule in NOT_WAIVABLE:
        return [], ""
    covering = [
        Waived(
            finding=finding,
            waiver=path,
            expires=waiver.expires,
            reason=hide(waiver.reason),
            approved_by=hide(waiver.approved_by),
        )
        for path, waiver in context.judges.waiver_book.covering(finding, manifests, context.now)
    ]
    for path, waiver in context.judges.waiver_book.naming(finding) if not covering else ():
        reason = why_not(waiver, finding, manifests, context.now)
        # Of one that has ended, waiver-expired speaks.
        if reason is not None and not expired(waiver, context.now):
            return [], hide(f"{shown(path)} does not cover it: {reason}")
    return covering, ""
