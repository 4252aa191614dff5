"""``budmodel verify``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import global_options, json_option, name_argument, note, print_result, workspace

if TYPE_CHECKING:
    from budmodel.operations.verifying import Mismatch, PlaceResult, Verified


@click.command()
@name_argument(metavar="NAME[@V]")
@click.option(
    "--path", "folder", metavar="DIR", type=click.Path(), help="Compare a local copy instead, by hashing it."
)
@click.option("--full", is_flag=True, help="Read and hash every file; sizes and stated digests by default.")
@click.option("--endpoint-url", metavar="U", help="The S3 server, where it is not AWS: MinIO, SeaweedFS …")
@json_option
@global_options
def verify(name: str, folder: str | None, full: bool, endpoint_url: str | None, as_json: bool) -> int:
    """Check that the bytes at the source and at the storage path still are what the version records.

    Exit code 0: they are, 1: some differ (each file is listed), 4: it could not be decided.

    JSON: {"schema_version": 1, "total": N, "result": {"name", "version", "manifest_sha256", "ok", "places":
    [{"location", "by_digest", "by_etag", "by_size", "problems": [{"path", "problem", "expected", "found"}],
    "problem_count", "error"}]}}, where N counts the problems; "problem" is missing, extra, size
    or sha256.
    """
    from budmodel.operations import verifying
    from budmodel.operations.import_progress import ProgressLine
    from budmodel.operations.import_run import open_source
    from budmodel.operations.names import resolve_version

    with ProgressLine(sys.stderr) as progress, workspace() as here:
        found, version = resolve_version(here.snapshot, name)
        record = verifying.valid_record(here.snapshot, found, version)
        if folder is None:
            places = verifying.remote_places(found, record, open_source, endpoint_url)
        else:
            # One local copy, of which nothing is known but its bytes.
            places = [verifying.Place(location=folder, open=partial(open_source, "local", folder))]
        result = verifying.verify(
            found,
            record,
            places,
            full=full or folder is not None,
            progress=progress if progress.shown else None,
        )
    if as_json:
        print_result(_data(result), sum(place.problem_count for place in result.places))
    else:
        _tell(result)
    return result.exit_code


def _data(result: Verified) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "name": result.name,
        "version": result.version,
        "manifest_sha256": result.manifest_sha256,
        "ok": result.exit_code == 0,
        "places": [asdict(place) for place in result.places],
    }


def _tell(result: Verified) -> None:
    from budmodel.cli.text import one_line

    for place in result.places:
        if place.error is not None:
            note(f"{place.location}: {place.error}")
            continue
        for line in _lines(f"{result.name}@{result.version}", place):
            click.echo(one_line(line))


def _lines(target: str, place: PlaceResult) -> Iterator[str]:
    from budmodel.cli.text import plural

    counts = {"by digest": place.by_digest, "by entity tag": place.by_etag, "by size alone": place.by_size}
    how = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    if place.problem_count:
        count = plural(place.problem_count, "problem")
        yield f"{target} does not match {place.location}: {count} (compared {how or 'nothing'})"
    else:
        yield f"{target} matches {place.location} ({how})"
    for problem in place.problems:
        yield f"  {problem.path}: {_said(problem)}"
    if place.problem_count > len(place.problems):
        yield f"  and {place.problem_count - len(place.problems)} more"


def _said(problem: Mismatch) -> str:
    if problem.problem == "missing":
        return "missing"
    if problem.problem == "extra":
        return "extra, not in the record"
    return f"{problem.problem} is {problem.found}, the record says {problem.expected}"
