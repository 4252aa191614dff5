"""``budmodel report``: pages for people who were not there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import (
    CountType,
    TerritoryType,
    at_option,
    commit_at,
    global_options,
    moment,
    name_argument,
    now_option,
    print_result,
    workspace,
)

if TYPE_CHECKING:
    from budmodel.operations.workspace import Workspace

FORMATS = ("text", "json", "markdown", "html")


@click.group("report")
@global_options
def report() -> None:
    """Reports from the catalog and its history."""


@report.command("audit")
@name_argument(metavar="NAME[@V]")
@at_option
@now_option
@click.option("--mau", type=CountType(), metavar="N", help="Monthly active users: 50000, 1.2M.")
@click.option("--derivative", is_flag=True, help="Something is made of it: a fine-tune, a merge …")
@click.option("--redistribute", is_flag=True, help="Copies of the weights are passed on.")
@click.option("--api-only", is_flag=True, help="It is reached through an API; no weights are held.")
@click.option(
    "--territory",
    type=TerritoryType(),
    metavar="CC",
    help="Where: an ISO 3166-1 code such as DE, or EU.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to print.")
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@click.option("--output", type=click.Path(dir_okay=False), help="Write there instead of to standard output.")
@global_options
def audit_command(
    name: str,
    at: str | None,
    now: datetime | None,
    form: str,
    as_json: bool,
    output: str | None,
    **use: Any,
) -> int:
    """Put all that decided about a version on a day on one page, for an auditor.

    The answers of deploy-check to each kind of use, the commits that brought the records (who merged, who
    wrote, signed by whom), the licence as it stood, what the scan proves, waivers and acknowledgments of that
    day. All of it is read from one commit: HEAD, or what --at names. A date also sets the clock, a revision
    sets it to the time of its commit. The exit code is 0 also where the answer is deny.

    JSON: {"schema_version": 1, "total": 1, "result": {"name", "version", "commit", "commit_time",
    "evaluated_at", "decisions": [{"use", "decision", "reasons", "duties", …}], "records": [{"path", "sha256",
    "introduced", "approved"}], "license", "scan", "waivers", "acknowledgments", "history"}}; "approved" is
    {"commit", "subject", "merge", "author", "committer", "signature", "written_in", "written_by"}.
    """
    from budmodel.operations.auditing import audit

    with workspace() as here:
        found = audit(here, _request(here, name, at, now, use))
    if as_json or form == "json":
        if output is None:
            print_result(found.data(), 1)
        else:
            _write(output, _json(found.data()))
        return 0
    from budmodel.report.audit import blocks
    from budmodel.report.page import RENDERERS

    title = f"Audit of {found.name}@{found.version} at {found.evaluated_at}"
    text = RENDERERS[form](title, list(blocks(found)))
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)
    return 0


def _request(here: Workspace, name: str, at: str | None, now: datetime | None, use: dict[str, Any]) -> Any:
    from budmodel.domain.uses import Use
    from budmodel.errors import UsageError
    from budmodel.operations.auditing import AuditRequest
    from budmodel.schema.values import parse_timestamp
    from budmodel.store.git import moment as moment_of

    repository = here.git("report audit")
    commit = repository.head() if at is None else commit_at(here, at)
    if commit is None:
        raise UsageError("the repository has no commit yet; commit the catalog first")
    if now is None and at is not None and moment_of(at) is None:
        now = parse_timestamp(repository.commit_time(commit))
    circumstances = Use(kind="commercial", **use)
    return AuditRequest(name=name, commit=commit, now=moment(now, at), use=circumstances)


def _json(data: dict[str, Any]) -> str:
    import json

    envelope = {"schema_version": 1, "total": 1, "result": data}
    return json.dumps(envelope, indent=2, ensure_ascii=False) + "\n"


def _write(output: str, text: str) -> None:
    from budmodel.operations.output import write_output

    write_output(Path(output), text)
    click.echo(f"written to {output}", err=True)
