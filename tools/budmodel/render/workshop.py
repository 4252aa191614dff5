"""Makes everything that the site has of one model: its verdict first, then, once all are ranked, its files.

Both steps are independent of the other models' files, so that they may happen in several processes, and that
only models which changed need take them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from budmodel.domain.leaderboard import Candidate
from budmodel.domain.standings import Standing
from budmodel.findings import CheckResult
from budmodel.operations.candidates import candidates_of
from budmodel.operations.deploy_files import Shelf
from budmodel.operations.examining import Examiner
from budmodel.render import api
from budmodel.render.api_deploy import write_deploy
from budmodel.render.badges import write_badges
from budmodel.render.compare import compare_json, compare_path
from budmodel.render.exports.publish import tables_part
from budmodel.render.facts import ModelFacts, Reader
from budmodel.render.kept import Link, Made, Survey
from budmodel.render.output import Output
from budmodel.render.pages.frame import Frame
from budmodel.render.pages.model import model_page, model_path, raw_files
from budmodel.render.rows import Row, row_of
from budmodel.render.shell import Shell, root_of
from budmodel.render.site_exports import SiteCatalog, item_of, write_mlbom
from budmodel.render.surroundings import Observer
from budmodel.store.catalog import Snapshot
from budmodel.store.model_view import ModelView

NOTHING = Made(row=None, item={}, around="", files={}, others={}, tables="")
"""What is made of a model whose record cannot be read."""


@dataclass(kw_only=True)
class Workshop:
    """Holds what the work on all models draws on."""

    snapshot: Snapshot
    reader: Reader
    examiner: Examiner | None
    """None where nothing is judged."""
    frame: Frame
    shell: Shell
    output: Output
    tables: bool
    """Whether the tables of the whole catalog are wanted."""

    def __post_init__(self) -> None:
        self._shelf = Shelf(self.snapshot.tree)

    def survey(self, name: str) -> Survey:
        """What must be known of a model before the page of any is made."""
        view = self.snapshot.model(name)
        check = self.examiner.model(name) if self.examiner is not None else None
        since, until = self.examiner.lasts(view) if self.examiner is not None else (None, None)
        known = self.reader.known(name)
        return Survey(
            check=check,
            since=since,
            until=until,
            candidates=tuple(self.reader.candidates(view, check)) if known else (),
            links=tuple(self.links(name)),
        )

    def links(self, name: str) -> Iterator[Link]:
        """What a model was made of, and how, as it and its versions state it."""
        yield from self._shelf.links(name)
        self._shelf.let_go()

    def make(self, name: str, check: CheckResult | None, observer: Observer) -> Made:
        """The files of a model, and what the index pages tell of it.

        Args:
            name: the model.
            check: what :meth:`survey` found.
            observer: what other files say of all models.
        """
        view = self.snapshot.model(name)
        facts = self.reader.facts(view, check)
        if facts is None:
            return NOTHING
        row = row_of(facts, candidates_of(view))
        files = self.output.part()
        others: dict[str, bool] = {}

        def known(other: str) -> bool:
            return others.setdefault(other, self.reader.known(other))

        self._write(files, view, facts, row, observer, known)
        catalog = SiteCatalog(snapshot=self.snapshot, reader=self.reader, uses=observer.uses)
        item = item_of(view, facts)
        write_mlbom(files, catalog, item)
        return Made(
            row=row,
            item=api.model_item(facts),
            around=around_digest(observer, name),
            files=files.files,
            others=others,
            tables=tables_part(catalog, item) if self.tables else None,
        )

    def _write(
        self,
        files: Output,
        view: ModelView,
        facts: ModelFacts,
        row: Row,
        observer: Observer,
        known: Callable[[str], bool],
    ) -> None:
        path = model_path(facts.name)
        around = observer.of(view, facts, root_of(path))
        page = model_page(self.frame, facts, around, known)
        files.write(path, self.shell.stamp(page, root_of(path)).encode("utf-8"))
        for file in raw_files(view, facts):
            files.write(file.path, file.content)
        write_badges(files, row)
        api.write_model(files, facts)
        write_deploy(files, self._shelf, facts.name, self.snapshot.held_as)
        compared = compare_json(
            facts, row, candidates_of(view), observer.judges.accelerators, observer.judges.benchmarks
        )
        files.write(compare_path(facts.name), compared)


def around_digest(observer: Observer, name: str) -> str:
    """A digest of what the page of a model tells that its own files do not say."""
    told: list[Any] = [_standing(one) for one in observer.standings.get(name, ())]
    told += [observer.commits.get(name, 0), *observer.histories.get(name, ())]
    return hashlib.sha256(repr(told).encode("utf-8", "surrogateescape")).hexdigest()


def _standing(one: Standing) -> Sequence[Any]:
    others = [one.best, *one.nearest]
    return (
        one.benchmark,
        one.metric,
        one.board,
        one.candidate.version,
        one.rank,
        one.of,
        one.conditions,
        one.left_out,
        [_other(other) for other in others if other is not None],
    )


def _other(candidate: Candidate) -> tuple[str, float]:
    return candidate.name, candidate.result.value
