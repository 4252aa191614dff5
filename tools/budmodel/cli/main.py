"""The command ``budmodel``: its subcommands, imported when called, and the one error boundary."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from budmodel import __version__
from budmodel.cli.common import Globals, UnwritableError, global_options, note, output_may_end
from budmodel.errors import BudmodelError

COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("budmodel.cli.list_models:list_models", "List the models of the catalog."),
    "show": ("budmodel.cli.show:show", "Show a model with its versions, licence and scans."),
    "add": ("budmodel.cli.add:add", "Register a model."),
    "set": ("budmodel.cli.set_fields:set_fields", "Change fields of a model."),
    "edit": ("budmodel.cli.edit:edit", "Open a model in the editor and check it afterwards."),
    "remove": ("budmodel.cli.remove:remove", "Remove a model and leave its tombstone."),
    "find": ("budmodel.cli.find:find", "Find versions by digest or source."),
    "lineage": ("budmodel.cli.lineage:lineage_command", "Show what a model was made of."),
    "history": ("budmodel.cli.history:history_command", "Tell who changed what of a model and when."),
    "version": ("budmodel.cli.version:version", "List, add, compare, yank versions; set the default."),
    "import": ("budmodel.cli.import_models:import_group", "Import from Hugging Face, S3 or a folder."),
    "outdated": ("budmodel.cli.outdated:outdated", "Say which models moved upstream."),
    "sync": ("budmodel.cli.sync:sync", "Import what moved upstream."),
    "verify": ("budmodel.cli.verify:verify", "Compare the bytes of a version with its record."),
    "scan": ("budmodel.cli.scan:scan", "Scan versions and record what was seen."),
    "scans": ("budmodel.cli.scans:scans", "List the scans of all versions."),
    "scan-verify": ("budmodel.cli.scan_verify:scan_verify", "Say what a scan record proves."),
    "waivers": ("budmodel.cli.waivers:waivers", "List what is waived, and until when."),
    "report": ("budmodel.cli.report:report", "Put what decided on one page, for an auditor."),
    "license": ("budmodel.cli.license:license_group", "List and show licences; check a use."),
    "benchmark": ("budmodel.cli.benchmark:benchmark_group", "Record benchmark results."),
    "leaderboard": ("budmodel.cli.leaderboard:leaderboard", "Rank comparable benchmark results."),
    "check": ("budmodel.cli.check:check", "Check the catalog, or a change to it: the CI gate."),
    "deploy-check": ("budmodel.cli.deploy_check:deploy_check", "Say whether a version may be deployed."),
    "export": ("budmodel.cli.export:export", "Write models in formats that other tools read."),
    "schema": ("budmodel.cli.schema:schema", "Write the JSON Schemas of all records."),
    "site": ("budmodel.cli.site:site", "Build or serve the static site."),
    "init": ("budmodel.cli.init:init", "Make a new, empty registry."),
    "completion": ("budmodel.cli.completion:completion", "Print the shell completion script."),
}
"""Every command: where it is, and its help line, so that ``--help`` imports none of them."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with a suggestion for a mistyped command."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"; did you mean {near[0]}?" if near else "; see budmodel --help"
            raise click.UsageError(f"no such command {args[0]!r}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """As click's, except for output that nobody reads any more: click itself would exit 1, a no."""
        with output_may_end():
            return super().invoke(ctx)
        return 0

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help lines of the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="budmodel", message="%(prog)s %(version)s")
@global_options
@click.pass_context
def budmodel(ctx: click.Context, /, **options: object) -> None:
    """A model registry whose database is a Git repository.

    Every model and version is a YAML file below catalog/; a pull request is the write, `budmodel check`
    is the gate.

    Exit codes: 0 clean or allowed, 1 the check says no, 2 wrong usage or bad input, 3 a bug of ours,
    4 something outside failed (could not decide, which is never a yes), 130 interrupted.
    """


def _sentence(error: click.ClickException) -> str:
    """click's complaint as one sentence with the next command."""
    text = " ".join(error.format_message().split()).removesuffix(".")
    text = text[:1].lower() + text[1:] if text[1:2].islower() else text
    context = getattr(error, "ctx", None)
    if context is None or text.endswith("?") or "--help" in text:
        return text
    return f"{text}; see {context.command_path} --help"


def run(arguments: Sequence[str]) -> int:
    """Runs a command line and turns every outcome into an exit code and one sentence.

    Returns:
        The exit code; see the help text.
    """
    debug = "--debug" in arguments
    try:
        outcome = budmodel.main(args=list(arguments), prog_name="budmodel", standalone_mode=False)
        code = outcome if isinstance(outcome, int) else 0
        with output_may_end():
            sys.stdout.flush()
        return code
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        note("interrupted")
        return 130
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        note(_sentence(error))
        return error.exit_code
    except BudmodelError as error:
        if debug:
            raise
        note(str(error))
        return error.exit_code
    except UnwritableError as error:
        note(str(error))
        return 4
    except Exception as error:
        if debug:
            raise
        note(
            f"a bug of ours: {type(error).__name__}: {error}; please report it with the output of the same "
            "command and --debug"
        )
        return 3


__all__ = ["COMMANDS", "Globals", "budmodel", "run"]
