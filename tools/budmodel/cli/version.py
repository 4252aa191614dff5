"""``budmodel version``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from budmodel.cli.common import (
    MomentType,
    at_option,
    global_options,
    json_option,
    moment,
    name_argument,
    note,
    now_option,
    print_result,
    snapshot_at,
    workspace,
)
from budmodel.cli.writing import Writing, finish, from_option, read_input, write_options


@click.group()
@global_options
def version() -> None:
    """Versions of a model: list, add, compare, withdraw; the default version."""


@version.command("list")
@name_argument()
@at_option
@now_option
@json_option
@global_options
def list_command(name: str, at: str | None, now: datetime | None, as_json: bool) -> int:
    """List a model's versions, newest first, with their scans.

    JSON: {"schema_version": 1, "total": N, "result": [{"version", "default", "aliases", "yanked", "files",
    "bytes", "manifest_sha256", "scan", "path", "record"}, …]}, in SemVer order.
    """
    from budmodel.cli.show import version_data, version_table
    from budmodel.operations.names import Named, resolve_model
    from budmodel.operations.showing import show

    with workspace() as here:
        snapshot = snapshot_at(here, at)
        found = Named(resolve_model(snapshot, name))
        versions = show(here, snapshot, found, moment(now, at), changed_in=None).versions
    if as_json:
        print_result([version_data(state) for state in versions], len(versions))
    elif versions:
        click.echo("\n".join(version_table(versions)))
    else:
        note(f"{found.name} has no version yet")
    return 0


@version.command("add")
@name_argument()
@click.argument("number", metavar="V")
@from_option
@click.option("--storage-path", metavar="URI", help="Where the organisation's own copy is.")
@click.option("--model-id", metavar="ORG/NAME", help="The repository on the Hugging Face Hub.")
@click.option("--revision", metavar="SHA", help="The commit on the Hub, 40 hex digits.")
@click.option("--changelog", metavar="TEXT", help="What changed against the version before.")
@click.option("--released", type=MomentType(), metavar="DATE", help="When it was released; now by default.")
@click.option("--set-default", is_flag=True, help="Make it the default version as well.")
@now_option
@write_options
@global_options
def add_command(
    name: str, number: str, source_file: str | None, set_default: bool, now: datetime | None, **options: Any
) -> int:
    """Add version V (SemVer). Only what is stated is written; nothing is taken over from other versions."""
    from budmodel.operations.names import resolve_model
    from budmodel.operations.versions import VersionRequest, plan_version

    writing = Writing.of(options)
    body = dict(read_input(source_file)) if source_file is not None else {}
    with workspace() as here:
        found = resolve_model(here.snapshot, name)
        body |= _stated(here.snapshot, found, options)
        request = VersionRequest(
            name=found, version=number, now=moment(now), body=body, set_default=set_default
        )
        return finish(here, plan_version(here.snapshot, request), writing)


def _stated(snapshot: Any, name: str, options: dict[str, Any]) -> dict[str, Any]:
    """The body that the options make: only what was stated."""
    from budmodel.operations.versions import hub_source
    from budmodel.schema.values import format_timestamp

    model_id, revision, released = options.pop("model_id"), options.pop("revision"), options.pop("released")
    if model_id is not None or revision is not None:
        options["source"] = hub_source(snapshot, name, model_id, revision)
    if released is not None:
        options["released"] = format_timestamp(released)
    return {key: value for key, value in options.items() if value is not None}


@version.command("default")
@name_argument()
@click.argument("number", metavar="[V]", required=False)
@write_options
@global_options
def default_command(name: str, number: str | None, **options: Any) -> int:
    """Print the default version, or make V the default.

    JSON without V: {"schema_version": 1, "total": 1, "result": {"name", "default_version", "stated"}};
    "stated" is false where model.yaml names none and the newest version that is not yanked is meant.
    """
    from budmodel.operations.names import resolve, resolve_model, resolve_version, valid_model
    from budmodel.operations.versions import plan_default

    writing = Writing.of(options)
    with workspace() as here:
        found = resolve_model(here.snapshot, name)
        if number is not None:
            target = resolve(here.snapshot, f"{found}@{number}")
            return finish(here, plan_default(here.snapshot, found, target.version or number), writing)
        _, default = resolve_version(here.snapshot, found)
        stated = valid_model(here.snapshot, found)[1].default_version is not None
    if writing.as_json:
        print_result({"name": found, "default_version": default, "stated": stated}, 1)
    else:
        click.echo(default)
    return 0


@version.command("yank")
@name_argument(metavar="NAME[@V]")
@click.argument("number", metavar="[V]", required=False)
@click.option("--reason", metavar="TEXT", help="Why; required unless --undo.")
@click.option("--undo", is_flag=True, help="Take the withdrawal back.")
@now_option
@write_options
@global_options
def yank_command(
    name: str, number: str | None, reason: str | None, undo: bool, now: datetime | None, **options: Any
) -> int:
    """Withdraw a version; it stays in the catalog, marked, with the reason. Write NAME@V or NAME V."""
    from budmodel.errors import UsageError
    from budmodel.operations.names import resolve
    from budmodel.operations.versions import plan_unyank, plan_yank

    writing = Writing.of(options)
    with workspace() as here:
        named = resolve(here.snapshot, name if number is None else f"{name}@{number}")
        if named.version is None:
            raise UsageError(f"say which version of {named.name} to yank; write {named.name}@VERSION")
        if undo == bool(reason):
            raise UsageError("say why with --reason TEXT, or take a yank back with --undo")
        if undo:
            plan = plan_unyank(here.snapshot, named.name, named.version)
        else:
            plan = plan_yank(here.snapshot, named.name, named.version, reason or "", moment(now))
        return finish(here, plan, writing)


@version.command("diff")
@name_argument()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@at_option
@now_option
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="How to print."
)
@global_options
def diff_command(
    name: str, before: str, after: str, at: str | None, now: datetime | None, as_json: bool, form: str
) -> int:
    """Compare two versions: facts and fingerprint, licence terms, files, scans and waivers, benchmarks.

    JSON: {"schema_version": 1, "total": N, "result": {"name", "before", "after", "fields": [{"field",
    "before", "after"}], "terms": […], "scans": […], "files": {"added", "removed", "changed", "same",
    "known"}, "bytes_before", "bytes_after", "benchmarks": [{"benchmark", "metric", "conditions", "before",
    "after"}]}}, where N counts the differences; "terms" and "scans" are like "fields".
    """
    from dataclasses import asdict

    from budmodel.operations.names import resolve, resolve_model
    from budmodel.operations.version_diff import diff_versions
    from budmodel.report.page import render_markdown
    from budmodel.report.version_diff import blocks, lines

    with workspace() as here:
        snapshot = snapshot_at(here, at)
        found = resolve_model(snapshot, name)
        pair = [resolve(snapshot, f"{found}@{text}").version or text for text in (before, after)]
        diff = diff_versions(snapshot, found, pair[0], pair[1], moment(now, at))
    if as_json or form == "json":
        print_result(asdict(diff), diff.total)
    elif form == "markdown":
        title = f"{diff.name}: {diff.before} to {diff.after}"
        click.echo(render_markdown(title, list(blocks(diff))), nl=False)
    else:
        click.echo("\n".join(lines(diff)))
    return 0
