"""Builds the static site and the JSON API of a catalog: ``budmodel site build``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape as xml_escape

from budmodel.domain.leaderboard import Candidate, Leaderboard, leaderboard
from budmodel.domain.standings import standings
from budmodel.operations.changes import Change
from budmodel.operations.examining import Examiner, together
from budmodel.operations.history import Entry
from budmodel.operations.judging import judges_of
from budmodel.render import api
from budmodel.render.continuing import Continuation
from budmodel.render.edit_links import Host
from budmodel.render.engine import built_docs
from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.publish import catalog_tables
from budmodel.render.facts import Reader
from budmodel.render.feed import FEED, feed
from budmodel.render.filters import environment, urlpath
from budmodel.render.hosts import write_host_files
from budmodel.render.inputs import Inputs, code_digest, folder_digest
from budmodel.render.kept import Keeper
from budmodel.render.openapi import write_openapi
from budmodel.render.output import Output, Written, replacing
from budmodel.render.pages.changes import changes_page
from budmodel.render.pages.compare import compare_page
from budmodel.render.pages.frame import About, Frame
from budmodel.render.pages.home import home_page
from budmodel.render.pages.leaderboard import leaderboard_page
from budmodel.render.pages.licenses import LicenseRow, license_page, licenses_page
from budmodel.render.pages.model import model_path
from budmodel.render.pages.models import models_pages
from budmodel.render.pages.rules import rules_page
from budmodel.render.pages.security import security_page
from budmodel.render.pages.support import support_page
from budmodel.render.rows import Row
from budmodel.render.shell import Page, Shell, root_of
from budmodel.render.sources import SiteSources, site_sources
from budmodel.render.support import SUPPORT, matrix, support_data
from budmodel.render.surroundings import Observer
from budmodel.render.table import TABLE, WORDS, table_json, words_json
from budmodel.render.workshop import Workshop
from budmodel.rules.interface import Context, Judges
from budmodel.rules.registry import rules
from budmodel.schema.governance import CatalogInfo
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import CATALOG

TABLES = ("api/catalog.sqlite", "api/models.csv")
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
    now: datetime | None = None
    """The moment at which the catalog is judged; without it states are shown as the records alone say."""
    tables: bool = True
    """Whether the whole catalog is also written as CSV and SQLite."""
    memory: Path | None = None
    """A cache folder: what did not change since the last build is not made again. None makes all anew."""
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
    renewed: int
    """Models that were made anew; the files of the others are those of the last build."""


def build_site(request: SiteRequest) -> SiteReport:
    """Builds the site beside its place and puts it there when all is built (:mod:`budmodel.render.output`).

    Raises:
        UsageError: the output folder holds something that is not a site of ours.
        DataError: a hand-written page is wrong.
        NotFoundError: the installation is damaged.
    """
    sources = site_sources(request.root)
    built = built_docs(sources, request.root / "build" / ".cache")
    inputs = Inputs(request.snapshot) if request.memory is not None else None
    keeper = Keeper(request.memory, request.output) if request.memory is not None else None
    shared = _shared(request, sources, built, inputs) if inputs is not None else ""
    last = keeper.load(shared) if keeper is not None else None
    with replacing(request.output, last.files if last is not None else None) as output:
        if last is not None and not output.there:
            last = None
        models = Continuation(snapshot=request.snapshot, now=request.now, last=last, inputs=inputs)
        build = _Build(request, sources, built, output, models)
        report = build.run()
    if keeper is not None:
        models.remember(keeper, shared, build.own)
    return report


def _shared(request: SiteRequest, sources: SiteSources, built: Path, inputs: Inputs) -> str:
    """A digest of what every page rests on, besides its model: code, templates, licences, policy."""
    parts = (
        code_digest(),
        built.name,
        folder_digest(sources.templates),
        inputs.shared,
        str(request.now is not None),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class _Build:
    """One build. The models are read once and let go; what the index pages need stays as rows."""

    def __init__(
        self,
        request: SiteRequest,
        sources: SiteSources,
        docs: Path,
        output: Output,
        models: Continuation,
    ) -> None:
        self.request = request
        self.sources = sources
        self.docs = docs
        self.output = output
        self.models = models
        self.snapshot = request.snapshot
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
        self.own: dict[str, Written] = {}
        """The files that belong to no model."""

    def run(self) -> SiteReport:
        """Hand-written pages first, then everything that comes from the catalog."""
        self._copy_docs()
        self.frame = Frame(environment(self.sources.templates), self.about, self.output.has)
        self.reader = Reader(self.snapshot)
        judges = judges_of(self.snapshot)
        left_out = self._models(judges)
        self._indexes(judges, left_out)
        api.copy_schemas(self.output, self._schemas())
        if self.request.tables:
            self._tables()
        write_openapi(self.output)
        write_host_files(self.output)
        self._sitemap()
        self.own = dict(self.output.files)
        for made in self.models.made.values():
            self.output.files.update(made.files)
        api.write_index(self.output, self.request.commit, self.request.commit_time)
        self.own[api.INDEX] = self.output.files[api.INDEX]
        return SiteReport(
            output=self.request.output,
            models=len(self.rows),
            pages=len(self.stamped),
            api_files=len(self.output.digests) + 1,
            left_out=tuple(left_out),
            renewed=len(self.models.renewed),
        )

    def _copy_docs(self) -> None:
        html = (self.docs / _SHELL).read_text(encoding="utf-8")
        self.shell = Shell(html, self.about.name, self.about.description)
        self.written_by_hand = []
        for page in sorted(path for path in self.docs.rglob("*") if path.is_file()):
            path = page.relative_to(self.docs).as_posix()
            content = page.read_bytes()
            if path in (_SHELL, "404.html"):
                continue
            if page.suffix == ".html":
                content = self.shell.finish(content.decode("utf-8")).encode("utf-8")
                self.written_by_hand.append(path)
            self.output.write(path, content)

    def _stamp(self, page: Page, root: str | None = None) -> None:
        html = self.shell.stamp(page, root or root_of(page.path))
        self.output.write(page.path, html.encode("utf-8"))
        self.stamped.append(page.path)

    def _models(self, judges: Judges) -> list[str]:
        """Page and API files of every model; the paths of those that hold no record."""
        examiner = self._examiner(judges)
        # Read before processes are forked, which must not share the cache's file.
        self.snapshot.held_as("")
        workshop = Workshop(
            snapshot=self.snapshot,
            reader=self.reader,
            examiner=examiner,
            frame=self.frame,
            shell=self.shell,
            output=self.output,
            tables=self.request.tables,
        )
        self.models.survey(workshop, judges)
        parts = [survey.check for survey in self.models.surveys.values() if survey.check is not None]
        self.check = together([*parts, examiner.rest()]) if examiner is not None else None
        self.models.make(workshop, self._observer(judges))
        left_out = []
        for name in self.snapshot.names:
            made = self.models.made[name]
            if made.row is None:
                left_out.append(f"{CATALOG}/models/{name}/model.yaml")
                continue
            self.rows.append(made.row)
            self.items.append(made.item)
            self.stamped.append(model_path(name))
        return left_out

    def _examiner(self, judges: Judges) -> Examiner | None:
        now = self.request.now
        if now is None:
            return None
        context = Context(head=self.snapshot, judges=judges, now=now)
        return Examiner.of(context)

    def _observer(self, judges: Judges) -> Observer:
        """What the pages of all models draw on. Ranking comes before any of them, as each tells its rank."""
        for survey in self.models.surveys.values():
            self.candidates.extend(survey.candidates)
        self.ranked = self._rank(self.candidates, judges)
        return Observer(
            judges=judges,
            uses=self.reader.uses,
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
                check=self.check,
                left_out=left_out,
            )
        )
        for page in models_pages(frame, self.rows):
            self._stamp(page)
        self.output.write(TABLE, table_json(self.rows))
        self.output.write(WORDS, words_json(self.rows))
        self._stamp(compare_page(frame, len(self.rows)))
        support = matrix((row.name, row.architecture, row.support) for row in self.rows)
        self._stamp(support_page(frame, support))
        self.output.write(SUPPORT, api.body(support_data(support)), listed=True)
        self._stamp(licenses_page(frame, licenses))
        for row in licenses:
            self._stamp(license_page(frame, row))
        self._stamp(changes_page(frame, self.request.changes, self.reader.known))
        self.output.write(FEED, feed(self.request.changes, self.about, self.request.site_url), listed=True)
        self._stamp(leaderboard_page(frame, ranked, judges.benchmarks))
        self._stamp(security_page(frame, self.rows))
        self._stamp(rules_page(frame, rules(), judges.policy))
        base = self._base_path()
        self._stamp(frame.not_found(base), base)
        api.write_lists(self.output, self.items, [row.license for row in licenses])
        api.write_policy(self.output, judges.policy)
        api.write_leaderboards(self.output, ranked, dict(self._by_architecture(judges)))

    def _tables(self) -> None:
        """The whole catalog as tables. They hold nothing of the commit, so that they change with it only."""
        kept = {path: self.output.there.get(path) for path in TABLES}
        if self.models.nothing_changed and all(kept.values()):
            self.output.files.update({path: one for path, one in kept.items() if one is not None})
            return
        parts = (self.models.made[name].tables for name in self.snapshot.names)
        for path, content in catalog_tables(Catalog(snapshot=self.snapshot), filter(None, parts)).items():
            self.output.write(f"api/{path}", content, listed=True)

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
