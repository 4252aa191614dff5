"""``budmodel remove``."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import global_options, moment, name_argument, note, now_option, workspace
from budmodel.cli.writing import Writing, finish, write_options

if TYPE_CHECKING:
    from budmodel.operations.planning import Plan


@click.command()
@name_argument()
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays in the tombstone.")
@click.option("--successor", metavar="NAME", help="What to use instead.")
@click.option("--by", metavar="WHO", help="Who removes it; by default the user that Git knows.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@now_option
@write_options
@global_options
def remove(name: str, yes: bool, now: datetime | None, **options: Any) -> int:
    """Remove a model: its folder goes, a tombstone under catalog/removed stays, the name is not used again.

    A terminal asks first (exit code 130 where the answer is no); without one, and with --yes, it is done
    at once.
    """
    from budmodel.operations.identity import who
    from budmodel.operations.names import resolve_model
    from budmodel.operations.removing import RemoveRequest, plan_remove

    writing = Writing.of(options)
    with workspace() as here:
        found = resolve_model(here.snapshot, name)
        by = options.pop("by") or who(here)
        plan = plan_remove(here, RemoveRequest(name=found, by=by, now=moment(now), **options))
        asks = not yes and not writing.dry_run and sys.stdin.isatty()
        if asks and not _wanted(plan, found):
            note("nothing was removed")
            return 130
        return finish(here, plan, writing)


def _wanted(plan: Plan, name: str) -> bool:
    for text in plan.notes:
        note(text)
    from budmodel.cli.text import plural

    files = sum(1 for change in plan.changes if change.new is None)
    return click.confirm(f"Remove {name} with its {plural(files, 'file')}?", err=True)
