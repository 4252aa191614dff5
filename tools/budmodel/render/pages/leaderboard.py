"""All boards on one page."""

from __future__ import annotations

from collections.abc import Mapping

from budmodel.domain.leaderboard import Board, Leaderboard
from budmodel.domain.leaderboard_overall import overall
from budmodel.render.board_charts import charts_of
from budmodel.render.pages.frame import Frame
from budmodel.render.shell import Page, root_of
from budmodel.schema.benchmark import Benchmark

_PATH = "leaderboard/index.html"
MOST_ROWS = 1000
"""Rows of one table; a page of ten thousand would take ten megabytes, and the API has them all."""


def _origins(ranked: Leaderboard) -> set[str]:
    """The origins of the results that the tables hold."""
    rows = (row for board in ranked.boards for group in board.groups for row in group.rows)
    return {row.candidate.result.origin for row in rows}


def _alone(board: Board) -> bool:
    """Whether nothing on a board can be compared."""
    return all(group.alone for group in board.groups)


def leaderboard_page(frame: Frame, ranked: Leaderboard, definitions: Mapping[str, Benchmark]) -> Page:
    """The boards, the overall view and the pictures."""
    shown = {board.benchmark.id for board in ranked.boards}
    return frame.page(
        "leaderboard.html.j2",
        _PATH,
        section="leaderboard",
        most=MOST_ROWS,
        title="Leaderboard",
        description="Benchmark results, ranked where they can be compared.",
        boards=ranked.boards,
        compared=[board for board in ranked.boards if not _alone(board)],
        alone=[board for board in ranked.boards if _alone(board)],
        origins=sorted(_origins(ranked)),
        undefined=ranked.undefined,
        overall=overall(ranked),
        charts=sorted(charts_of(ranked, root_of(_PATH)), key=lambda chart: -chart.points),
        names={id_: definition.name for id_, definition in definitions.items()},
        empty=[definition for id_, definition in definitions.items() if id_ not in shown],
    )
