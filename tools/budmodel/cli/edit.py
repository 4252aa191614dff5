"""``budmodel edit``."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import global_options, name_argument, note, workspace
from budmodel.cli.writing import Writing, finish, write_options

if TYPE_CHECKING:
    from budmodel.operations.planning import Plan
    from budmodel.store.entries import Entry


@click.command()
@name_argument()
@write_options
@global_options
def edit(name: str, **options: Any) -> int:
    """Open a model in $VISUAL or $EDITOR, check it afterwards, and write it whole or not at all.

    Where the result is invalid, a terminal offers to edit again; otherwise the copy is kept and its place
    told.
    """
    from budmodel.errors import BudmodelError, NotFoundError
    from budmodel.operations.names import resolve_model
    from budmodel.store.tree import CATALOG

    with workspace() as here:
        found = resolve_model(here.snapshot, name)
        entry = here.snapshot.entry(f"{CATALOG}/models/{found}/model.yaml")
        if entry is None:
            raise NotFoundError(
                f"{found} has no model.yaml; write one at {CATALOG}/models/{found}/model.yaml"
            )
        plan = _edited(entry)
        try:
            return finish(here, plan, Writing.of(options))
        except BudmodelError as error:
            if plan.empty:
                raise
            kept = _copy(found, plan.changes[0].new or b"")
            raise type(error)(f"{error} Your text is kept in {kept}.") from None


def _copy(name: str, text: bytes) -> Path:
    """The text in a file of its own folder, so that the name tells what it is and others cannot see it."""
    copy = Path(tempfile.mkdtemp(prefix="budmodel-")) / f"{name}.yaml"
    copy.write_bytes(text)
    return copy


def _edited(entry: Entry[Any]) -> Plan:
    from budmodel.errors import DataError
    from budmodel.operations.setting import plan_text

    command = _editor()
    copy = _copy(entry.says("name"), entry.raw)
    keep = False
    try:
        while True:
            _run(command, copy)
            try:
                return plan_text(entry, copy.read_bytes(), f"Edit model {entry.says('name')}")
            except DataError as error:
                keep = True
                if not (sys.stdin.isatty() and sys.stderr.isatty()):
                    raise DataError(f"{error}; nothing was written, your text is kept in {copy}") from None
                note(str(error))
                if not click.confirm("Edit again?", default=True, err=True):
                    raise DataError(f"nothing was written; your text is kept in {copy}") from None
                keep = False
    finally:
        if not keep:
            copy.unlink(missing_ok=True)
            copy.parent.rmdir()


def _editor() -> list[str]:
    from budmodel.errors import UsageError

    stated = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        command = shlex.split(stated)
    except ValueError:
        raise UsageError(f"$VISUAL or $EDITOR is no command line: {stated!r}; set it to an editor") from None
    if not command:
        raise UsageError("no editor is set; set VISUAL or EDITOR, or use budmodel set NAME field=value")
    return command


def _run(command: list[str], copy: Path) -> None:
    from budmodel.errors import UsageError

    try:
        code = subprocess.run([*command, str(copy)], check=False).returncode  # noqa: S603 - the user's own editor
    except OSError as error:
        raise UsageError(
            f"cannot start the editor {command[0]!r}: {error.strerror}; set VISUAL or EDITOR"
        ) from None
    if code != 0:
        raise UsageError(f"the editor {command[0]!r} left with exit code {code}; nothing was written")
