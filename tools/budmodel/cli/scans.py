"""``budmodel scans``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import (
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

if TYPE_CHECKING:
    from budmodel.operations.scan_listing import ScanRow


@click.command()
@name_argument(metavar="[NAME[@V]]", required=False)
@click.option("--stale", is_flag=True, help="Only those without a verdict that policy believes today.")
@at_option
@now_option
@json_option
@global_options
def scans(name: str | None, stale: bool, at: str | None, now: datetime | None, as_json: bool) -> int:
    """List the scans of all versions: verdict, engines, age of signatures, who signed, what is waived.

    JSON: {"schema_version": 1, "total": N, "result": [{"name", "version", "yanked", "status", "ok", "text",
    "finished", "engines": [{"name", "version", "database": {"version", "date", "signatures"}}], "signature":
    {"kind", "signer", "reason"}, "stale": [TEXT], "waived_until", "waiver", "attempt": {"started", "stopped",
    "count", "error"}}]}; "ok" is true for a verdict of PASSED on exactly these bytes that policy believes
    today and that rests on no waiver; "stale" says what is too old or bears no date.
    """
    from budmodel.operations.scan_listing import list_scans

    with workspace() as here:
        rows = list_scans(snapshot_at(here, at), name, moment(now, at))
    shown = [row for row in rows if not row.state.ok and not row.yanked] if stale else rows
    if as_json:
        print_result([_data(row) for row in shown], len(shown))
        return 0
    _tell(shown)
    doubtful = sum(bool(row.state.doubts) for row in rows)
    scanned = sum(row.state.ok for row in rows) + doubtful
    doubt = f", {doubtful} of them in doubt" if doubtful else ""
    note(
        f"{scanned} of {len(rows)} versions passed{doubt}" + (f"; {len(shown)} need a scan" if stale else "")
    )
    return 0


def _tell(rows: list[ScanRow]) -> None:
    from budmodel.cli.text import one_line, table

    if not rows:
        return
    header = ("VERSION", "SCAN", "SIGNATURES OF", "SIGNED BY", "REMARKS")
    cells = [
        tuple(
            one_line(cell)
            for cell in (
                f"{row.name}@{row.version}",
                row.state.text if row.state.waived_until is not None else row.state.brief,
                _dates(row),
                _signed(row),
                "; ".join((["yanked"] if row.yanked else []) + _doubts(row) + _attempt(row)) or "-",
            )
        )
        for row in rows
    ]
    click.echo("\n".join(table(header, cells)))


def _dates(row: ScanRow) -> str:
    databases = [engine.database for engine in row.record.engines] if row.record is not None else []
    return ", ".join(sorted({one.date[:10] for one in databases if one is not None and one.date})) or "-"


def _signed(row: ScanRow) -> str:
    state = row.state.signature
    if state is None or state.kind == "unsigned":
        return "-"
    return str(state.signer) if state.kind == "trusted" else f"not trusted: {state.reason}"


def _doubts(row: ScanRow) -> list[str]:
    """What speaks against a verdict; what the next column but one says of signatures is not repeated."""
    return [*row.state.stale, *(one.reason for one in row.state.doubts if one.rule == "scan-unsigned")]


def _attempt(row: ScanRow) -> list[str]:
    attempt = row.record.attempt if row.record is not None else None
    if attempt is None:
        return []
    if attempt.error is None:
        return [f"a scan began {attempt.started}"]
    return [f"attempt {attempt.count}: {attempt.error}"]


def _data(row: ScanRow) -> dict[str, Any]:
    record, state = row.record, row.state.signature
    attempt = record.attempt if record is not None else None
    return {
        "name": row.name,
        "version": row.version,
        "yanked": row.yanked,
        "status": row.state.status,
        "ok": row.state.ok,
        "text": row.state.text,
        "finished": row.state.finished,
        "engines": [one.model_dump(mode="json") for one in record.engines] if record is not None else [],
        "signature": {"kind": state.kind, "signer": state.signer, "reason": state.reason} if state else None,
        "stale": list(row.state.stale),
        "waived_until": row.state.waived_until,
        "waiver": row.state.waiver,
        "attempt": attempt.model_dump(mode="json", include={"started", "stopped", "count", "error"})
        if attempt is not None
        else None,
    }
