"""``budmodel lineage``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    from budmodel.operations.ancestry import Relative


@click.command("lineage")
@name_argument(metavar="NAME[@V]")
@at_option
@now_option
@json_option
@global_options
def lineage_command(name: str, at: str | None, now: datetime | None, as_json: bool) -> int:
    """Show what a model was made of, and what was made of it, over any number of steps.

    A version (without one, the default version) is shown with the bases that it froze, where it did, and NAME
    alone with all that was made of any of its versions.

    JSON: {"schema_version": 1, "total": N, "result": {"name", "version", "ancestors": [{"model", "version",
    "revision", "relation", "path", "license_type", "known", "external", "held_as", "status", "again",
    "waived"}], "descendants": […], "cycle", "waived"}}, where N counts the relatives; "path" begins with the
    model that was asked about, "held_as" names the model of this catalog that comes from that repository on
    the Hub, and "waived" says what a waiver stands in for in a version that is named, and until when.
    """
    from budmodel.operations.ancestry import ancestry
    from budmodel.operations.names import resolve
    from budmodel.operations.scan_state import waived_versions

    with workspace() as here:
        snapshot = snapshot_at(here, at)
        found = ancestry(snapshot, resolve(snapshot, name))
        told = [(one.model, one.version) for one in (*found.ancestors, *found.descendants)]
        versions = [(model, version) for model, version in ((found.name, found.version), *told) if version]
        waived = waived_versions(snapshot, versions, moment(now, at))
    own = waived.get(f"{found.name}@{found.version}")
    if as_json:
        result = {
            "name": found.name,
            "version": found.version,
            "ancestors": [_data(one, waived) for one in found.ancestors],
            "descendants": [_data(one, waived) for one in found.descendants],
            "cycle": list(found.cycle) if found.cycle is not None else None,
            "waived": own,
        }
        print_result(result, len(found.ancestors) + len(found.descendants))
        return 0
    click.echo(found.name + (f"@{found.version}" if found.version else "") + (f" ({own})" if own else ""))
    for title, relatives in (("made of", found.ancestors), ("used for", found.descendants)):
        if relatives:
            click.echo(title)
            click.echo("\n".join(_tree(relatives, waived)))
    if not found.ancestors and not found.descendants:
        note(f"{found.name} names no base model, and no model names it")
    if found.cycle is not None:
        from budmodel.domain.lineage import abridged

        note(f"its lineage is a circle: {' -> '.join(abridged(found.cycle))}; mend base_models")
    return 0


def _tree(relatives: Sequence[Relative], waived: Mapping[str, str]) -> Iterator[str]:
    from budmodel.cli.text import one_line

    for one, bars in zip(relatives, _bars(relatives), strict=True):
        # Only the text is foreign; the bars must keep their blanks.
        yield bars + one_line(_words(one, waived))


def _bars(relatives: Sequence[Relative]) -> list[str]:
    """What stands before each relative. From the last one upwards, since what follows decides."""
    found: list[str] = []
    goes_on: list[bool] = []
    """By depth whether another relative follows there, under the same parent."""
    for one in reversed(relatives):
        depth = len(one.path) - 1
        # What lies deeper below is under another parent; what was skipped has none below.
        goes_on = [*goes_on[: depth + 1], *[False] * (depth + 1 - len(goes_on))]
        bars = "".join("│  " if more else "   " for more in goes_on[1:depth])
        found.append(bars + ("├─ " if goes_on[depth] else "└─ "))
        goes_on[depth] = True
    return found[::-1]


def _words(one: Relative, waived: Mapping[str, str]) -> str:
    said = [one.relation]
    if one.license_type:
        said.append(one.license_type)
    elif not one.known:
        said.append("licence unknown")
    if one.held_as is not None:
        said.append(f"on the Hub, in this catalog as {one.held_as}")
    elif not one.known:
        said.append("on the Hub, not in this catalog" if one.external else "not in this catalog")
    elif one.status not in (None, "active"):
        said.append(str(one.status))
    if f"{one.model}@{one.version}" in waived:
        said.append(waived[f"{one.model}@{one.version}"])
    if one.again:
        said.append("see above")
    pin = one.version or (one.revision[:10] if one.revision else None)
    return f"{one.model}{f'@{pin}' if pin else ''} ({', '.join(said)})"


def _data(one: Relative, waived: Mapping[str, str]) -> dict[str, Any]:
    return {
        "model": one.model,
        "version": one.version,
        "revision": one.revision,
        "relation": one.relation,
        "path": list(one.path),
        "license_type": one.license_type,
        "known": one.known,
        "external": one.external,
        "held_as": one.held_as,
        "status": one.status,
        "again": one.again,
        "waived": waived.get(f"{one.model}@{one.version}"),
    }
