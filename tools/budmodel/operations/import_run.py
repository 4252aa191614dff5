"""Several imports: each is a transaction of its own, and one that fails stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from budmodel.domain.credentials import redact
from budmodel.errors import BudmodelError, UsageError
from budmodel.operations.importing import ImportOptions, ImportPlan, plan_import
from budmodel.operations.planning import Committed, FileChange, Plan, carry_out, commit
from budmodel.operations.workspace import Workspace
from budmodel.sources.interface import Source, Stated
from budmodel.sources.registry import SOURCES

MOST_IDS = 10_000
"""Most ids of one run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """One model to import."""

    subject: str
    """As the user wrote it: an id, a URI, a folder."""
    open: Callable[[], Source]
    stated: Stated
    options: ImportOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What became of one: a plan (carried out, unless it was a dry run), or an error."""

    subject: str
    imported: ImportPlan | None = None
    error: BudmodelError | None = None

    @property
    def exit_code(self) -> int:
        """0, or that of the error."""
        return self.error.exit_code if self.error is not None else 0


def open_source(kind: str, *arguments: Any, **options: Any) -> Source:
    """Opens a source of the registry; its module, which may be heavy, is imported now.

    Raises:
        UsageError: the id, URI or folder is none.
        OutsideError: it cannot be reached.
    """
    module, _, attribute = SOURCES[kind].partition(":")
    opener: Callable[..., Source] = getattr(import_module(module), attribute)
    return opener(*arguments, **options)


def run_imports(
    workspace: Workspace, requests: Iterable[ImportRequest], *, dry_run: bool = False
) -> Iterator[ImportOutcome]:
    """Imports one after the other, and says of each what became of it as soon as it is done."""
    for request in requests:
        try:
            with closing(request.open()) as source:
                imported = plan_import(workspace, source, request.stated, request.options)
            if not dry_run and not imported.plan.empty:
                carry_out(workspace, imported.plan)
        except BudmodelError as error:
            yield ImportOutcome(subject=request.subject, error=_without_credentials(error))
        else:
            yield ImportOutcome(subject=request.subject, imported=imported)


def commit_all(
    workspace: Workspace, outcomes: Iterable[ImportOutcome], branch: str | None, more: Sequence[str] = ()
) -> Committed | None:
    """One commit of all that was written, and of ``more`` files beside it; None where nothing was.

    Raises:
        UsageError, OutsideError: as :func:`budmodel.operations.planning.commit`; the files stay written.
    """
    plans = [
        outcome.imported.plan
        for outcome in outcomes
        if outcome.imported is not None and not outcome.imported.plan.empty
    ]
    if not plans and not more:
        return None
    plan = _joined(plans) if plans else Plan(message="Record what was scanned", changes=())
    plan = replace(plan, changes=(*plan.changes, *(FileChange(path, None, None) for path in more)))
    try:
        return commit(workspace, plan, branch)
    except BudmodelError as error:
        raise type(error)(f"{error} The files are written, but not committed.") from None


def parse_ids(text: str) -> list[str]:
    """The ids of a list: one a line; blank lines, and what follows a ``#``, do not count.

    Raises:
        UsageError: there are none, or too many.
    """
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    ids = list(dict.fromkeys(line for line in lines if line))
    if not ids:
        raise UsageError("the list names no model; write one id such as org/name on each line")
    if len(ids) > MOST_IDS:
        raise UsageError(f"the list names {len(ids)} models; split it into lists of at most {MOST_IDS}")
    return ids


def outcome_data(outcome: ImportOutcome, *, with_diff: bool) -> dict[str, Any]:
    """An outcome for programs; a diff can be large, so it is there only where it was asked for."""
    imported = outcome.imported
    if imported is None:
        unknown = {"name": None, "version": None, "decision": "failed", "origin": None}
        error: dict[str, Any] = {"written": [], "notes": [], "diff": None, "error": str(outcome.error)}
        return {"id": outcome.subject, **unknown, **error}
    return {
        "id": outcome.subject,
        "name": imported.name,
        "version": imported.version,
        "decision": imported.decision,
        "origin": imported.origin,
        "written": imported.plan.paths,
        "notes": [
            {"kind": note.kind, "field": note.field, "message": note.message} for note in imported.notes
        ],
        "diff": imported.plan.diff() if with_diff else None,
        "error": None,
    }


def sentence(imported: ImportPlan, *, dry_run: bool = False) -> str:
    """What was decided, for people."""
    target = f"{imported.name}@{imported.version}"
    would = "would be " if dry_run else ""
    return {
        "new": f"{target}: a new model, {would}imported from {imported.origin}",
        "version": f"{target}: a new version, {would}imported from {imported.origin}",
        "filled": f"{target}: the files of {imported.origin} {'would be' if dry_run else 'are'} recorded",
        "unchanged": f"{target}: up to date with {imported.origin}",
    }[imported.decision]


def summary(outcomes: Sequence[ImportOutcome], *, dry_run: bool = False) -> str:
    """How many of each: ``2 imported, 1 up to date, 1 failed``."""
    decisions = [outcome.imported.decision if outcome.imported else "failed" for outcome in outcomes]
    unchanged, failed = decisions.count("unchanged"), decisions.count("failed")
    written = "to import" if dry_run else "imported"
    return f"{len(decisions) - unchanged - failed} {written}, {unchanged} up to date, {failed} failed"


def _joined(plans: Sequence[Plan]) -> Plan:
    if len(plans) == 1:
        return plans[0]
    # Two imports may fill the same file one after the other; the last one says what is there now.
    changes: dict[str, FileChange] = {change.path: change for plan in plans for change in plan.changes}
    lines = "\n".join(f"- {plan.message}" for plan in plans)
    return Plan(message=f"Import {len(plans)} models\n\n{lines}", changes=tuple(changes.values()))


def _without_credentials(error: BudmodelError) -> BudmodelError:
    # A source quotes what it was told; a token in a URL must not get into a log that way.
    text = redact(str(error))
    return error if text == str(error) else type(error)(text)
