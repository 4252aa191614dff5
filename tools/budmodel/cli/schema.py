"""``budmodel schema``."""

from __future__ import annotations

from pathlib import Path

import click

from budmodel.cli.common import global_options, note, workspace


@click.command()
@click.argument("kind", metavar="[KIND]", required=False)
@click.option(
    "--output", type=click.Path(file_okay=False), metavar="DIR", help="The folder; schemas/v1 by default."
)
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit 1 where the files are not current."
)
@global_options
def schema(kind: str | None, output: str | None, only_check: bool) -> int:
    """Write the JSON Schemas of all records, or print that of one KIND: model, version, license …"""
    from budmodel.operations.schemas import drift, write_schemas

    if kind is not None:
        click.echo(_one(kind), nl=False)
        return 0
    folder = Path(output) if output is not None else _default_folder()
    if only_check:
        stale = drift(folder)
        for name in stale:
            click.echo(f"{folder / name} is not what the code generates")
        if stale:
            note("the schemas are not current; run budmodel schema")
        return 1 if stale else 0
    written = write_schemas(folder)
    for name in written:
        click.echo(f"wrote {folder / name}" if (folder / name).exists() else f"removed {folder / name}")
    if not written:
        note(f"the schemas in {folder} are current")
    return 0


def _default_folder() -> Path:
    with workspace() as here:
        return here.root / "schemas" / "v1"


def _one(kind: str) -> str:
    from budmodel.domain.suggest import did_you_mean
    from budmodel.errors import UsageError
    from budmodel.schema.jsonschema import SUFFIX, render, schemas

    found = {name.removesuffix(SUFFIX): schema for name, schema in schemas().items()}
    if kind not in found:
        hint = did_you_mean(kind, found, f"choose one of {', '.join(sorted(found))}")
        raise UsageError(f"no kind of record {kind!r}; {hint}")
    return render(found[kind]).decode()
