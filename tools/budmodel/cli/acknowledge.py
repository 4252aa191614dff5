"""``budmodel license acknowledge`` and ``budmodel license acknowledgments``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import (
    at_option,
    commit_at,
    complete_names,
    global_options,
    json_option,
    moment,
    name_argument,
    note,
    now_option,
    print_result,
    workspace,
)
from budmodel.cli.writing import Writing, finish, write_options

if TYPE_CHECKING:
    from budmodel.operations.acknowledging import Logged


@click.command("acknowledge")
@name_argument(metavar="NAME[@V]")
@click.option(
    "--use", required=True, type=click.Choice(["commercial", "internal", "research"]), help="What for."
)
@click.option(
    "--by", required=True, metavar="WHO", help="Who accepts: the name or address that the commit will bear."
)
@click.option("--note", "remark", metavar="TEXT", help="A remark for the log.")
@now_option
@write_options
@global_options
def acknowledge(name: str, now: datetime | None, remark: str | None, **options: Any) -> int:
    """Accept a version's licence for a use: adds a record to the audit log, which only grows.

    It is bound to person, use, version, licence and the licence's text; another text reopens it. The gate
    refuses one whose WHO neither wrote nor signed the commit.
    """
    from budmodel.operations.acknowledging import AcknowledgeRequest, plan_acknowledgment

    writing = Writing.of(options)
    request = AcknowledgeRequest(name=name, note=remark, now=moment(now), **options)
    with workspace() as here:
        plan = plan_acknowledgment(here, request)
        # The next step is the commit, which is made already.
        return finish(here, replace(plan, next_steps=()) if writing.commit else plan, writing)


@click.command("acknowledgments")
@click.argument("name", metavar="[NAME]", required=False, shell_complete=complete_names)
@at_option
@json_option
@global_options
def acknowledgments(name: str | None, at: str | None, as_json: bool) -> int:
    """The audit log: who accepted which licence for what, with the commit and author that Git has for it.

    JSON: {"schema_version": 1, "total": N, "result": [{"path", "record", "holds", "attributed", "commit",
    "author", "email", "time", "signer"}, …]}, the newest first; the last five null where no commit has it.
    """
    from budmodel.operations.acknowledging import audit_log, logged_name
    from budmodel.operations.judging import unreadable_acknowledgments

    with workspace() as here:
        commit = commit_at(here, at) if at is not None else None
        snapshot = here.at_commit(commit) if commit is not None else here.snapshot
        name = logged_name(snapshot, name) if name is not None else None
        unread = unreadable_acknowledgments(snapshot, name)
        logged = audit_log(here, snapshot, commit, name)
    for path in unread:
        note(f"{path} cannot be read and is not listed; run budmodel check {path}")
    if as_json:
        print_result([_data(one) for one in logged], len(logged))
    elif logged:
        _show(logged)
    elif not unread:
        note("nobody has acknowledged a licence yet; see budmodel license acknowledge --help")
    return 0


def _data(one: Logged) -> dict[str, Any]:
    brought = one.origin.introduced if one.origin is not None else None
    person = (brought.written_by or brought.author) if brought is not None else None
    return {
        "path": one.path,
        "record": one.record.model_dump(mode="json", exclude_none=True),
        "holds": one.holds,
        "attributed": one.attributed,
        "commit": (brought.written_in or brought.commit) if brought is not None else None,
        "author": person.name if person is not None else None,
        "email": person.email if person is not None else None,
        "time": person.time if person is not None else None,
        "signer": brought.signature.signer if brought is not None else None,
    }


def _show(logged: list[Logged]) -> None:
    from budmodel.cli.text import one_line, table

    rows = []
    for one in logged:
        data, record = _data(one), one.record
        who = f"{data['author']} <{data['email']}>" if data["commit"] else "not committed"
        state = "holds" if one.holds else "another text now"
        if one.attributed is False:
            state += ", not by its author"
        rows.append(
            (
                record.on,
                f"{record.name}@{record.version}",
                record.use,
                record.license_id,
                one_line(record.by),
                (data["commit"] or "-")[:10],
                one_line(who),
                state,
            )
        )
    head = ("ON", "VERSION", "USE", "LICENSE", "BY", "COMMIT", "AUTHOR", "STATE")
    click.echo("\n".join(table(head, rows)))
