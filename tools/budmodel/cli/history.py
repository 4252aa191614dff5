"""``budmodel history``."""

from __future__ import annotations

from typing import Any

import click

from budmodel.cli.common import (
    at_option,
    commit_at,
    global_options,
    json_option,
    name_argument,
    note,
    print_result,
    workspace,
)


@click.command("history")
@name_argument()
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Most commits.")
@at_option
@json_option
@global_options
def history_command(name: str, limit: int, at: str | None, as_json: bool) -> int:
    """Tell who changed what of a model and when, from Git. A removed model has a history too.

    JSON: {"schema_version": 1, "total": N, "result": [{"commit", "author", "email", "time", "subject",
    "events": [{"kind", "what", "path"}]}, …]}, newest first; "kind" is added, changed, fixed, removed or
    security.
    """
    from budmodel.errors import NotFoundError
    from budmodel.operations.history import history
    from budmodel.operations.names import resolve_model

    with workspace() as here:
        rev = "HEAD" if at is None else commit_at(here, at)
        snapshot = here.latest if at is None else here.at_commit(rev)
        try:
            found = resolve_model(snapshot, name)
        except NotFoundError:
            # The name of a model that is gone; the history itself says whether there ever was one.
            if not name.strip() or "/" in name or "@" in name or name.startswith((".", "-")):
                raise
            found = name
        entries = history(here, found, limit, rev)
        shallow = here.git("history").shallow
    if shallow:
        note("this clone is shallow, and what came before it is not told; run git fetch --unshallow")
    if as_json:
        print_result([_data(entry) for entry in entries], len(entries))
        return 0
    from budmodel.cli.text import one_line

    for entry in entries:
        click.echo(one_line(f"{entry.time[:10]}  {entry.commit[:10]}  {entry.author}: {entry.subject}"))
        for event in entry.events:
            click.echo(one_line(f"    {event.kind:9} {event.what}"))
    return 0


def _data(entry: Any) -> dict[str, Any]:
    return {
        "commit": entry.commit,
        "author": entry.author,
        "email": entry.email,
        "time": entry.time,
        "subject": entry.subject,
        "events": [{"kind": event.kind, "what": event.what, "path": event.path} for event in entry.events],
    }
