"""``budmodel find``."""

from __future__ import annotations

from datetime import datetime

import click

from budmodel.cli.common import (
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


@click.command()
@click.option(
    "--sha256", "digest", metavar="D", help="A file's SHA-256, or a whole version's manifest digest."
)
@click.option(
    "--source", metavar="S", help="A Hub id (org/name), an organisation (org), or how a URI begins."
)
@at_option
@now_option
@json_option
@global_options
def find(digest: str | None, source: str | None, at: str | None, now: datetime | None, as_json: bool) -> int:
    """Find every version with certain bytes, or from a certain source.

    A version that rests on a waiver says so, and until when. Exit code 0 also where nothing is found: nothing
    went wrong, and --json tells by "total".

    JSON: {"schema_version": 1, "total": N, "result": [{"name", "version", "path", "field", "value", "file",
    "yanked", "waived"}, …]}; "version" is null where the model itself names the source, and "waived" where
    nothing rests on a waiver.
    """
    from dataclasses import asdict

    from budmodel.cli.text import one_line
    from budmodel.errors import UsageError
    from budmodel.operations.finding import find_digest, find_source
    from budmodel.operations.scan_state import waived_versions

    if (digest is None) == (source is None):
        raise UsageError("say what to find: either --sha256 DIGEST or --source SOURCE")
    with workspace() as here:
        snapshot = snapshot_at(here, at)
        found = find_digest(snapshot, digest) if digest is not None else find_source(snapshot, source or "")
        versions = [(one.name, one.version) for one in found if one.version is not None]
        waived = waived_versions(snapshot, versions, moment(now, at))
    if as_json:
        rows = [{**asdict(place), "waived": waived.get(f"{place.name}@{place.version}")} for place in found]
        print_result(rows, len(found))
        return 0
    for place in found:
        target = place.name if place.version is None else f"{place.name}@{place.version}"
        yanked = "  (yanked)" if place.yanked else ""
        if target in waived:
            yanked += f"  ({waived[target]})"
        click.echo(one_line(f"{target}  {place.file or place.value}  {place.path} {place.field}{yanked}"))
    if not found:
        note(
            "nothing in the catalog has these bytes"
            if digest is not None
            else f"nothing comes from {source!r}"
        )
    return 0
