"""``budmodel outdated``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import complete_names, global_options, json_option, note, print_result, workspace

if TYPE_CHECKING:
    from budmodel.operations.import_texts import TextState
    from budmodel.operations.upstream import Upstream


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_names)
@click.option(
    "--license-texts", is_flag=True, help="Also fetch the texts of licences over https and compare."
)
@json_option
@global_options
def outdated(names: tuple[str, ...], license_texts: bool, as_json: bool) -> int:
    """Say which models moved on the Hugging Face Hub since their newest version; all, where none is named.

    Exit code 0: nothing moved, 1: something moved, 4: something could not be asked. Nothing is written; see
    budmodel sync.

    JSON: {"schema_version": 1, "total": N, "result": [{"kind": "model", "name", "version", "model_id",
    "pinned", "upstream", "last_modified", "state", "changes": {"added", "removed", "changed", "known"},
    "level", "error"}, {"kind": "license-text", "license", "url", "recorded", "found", "state", "error"}]};
    "state" is current, moved or unknown.
    """
    from budmodel.operations import import_texts, upstream
    from budmodel.operations.import_run import open_source
    from budmodel.sources.huggingface import head

    with workspace() as here:
        wanted = list(upstream.newest_from_hub(here.snapshot, names))
        found = upstream.find_moved(wanted, head, partial(open_source, "huggingface"))
        texts = list(import_texts.license_texts(here.snapshot)) if license_texts else []
    if as_json:
        items: list[dict[str, Any]] = [{"kind": "model", **asdict(item)} for item in found]
        items += [{"kind": "license-text", **asdict(text)} for text in texts]
        print_result(items, len(items))
    else:
        _tell(found, texts, named=bool(names))
    return upstream.exit_code([*found, *texts])


def _tell(found: Sequence[Upstream], texts: Sequence[TextState], *, named: bool) -> None:
    from budmodel.cli.text import one_line
    from budmodel.operations.upstream import failures

    moved = [item for item in found if item.state == "moved"]
    for item in moved:
        for line in _lines(item):
            click.echo(one_line(line))
    for text in texts:
        if text.state == "moved":
            click.echo(one_line(f"license {text.license}: {text.url} has another text than was recorded"))
    for failure in failures(found):
        note(failure)
    for broken in (text for text in texts if text.error is not None):
        note(f"license {broken.license}: {broken.error}")
    current = sum(item.state == "current" for item in found)
    click.echo(
        f"{len(moved)} moved, {current} current, {len(found) - len(moved) - current} could not be asked"
    )
    if moved:
        click.echo(f"next: budmodel sync {' '.join(item.name for item in moved) if named else ''}".rstrip())


def _lines(item: Upstream) -> Iterator[str]:
    pinned = item.pinned[:10] if item.pinned else "no commit"
    when = f" of {item.last_modified[:10]}" if item.last_modified else ""
    target = f"{item.name}@{item.version}"
    yield f"{target}: {item.model_id} moved from {pinned} to {(item.upstream or '')[:10]}{when}"
    changes = item.changes
    if changes is None or not changes.known:
        yield "  what changed is not known, since the files are not recorded on both sides"
        return
    counts = {"added": changes.added, "removed": changes.removed, "changed": changes.changed}
    for word, files in counts.items():
        if files:
            named = ", ".join([str(file[0]) for file in files[:3]] + ["…"] * (len(files) > 3))
            yield f"  {len(files)} {word}: {named}"
    yield f"  needs at least a {item.level} version"
