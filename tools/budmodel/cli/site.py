"""``budmodel site``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from budmodel.cli.common import global_options, note, now_option, workspace

if TYPE_CHECKING:
    from budmodel.operations.workspace import Workspace
    from budmodel.render.site import SiteReport

SITE_FOLDER = "build/site"


@click.group()
@global_options
def site() -> None:
    """The static site and the JSON API of the catalog."""


def _folder(here: Workspace, output: str | None) -> Path:
    return Path(output).absolute() if output is not None else here.root / SITE_FOLDER


def _address(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """The address of a site: links in sitemap.xml and the feed begin with it."""
    import re

    if value is None or re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        return value
    raise click.BadParameter(f"{value!r} is no address of a site; write https://HOST/ or https://HOST/PATH/")


def _build(
    here: Workspace,
    folder: Path,
    site_url: str | None = None,
    tables: bool = True,
    at: datetime | None = None,
) -> SiteReport:
    from budmodel.operations.catalog_history import histories
    from budmodel.operations.changes import changes
    from budmodel.render.site import SiteRequest, build_site
    from budmodel.schema.values import parse_timestamp
    from budmodel.store.cache import default_path

    commit, commit_time = here.clean_commit()
    # The clock of a committed catalog is its commit: the same commit builds the same bytes.
    now = at or (parse_timestamp(commit_time) if commit_time is not None else datetime.now(UTC))
    repository = here.repository
    told, counts = histories(repository, cache=here.cache) if repository is not None else ({}, {})
    records = default_path()
    request = SiteRequest(
        snapshot=here.snapshot,
        root=here.root,
        output=folder,
        commit=commit,
        commit_time=commit_time,
        now=now,
        memory=records.parent if records is not None else None,
        changes=changes(repository, commit or "HEAD") if repository is not None else (),
        site_url=site_url,
        tables=tables,
        histories=told,
        commits=counts,
    )
    return build_site(request)


def _summary(report: SiteReport) -> str:
    from budmodel.cli.text import plural

    counts = (
        plural(report.models, "model"),
        plural(report.pages, "page"),
        plural(report.api_files, "API file"),
    )
    return f"built {', '.join(counts)} in {report.output}"


def _tell_left_out(report: SiteReport) -> None:
    from budmodel.cli.text import one_line

    for path in report.left_out:
        note(one_line(f"{path} is left out since it is invalid; run budmodel check {path}"))


@site.command("build")
@click.option(
    "--output", type=click.Path(file_okay=False), metavar="DIR", help="The folder; build/site by default."
)
@click.option(
    "--site-url",
    metavar="URL",
    callback=_address,
    help="Where the site will be; needed by sitemap.xml and 404.html.",
)
@click.option(
    "--tables/--no-tables",
    default=True,
    show_default=True,
    help="Also write api/models.csv and api/catalog.sqlite.",
)
@now_option
@click.option("--strict", is_flag=True, help="Exit 1 where a record had to be left out.")
@global_options
def build_command(
    output: str | None, site_url: str | None, tables: bool, now: datetime | None, strict: bool
) -> int:
    """Build the site and the JSON API. The folder changes when all is built; if that fails it stays."""
    with workspace() as here:
        report = _build(here, _folder(here, output), site_url, tables, now)
    click.echo(_summary(report))
    _tell_left_out(report)
    return 1 if strict and report.left_out else 0


@site.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to bind.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes any free port."
)
@click.option(
    "--output", type=click.Path(file_okay=False), metavar="DIR", help="The folder; build/site by default."
)
@click.option("--no-build", is_flag=True, help="Begin with what was built before.")
@click.option("--no-reload", is_flag=True, help="Do not build and load pages again when files change.")
@global_options
def serve_command(host: str, port: int, output: str | None, no_build: bool, no_reload: bool) -> int:
    """Build the site and serve it until Ctrl-C, and again at every change or commit. Not for the Internet."""
    from budmodel.render.reloading import News, look, rebuild_on_change, watched
    from budmodel.render.serve import serve

    with workspace() as here:
        folder, root = _folder(here, output), here.root
        # Pages tell the history, so that a commit changes them as well.
        of_git = here.repository.head_files if here.repository is not None else ()
    places = (*watched(root), *of_git)
    # Looked at before the build: what changes while it goes on is built next.
    known = {} if no_reload else look(places)
    if not no_build:
        _build_again(folder)

    def watch(news: News) -> None:
        rebuild_on_change(places, known, lambda changed: _survives(root, folder, changed), news)

    serve(
        folder,
        host,
        port,
        on_ready=lambda address: click.echo(f"serving at {address}; Ctrl-C ends it"),
        meanwhile=None if no_reload else watch,
    )
    return 0


def _build_again(folder: Path) -> None:
    with workspace() as here:
        report = _build(here, folder)
    click.echo(_summary(report), err=True)
    _tell_left_out(report)


def _survives(root: Path, folder: Path, changed: frozenset[str]) -> bool:
    """Builds the site again; what is wrong is told, and the last site stays."""
    from jinja2 import TemplateError

    from budmodel.errors import BudmodelError

    try:
        wrong = _wrong(root, changed)
        if not wrong:
            _build_again(folder)
    except BudmodelError as error:
        wrong = [str(error)]
    except (TemplateError, OSError) as error:
        # Somebody is at work on a template, or took a file away while it was read.
        place = f"{getattr(error, 'filename', '') or 'site/templates'}:{getattr(error, 'lineno', '') or 1}"
        wrong = [f"{place}: {error}" if isinstance(error, TemplateError) else str(error)]
    for sentence in wrong:
        note(f"{sentence}; the last site is served until that is mended")
    return not wrong


def _wrong(root: Path, changed: frozenset[str]) -> list[str]:
    """What is wrong with the records that changed: their writer does not want to see a site without them."""
    from budmodel.operations.reading import wrong_files

    records = (Path(path) for path in changed)
    paths = sorted(path.relative_to(root).as_posix() for path in records if path.is_relative_to(root))
    with workspace() as here:
        return list(wrong_files(here.snapshot, paths))
