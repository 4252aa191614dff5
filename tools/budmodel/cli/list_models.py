"""``budmodel list``."""

from __future__ import annotations

from typing import Any

import click

from budmodel.cli.common import (
    CountType,
    at_option,
    global_options,
    json_option,
    note,
    print_result,
    snapshot_at,
    workspace,
)

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
@json_option
@global_options
def list_models(at: str | None, as_json: bool, **filters: Any) -> int:
    """List the models of the catalog. Filters combine: all of them must hold.

    A model that states no parameter count (an API) matches no --max-params and no --min-params.

    JSON: {"schema_version": 1, "total": N, "result": [record, …]} with the data of each model.yaml.
    """
    from budmodel.operations.listing import ListRequest
    from budmodel.operations.listing import list_models as operation

    with workspace() as here:
        listing = operation(snapshot_at(here, at), ListRequest(**filters))
    if as_json:
        print_result(listing.rows, len(listing.rows))
    elif listing.rows:
        _print_table(listing.rows)
    else:
        note(f"no model matches; {_models(listing.in_catalog)} in the catalog")
    if listing.invalid:
        left_out = _models(listing.invalid)
        note(f"{left_out} left out because model.yaml is missing or invalid; run budmodel check")
    return 0


def _models(count: int) -> str:
    from budmodel.cli.text import plural

    return plural(count, "model")


def _print_table(rows: Any) -> None:
    from budmodel.cli.text import table
    from budmodel.schema.values import format_count

    header = ("NAME", "ARCHITECTURE", "PARAMS", "LICENSE", "DEFAULT", "STATUS")
    cells = [
        (
            row["name"],
            row["architecture"],
            format_count(row["parameter_count"]) if row.get("parameter_count") else "-",
            row.get("license_type") or "-",
            row.get("default_version") or "-",
            row["status"],
        )
        for row in rows
    ]
    click.echo("\n".join(table(header, cells, right=[2])))
