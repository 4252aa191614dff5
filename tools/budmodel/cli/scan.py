"""``budmodel scan``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import (
    commit_options,
    complete_names,
    global_options,
    json_option,
    moment,
    note,
    print_result,
    workspace,
)

if TYPE_CHECKING:
    from budmodel.operations.scan_job import ScanOutcome
    from budmodel.operations.scan_preparing import Prepared
    from budmodel.operations.scanning import ScanRun
    from budmodel.operations.workspace import Workspace


@click.command()
@click.argument("names", metavar="[NAME[@V]]...", nargs=-1, shell_complete=complete_names)
@click.option("--all", "every", is_flag=True, help="Every version that has files and is not yanked.")
@click.option("--changed", is_flag=True, help="What the change against --base adds or changes.")
@click.option("--base", metavar="REV", help="The base branch; its policy and signers hold.")
@click.option("--stale", is_flag=True, help="Of these, only those without a young, trusted verdict.")
@click.option("--shard", metavar="I/N", help="Of these, part I of N, for several machines.")
@click.option("--path", "folder", metavar="DIR", type=click.Path(), help="The bytes are in a local copy.")
@click.option("--endpoint-url", metavar="U", help="The S3 server, where it is not AWS: MinIO, SeaweedFS …")
@click.option(
    "--clamd",
    metavar="WHERE",
    multiple=True,
    help="unix:PATH or tcp://HOST:PORT, several times for a pool; BUDMODEL_CLAMD where not stated.",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Files at a time.")
@click.option("--key", metavar="KEY", help="SSH key that signs; BUDMODEL_SIGNING_KEY where not stated.")
@click.option("--signer", metavar="WHO", help="The principal, where the key is of several.")
@click.option("--skip", metavar="REASON", help="Scan nothing; record SKIPPED with this reason.")
@click.option("--begin", is_flag=True, help="Scan nothing yet; record that a scan begins (SCANNING).")
@click.option("--force", is_flag=True, help="Read all bytes again, and write the records in any case.")
@click.option("--dry-run", is_flag=True, help="Read nothing; say what would be scanned, and from where.")
@commit_options
@json_option
@global_options
def scan(
    names: tuple[str, ...],
    every: bool,
    changed: bool,
    base: str | None,
    stale: bool,
    shard: str | None,
    folder: str | None,
    endpoint_url: str | None,
    clamd: tuple[str, ...],
    jobs: int,
    key: str | None,
    signer: str | None,
    skip: str | None,
    begin: bool,
    force: bool,
    dry_run: bool,
    commit: bool,
    branch: str | None,
    as_json: bool,
) -> int:
    """Read every byte of versions once, with every engine that they need, and record what was seen.

    The bytes come from the storage path, the pinned source, or a local copy (--path). Exit code 0: all
    passed, 1: something was found, 4: something could not be decided; run it again, and it goes on from
    there.

    JSON: {"schema_version": 1, "total": N, "result": {"versions": [{"name", "version", "status", "result",
    "path", "written", "where", "files", "bytes", "files_read", "bytes_read", "findings": [ID], "error",
    "notes"}], "signer", "commit"}}, where the inner "result" is passed, failed, incomplete, skipped,
    begun or planned.
    """
    from budmodel.errors import UsageError
    from budmodel.operations.import_run import open_source
    from budmodel.operations.scan_preparing import Asked, prepare
    from budmodel.operations.scan_signing import load_signer

    if changed != (base is not None):
        raise UsageError("--changed and --base REV belong together; state both")
    if skip is not None and not skip.strip():
        raise UsageError("--skip needs a reason")
    asked = Asked(
        names=names, all=every, base=base, stale=stale, shard=shard, folder=folder, endpoint_url=endpoint_url
    )
    with workspace() as here:
        committing = (commit or branch is not None) and not dry_run
        if committing:
            here.git("--commit")
        prepared = prepare(here, asked, open_source, moment(None))
        told = _Told(as_json)
        if dry_run:
            told.all(_planned(prepared, here))
            told.finish(None, None)
            return 0
        who = load_signer(key, signers=prepared.signers, name=signer)
        for text in who.notes if who is not None else ():
            note(text)
        run = _make_run(here, prepared, who, clamd, jobs, force)
        committed = None
        try:
            told.all(_outcomes(run, prepared, skip, begin))
        finally:
            # Ctrl-C or not: what is written belongs together.
            if committing and run.written:
                committed = _commit(here, run, branch)
        told.finish(who.name if who is not None else None, committed)
        if who is None and any(one.written for one in told.outcomes):
            note("the records are not signed; give --key, or the gate says scan-unsigned")
        return told.exit_code


def _make_run(
    here: Workspace, prepared: Prepared, who: Any, clamd: tuple[str, ...], jobs: int, force: bool
) -> ScanRun:
    from budmodel.operations.import_progress import ProgressLine
    from budmodel.operations.scan_job import ScanSettings
    from budmodel.operations.scan_reuse import SeenBefore
    from budmodel.operations.scanning import ScanRun
    from budmodel.scanners.inspector import Scanners
    from budmodel.scanners.interface import ScanConfig

    progress = ProgressLine(sys.stderr)
    tell = note if progress.shown else None
    scanners = Scanners(ScanConfig(policy=prepared.policy, clamd=clamd, tell=tell))
    seen = SeenBefore(policy=prepared.policy, signers=prepared.signers, signing=who is not None)
    digests = {file.sha256 for _, record, _ in prepared.wanted for file in record.files or ()}
    if digests and not force:
        seen.add_catalog(here.snapshot, digests)
    settings = ScanSettings(policy=prepared.policy, signer=who, jobs=jobs, force=force)
    return ScanRun(here, scanners, seen, settings, progress if progress.shown else None)


def _outcomes(run: ScanRun, prepared: Prepared, skip: str | None, begin: bool) -> Iterable[ScanOutcome]:
    if skip is not None:
        return (run.skip(target, record, skip) for target, record, _ in prepared.wanted)
    if begin:
        return (run.begin(target, record, place) for target, record, place in prepared.wanted)
    return run.run(prepared.wanted)


def _planned(prepared: Prepared, here: Workspace) -> Iterable[ScanOutcome]:
    from budmodel.operations.scan_job import ScanOutcome

    for target, record, place in prepared.wanted:
        view = here.snapshot.model(target.name)
        old = view.scan(target.version)
        files = record.files or ()
        yield ScanOutcome(
            target=target,
            status=old.status if old is not None else None,
            result="planned",
            path=view.scan_path(target.version),
            where=place.shown,
            files=len(files),
            bytes=sum(file.size for file in files),
        )


def _commit(here: Workspace, run: ScanRun, branch: str | None) -> str:
    count = "1 scan record" if len(run.written) == 1 else f"{len(run.written)} scan records"
    return here.git("--commit").commit(run.written, f"Record {count}", branch)


class _Told:
    """Tells outcomes as they come, or all at once for programs."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self.outcomes: list[ScanOutcome] = []

    def all(self, outcomes: Iterable[ScanOutcome]) -> None:
        """Every outcome."""
        for outcome in outcomes:
            self.outcomes.append(outcome)
            if not self._as_json:
                tell(outcome)

    def finish(self, signer: str | None, commit: str | None) -> None:
        """The end of the output."""
        if self._as_json:
            rows = [scan_data(outcome) for outcome in self.outcomes]
            print_result({"versions": rows, "signer": signer, "commit": commit}, len(rows))
            return
        if not self.outcomes:
            note("nothing to scan")
        if commit is not None:
            click.echo(f"committed {commit[:10]}")

    @property
    def exit_code(self) -> int:
        """1 where something was found, else 4 where something is open, else 0."""
        results = {outcome.result for outcome in self.outcomes}
        return 1 if "failed" in results else 4 if "incomplete" in results else 0


def tell(outcome: ScanOutcome) -> None:
    """What became of one version, for people."""
    from budmodel.cli.text import one_line, plural, size

    amount = f"{plural(outcome.files, 'file')}, {size(outcome.bytes)}"
    if outcome.result == "planned":
        was = outcome.status or "not scanned"
        place = f"from {outcome.where}" if outcome.where else "whose place is not recorded; add --path DIR"
        click.echo(one_line(f"{outcome.target}: would scan {amount} {place} (now {was})"))
    elif outcome.result == "incomplete":
        click.echo(one_line(f"{outcome.target}: no verdict: {outcome.error}"))
    elif outcome.result in ("passed", "failed"):
        read = f"{outcome.files_read} read" if outcome.files_read else "none read again"
        kept = "" if outcome.written else ", record unchanged"
        click.echo(one_line(f"{outcome.target}: {outcome.result.upper()} ({amount}; {read}{kept})"))
        for found in outcome.findings:
            click.echo(f"  {one_line(found)}")
    else:
        click.echo(one_line(f"{outcome.target}: {outcome.result.upper()}"))
    for text in outcome.notes:
        note(f"{outcome.target}: {text}")


def scan_data(outcome: ScanOutcome) -> dict[str, Any]:
    """The same for programs."""
    return {
        "name": outcome.target.name,
        "version": outcome.target.version,
        "status": outcome.status,
        "result": outcome.result,
        "path": outcome.path,
        "written": outcome.written,
        "where": outcome.where,
        "files": outcome.files,
        "bytes": outcome.bytes,
        "files_read": outcome.files_read,
        "bytes_read": outcome.bytes_read,
        "findings": list(outcome.findings),
        "error": outcome.error,
        "notes": list(outcome.notes),
    }
