"""``budmodel show``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import (
    at_option,
    commit_at,
    global_options,
    json_option,
    moment,
    name_argument,
    now_option,
    print_result,
    workspace,
)

if TYPE_CHECKING:
    from budmodel.operations.showing import Details, VersionState


@click.command()
@name_argument(metavar="NAME[@V]")
@at_option
@now_option
@json_option
@global_options
def show(name: str, at: str | None, now: datetime | None, as_json: bool) -> int:
    """Show a model: facts, versions with their scans, licence terms, lineage, waivers.

    NAME is a name of the catalog, a Hub id that the catalog knows (org/name), or either with @VERSION or
    @ALIAS.

    JSON: {"schema_version": 1, "total": 1, "result": {"name", "model", "default_version", "versions",
    "license", "parents", "children", "waivers", "benchmark_results", "folder", "last_change"}}.
    """
    from budmodel.operations.names import resolve
    from budmodel.operations.showing import show as operation

    with workspace() as here:
        commit = commit_at(here, at) if at is not None else None
        snapshot = here.at_commit(commit) if commit is not None else here.snapshot
        named = resolve(snapshot, name)
        details = operation(here, snapshot, named, moment(now, at), changed_in=commit or "HEAD")
    if as_json:
        print_result(as_data(details), 1)
    else:
        click.echo("\n".join(_lines(details)))
    return 0


def as_data(details: Details) -> dict[str, Any]:
    """The model as plain data, for JSON."""
    from dataclasses import asdict

    from budmodel.cli.license import terms_data

    return {
        "name": details.name,
        "model": details.data,
        "default_version": details.default_version,
        "versions": [version_data(version) for version in details.versions],
        "license": terms_data(details.terms),
        "parents": [asdict(parent) for parent in details.parents],
        "children": details.children,
        "waivers": [asdict(waiver) for waiver in details.waivers],
        "benchmark_results": details.results,
        "folder": details.folder,
        "last_change": asdict(details.last_change) if details.last_change else None,
    }


def version_data(state: VersionState) -> dict[str, Any]:
    """A version as plain data, for JSON."""
    from dataclasses import asdict

    return {
        "version": state.version,
        "default": state.default,
        "aliases": state.aliases,
        "yanked": state.yanked,
        "files": state.files,
        "bytes": state.bytes,
        "manifest_sha256": state.manifest_sha256,
        "scan": asdict(state.scan),
        "path": state.path,
        "record": state.data,
    }


def _lines(details: Details) -> Iterator[str]:
    from budmodel.cli.text import facts, one_line, plural

    yield f"{details.name}  {details.data['status']}"
    if details.data.get("description"):
        yield one_line(details.data["description"])
    yield ""
    yield from facts(_model_facts(details))
    yield ""
    yield from _version_lines(details.versions)
    for waiver in details.waivers:
        state = "expired" if waiver.expired else "until"
        rules, targets = ", ".join(waiver.rules), ", ".join(waiver.targets)
        yield one_line(
            f"waiver for {targets}: {rules} {state} {waiver.expires}: {waiver.reason} ({waiver.path})"
        )
    if details.results:
        yield plural(details.results, "benchmark result")
    yield f"files: {details.folder}"
    change = details.last_change
    if change is not None:
        yield one_line(
            f"last change: {change.time[:10]} {change.commit[:9]} {change.author}: {change.subject}"
        )


def _model_facts(details: Details) -> Iterator[tuple[str, object]]:
    from budmodel.schema.values import format_count

    data = details.data
    count, active = data.get("parameter_count"), data.get("active_parameter_count")
    yield "architecture", data["architecture"]
    if count:
        yield (
            "parameters",
            f"{format_count(count)} ({count:,})" + (f", {format_count(active)} active" if active else ""),
        )
    yield "context length", f"{data['context_length']:,} tokens" if data.get("context_length") else None
    yield "licence", data.get("license_type") or "none stated"
    yield "licence terms", details.terms.summary() if details.terms.expression else None
    limits = data.get("license_restrictions") or {}
    yield "restrictions", ", ".join(f"{key} {_value(value)}" for key, value in limits.items())
    source = data.get("source") or {}
    yield "source", " ".join(str(part) for part in (source.get("type"), source.get("model_id")) if part)
    yield "requirements", ", ".join(f"{k} {_value(v)}" for k, v in (data.get("requirements") or {}).items())
    yield "tags", ", ".join(data.get("tags", ()))
    yield "owners", ", ".join(data.get("owners", ()))
    yield "made of", ", ".join(f"{parent.model} ({parent.relation})" for parent in details.parents)
    yield "made into", ", ".join(details.children)
    yield "successor", data.get("successor")
    yield "retires on", data.get("retires_on")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _version_lines(versions: tuple[VersionState, ...]) -> Iterator[str]:
    if not versions:
        yield "no versions yet"
        return
    yield from version_table(versions)
    for version in versions:
        if version.yanked is not None:
            from budmodel.cli.text import one_line

            yield one_line(f"{version.version} is yanked: {version.yanked}")


def version_table(versions: Sequence[VersionState]) -> Iterator[str]:
    """Versions, newest first, and below them the digests that waivers name: whole, to be copied."""
    from budmodel.cli.text import table

    newest_first = list(reversed(versions))
    yield from table(VERSION_HEADER, [version_cells(version) for version in newest_first])
    for version in newest_first:
        if version.manifest_sha256 is not None:
            yield f"{version.version} manifest_sha256: {version.manifest_sha256}"


VERSION_HEADER = ("VERSION", "RELEASED", "FILES", "SCAN", "")


def version_cells(state: VersionState) -> tuple[str, ...]:
    """A version as a row of a table: the default, aliases and a withdrawal stand last."""
    from budmodel.cli.text import plural, size

    data = state.data
    files = "-" if state.files is None else f"{plural(state.files, 'file')}, {size(state.bytes or 0)}"
    marks = [
        *(["default"] if state.default else []),
        *state.aliases,
        *(["yanked"] if state.yanked is not None else []),
    ]
    released = str(data["released"])[:10] if data is not None else "invalid"
    return (state.version, released, files, state.scan.text, ", ".join(marks))
