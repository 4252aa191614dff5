"""The check of a whole catalog model by model, so that what did not change need not be checked again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from budmodel.domain.evidence import signed_at
from budmodel.domain.scan_age import scan_age
from budmodel.domain.waivers import expired
from budmodel.findings import CheckResult, in_order
from budmodel.rules.engine import Engine, Scope, verdict
from budmodel.rules.interface import Context
from budmodel.rules.scan_untrusted import SKEW
from budmodel.schema.governance import Waiver
from budmodel.schema.values import after, parse_timestamp
from budmodel.store.model_view import ModelView
from budmodel.store.tree import MODELS

Span = tuple[datetime | None, datetime | None]
"""From when (included) until when (not included) a verdict is the same; None where nothing bounds it."""


@dataclass(frozen=True, kw_only=True)
class Examiner:
    """Judges the models of a catalog one at a time, and the rest of it at once.

    Together the verdicts are that of :func:`budmodel.operations.check.check_snapshot`.
    """

    context: Context
    engine: Engine
    strangers: Mapping[str, list[str]]
    """Paths at which no record belongs, by the model in whose folder they are; the others under ``""``."""

    @classmethod
    def of(cls, context: Context) -> Examiner:
        """An examiner of the catalog that is judged in a context."""
        strangers: dict[str, list[str]] = {}
        for path in context.head.strangers:
            strangers.setdefault(model_of(path), []).append(path)
        return cls(context=context, engine=Engine(), strangers=strangers)

    def model(self, name: str) -> CheckResult:
        """The verdict on one model: on the files in its folder."""
        return self._judge(Scope(models=[name], files=[], strangers=self.strangers.get(name, []), gone=[]))

    def rest(self) -> CheckResult:
        """The verdict on every file outside of the models' folders."""
        files = [path for path in sorted(self.context.head.types) if not path.startswith(MODELS)]
        known = set(self.context.head.names)
        # What lies in a folder that is no model's is nobody's.
        lost = [path for name, paths in self.strangers.items() if name not in known for path in paths]
        return self._judge(Scope(models=[], files=files, strangers=sorted(lost), gone=[]))

    def _judge(self, scope: Scope) -> CheckResult:
        return verdict(self.engine.judge(self.context, scope), self.context)

    def lasts(self, view: ModelView) -> Span:
        """How long a verdict on a model stays the same if no file changes: what it says of age moves on."""
        now = self.context.now
        moments = list(self._moments(view))
        return (
            max((one for one in moments if one <= now), default=None),
            min((one for one in moments if one > now), default=None),
        )

    def _moments(self, view: ModelView) -> Iterator[datetime]:
        policy, now = self.context.judges.policy.scans, self.context.now
        for version, entry in view.versions.items():
            scan, record = view.scan(version), entry.record
            if scan is None or record is None:
                continue
            at = signed_at(scan)
            if at is not None:
                yield after(at, -SKEW)
            if scan.finished is None:
                continue
            finished = parse_timestamp(scan.finished)
            age = scan_age(scan, {record.format, *(row.format for row in scan.files)}, policy, now)
            yield finished
            yield after(finished, timedelta(days=age.scan_limit_days + 1))
            if age.scan_days is not None and age.scan_days > age.scan_limit_days:
                # The finding counts the days.
                yield after(finished, timedelta(days=age.scan_days))
                yield after(finished, timedelta(days=age.scan_days + 1))


def model_of(path: str) -> str:
    """The model in whose folder a path lies; empty where it lies in none."""
    name, slash, _ = path.removeprefix(MODELS).partition("/")
    return name if slash and path.startswith(MODELS) else ""


def same_until(span: Span, now: datetime) -> bool:
    """Whether a verdict that holds in a span holds at a moment."""
    since, until = span
    return (since is None or since <= now) and (until is None or now < until)


def flipped(waivers: Iterable[Waiver], before: datetime, now: datetime) -> Iterator[str]:
    """The models that are named by waivers which are in force at one of two moments only."""
    for waiver in waivers:
        if expired(waiver, before) != expired(waiver, now):
            yield from (target.partition("@")[0] for target in waiver.targets)


def together(parts: Iterable[CheckResult]) -> CheckResult:
    """Verdicts on parts of a catalog as the verdict on all of it."""
    all_parts = list(parts)
    waived = (item for part in all_parts for item in part.waived)
    return CheckResult(
        findings=tuple(in_order(dict.fromkeys(one for part in all_parts for one in part.findings))),
        waived=tuple(sorted(waived, key=lambda item: (item.finding.path, item.finding.rule, item.waiver))),
        models=sum(part.models for part in all_parts),
        versions=sum(part.versions for part in all_parts),
    )
