"""``budmodel leaderboard``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import (
    CountType,
    at_option,
    global_options,
    json_option,
    note,
    print_result,
    snapshot_at,
    workspace,
)

if TYPE_CHECKING:
    from budmodel.domain.leaderboard import Board, Candidate, Group, Leaderboard, LeftOut


@click.command()
@click.option("--benchmark", metavar="B", help="Only this benchmark, by its id.")
@click.option("--architecture", metavar="A", help="Only models of this architecture; case does not matter.")
@click.option(
    "--max-params", type=CountType(), metavar="N", help="At most so many parameters: 8B, 70b, 1.5B."
)
@at_option
@json_option
@global_options
def leaderboard(at: str | None, as_json: bool, **filters: Any) -> int:
    """Rank comparable benchmark results together, and say which are left out and why.

    JSON: {"schema_version": 1, "total": N, "result": {"boards": [{"benchmark", "metric", "unit", "direction",
    "groups": [{"conditions", "rows"}], "left_out"}], "undefined": […]}}, where N counts the ranked rows.
    """
    from budmodel.operations.ranking import RankRequest, rank

    with workspace() as here:
        found = rank(snapshot_at(here, at), RankRequest(**filters))
    ranked = sum(len(group.rows) for board in found.boards for group in board.groups)
    if as_json:
        print_result(as_data(found), ranked)
    elif ranked:
        click.echo("\n\n".join("\n".join(_board_lines(board)) for board in found.boards if board.groups))
    else:
        note("no result is ranked")
    left = sum(len(board.left_out) for board in found.boards) + len(found.undefined)
    if left and not as_json:
        from budmodel.cli.text import plural

        note(f"{plural(left, 'result')} left out; see --json for the reasons")
    return 0


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
        yield from table(("RANK", "MODEL", "VALUE", "ORIGIN", "SOURCE"), cells, right=[0, 2])
