"""What all commands share: the global options, the workspace, machine output."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from budmodel.operations.workspace import Workspace
    from budmodel.store.catalog import Snapshot

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


@dataclass
class Globals:
    """The options that may stand before or after the command's name."""

    directory: str | None = None
    root: str | None = None
    debug: bool = False


def _remember(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    found = ctx.ensure_object(Globals)
    if value and parameter.name is not None:
        setattr(found, parameter.name, value)
    return value


def global_options(function: FunctionT) -> FunctionT:
    """Adds ``-C``, ``--root`` and ``--debug`` to a command; they land in :class:`Globals`."""
    folder = click.Path(file_okay=False)
    for option in (
        click.option(
            "--debug", is_flag=True, expose_value=False, callback=_remember, help="Show tracebacks."
        ),
        click.option(
            "--root",
            type=folder,
            expose_value=False,
            callback=_remember,
            help="The folder that holds catalog/.",
        ),
        click.option(
            "-C",
            "directory",
            type=folder,
            expose_value=False,
            callback=_remember,
            help="Work as if started there.",
        ),
    ):
        function = option(function)
    return function


@contextmanager
def workspace() -> Iterator[Workspace]:
    """The registry that the options and the current folder name.

    Raises:
        NotFoundError: there is none.
    """
    from budmodel.errors import UsageError
    from budmodel.operations.workspace import open_workspace

    chosen = click.get_current_context().ensure_object(Globals)
    start = Path(chosen.directory) if chosen.directory else Path()
    if not start.is_dir():
        raise UsageError(f"-C {start}: no such folder")
    with open_workspace(start, Path(chosen.root) if chosen.root else None) as found:
        yield found


def json_option(function: FunctionT) -> FunctionT:
    """Adds ``--json`` and ``--format text|json``; the command receives ``as_json: bool``."""

    def join(ctx: click.Context, parameter: click.Parameter, value: str) -> bool:
        return value == "json" or bool(ctx.meta.get("budmodel.json"))

    def shorthand(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
        if value:
            ctx.meta["budmodel.json"] = True

    function = click.option(
        "--format",
        "as_json",
        type=click.Choice(["text", "json"]),
        default="text",
        callback=join,
        help="How to print.",
    )(function)
    return click.option(
        "--json",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=shorthand,
        help="Same as --format json.",
    )(function)


def commit_options(function: FunctionT) -> FunctionT:
    """Adds ``--commit`` and ``--branch NAME`` to a command that writes."""
    function = click.option("--branch", metavar="NAME", help="Commit on a new branch of that name.")(function)
    return click.option("--commit", is_flag=True, help="Commit just the files that were written.")(function)


def at_option(function: FunctionT) -> FunctionT:
    """Adds ``--at REV|DATE``; the command receives ``at: str | None`` for :func:`snapshot_at`."""
    return click.option(
        "--at", metavar="REV|DATE", help="The catalog as it stood then (days end in UTC); needs Git."
    )(function)


def snapshot_at(here: Workspace, at: str | None) -> Snapshot:
    """The catalog at a revision or date, of which is told which commit that is; the work tree where none is.

    Raises:
        UsageError: there is no Git repository, or no such revision or date.
        OutsideError: a shallow clone does not reach back that far.
    """
    return here.snapshot if at is None else here.at_commit(commit_at(here, at))


def commit_at(here: Workspace, at: str) -> str:
    """The commit that ``--at`` means, told on standard error: a day may begin elsewhere than expected.

    Raises:
        UsageError, OutsideError: as :func:`snapshot_at`.
    """
    from budmodel.store.git import moment as moment_of

    repository = here.git("--at")
    commit = repository.resolve_at(at)
    until = moment_of(at)
    when = f" at {_utc(until)}" if until is not None else ""
    note(f"the catalog as it stood{when}: commit {commit[:10]} of {repository.commit_time(commit)}")
    return commit


def _utc(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def now_option(function: FunctionT) -> FunctionT:
    """Adds ``--now DATE``; the command receives ``now: datetime | None``."""
    return click.option(
        "--now", type=MomentType(), metavar="DATE", help="The clock for expiry and staleness."
    )(function)


def moment(now: datetime | None, at: str | None = None) -> datetime:
    """The stated moment; else the one that ``--at DATE`` names, if it is past; else this one, in UTC.

    A revision is no moment: ``--at origin/main`` asks about those records today, with their age.
    """
    today = datetime.now(UTC)
    if now is not None or at is None:
        return now or today
    from budmodel.store.git import moment as moment_of

    return min(moment_of(at) or today, today)


def name_argument(
    parameter: str = "name", *, metavar: str = "NAME", required: bool = True
) -> Callable[[FunctionT], FunctionT]:
    """A NAME argument that the shell completes with the folders below ``catalog/models``."""
    return click.argument(parameter, metavar=metavar, required=required, shell_complete=complete_names)


def complete_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Model names that begin so. Only a folder is listed: completion must answer at once, and never fail."""
    from click.shell_completion import CompletionItem

    chosen = ctx.ensure_object(Globals)
    start = Path(chosen.directory or ".").absolute()
    stated = chosen.root or os.environ.get("BUDMODEL_ROOT")
    for folder in [start / stated] if stated else [start, *start.parents]:
        models = folder / "catalog" / "models"
        if models.is_dir():
            names = sorted(item.name for item in os.scandir(models) if item.is_dir())
            return [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return []


class TerritoryType(click.ParamType[str]):
    """An ISO 3166-1 alpha-2 code, or EU."""

    name = "territory"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code in capitals."""
        from budmodel.domain.territories import territory

        try:
            return territory(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class CountType(click.ParamType[int]):
    """A count as people write it: 8B, 1.5B, 70_000_000_000."""

    name = "count"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The count as a whole number."""
        from budmodel.schema.values import parse_count

        if isinstance(value, int):
            return value
        try:
            return parse_count(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class MomentType(click.ParamType[datetime]):
    """A date or an RFC 3339 time in UTC."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment."""
        from budmodel.schema.values import parse_timestamp

        if isinstance(value, datetime):
            return value
        try:
            return parse_timestamp(str(value))
        except ValueError:
            self.fail(f"{value!r} is no date; write 2026-11-22 or 2026-11-22T12:00:00Z", param, ctx)


class UnwritableError(Exception):
    """Standard output cannot be written, such as on a full disk; the message is a sentence."""


@contextmanager
def output_may_end() -> Iterator[None]:
    """Lets the reader of our output leave early, as ``head`` does: the rest goes nowhere, which is no error.

    Raises:
        UnwritableError: standard output cannot be written for another reason.
    """
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
            raise
        # What is still buffered must not fail a second time when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UnwritableError(
            f"standard output cannot be written: {error.strerror}; make room, or write elsewhere"
        ) from None


def print_json(value: Any) -> None:
    """A value as JSON with two spaces, for programs."""
    import json

    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_result(result: Any, total: int) -> None:
    """The envelope of every listing: ``{"schema_version": 1, "total": N, "result": …}``."""
    print_json({"schema_version": 1, "total": total, "result": result})


def note(text: str) -> None:
    """A remark for people, on standard error, so that standard output stays what was asked for."""
    click.echo(f"budmodel: {printable(text)}", err=True)


def printable(text: str) -> str:
    """A text without characters that steer a terminal: file names and input may hold any."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def wants_color() -> bool:
    """Whether to colour: on a terminal, unless ``NO_COLOR`` is set (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
