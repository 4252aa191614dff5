"""``budmodel scan-verify``."""

from __future__ import annotations

from collections.abc import Iterator
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
    from budmodel.operations.scan_verifying import Proof


@click.command(name="scan-verify")
@name_argument(metavar="NAME[@V]")
@click.option("--statement", is_flag=True, help="Print only the exact bytes that the signature covers.")
@click.option("--signature", is_flag=True, help="Print only the signature, as ssh-keygen -Y verify takes it.")
@at_option
@now_option
@json_option
@global_options
def scan_verify(
    name: str, statement: bool, signature: bool, at: str | None, now: datetime | None, as_json: bool
) -> int:
    """Say what the scan record of a version proves, who signed it, and what it leaves open.

    Exit code 0: it is PASSED, bound to the version's files, every byte of which was seen by every engine
    they need, and signed by a trusted signer where the policy asks for that; 1: it does not prove this. Age
    is told and left to budmodel check.

    JSON: {"schema_version": 1, "total": N, "result": {"name", "version", "ok", "status", "finished",
    "manifest_sha256", "bound", "problems", "not_proven", "engines": [{"name", "version", "database":
    {"version", "date", "signatures"}}], "limits": [{"engine", "window_bytes", "overlap_bytes", "canaries"}],
    "coverage": {"files", "files_covered", "bytes", "bytes_covered", "uncovered": [{"path", "size", "format",
    "problems"}]}, "signature": {"kind", "signer", "fingerprint", "reason", "at", "required"}, "age":
    {"scan_days", "scan_limit_days", "database_days", "database_limit_days", "stale"}, "signer_problems":
    [{"line", "message"}]}}, where N counts the problems; "kind" is trusted, unsigned or untrusted.
    """
    from budmodel.errors import UsageError
    from budmodel.operations.names import resolve_version
    from budmodel.operations.scan_verifying import signature_of, statement_of, verify_scan

    if statement and signature:
        raise UsageError("--statement and --signature print one thing each; choose one of them")
    with workspace() as here:
        snapshot = snapshot_at(here, at)
        found, version = resolve_version(snapshot, name)
        if statement or signature:
            # No line end is added: one byte more, and the signature is over something else.
            printed = statement_of if statement else signature_of
            click.echo(printed(snapshot, found, version), nl=False)
            return 0
        proof = verify_scan(snapshot, found, version, moment(now, at))
    if as_json:
        print_result(_data(proof), len(proof.problems))
    else:
        _tell(proof)
    return proof.exit_code


def _data(proof: Proof) -> dict[str, Any]:
    from dataclasses import asdict

    record = proof.record.model_dump(mode="json", exclude_none=True)
    return {
        "name": proof.name,
        "version": proof.version,
        "ok": proof.exit_code == 0,
        "status": proof.record.status,
        "finished": proof.record.finished,
        "manifest_sha256": proof.manifest_sha256,
        "bound": proof.bound,
        "problems": list(proof.problems),
        "not_proven": list(proof.not_proven),
        "engines": record["engines"],
        "limits": record["limits"],
        "coverage": {
            "files": proof.files_total,
            "files_covered": proof.files_covered,
            "bytes": proof.bytes_total,
            "bytes_covered": proof.bytes_covered,
            "uncovered": [asdict(file) for file in proof.uncovered],
        },
        "signature": {
            **asdict(proof.signature),
            "at": proof.signed_at,
            "required": proof.signature_required,
        },
        "age": asdict(proof.age),
        "signer_problems": [asdict(problem) for problem in proof.signer_problems],
    }


def _tell(proof: Proof) -> None:
    from budmodel.cli.text import facts, one_line

    target = f"{proof.name}@{proof.version}"
    if proof.problems:
        click.echo(f"{target} is not proven to be clean:")
        for problem in proof.problems:
            click.echo(f"  {one_line(problem)}")
    else:
        click.echo(f"{target} is proven to be clean, as far as a scan can tell")
    click.echo()
    for line in facts(_facts(proof)):
        click.echo(line)
    click.echo("\nWhat the record does not prove:")
    for sentence in proof.not_proven:
        click.echo(f"  {one_line(sentence)}")
    for remark in proof.signer_problems:
        note(f"catalog/allowed_signers:{remark.line}: {remark.message}; the line trusts nobody")


def _facts(proof: Proof) -> Iterator[tuple[str, str]]:
    from budmodel.cli.text import plural, size

    record = proof.record
    yield "Verdict", f"{record.status}{f', finished {record.finished}' if record.finished else ''}"
    yield "Bytes", f"{proof.manifest_sha256 or 'none listed'} ({'bound' if proof.bound else 'not bound'})"
    yield (
        "Seen whole",
        f"{proof.files_covered} of {plural(proof.files_total, 'file')}, "
        f"{size(proof.bytes_covered)} of {size(proof.bytes_total)}",
    )
    for file in proof.uncovered:
        yield "  not", f"{file.path}: {'; '.join(file.problems)}"
    for engine in record.engines:
        database, known = engine.database, ""
        if database is not None:
            day = f" of {database.date}" if database.date else ", undated"
            known = f", signatures {database.version or 'without a number'}{day}"
        yield "Engine", f"{engine.name} {engine.version}{known}"
    for limit in record.limits:
        window = f"finds at the far end of {limit.window_bytes} bytes"
        yield "Proven", f"{limit.engine} {window} (canaries: {limit.canaries})"
    when = f", judged at {proof.signed_at}" if proof.signed_at else ""
    yield "Signature", f"{proof.signature.kind}: {proof.signature.reason}{when}"
    for sentence in proof.age.stale:
        yield "Age", f"{sentence}; scan it again"
    if not proof.age.stale and proof.age.scan_days is not None:
        yield "Age", f"{plural(proof.age.scan_days, 'day')} of {proof.age.scan_limit_days} allowed"
