"""``budmodel export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from budmodel.cli.common import at_option, commit_at, complete_names, global_options, note, workspace

if TYPE_CHECKING:
    from budmodel.operations.workspace import Workspace
    from budmodel.render.exports.catalog import Catalog
    from budmodel.render.exports.interface import Exporter
    from budmodel.render.exports.writing import Written

FORMATS = ("cyclonedx", "csv", "sqlite", "huggingface-card", "kubeflow")
"""The names of ``budmodel.render.exports.registry``, so that ``--help`` imports nothing; a test compares."""


@click.command("export")
@click.argument("format_name", metavar="FORMAT", type=click.Choice(FORMATS))
@click.argument("names", metavar="[NAME[@V]]...", nargs=-1, shell_complete=complete_names)
@click.option(
    "--output",
    metavar="FILE|DIR|-",
    default="-",
    help="Write there; into a folder (an existing one, or DIR/) one document for each model.",
)
@click.option(
    "--models", "by_model", is_flag=True, help="csv: one row for each model, with its default version."
)
@at_option
@global_options
def export(format_name: str, names: tuple[str, ...], output: str, by_model: bool, at: str | None) -> int:
    """Write models, or the whole catalog, in a format that other tools read.

    \b
    cyclonedx         CycloneDX 1.6 ML-BOM (JSON): parts, licences, lineage, scans
    csv               one row for each version, for spreadsheets
    sqlite            the whole catalog as an SQLite database
    huggingface-card  a model card (README.md) for the Hugging Face Hub
    kubeflow          a source for the model catalog of Kubeflow (YAML)

    Without @V, csv, sqlite and kubeflow take all versions, cyclonedx and huggingface-card the default one.
    The same commit gives the same bytes. An export tells what is recorded; whether a version may be deployed,
    ask deploy-check.
    """
    from budmodel.errors import UsageError
    from budmodel.render.exports.registry import load

    exporter = load(format_name)
    if by_model and not exporter.by_model:
        raise UsageError(f"--models is for csv; {format_name} has no rows")
    if output == "-" and exporter.binary and sys.stdout.isatty():
        raise UsageError(f"{format_name} is binary, which a terminal cannot show; name a file with --output")
    with workspace() as here:
        catalog = _asked(here, names, at, by_model)
        _tell(_write(exporter, catalog, output), catalog, output)
    return 0


def _asked(here: Workspace, names: tuple[str, ...], at: str | None, by_model: bool) -> Catalog:
    from budmodel.render.exports.catalog import Catalog
    from budmodel.render.exports.writing import select

    if at is None:
        snapshot, (commit, time) = here.snapshot, here.clean_commit()
    else:
        commit = commit_at(here, at)
        snapshot, time = here.at_commit(commit), here.git("--at").commit_time(commit)
    selected = select(snapshot, names)
    return Catalog(snapshot=snapshot, selected=selected, commit=commit, commit_time=time, by_model=by_model)


def _write(exporter: Exporter, catalog: Catalog, output: str) -> Written:
    from budmodel.render.exports.writing import export_document, export_file, export_folder

    if output == "-":
        return export_document(exporter, catalog, sys.stdout.buffer)
    path = Path(output)
    if path.is_dir() or output.endswith("/"):
        return export_folder(exporter, catalog, path)
    return export_file(exporter, catalog, path)


def _tell(written: Written, catalog: Catalog, output: str) -> None:
    from budmodel.cli.text import plural

    if catalog.left_out:
        left = plural(len(catalog.left_out), "model")
        note(f"{left} left out because model.yaml is missing or invalid; run budmodel check")
    if output != "-":
        click.echo(f"{plural(written.models, 'model')} written to {output}", err=True)
