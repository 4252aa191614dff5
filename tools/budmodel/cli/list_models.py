"""``budmodel list``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import (
    CountType,
    at_option,
    global_options,
    json_option,
    moment,
    note,
    now_option,
    print_result,
    snapshot_at,
    workspace,
)

if TYPE_CHECKING:
    from budmodel.operations.listing import Listing

STATUSES = ("active", "deprecated", "archived")


@click.command()
@click.option(
    "--architecture", metavar="A", help="Only this architecture, such as llama; case does not matter."
)
@click.option(
    "--max-params", type=CountType(), metavar="N", help="At most so many parameters: 8B, 70b, 1.5B."
)
@click.option("--min-params", type=CountType(), metavar="N", help="At least so many parameters.")
@click.option("--license", metavar="L", help="Only models under this licence, by id or alias.")
@click.option(
    "--tag", "tags", multiple=True, metavar="T", help="Only models with this tag; several must all be there."
)
@click.option("--status", type=click.Choice(STATUSES), help="Only models with this lifecycle status.")
@at_option
@now_option
@json_option
@global_options
def list_models(at: str | None, now: datetime | None, as_json: bool, **filters: Any) -> int:
    """List the models of the catalog. Filters combine: all of them must hold.

    A model that states no parameter count (an API) matches no --max-params and no --min-params.

    A model whose default version rests on a waiver says what is missing and until when.

    JSON: {"schema_version": 1, "total": N, "result": [record, …]} with the data of each model.yaml, and
    "waived": TEXT where there is something to say.
    """
    from budmodel.operations.listing import ListRequest
    from budmodel.operations.listing import list_models as operation

    with workspace() as here:
        listing = operation(snapshot_at(here, at), ListRequest(now=moment(now, at), **filters))
    if as_json:
        rows = [
            {**row, "waived": listing.waived[row["name"]]} if row["name"] in listing.waived else row
            for row in listing.rows
        ]
        print_result(rows, len(rows))
    elif listing.rows:
        _print_table(listing)
    else:
        note(f"no model matches; {_models(listing.in_catalog)} in the catalog")
    if listing.invalid:
        left_out = _models(listing.invalid)
        note(f"{left_out} left out because model.yaml is missing or invalid; run budmodel check")
    return 0


def _models(count: int) -> str:
    from budmodel.cli.text import plural

    return plural(count, "model")


def _print_table(listing: Listing) -> None:
    from budmodel.cli.text import table
    from budmodel.schema.values import format_count

    header = ("NAME", "ARCHITECTURE", "PARAMS", "LICENSE", "DEFAULT", "STATUS", "WAIVED")
    cells = [
        (
            row["name"],
            row["architecture"],
            format_count(row["parameter_count"]) if row.get("parameter_count") else "-",
            row.get("license_type") or "-",
            row.get("default_version") or "-",
            row["status"],
            listing.waived.get(row["name"], "-"),
        )
        for row in listing.rows
    ]
    shown = len(header) if listing.waived else len(header) - 1
    click.echo("\n".join(table(header[:shown], [row[:shown] for row in cells], right=[2])))
