"""``budmodel import``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import (
    CountType,
    FunctionT,
    global_options,
    moment,
    note,
    now_option,
    print_result,
    printable,
    workspace,
)
from budmodel.cli.writing import Writing, write_options

if TYPE_CHECKING:
    from budmodel.operations.import_progress import ProgressLine
    from budmodel.operations.import_run import ImportOutcome, ImportRequest
    from budmodel.operations.scan_job import ScanOutcome
    from budmodel.operations.workspace import Workspace
    from budmodel.sources.interface import Source

Opener = tuple[str, Callable[[], "Source"]]
ALIASES = {"hf": "huggingface"}


class AliasGroup(click.Group):
    """A group in which a command may be called by a shorter name."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name or alias."""
        return super().get_command(ctx, ALIASES.get(cmd_name, cmd_name))


@click.group("import", cls=AliasGroup)
@global_options
def import_group() -> None:
    """Import from the Hugging Face Hub, S3 or a folder: pinned, with every file's size and SHA-256.

    A new name becomes a model with version 1.0.0. For a model that is there, the next version is added
    (major where architecture or vocabulary changed, minor for other weights, else patch), or absent files are
    recorded, or nothing is written. Fields written by hand are never changed; differences are told.
    """


def import_options(function: FunctionT) -> FunctionT:
    """Adds the options that all kinds of import share."""
    for option in (
        click.option("--no-hash", is_flag=True, help="Do not read files to hash them; files may stay empty."),
        click.option("--set-default", is_flag=True, help="Make the version the default one."),
        click.option("--license", "license_type", metavar="L", help="Licence id, alias or SPDX expression."),
        click.option(
            "--parameter-count", type=CountType(), metavar="N", help="All parameters: 8B, 70b, 8030261248."
        ),
        click.option("--architecture", metavar="A", help="The architecture family, such as llama."),
        click.option("--exclude", multiple=True, metavar="GLOB", help="Files to leave out; may be repeated."),
        click.option("--include", multiple=True, metavar="GLOB", help="Files to take; may be repeated."),
        click.option("--version", metavar="V", help="The version's number; the proper next one by default."),
    ):
        function = option(function)
    return write_options(now_option(function))


name_option = click.option("--name", metavar="NAME", help="The name in the catalog.")
storage_option = click.option(
    "--storage-path",
    metavar="URI",
    help="Where the organisation's own copy lives, such as s3://bucket/prefix/.",
)


def scan_options(function: FunctionT) -> FunctionT:
    """Adds ``--scan`` and what belongs to it; see :class:`Scanning`."""
    for option in (
        click.option("--signer", metavar="WHO", help="The principal, where the key is of several."),
        click.option("--key", metavar="KEY", help="With --scan: the SSH key that signs the record."),
        click.option("--clamd", metavar="WHERE", multiple=True, help="With --scan: as for budmodel scan."),
        click.option("--scan", is_flag=True, help="Scan in the same pass that hashes the files."),
    ):
        function = option(function)
    return function


@import_group.command("huggingface")
@click.argument("ids", metavar="[ORG/NAME]...", nargs=-1)
@click.option("--from-file", metavar="LIST", help="Import every id of a file, one a line; - is stdin.")
@click.option("--revision", metavar="R", help="Branch, tag or commit; it is pinned to its commit.")
@name_option
@storage_option
@import_options
@global_options
def huggingface(ids: tuple[str, ...], from_file: str | None, revision: str | None, **options: Any) -> int:
    """Import models from the Hugging Face Hub (hf for short).

    HF_ENDPOINT names a mirror, HF_TOKEN a token for gated models. Weights are not downloaded.

    JSON: {"schema_version": 1, "total": N, "result": {"id", "name", "version", "decision", "origin",
    "written", "notes": [{"kind", "field", "message"}], "dry_run", "diff", "commit", "branch", "error"}};
    "decision" is new, version, filled, unchanged or failed. For several ids "result" is a list of these.
    """
    from budmodel.errors import UsageError
    from budmodel.operations.import_run import open_source, parse_ids

    wanted = list(ids) + (parse_ids(_read_list(from_file)) if from_file is not None else [])
    if not wanted:
        raise UsageError("say what to import: budmodel import huggingface ORG/NAME, or --from-file LIST")
    single = {"--name": options["name"], "--revision": revision, "--version": options["version"]}
    for flag, value in {**single, "--storage-path": options["storage_path"]}.items():
        if value is not None and len(wanted) > 1:
            raise UsageError(f"{flag} is about one model, but {len(wanted)} are named; import that one alone")
    openers: list[Opener] = [
        (id_, partial(open_source, "huggingface", id_, revision=revision)) for id_ in dict.fromkeys(wanted)
    ]
    return _run(openers, options, as_list=len(wanted) > 1 or from_file is not None)


@import_group.command("s3")
@click.argument("uri", metavar="s3://BUCKET/PREFIX")
@click.option("--endpoint-url", metavar="U", help="The server, where it is not AWS: MinIO, SeaweedFS …")
@name_option
@scan_options
@import_options
@global_options
def s3(uri: str, endpoint_url: str | None, **options: Any) -> int:
    """Import from S3 or a compatible store such as MinIO; credentials as boto3 finds them. Needs --name.

    With --scan the bytes are read once for both: their digests and the scan record. Exit code as for scan.

    JSON: as for huggingface; with --scan also "scan", as a version of budmodel scan.
    """
    from budmodel.operations.import_run import open_source

    _need_name(options, f"import s3 {uri}")
    opener = partial(open_source, "s3", uri, endpoint_url=endpoint_url)
    return _run([(uri, opener)], options, endpoint_url=endpoint_url)


@import_group.command("local")
@click.argument("folder", metavar="DIR", type=click.Path())
@name_option
@storage_option
@scan_options
@import_options
@global_options
def local(folder: str, **options: Any) -> int:
    """Import from a folder of this machine; its path is not recorded. Needs --name.

    With --scan the bytes are read once for both: their digests and the scan record. Exit code as for scan.

    JSON: as for huggingface; with --scan also "scan", as a version of budmodel scan.
    """
    from budmodel.operations.import_run import open_source

    _need_name(options, f"import local {folder}")
    return _run([(folder, partial(open_source, "local", folder))], options, folder=folder)


def _need_name(options: dict[str, Any], command: str) -> None:
    from budmodel.errors import UsageError

    if not options["name"]:
        raise UsageError(f"a name for the catalog is missing; write budmodel {command} --name NAME")


def _read_list(path: str) -> str:
    from pathlib import Path

    from budmodel.errors import UsageError

    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"cannot read {path}: {why}; name a text file with one id on each line") from None


def _run(
    openers: Sequence[Opener],
    options: dict[str, Any],
    *,
    as_list: bool = False,
    folder: str | None = None,
    endpoint_url: str | None = None,
) -> int:
    from budmodel.operations.import_progress import ProgressLine

    writing = Writing.of(options)
    with ProgressLine(sys.stderr) as progress, workspace() as here:
        after = None
        if options.get("scan") and not writing.dry_run:
            from budmodel.cli.import_scan import shared_pass

            openers, after = shared_pass(here, openers, options, progress, folder, endpoint_url)
        requests = _requests(openers, options, progress)
        return import_all(here, requests, writing, progress, as_list=as_list, after=after)


def _requests(
    openers: Sequence[Opener], options: dict[str, Any], progress: ProgressLine
) -> list[ImportRequest]:
    from budmodel.operations.import_run import ImportRequest
    from budmodel.operations.importing import ImportOptions
    from budmodel.sources.interface import Stated

    stated = Stated(
        name=options["name"],
        architecture=options["architecture"],
        parameter_count=options["parameter_count"],
        license=options["license_type"],
        include=options["include"],
        exclude=options["exclude"],
    )
    how = ImportOptions(
        now=moment(options["now"]),
        version=options["version"],
        storage_path=options.get("storage_path"),
        set_default=options["set_default"],
        hash_files=not options["no_hash"],
        progress=progress if progress.shown else None,
    )
    return [ImportRequest(subject=id_, open=opener, stated=stated, options=how) for id_, opener in openers]


def import_all(
    here: Workspace,
    requests: Sequence[ImportRequest],
    writing: Writing,
    progress: ProgressLine,
    *,
    as_list: bool = False,
    after: Callable[[ImportOutcome], ScanOutcome | None] | None = None,
) -> int:
    """Imports each, tells what became of it, commits all at once; the exit code is the worst one.

    ``after``, where given, scans what was imported.

    Raises:
        BudmodelError: the only import failed, or the commit.
    """
    from budmodel.operations.import_run import commit_all, outcome_data, run_imports, summary

    if writing.commit and not writing.dry_run:
        here.git("--commit")
    outcomes: list[ImportOutcome] = []
    scanned: list[ScanOutcome | None] = []
    for outcome in run_imports(here, requests, dry_run=writing.dry_run):
        progress.clear()
        if outcome.error is not None and not as_list:
            raise outcome.error
        outcomes.append(outcome)
        if not writing.as_json:
            _tell(outcome, dry_run=writing.dry_run)
        elif outcome.error is not None:
            note(f"{outcome.subject}: {outcome.error}")
        scanned.append(_scan(after, outcome, writing) if after is not None else None)
    committed = None
    if writing.commit and not writing.dry_run:
        more = [one.path for one in scanned if one is not None and one.written]
        committed = commit_all(here, outcomes, writing.branch, more)
    if writing.as_json:
        made = {
            "dry_run": writing.dry_run,
            "commit": committed.commit if committed else None,
            "branch": committed.branch if committed else None,
        }
        items = [
            {**outcome_data(outcome, with_diff=writing.dry_run), **made, **_scan_data(scan)}
            for outcome, scan in zip(outcomes, scanned, strict=True)
        ]
        print_result(items if as_list else items[0], len(items))
    else:
        if as_list:
            click.echo(summary(outcomes, dry_run=writing.dry_run))
        if committed is not None:
            where = f" on branch {committed.branch}" if committed.branch else ""
            click.echo(f"committed {committed.commit[:10]}{where}")
    codes = [
        1 if one.result == "failed" else 4 for one in scanned if one is not None and one.result != "passed"
    ]
    # What was found is worse than what is open, though its number is smaller.
    return max((outcome.exit_code for outcome in outcomes), default=0) or min(codes, default=0)


def _scan(
    after: Callable[[ImportOutcome], ScanOutcome | None], outcome: ImportOutcome, writing: Writing
) -> ScanOutcome | None:
    from budmodel.cli.scan import tell

    scan = after(outcome)
    if scan is not None and not writing.as_json:
        tell(scan)
    return scan


def _scan_data(scan: ScanOutcome | None) -> dict[str, Any]:
    from budmodel.cli.scan import scan_data

    return {"scan": scan_data(scan)} if scan is not None else {}


def _tell(outcome: ImportOutcome, *, dry_run: bool) -> None:
    from budmodel.cli.text import one_line
    from budmodel.operations.import_run import sentence

    if outcome.imported is None:
        note(f"{outcome.subject}: {outcome.error}")
        return
    plan = outcome.imported.plan
    click.echo(one_line(sentence(outcome.imported, dry_run=dry_run)))
    if dry_run:
        click.echo(printable(plan.diff()), nl=False)
    for change in plan.changes if not dry_run else ():
        click.echo(f"wrote {change.path}")
    for remark in outcome.imported.notes:
        note(f"{outcome.imported.name}: {remark.field}: {remark.message}")
    for command in plan.next_steps if not dry_run else ():
        click.echo(f"next: {command}")
