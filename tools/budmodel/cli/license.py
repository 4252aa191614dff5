"""``budmodel license``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.acknowledge import acknowledge, acknowledgments
from budmodel.cli.common import (
    at_option,
    complete_names,
    global_options,
    json_option,
    print_result,
    snapshot_at,
    workspace,
)
from budmodel.cli.deploy_check import license_check

if TYPE_CHECKING:
    from budmodel.operations.licenses import Terms
    from budmodel.schema.license import License


@click.group("license")
@global_options
def license_group() -> None:
    """Licences as the catalog records them: facts, each with its source. Not legal advice."""


@license_group.command("list")
@at_option
@json_option
@global_options
def list_command(at: str | None, as_json: bool) -> int:
    """List the licences and how many models name each.

    JSON: {"schema_version": 1, "total": N, "result": [{"id", "name", …, "models": N}, …]}.
    """
    from budmodel.cli.text import table
    from budmodel.operations.licenses import list_licenses, short_terms

    with workspace() as here:
        found = list_licenses(snapshot_at(here, at))
    if as_json:
        print_result([{**license_data(use.record), "models": use.models} for use in found], len(found))
        return 0
    rows = [(use.record.id, str(use.models), ", ".join(short_terms(use.record))) for use in found]
    click.echo("\n".join(table(("LICENSE", "MODELS", "TERMS"), rows, right=[1])))
    return 0


@license_group.command("show")
@click.argument("name", metavar="LICENSE|NAME[@V]", shell_complete=complete_names)
@at_option
@json_option
@global_options
def show_command(name: str, at: str | None, as_json: bool) -> int:
    """Show the terms of a licence (id or alias), or those of a model.

    A version may have a licence of its own, frozen at its release. A name that no licence record has is
    shown as unknown, which is never a yes.

    JSON: {"schema_version": 1, "total": N, "result": {"subject", "expression", "licenses": [record, …],
    "unknown": [name, …]}}.
    """
    from budmodel.operations.licenses import show_license

    with workspace() as here:
        terms = show_license(snapshot_at(here, at), name)
    if as_json:
        print_result(terms_data(terms), len(terms.licenses))
    else:
        click.echo("\n".join(_lines(terms)))
    return 0


def terms_data(terms: Terms) -> dict[str, Any]:
    """The terms as plain data, for JSON."""
    return {
        "subject": terms.subject,
        "expression": terms.expression,
        "licenses": [license_data(record) for record in terms.licenses],
        "unknown": terms.unknown,
    }


def license_data(record: License) -> dict[str, Any]:
    """A licence record as plain data: what is not recorded is left out."""
    data: dict[str, Any] = record.model_dump(mode="json", exclude_none=True)
    return data


def _lines(terms: Terms) -> Iterator[str]:
    if terms.subject is not None:
        yield f"{terms.subject}: {terms.expression or 'no licence is stated'}"
    for index, record in enumerate(terms.licenses):
        if index or terms.subject is not None:
            yield ""
        yield from _license_lines(record)
    for name in terms.unknown:
        yield f"{name}: no licence of that name in catalog/licenses, and unknown is never a yes"


def _license_lines(record: License) -> Iterator[str]:
    from budmodel.cli.text import facts, one_line

    yield f"{record.id}  {one_line(record.name)}"
    skipped = {"id", "name", "notes", "texts", "source", "annotations"}
    data = license_data(record)
    yield from facts(
        (key.replace("_", " "), _value(value)) for key, value in data.items() if key not in skipped
    )
    for text in record.texts:
        yield f"text sha256:{text.sha256}" + (f" seen {text.seen}" if text.seen else "")
    if record.notes:
        yield one_line(f"notes: {record.notes}")
    if record.reviewed is None:
        yield "nobody has reviewed these facts against the text yet"


def _value(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return value


# The questions of deploy-check, put to the licences alone.
license_group.add_command(license_check)
license_group.add_command(acknowledge)
license_group.add_command(acknowledgments)
