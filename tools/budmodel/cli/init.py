"""``budmodel init``."""

from __future__ import annotations

from pathlib import Path

import click

from budmodel.cli.common import Globals, global_options


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(file_okay=False), default=".")
@global_options
def init(folder: str) -> int:
    """Make a new, empty registry in DIR (the current folder by default)."""
    from budmodel.operations.initialising import initialise

    start = click.get_current_context().ensure_object(Globals).directory or "."
    made = initialise(Path(start, folder).absolute())
    for path in made.written:
        click.echo(f"wrote {path}")
    steps = [] if made.in_git else ["git init"]
    steps += ["budmodel add NAME --architecture A --parameter-count N", "budmodel check"]
    for step in steps:
        click.echo(f"next: {step}")
    return 0
