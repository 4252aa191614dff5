"""``budmodel leaderboard``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import (
    CountType,
    at_option,
    global_options,
    moment,
    note,
    now_option,
    print_json,
    snapshot_at,
    workspace,
)

if TYPE_CHECKING:
    from budmodel.domain.leaderboard import Board, Candidate, Group, Leaderboard, LeftOut, Row
    from budmodel.domain.leaderboard_overall import Overall

COLUMNS = (
    "benchmark",
    "metric",
    "conditions",
    "rank",
    "name",
    "version",
    "value",
    "stderr",
    "unit",
    "origin",
    "parameter_count",
    "date",
    "source",
    "waived",
)
_FORMATS = ("text", "json", "csv", "markdown")


def _format_options(function: Any) -> Any:
    for name in ("json", "csv"):
        function = click.option(
            f"--{name}", "format_name", flag_value=name, help=f"Shorthand for --format {name}."
        )(function)
    return click.option(
        "--format", "format_name", type=click.Choice(_FORMATS), default="text", help="How to print."
    )(function)


@click.command()
@click.option("--benchmark", metavar="B", help="Only this benchmark, by its id.")
@click.option("--architecture", metavar="A", help="Only models of this architecture; case does not matter.")
@click.option(
    "--max-params", type=CountType(), metavar="N", help="At most so many parameters: 8B, 70b, 1.5B."
)
@click.option("--min-params", type=CountType(), metavar="N", help="At least so many parameters.")
@click.option("--license", metavar="L", help="Only models under this licence, by id or alias.")
@click.option("--commercial", is_flag=True, help="Only what all its licences let be used commercially.")
@click.option("--tag", "tags", multiple=True, metavar="T", help="Only models with this tag; may be repeated.")
@click.option("--task", metavar="T", help="Only models for this task, such as text-generation.")
@click.option(
    "--scan",
    type=click.Choice(["passed", "failed", "scanning", "skipped", "none"]),
    help="Only versions whose scan is in this state.",
)
@click.option("--hardware", metavar="ID", help="Only results measured on this accelerator.")
@click.option(
    "--origin", type=click.Choice(["measured", "maker", "third-party"]), help="Only results of this origin."
)
@click.option("--overall", "as_overall", is_flag=True, help="Combine the quality benchmarks into one view.")
@at_option
@now_option
@_format_options
@global_options
def leaderboard(
    at: str | None, now: datetime | None, format_name: str, as_overall: bool, **filters: Any
) -> int:
    """Rank comparable benchmark results together, and say which are left out and why.

    A version that rests on a waiver says so, and until when.

    Results are compared where benchmark, metric and settings are the same, for speed also hardware, engine
    and load. Rows whose 95 % intervals overlap are not certainly different and share a rank. Yanked, archived
    and blocked versions are not ranked.

    --overall: panels of at least three quality benchmarks in which the same versions were measured; a score
    is the mean of where a version stands among them in each, from 0 (last) to 1 (first).

    JSON: {"schema_version": 1, "total": N, "result": {"boards": [{"benchmark", "metric", "unit", "direction",
    "groups": [{"conditions", "rows"}], "left_out"}], "undefined": […]}}, where N counts the ranked rows.
    With --overall the result is {"panels": [{"benchmarks", "rows": [{"rank", "name", "version", "score",
    "standings"}], "incomplete"}], "alone"}.
    """
    from budmodel.operations.ranking import RankRequest, rank

    with workspace() as here:
        found = rank(snapshot_at(here, at), RankRequest(now=moment(now, at), **filters))
    if as_overall:
        _print_overall(found, format_name)
    else:
        _print_boards(found, format_name)
    return 0


def _print_boards(found: Leaderboard, format_name: str) -> None:
    ranked = sum(len(group.rows) for board in found.boards for group in board.groups)
    if format_name == "json":
        print_json({"schema_version": 1, "total": ranked, "result": as_data(found)})
    elif format_name == "csv":
        _print_csv(COLUMNS, (_cells(board, group, row) for board, group, row in _rows(found)))
    elif not ranked:
        note("no result is ranked")
    elif format_name == "markdown":
        click.echo("\n\n".join("\n".join(_markdown(board)) for board in found.boards if board.groups))
    else:
        click.echo("\n\n".join("\n".join(_board_lines(board)) for board in found.boards if board.groups))
    left = sum(len(board.left_out) for board in found.boards) + len(found.undefined)
    if left and format_name != "json":
        from budmodel.cli.text import plural

        note(f"{plural(left, 'result')} left out; see --json for the reasons")


def _print_overall(found: Leaderboard, format_name: str) -> None:
    from budmodel.cli.text import plural, table
    from budmodel.domain.leaderboard_overall import overall

    view = overall(found)
    if format_name == "json":
        total = sum(len(panel.rows) for panel in view.panels)
        print_json({"schema_version": 1, "total": total, "result": overall_data(view)})
        return
    blocks: list[str] = []
    waived = {
        (row.candidate.name, row.candidate.version): f" ({row.candidate.waived})"
        for _, _, row in _rows(found)
        if row.candidate.waived
    }
    for panel in view.panels:
        header = ("rank", "model", "score", *panel.benchmarks)
        rows = [
            (
                str(row.rank),
                f"{row.name}@{row.version}{waived.get((row.name, row.version), '')}",
                f"{row.score:.3f}",
                *(f"{standing:.2f}" for standing in row.standings),
            )
            for row in panel.rows
        ]
        if format_name == "csv":
            _print_csv(header, rows)
        elif format_name == "markdown":
            blocks.append("\n".join(_markdown_table(header, rows)))
        else:
            columns = tuple(name.upper() for name in header)
            blocks.append("\n".join(table(columns, rows, right=[0, *range(2, len(header))])))
        if panel.incomplete:
            named = ", ".join(panel.benchmarks)
            note(f"{plural(len(panel.incomplete), 'version')} not measured in all of {named}")
    if blocks:
        click.echo("\n\n".join(blocks))
    if not view.panels:
        note("no three benchmarks were measured on the same three versions, so there is nothing to combine")
    if view.alone:
        note(f"not combined: {', '.join(view.alone)}")


def _rows(found: Leaderboard) -> Iterator[tuple[Board, Group, Row]]:
    for board in found.boards:
        for group in board.groups:
            for row in group.rows:
                yield board, group, row


def _cells(board: Board, group: Group, row: Row) -> tuple[object, ...]:
    result = row.candidate.result
    return (
        board.benchmark.id,
        board.metric_id,
        "; ".join(f"{key}={value}" for key, value in group.conditions),
        row.rank,
        row.candidate.name,
        row.candidate.version,
        result.value,
        result.stderr,
        result.unit,
        result.origin,
        row.candidate.parameter_count,
        result.date,
        result.source,
        row.candidate.waived,
    )


def _print_csv(header: tuple[str, ...], rows: Any) -> None:
    import csv
    import io

    from budmodel.domain.spreadsheets import inert

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    click.echo(out.getvalue(), nl=False)


def _markdown(board: Board) -> Iterator[str]:
    from budmodel.domain.quoting import markdown_text

    yield f"## {markdown_text(board.benchmark.name)}: {board.metric_id} in {board.metric.unit}"
    for group in board.groups:
        yield ""
        if group.conditions:
            yield ", ".join(f"{key} {markdown_text(value)}" for key, value in group.conditions)
            yield ""
        rows = [
            (
                str(row.rank),
                f"{row.candidate.name}@{row.candidate.version}",
                f"{row.candidate.result.value:g}",
                row.candidate.result.origin,
                str(row.candidate.result.source),
            )
            for row in group.rows
        ]
        yield from _markdown_table(*_waived_last(("rank", "model", "value", "origin", "source"), rows, group))


def _waived_last(
    header: tuple[str, ...], rows: Sequence[tuple[str, ...]], group: Group
) -> tuple[tuple[str, ...], Sequence[tuple[str, ...]]]:
    """A column of what is waived until when, where anything is."""
    waived = [row.candidate.waived for row in group.rows]
    if not any(waived):
        return header, rows
    name = "WAIVED" if header[0].isupper() else "waived"
    return (*header, name), [(*row, text or "-") for row, text in zip(rows, waived, strict=True)]


def _markdown_table(header: tuple[str, ...], rows: Any) -> Iterator[str]:
    from budmodel.domain.quoting import markdown_text

    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(markdown_text(str(cell)) for cell in row)} |"


def as_data(found: Leaderboard) -> dict[str, Any]:
    """The leaderboard as plain data, for JSON."""
    return {
        "boards": [
            {
                "benchmark": board.benchmark.id,
                "metric": board.metric_id,
                "unit": board.metric.unit,
                "direction": board.metric.direction,
                "groups": [_group(group) for group in board.groups],
                "left_out": [_left_out(item) for item in board.left_out],
            }
            for board in found.boards
        ],
        "undefined": [_left_out(item) for item in found.undefined],
    }


def overall_data(view: Overall) -> dict[str, Any]:
    """The overall view as plain data, for JSON."""
    return {
        "panels": [
            {
                "benchmarks": list(panel.benchmarks),
                "rows": [
                    {
                        "rank": row.rank,
                        "name": row.name,
                        "version": row.version,
                        "parameter_count": row.parameter_count,
                        "score": row.score,
                        "standings": dict(zip(panel.benchmarks, row.standings, strict=True)),
                    }
                    for row in panel.rows
                ],
                "incomplete": [{"name": name, "version": version} for name, version in panel.incomplete],
            }
            for panel in view.panels
        ],
        "alone": list(view.alone),
    }


def _group(group: Group) -> dict[str, Any]:
    rows = [{"rank": row.rank, **_candidate(row.candidate)} for row in group.rows]
    return {"conditions": dict(group.conditions), "rows": rows}


def _left_out(item: LeftOut) -> dict[str, Any]:
    return {**_candidate(item.candidate), "reason": item.reason}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "name": candidate.name,
        "version": candidate.version,
        "architecture": candidate.architecture,
        "parameter_count": candidate.parameter_count,
        "waived": candidate.waived or None,
        "result": candidate.result.model_dump(mode="json", exclude_none=True),
    }


def _board_lines(board: Board) -> Iterator[str]:
    from budmodel.cli.text import one_line, table

    better = "higher" if board.metric.direction == "higher" else "lower"
    yield one_line(f"{board.benchmark.name}: {board.metric_id} in {board.metric.unit}, {better} is better")
    for group in board.groups:
        if group.conditions:
            yield one_line("  " + ", ".join(f"{key} {value}" for key, value in group.conditions))
        cells = [
            (
                str(row.rank),
                f"{row.candidate.name}@{row.candidate.version}",
                f"{row.candidate.result.value:g}",
                row.candidate.result.origin,
                str(row.candidate.result.source),
            )
            for row in group.rows
        ]
        columns, rows = _waived_last(("RANK", "MODEL", "VALUE", "ORIGIN", "SOURCE"), cells, group)
        yield from table(columns, rows, right=[0, 2])
