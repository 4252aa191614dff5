"""``budmodel benchmark``."""

from __future__ import annotations

from importlib import import_module

import click

from budmodel.cli.common import global_options

SUBCOMMANDS = {
    "import": "budmodel.cli.benchmark_import:import_command",
    "add": "budmodel.cli.benchmark_add:add_command",
    "run": "budmodel.cli.benchmark_run:run_command",
}
"""Imported when they are called."""


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        module, _, attribute = SUBCOMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.command("benchmark", cls=_Group)
@global_options
def benchmark_group() -> None:
    """Record benchmark results: from files of evaluation tools, a published number, or a live endpoint."""
