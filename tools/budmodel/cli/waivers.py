"""``budmodel waivers``."""

from __future__ import annotations

from datetime import datetime

import click

from budmodel.cli.common import (
    MomentType,
    at_option,
    global_options,
    json_option,
    moment,
    name_argument,
    note,
    now_option,
    print_result,
    snapshot_at,
    workspace,
)

_MOST = 3
"""Most targets that a row of the table names."""


@click.command()
@name_argument(metavar="[NAME[@V]]", required=False)
@click.option(
    "--expires-before", "before", type=MomentType(), metavar="DATE", help="Only those that end by then."
)
@at_option
@now_option
@json_option
@global_options
def waivers(
    name: str | None, before: datetime | None, at: str | None, now: datetime | None, as_json: bool
) -> int:
    """List the waivers: what they cover, until when, and who approved them; the next to end comes first.

    JSON: {"schema_version": 1, "total": N, "result": [{"path", "expired", "days", "rules", "targets",
    "manifest_sha256", "findings", "reason", "approved_by", "expires"}]}; "days" until it ends.
    """
    from budmodel.cli.text import table
    from budmodel.operations.waiver_listing import list_waivers

    with workspace() as here:
        rows = list_waivers(snapshot_at(here, at), moment(now, at), name=name, before=before)
    if as_json:
        print_result(
            [
                {
                    "path": row.path,
                    "expired": row.expired,
                    "days": row.days,
                    **row.record.model_dump(mode="json"),
                }
                for row in rows
            ],
            len(rows),
        )
        return 0
    if not rows:
        note("no waiver, or none that matches")
        return 0
    cells = [
        (
            row.record.expires,
            "expired" if row.expired else f"{row.days} days",
            ", ".join(row.record.rules),
            _targets(row.record.targets),
            row.record.approved_by,
            row.path,
        )
        for row in rows
    ]
    click.echo(
        "\n".join(table(("EXPIRES", "LEFT", "RULES", "VERSIONS", "APPROVED BY", "FILE"), cells, right=[1]))
    )
    return 0


def _targets(targets: list[str]) -> str:
    more = f" and {len(targets) - _MOST} more" if len(targets) > _MOST else ""
    return ", ".join(targets[:_MOST]) + more
