"""Builds the static site and the JSON API of a catalog: ``budmodel site build``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape as xml_escape

from budmodel.domain.leaderboard import Candidate, Leaderboard, leaderboard
from budmodel.domain.standings import standings
from budmodel.findings import CheckResult
from budmodel.operations.candidates import candidates_of
from budmodel.operations.changes import Change
from budmodel.operations.deploy_files import Shelf
from budmodel.operations.history import Entry
from budmodel.operations.judging import judges_of
from budmodel.operations.uses import Uses
from budmodel.render import api
from budmodel.render.api_deploy import write_deploy
from budmodel.render.compare import compare_json, compare_path
from budmodel.render.edit_links import Host
from budmodel.render.engine import built_docs
from budmodel.render.facts import Reader
from budmodel.render.feed import FEED, feed
from budmodel.render.filters import environment, urlpath
from budmodel.render.output import Output, replacing
from budmodel.render.pages.changes import changes_page
from budmodel.render.pages.compare import compare_page
from budmodel.render.pages.frame import About, Frame
from budmodel.render.pages.home import home_page
from budmodel.render.pages.leaderboard import leaderboard_page
from budmodel.render.pages.licenses import LicenseRow, license_page, licenses_page
from budmodel.render.pages.model import model_page, model_path, raw_files
from budmodel.render.pages.models import models_pages
from budmodel.render.pages.rules import rules_page
from budmodel.render.pages.security import security_page
from budmodel.render.rows import Row, row_of
from budmodel.render.shell import Page, Shell, root_of
from budmodel.render.sources import site_sources
from budmodel.render.surroundings import Observer
from budmodel.render.table import TABLE, WORDS, table_json, words_json
from budmodel.rules.interface import Judges
from budmodel.rules.registry import rules
from budmodel.schema.governance import CatalogInfo
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import CATALOG

_NAME = "budmodel"
_DESCRIPTION = "A model registry whose database is a Git repository."
_SHELL = "index.html"


@dataclass(frozen=True, kw_only=True)
class SiteRequest:
    """What to build, from what, and where to."""

    snapshot: Snapshot
    root: Path
    """The registry's folder: its ``site/`` and ``schemas/`` are used where it has them."""
    output: Path
    """The folder that is replaced: ``build/site``."""
    commit: str | None = None
    commit_time: str | None = None
    """RFC 3339."""
    check: CheckResult | None = None
    """Where given, waived and blocked states are shown as the check found them."""
    changes: Sequence[Change] = ()
    """The newest changes of the catalog, as Git tells them; empty where there is no Git."""
    site_url: str | None = None
    """Where the site will be: needed only by the sitemap and by the page for missing addresses."""
    histories: Mapping[str, Sequence[Entry]] = field(default_factory=dict)
    """The newest commits of each model, by its name; empty where there is no Git."""
    commits: Mapping[str, int] = field(default_factory=dict)
    """How many commits touched each model."""


@dataclass(frozen=True, kw_only=True)
class SiteReport:
    """What was built."""

    output: Path
    models: int
    pages: int
    """Generated pages, without the hand-written ones."""
    api_files: int
    left_out: tuple[str, ...]
    """Paths of records that could not be shown."""


def build_site(request: SiteRequest) -> SiteReport:
    """Builds the whole site beside its place and swaps it in.

    Raises:
        UsageError: the output folder holds something that is not a site of ours.
        DataError: a hand-written page is wrong.
        NotFoundError: the installation is damaged.
    """
    with replacing(request.output) as output:
        return _Build(request, output).run()


class _Build:
    """One build. The models are read once and let go; what the index pages need stays as rows."""

    def __init__(self, request: SiteRequest, output: Output) -> None:
        self.request = request
        self.output = output
        self.snapshot = request.snapshot
        self.sources = site_sources(request.root)
        self.info = info = self.snapshot.record(f"{CATALOG}/catalog.yaml", CatalogInfo)
        self.about = About(
            name=(info.name if info is not None else None) or _NAME,
            description=(info.description if info is not None else None) or _DESCRIPTION,
            commit=request.commit,
            commit_time=request.commit_time,
        )
        self.rows: list[Row] = []
        self.items: list[api.Data] = []
        self.candidates: list[Candidate] = []
        self.stamped: list[str] = []

    def run(self) -> SiteReport:
        """Hand-written pages first, then everything that comes from the catalog."""
        self._copy_docs()
        self.frame = Frame(environment(self.sources.templates), self.about, self.output.has)
        self.reader = Reader(self.snapshot, self.request.check)
        judges = judges_of(self.snapshot)
        left_out = self._models(judges)
        self._indexes(judges, left_out)
        api.copy_schemas(self.output, self._schemas())
        api.write_index(self.output, self.request.commit, self.request.commit_time)
        self._sitemap()
        return SiteReport(
            output=self.request.output,
            models=len(self.rows),
            pages=len(self.stamped),
            api_files=len(self.output.digests) + 1,
            left_out=tuple(left_out),
        )

    def _copy_docs(self) -> None:
        cache = self.request.root / "build" / ".cache"
        built = built_docs(self.sources, cache)
        shutil.copytree(built, self.output.folder, dirs_exist_ok=True)
        html = (built / _SHELL).read_text(encoding="utf-8")
        self.shell = Shell(html, self.about.name, self.about.description)
        self.written_by_hand = []
        for page in sorted(self.output.folder.rglob("*.html")):
            path = page.relative_to(self.output.folder).as_posix()
            if path not in (_SHELL, "404.html"):
                page.write_text(self.shell.finish(page.read_text(encoding="utf-8")), encoding="utf-8")
                self.written_by_hand.append(path)

    def _stamp(self, page: Page, root: str | None = None) -> None:
        html = self.shell.stamp(page, root or root_of(page.path))
        self.output.write(page.path, html.encode("utf-8"))
        self.stamped.append(page.path)

    def _models(self, judges: Judges) -> list[str]:
        """Page and API files of every model; the paths of those that hold no record."""
        left_out: list[str] = []
        shelf = Shelf(self.snapshot.tree)
        observer = self._observer(judges)
        for name in self.snapshot.names:
            view = self.snapshot.model(name)
            facts = self.reader.facts(view)
            if facts is None:
                left_out.append(f"{CATALOG}/models/{name}/model.yaml")
                continue
            around = observer.of(view, facts, root_of(model_path(name)))
            self._stamp(model_page(self.frame, facts, around, self.reader.known))
            for file in raw_files(view, facts):
                self.output.write(file.path, file.content)
            api.write_model(self.output, facts)
            write_deploy(self.output, shelf, name)
            self.items.append(api.model_item(facts))
            row = row_of(facts)
            self.rows.append(row)
            self.output.write(compare_path(name), compare_json(facts, row, candidates_of(view)))
        return left_out

    def _observer(self, judges: Judges) -> Observer:
        """What the pages of all models draw on. Ranking comes before any of them, as each tells its rank."""
        for name in self.snapshot.names:
            if self.reader.known(name):
                self.candidates.extend(self.reader.candidates(self.snapshot.model(name)))
        self.ranked = self._rank(self.candidates, judges)
        return Observer(
            judges=judges,
            uses=Uses(self.snapshot, self.reader.book),
            family=self.reader.family,
            standings=standings(self.ranked),
            histories=self.request.histories,
            commits=self.request.commits,
            host=Host.of(self.info),
        )

    def _indexes(self, judges: Judges, left_out: Sequence[str]) -> None:
        """Everything that speaks of more than one model."""
        licenses = self._licenses()
        ranked = self.ranked
        frame = self.frame
        self._stamp(
            home_page(
                frame,
                self.rows,
                ranked=ranked,
                changes=self.request.changes,
                licenses=len(licenses),
                results=len(self.candidates),
                check=self.request.check,
                left_out=left_out,
            )
        )
        for page in models_pages(frame, self.rows):
            self._stamp(page)
        self.output.write(TABLE, table_json(self.rows))
        self.output.write(WORDS, words_json(self.rows))
        self._stamp(compare_page(frame, len(self.rows)))
        self._stamp(licenses_page(frame, licenses))
        for row in licenses:
            self._stamp(license_page(frame, row))
        self._stamp(changes_page(frame, self.request.changes, self.reader.known))
        self.output.write(FEED, feed(self.request.changes, self.about, self.request.site_url), listed=True)
        self._stamp(leaderboard_page(frame, ranked, judges.benchmarks))
        self._stamp(security_page(frame, self.rows))
        self._stamp(rules_page(frame, rules()))
        base = self._base_path()
        self._stamp(frame.not_found(base), base)
        api.write_lists(self.output, self.items, [row.license for row in licenses])
        api.write_policy(self.output, judges.policy)
        api.write_leaderboards(self.output, ranked, dict(self._by_architecture(judges)))

    def _licenses(self) -> list[LicenseRow]:
        """The licences by id, each with the models under it. One id is a file's name and has no page."""
        known = self.reader.book.licenses
        models: dict[str, list[Row]] = {}
        for row in self.rows:
            for id_ in row.license_ids:
                models.setdefault(id_, []).append(row)
        return [
            LicenseRow(license=license_, models=tuple(models.get(id_, ())))
            for id_, license_ in sorted(known.items(), key=lambda item: item[0].casefold())
            if id_.lower() != _SHELL
        ]

    def _rank(self, candidates: Sequence[Candidate], judges: Judges) -> Leaderboard:
        return leaderboard(candidates, judges.benchmarks, judges.accelerators)

    def _by_architecture(self, judges: Judges) -> Iterator[tuple[str, Leaderboard]]:
        groups: dict[str, list[Candidate]] = {}
        for candidate in self.candidates:
            groups.setdefault(candidate.architecture, []).append(candidate)
        for architecture in sorted(groups):
            yield architecture, self._rank(groups[architecture], judges)

    def _schemas(self) -> Path:
        own = self.request.root / "schemas" / "v1"
        return own if own.is_dir() else self.sources.base / "schemas" / "v1"

    def _base_path(self) -> str:
        """The path of the site's root on its host, which only the page for missing addresses must know."""
        path = urlsplit(self.request.site_url or "").path
        return f"/{path.strip('/')}/" if path.strip("/") else "/"

    def _sitemap(self) -> None:
        """The sitemap, where it is known at which address the site will be."""
        if not self.request.site_url:
            return
        base = self.request.site_url.rstrip("/") + "/"
        paths = sorted({*self.stamped, *self.written_by_hand} - {"404.html"})
        lines = (f"<url><loc>{xml_escape(base + _address(path))}</loc></url>\n" for path in paths)
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
            f"{''.join(lines)}</urlset>\n"
        )
        self.output.write("sitemap.xml", text.encode("utf-8"))


def _address(path: str) -> str:
    return "/".join(urlpath(part) for part in path.removesuffix("index.html").split("/"))


__all__ = ["SiteReport", "SiteRequest", "build_site"]
