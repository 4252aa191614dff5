"""``budmodel completion``."""

from __future__ import annotations

import click

from budmodel.cli.common import global_options

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS), metavar="bash|zsh|fish")
@global_options
def completion(shell: str) -> int:
    """Print the completion script of a shell; commands, options and model names complete.

    bash and zsh: eval "$(budmodel completion bash)"; fish: budmodel completion fish | source.
    """
    from click.shell_completion import get_completion_class

    root = click.get_current_context().find_root()
    made = get_completion_class(shell)
    assert made is not None
    script = made(root.command, {}, "budmodel", "_BUDMODEL_COMPLETE")
    click.echo(made.source_template % script.source_vars())
    return 0
