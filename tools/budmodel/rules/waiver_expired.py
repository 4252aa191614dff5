"""waiver-expired: a waiver has ended, or names what is not there, and covers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.domain.suggest import did_you_mean, nearest
from budmodel.domain.waivers import NOT_WAIVABLE, expired
from budmodel.findings import Finding, Severity
from budmodel.rules.interface import Context, EntryRule
from budmodel.rules.registry import RULES
from budmodel.schema.governance import Waiver
from budmodel.schema.problems import MOST
from budmodel.store.entries import Entry
from budmodel.store.tree import CATALOG


class WaiverExpired(EntryRule):
    """An exception that has ended is either renewed on purpose or cleared away."""

    id = "waiver-expired"
    title = "A waiver has expired"

    def visit(self, subject: Entry[Any], context: Context) -> Iterator[Finding]:
        """One finding for each waiver whose end has come; a warning for each version that is not there."""
        waiver = subject.record
        if not isinstance(waiver, Waiver):
            return
        if expired(waiver, context.now):
            yield self.finding(
                subject.path,
                f"the waiver ended on {waiver.expires} and covers nothing any more",
                field_path=("expires",),
                fix="remove the file, or have a new date approved",
            )
            return
        yield from self._idle_rules(subject, waiver)
        absent = [item for item in enumerate(waiver.targets) if not _is_there(item[1], context)]
        for number, (index, target) in enumerate(absent):
            yield self.finding(
                subject.path,
                f"the waiver names {target}, which is not in the catalog",
                field_path=("targets", index),
                # Of more than are listed nobody reads the fix.
                fix=_meant(target, context) if number <= MOST else "",
            ).lowered(Severity.WARNING)

    def _idle_rules(self, subject: Entry[Any], waiver: Waiver) -> Iterator[Finding]:
        for index, rule in enumerate(waiver.rules):
            if rule in NOT_WAIVABLE:
                what, fix = f"the waiver names {rule}, which no waiver covers", "take it out of rules"
            elif rule not in RULES:
                what = f"the waiver names {rule}, which is no rule"
                fix = did_you_mean(rule, RULES, "see the list of rules")
            else:
                continue
            yield self.finding(subject.path, what, field_path=("rules", index), fix=fix).lowered(
                Severity.WARNING
            )


def _is_there(target: str, context: Context) -> bool:
    name, _, version = target.partition("@")
    return f"{CATALOG}/models/{name}/versions/{version}.yaml" in context.head.types


def _meant(target: str, context: Context) -> str:
    name, _, version = target.partition("@")
    if context.head.has_model(name):
        near = nearest(version, context.head.versions_of(name))
        meant = f"{name}@{near}" if near is not None else None
    else:
        near = nearest(name, context.head.names)
        meant = f"{near}@{version}" if near is not None else None
    if meant is not None and _is_there(meant, context):
        return f"did you mean {meant}?"
    return "leave it where the version comes after its waiver; else correct or remove it"
