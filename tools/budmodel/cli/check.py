"""``budmodel check``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from budmodel.cli.common import MomentType, global_options, output_may_end, wants_color, workspace

FORMATS = ("text", "json", "sarif", "github", "junit", "markdown")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--base", metavar="REV", help="Judge only the change against this branch; it supplies the policy."
)
@click.option(
    "--head", metavar="REV", help="Judge this revision, read as Git objects, instead of the work tree."
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to print.")
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@click.option("--output", type=click.Path(dir_okay=False), help="Write there instead of to standard output.")
@click.option("--now", type=MomentType(), metavar="DATE", help="The clock for expiry and staleness.")
@global_options
def check(
    paths: tuple[str, ...],
    base: str | None,
    head: str | None,
    form: str,
    as_json: bool,
    output: str | None,
    now: datetime | None,
) -> int:
    """Check the catalog, or with --base a change to it.

    PATH narrows the check to files or folders below the registry's root. Exit code 0: clean; 1: there are
    errors; 2: wrong usage; 4: Git could not answer.
    """
    with workspace() as here:
        if base is not None and head is None and here.repository is not None:
            # Git is busy for half a second in a large catalog, while we are busy with loading our code.
            here.repository.look_ahead()
        from budmodel.operations import check as operation
        from budmodel.report.registry import load

        start = Path(click.get_current_context().find_root().obj.directory or ".").absolute()
        request = operation.CheckRequest(
            base=base, head=head, paths=tuple(_inside(path, start, here.root) for path in paths), now=now
        )
        result = operation.check(here, request)
    form = "json" if as_json else form
    text = load(form).render(result, color=output is None and wants_color())
    if output is None:
        # A reader that leaves early must not turn a no into a yes.
        with output_may_end():
            click.echo(text, nl=not text.endswith("\n"))
    else:
        from budmodel.operations.output import write_output

        write_output(Path(output), text)
        click.echo(f"{result.errors} errors, {result.warnings} warnings; written to {output}", err=True)
    return 0 if result.ok else 1


def _inside(path: str, start: Path, root: Path) -> str:
    """A path as the user typed it (relative to the current folder, or to the root), relative to the root."""
    import os

    for origin in (start, root):
        full = Path(os.path.normpath(origin / path))
        if full.is_relative_to(root) and (os.path.lexists(full) or origin is root):
            return full.relative_to(root).as_posix()
    from budmodel.errors import UsageError

    raise UsageError(f"{path} lies outside the registry at {root}; name a file below it")
