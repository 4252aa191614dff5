"""``budmodel check``: the gate. The base branch judges, the merged result is judged.

Three runs of the same rules decide under ``--base``: the merged catalog under the base's judges (what
blocks), the base itself (what was there before), and the merged catalog under its own judges (what the
change will deny once it has landed). Bad news can always land: what only withdraws trust warns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from budmodel.domain.waivers import covers, expired
from budmodel.errors import UsageError
from budmodel.findings import CheckResult, Finding, Severity, in_order
from budmodel.operations.attribution import writers_of
from budmodel.operations.change import Change, change_against
from budmodel.operations.judging import judges_of
from budmodel.operations.workspace import Workspace
from budmodel.rules.engine import Engine, Judgement, Scope, verdict
from budmodel.rules.interface import Context, Judges
from budmodel.schema.scan import Scan
from budmodel.schema.values import after, fold_name, parse_timestamp
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import CATALOG

_JUDGE_KINDS = frozenset(["policy", "signers", "license", "waiver", "tombstone"])
"""Files that judge: a change to one of them has consequences of its own."""
_EVERYTHING = frozenset(["policy", "signers", "license", "benchmarks", "hardware", "catalog"])
"""Files whose change affects every model."""
_UNREADABLE = frozenset(["yaml-invalid", "schema-invalid"])
_WITHDRAWN = ("active", "deprecated", "archived")
"""The status of a model, from the most trusted to the least."""
_AGES = frozenset(["scan-stale", "waiver-expired"])
"""Rules that begin to hold by the passing of time alone."""

Progress = Callable[[str, int, int], None]
Writers = Mapping[str, frozenset[str]] | None


@dataclass(frozen=True, kw_only=True)
class CheckRequest:
    """What to check, against what, and when."""

    base: str | None = None
    head: str | None = None
    paths: tuple[str, ...] = ()
    now: datetime | None = None


def check(workspace: Workspace, request: CheckRequest) -> CheckResult:
    """The verdict on the catalog, or on a change to it.

    Raises:
        UsageError: a path or revision that does not exist, or ``head`` without ``base``.
        OutsideError: Git cannot answer.
    """
    now = request.now or datetime.now(UTC)
    if request.base is None:
        if request.head is not None:
            raise UsageError("--head needs --base: name the branch that judges, such as --base origin/main")
        return check_snapshot(workspace.snapshot, now, request.paths, _writers(workspace, "HEAD"))
    change = change_against(workspace, request.base, request.head)
    rev = workspace.git("--head").resolve(request.head) if request.head is not None else "HEAD"
    return check_change(change, now, request.paths, _writers(workspace, rev))


def _writers(workspace: Workspace, rev: str) -> Callable[[Snapshot, Judges], Writers]:
    """Asks Git who brought the acknowledgments, where there are some."""

    def ask(snapshot: Snapshot, judges: Judges) -> Writers:
        if workspace.repository is None or not snapshot.paths("acknowledgment"):
            return None
        return writers_of(workspace.repository, rev, snapshot, judges.signers)

    return ask


def _nobody(snapshot: Snapshot, judges: Judges) -> Writers:
    return None


def check_snapshot(
    snapshot: Snapshot,
    now: datetime,
    paths: Iterable[str] = (),
    writers: Callable[[Snapshot, Judges], Writers] = _nobody,
) -> CheckResult:
    """The verdict on a whole catalog, judged by its own policy; ``paths`` narrows what is looked at."""
    judges = judges_of(snapshot)
    context = Context(head=snapshot, judges=judges, now=now, writers=writers(snapshot, judges))
    scope = narrow(Scope.everything(context), tuple(paths), snapshot)
    result = verdict(Engine().judge(context, scope), context)
    return _only(result, tuple(paths))


def narrow(scope: Scope, paths: tuple[str, ...], snapshot: Snapshot) -> Scope:
    """The part of a scope that lies at or below some paths (relative to the root).

    Raises:
        UsageError: nothing of the catalog is there.
    """
    if not paths:
        return scope
    for path in paths:
        # A path that the change deletes is still one to ask about.
        if not any(_below(listed, (path,)) for listed in (*snapshot.types, *scope.gone)):
            raise UsageError(
                f"{path}: no file of the catalog is there; paths are relative to the registry's root"
            )
    models = [name for name in scope.models if any(_below(path, paths) for path in snapshot.files_of(name))]
    return Scope(
        models=models,
        files=[path for path in scope.files if _below(path, paths)],
        strangers=[path for path in scope.strangers if _below(path, paths)],
        gone=[path for path in scope.gone if _below(path, paths)],
    )


def _below(path: str, folders: tuple[str, ...]) -> bool:
    # What lies beside the catalog is found where the catalog is asked about.
    path = path if f"{path}/".startswith(f"{CATALOG}/") else CATALOG
    return any(
        folder in ("", ".") or path == folder or path.startswith(folder.rstrip("/") + "/")
        for folder in folders
    )


def _only(result: CheckResult, paths: tuple[str, ...]) -> CheckResult:
    if not paths:
        return result
    return replace(
        result,
        findings=tuple(f for f in result.findings if _below(f.path, paths)),
        waived=tuple(w for w in result.waived if _below(w.finding.path, paths)),
    )


def check_change(
    change: Change,
    now: datetime,
    paths: Iterable[str] = (),
    writers: Callable[[Snapshot, Judges], Writers] = _nobody,
) -> CheckResult:
    """The verdict on a change: only what it touches or affects."""
    judges = judges_of(change.base, definitions=change.merged)
    who = writers(change.merged, judges) if "acknowledgment" in change.kinds else None
    context = Context(
        head=change.merged, judges=judges, now=now, base=change.base, changed=change.paths, writers=who
    )
    scope = narrow(affected(change, context), tuple(paths), change.merged)
    engine = Engine()
    after = engine.judge(context, scope)
    before = _judge_base(engine, change, scope, context)
    known = _Known.of(before)
    weighed = [
        weighed for finding in after.findings for weighed in _weigh(finding, known, change, context, after)
    ]
    result = verdict(after, context, weighed)
    # A waiver of the base does not cover what is denied once the change has taken it away.
    coming = _consequences(engine, change, scope, context, after, before)
    found = tuple(in_order(dict.fromkeys((*result.findings, *coming))))
    return _only(replace(result, findings=found), tuple(paths))


@dataclass(frozen=True)
class _Known:
    """What was wrong on the base: finding by finding, and without the words."""

    identities: frozenset[tuple[str, str, str, str]]
    places: Mapping[tuple[str, str, str], frozenset[str]]
    """With the versions that a waiver had to name there."""

    @classmethod
    def of(cls, before: Judgement) -> _Known:
        places: dict[tuple[str, str, str], frozenset[str]] = {}
        for finding in before.findings:
            place = (finding.rule, finding.path, finding.field)
            places[place] = places.get(place, frozenset()) | frozenset(finding.targets)
        return cls(frozenset(finding.identity for finding in before.findings), places)

    def elsewhere(self, finding: Finding, change: Change) -> bool:
        """Whether the finding was there before, in a file that the change leaves alone.

        Its message may count or name other things, which the change has added or taken away. About a version
        that the change adds it is news: a waiver of the others must not wave that through.
        """
        if finding.path in change.paths:
            return False
        targets = self.places.get((finding.rule, finding.path, finding.field))
        return targets is not None and targets.issuperset(finding.targets)


def affected(change: Change, context: Context) -> Scope:
    """What a change touches or affects: itself, its descendants, and all that a changed judge judges."""
    head = change.merged
    touched = change.touched_models()
    if change.kinds & _EVERYTHING and not _only_added(change, "license"):
        models = set(head.names)
    else:
        models = touched | change.named_models()
        for name in touched:
            models.update(context.family.descendants(name))
            models.update(context.folded_names.get(fold_name(name), ()))
    return Scope(
        models=sorted(name for name in models if _is_there(name, head)),
        files=[path for path in change.paths if not path.startswith(f"{CATALOG}/models/")],
        strangers=[path for path in change.paths if head.stranger(path) is not None],
        gone=[path for path, status in change.paths.items() if status == "D"],
    )


def _is_there(name: str, head: Snapshot) -> bool:
    """Whether a model has files, or something else where its record belongs."""
    return bool(head.files_of(name)) or head.stranger(f"{CATALOG}/models/{name}/model.yaml") is not None


def _only_added(change: Change, kind: str) -> bool:
    """Whether all that affects everything are new files of one kind, on which nothing can rest yet."""
    if change.kinds & _EVERYTHING != {kind}:
        return False
    return all(
        status == "A" for path, status in change.paths.items() if path.startswith(f"{CATALOG}/licenses/")
    )


def _judge_base(engine: Engine, change: Change, scope: Scope, after: Context) -> Judgement:
    """What was wrong before the change, in the same places."""
    described = change.kinds & {"benchmarks", "hardware"}
    judges = judges_of(change.base) if described else after.judges
    context = Context(head=change.base, judges=judges, now=after.now)
    return engine.judge(
        context,
        Scope(
            models=[name for name in scope.models if change.base.files_of(name)],
            files=[path for path in scope.files if path in change.base.types],
            strangers=[path for path in scope.strangers if change.base.stranger(path) is not None],
            gone=[],
        ),
    )


def _weigh(
    finding: Finding,
    known: _Known,
    change: Change,
    context: Context,
    judgement: Judgement,
) -> Iterator[Finding]:
    """A finding on the merged catalog as the change deserves it: as it is, as a warning, or not at all."""
    if known.elsewhere(finding, change):
        return
    old = finding.identity in known.identities
    readable = finding.rule not in _UNREADABLE
    if old and readable and (_aged(finding, judgement, context) or only_withdraws(change, finding.path)):
        yield finding.lowered(Severity.WARNING, "already so on the base branch")
        return
    # A version that failed before may fail again, and the newer record must land as the first one did.
    if (not old or finding.rule == "scan-failed") and _is_bad_news(finding, change):
        yield finding.lowered(Severity.WARNING, "bad news can land; a deployment is denied from then on")
        return
    yield finding


def _aged(finding: Finding, judgement: Judgement, context: Context) -> bool:
    """Whether time alone made the finding: it is about age, or a waiver covered it until it expired."""
    if finding.rule in _AGES:
        return True
    for _, waiver in context.judges.waiver_book.naming(finding):
        ended = parse_timestamp(waiver.expires)
        if expired(waiver, context.now) and covers(
            waiver, finding, judgement.manifests, after(ended, timedelta(seconds=-1))
        ):
            return True
    return False


def only_withdraws(change: Change, path: str) -> bool:
    """Whether the change to a file does nothing but yank a version, or deprecate or archive a model."""
    before, after = change.data(path)
    if not isinstance(before, dict) or not isinstance(after, dict):
        return False
    differing = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    if path.endswith("/model.yaml"):
        was, now = before.get("status", "active"), after.get("status")
        if not differing <= {"status", "successor", "retires_on"} or now not in ("deprecated", "archived"):
            return False
        # From that day on a deployment is denied, so that a later one, or none, gives back what was taken.
        if now == "deprecated" and str(after.get("retires_on") or "9") > str(before.get("retires_on") or "9"):
            return False
        return was not in _WITHDRAWN or _WITHDRAWN.index(now) >= _WITHDRAWN.index(was)
    return differing == {"yanked"} and "yanked" in after


def _is_bad_news(finding: Finding, change: Change) -> bool:
    """Whether a new finding is the consequence of withdrawn trust: blocking it would hide the news."""
    if finding.rule == "scan-failed":
        return _newer_failure(finding.path, change)
    if finding.rule == "lineage-tainted":
        return finding.path not in change.paths
    if finding.rule == "lineage-unknown-base":
        return finding.path not in change.paths and _removes_parent(finding, change)
    if finding.rule == "name-removed":
        return finding.path not in change.paths
    return finding.rule == "default-version-yanked"


def _removes_parent(finding: Finding, change: Change) -> bool:
    """Whether the change removes, with a tombstone, the very model that a child names as its parent."""
    entry = change.merged.entry(finding.path)
    parents = getattr(entry.record, "base_models", None) if entry is not None else None
    index = finding.field_path[1] if len(finding.field_path) > 1 else None
    if not parents or not isinstance(index, int) or index >= len(parents):
        return False
    return change.paths.get(f"{CATALOG}/removed/{parents[index].name}.yaml") == "A"


def _newer_failure(scan_path: str, change: Change) -> bool:
    """Whether a FAILED verdict replaces an older record of a version that the base branch has."""
    version_path = scan_path.replace("/scans/", "/versions/")
    if change.base.entry(version_path) is None:
        return False
    before, after = change.base.record(scan_path, Scan), change.merged.record(scan_path, Scan)
    if after is None or after.finished is None or version_path in change.paths:
        return False
    return (
        before is None
        or before.finished is None
        or (parse_timestamp(before.finished) < parse_timestamp(after.finished))
    )


def _consequences(
    engine: Engine,
    change: Change,
    scope: Scope,
    context: Context,
    after: Judgement,
    before: Judgement,
) -> list[Finding]:
    """What the change's own policy, licences, waivers and tombstones will deny once they judge: warnings."""
    if not change.kinds & _JUDGE_KINDS:
        return []
    own = judges_of(change.merged)
    # A waiver that the change brings does not count yet, not even here.
    unchanged = {path: waiver for path, waiver in own.waivers.items() if path not in change.paths}
    future = replace(context, judges=replace(own, waivers=unchanged))
    coming = engine.judge(future, scope)
    visible = verdict(coming, future)
    already: dict[tuple[str, str, str, str], Severity] = {}
    # What a waiver covers today is news where the change takes the waiver away.
    for judgement in (before, after):
        for finding in judgement.findings:
            if not _was_waived(finding, judgement, context):
                already[finding.identity] = finding.severity
    return [
        finding.lowered(Severity.WARNING, _when(finding, already))
        for finding in visible.findings
        if _is_worse(finding, already) and finding.rule not in ("waiver-expired", "waiver-unapproved")
    ]


def _is_worse(finding: Finding, already: Mapping[tuple[str, str, str, str], Severity]) -> bool:
    """Whether a finding is new, or an error where it was a warning."""
    was = already.get(finding.identity)
    return was is None or (was is Severity.WARNING and finding.severity is Severity.ERROR)


def _when(finding: Finding, already: Mapping[tuple[str, str, str, str], Severity]) -> str:
    return f"{'an error ' if finding.identity in already else ''}once this change has landed"


def _was_waived(finding: Finding, judgement: Judgement, context: Context) -> bool:
    return bool(context.judges.waiver_book.covering(finding, judgement.manifests, context.now))
