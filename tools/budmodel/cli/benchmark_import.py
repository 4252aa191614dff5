"""``budmodel benchmark import``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import global_options, moment, name_argument, note, now_option, workspace
from budmodel.cli.writing import Writing, finish, write_options
from budmodel.importers.registry import IMPORTERS

if TYPE_CHECKING:
    from budmodel.operations.benchmark_importing import Import


def run_options(function: Any) -> Any:
    """What the user states of a run."""
    for option in (
        click.option(
            "--date", metavar="YYYY-MM-DD", help="The day of the run, where the file does not say it."
        ),
        click.option(
            "--origin",
            type=click.Choice(["measured", "maker", "third-party"]),
            help="Who stands behind the numbers.",
        ),
        click.option("--engine", metavar="NAME[:VERSION]", help="With what it was measured: vllm:0.5.3."),
        click.option(
            "--hardware", metavar="ID[:N]", help="On what: an accelerator of catalog/hardware.yaml, how many."
        ),
    ):
        function = option(function)
    return function


@click.command("import")
@name_argument(metavar="NAME[@V]")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option(
    "--tool", type=click.Choice(list(IMPORTERS)), help="What wrote the files; found out where not stated."
)
@click.option("--model", metavar="TEXT", help="The model's name in the file, where it holds several.")
@click.option(
    "--source", metavar="TEXT", help="Where the run is published; the file and its digest otherwise."
)
@run_options
@click.option("--force", is_flag=True, help="Take results that name another model.")
@now_option
@write_options
@global_options
def import_command(
    name: str,
    files: tuple[str, ...],
    tool: str | None,
    model: str | None,
    source: str | None,
    hardware: str | None,
    engine: str | None,
    origin: Any,
    date: str | None,
    force: bool,
    now: Any,
    **options: Any,
) -> int:
    """Import results from the files of lm-evaluation-harness, vLLM, GuideLLM, AIPerf, MT-Bench and others.

    Each file is recognised by what is in it. Results that belong to another model are refused, what the
    catalog does not define is named and left out, and importing the same results again adds nothing.
    For HELM name the folder of a run.

    JSON: as of all commands that write, see the reference of JSON.
    """
    from budmodel.operations.benchmark_importing import StatedRun, plan_import
    from budmodel.operations.benchmark_reading import read_results
    from budmodel.operations.names import resolve_version

    with workspace() as here:
        found, version = resolve_version(here.snapshot, name)
        read = [read_results(path, tool) for path in files]
        stated = StatedRun(
            hardware=hardware,
            engine=engine,
            source=source,
            origin=origin,
            date=date,
            model=model,
            force=force,
        )
        result = plan_import(here.snapshot, found, version, read, stated, moment(now))
        _tell(result)
        return finish(here, result.plan, Writing.of(options))


def _tell(result: Import) -> None:
    from budmodel.cli.text import plural

    if result.beyond:
        shown = ", ".join(result.beyond[:8]) + (
            f" and {len(result.beyond) - 8} more" if result.beyond[8:] else ""
        )
        note(f"left out, as catalog/benchmarks.yaml does not define it: {shown}")
    if result.known:
        note(f"{plural(result.known, 'result')} of {result.name} {result.version} already recorded")
