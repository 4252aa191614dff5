"""What all commands that write share: their options, their input, and how they tell what was written."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import FunctionT, commit_options, json_option, note, print_json

if TYPE_CHECKING:
    from budmodel.operations.planning import Committed, Plan
    from budmodel.operations.workspace import Workspace

MAX_INPUT = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How to write: options that all commands which write have."""

    commit: bool = False
    branch: str | None = None
    dry_run: bool = False
    as_json: bool = False

    @classmethod
    def of(cls, options: dict[str, Any]) -> Writing:
        """Takes its options out of those of a command. ``--branch`` means ``--commit`` as well."""
        branch = options.pop("branch")
        return cls(
            commit=options.pop("commit") or branch is not None,
            branch=branch,
            dry_run=options.pop("dry_run"),
            as_json=options.pop("as_json"),
        )


def write_options(function: FunctionT) -> FunctionT:
    """Adds ``--dry-run``, ``--commit``, ``--branch`` and ``--json``; see :class:`Writing`."""
    function = json_option(commit_options(function))
    return click.option(
        "--dry-run", is_flag=True, help="Write nothing; show the difference as a unified diff."
    )(function)


def from_option(function: FunctionT) -> FunctionT:
    """Adds ``--from FILE|-`` (``-f``); the command receives ``source_file``."""
    return click.option(
        "-f",
        "--from",
        "source_file",
        metavar="FILE|-",
        help="Read the record from a JSON or YAML file; - is stdin.",
    )(function)


def read_input(source: str) -> Mapping[str, Any]:
    """A JSON or YAML mapping from a file or standard input. JSON is YAML to the reader, save for its tabs.

    Raises:
        UsageError: the file cannot be read, or holds no mapping.
        DataError: it is neither JSON nor YAML; with its place.
    """
    from budmodel.errors import DataError, UsageError
    from budmodel.store.yaml_reader import YamlError, load

    shown = "standard input" if source == "-" else source
    try:
        raw = sys.stdin.buffer.read(MAX_INPUT + 1) if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {shown}: {error.strerror}; name a JSON or YAML file, or - for stdin"
        ) from None
    try:
        data = load(_without_json_escapes(raw), max_bytes=MAX_INPUT)
    except YamlError as error:
        fix = f"; {error.fix}" if error.fix else ""
        raise DataError(f"{shown}:{error.line}:{error.column}: {error.message}{fix}") from None
    if not isinstance(data, dict):
        raise UsageError(f"{shown} holds no mapping; write the record's fields as JSON or YAML")
    return data


def _without_json_escapes(raw: bytes) -> bytes:
    r"""JSON text as YAML reads it: ``\/`` and surrogate pairs, which JSON allows, are written plainly."""
    import json

    if not raw.lstrip().startswith(b"{"):
        return raw
    try:
        pairs: Any = json.loads(raw, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return raw
    # Written anew pair by pair, so that a key which stands twice is still refused by the reader.
    return _dumped(pairs).encode("utf-8", "surrogatepass")


class _Pairs(list[tuple[str, Any]]):
    """A JSON object that remembers keys which stand twice."""


def _dumped(value: Any) -> str:
    import json

    if isinstance(value, _Pairs):
        inside = ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {_dumped(item)}" for key, item in value)
        return "{" + inside + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_dumped, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def finish(here: Workspace, plan: Plan, writing: Writing) -> int:
    """Carries a plan out, commits it where asked, and tells what happened.

    JSON: {"schema_version": 1, "total": N, "result": {"written", "deleted", "dry_run", "diff", "commit",
    "branch", "notes", "next"}}, where N counts the files.
    """
    from budmodel.operations.planning import carry_out

    committed = None
    if writing.commit and not writing.dry_run and not plan.empty:
        here.git("--commit")
    if not writing.dry_run and not plan.empty:
        carry_out(here, plan)
        if writing.commit:
            committed = _commit(here, plan, writing.branch)
    if writing.as_json:
        print_json(_as_data(plan, writing, committed))
    else:
        _tell(plan, writing, committed)
    return 0


def _commit(here: Workspace, plan: Plan, branch: str | None) -> Committed:
    from budmodel.errors import BudmodelError
    from budmodel.operations.planning import commit

    try:
        return commit(here, plan, branch)
    except BudmodelError as error:
        raise type(error)(f"{error} The files are written, but not committed.") from None


def _as_data(plan: Plan, writing: Writing, committed: Committed | None) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "total": len(plan.changes),
        "result": {
            "written": [change.path for change in plan.changes if change.new is not None],
            "deleted": [change.path for change in plan.changes if change.new is None],
            "dry_run": writing.dry_run,
            "diff": plan.diff() if writing.dry_run else None,
            "commit": committed.commit if committed else None,
            "branch": committed.branch if committed else None,
            "notes": plan.notes,
            "next": plan.next_steps,
        },
    }


def _tell(plan: Plan, writing: Writing, committed: Committed | None) -> None:
    if plan.empty:
        for text in plan.notes or ("nothing to change",):
            note(text)
        return
    if writing.dry_run:
        click.echo(plan.diff(), nl=False)
    for change in plan.changes if not writing.dry_run else ():
        click.echo(f"{'wrote' if change.new is not None else 'deleted'} {change.path}")
    if committed is not None:
        where = f" on branch {committed.branch}" if committed.branch else ""
        click.echo(f"committed {committed.commit[:10]}{where}")
    for text in plan.notes:
        note(text)
    for command in plan.next_steps if not writing.dry_run else ():
        click.echo(f"next: {command}")
