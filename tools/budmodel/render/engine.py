"""Runs mkdocs over the hand-written pages, once for each state of its inputs."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from budmodel.errors import DataError
from budmodel.render.shell import marker
from budmodel.render.sources import SiteSources

KEPT = 4
"""States of the hand-written pages that stay in the cache."""
_UNUSED = ("sitemap.xml", "sitemap.xml.gz")
"""What mkdocs writes and we write ourselves (its gzip holds the time of the build)."""


def built_docs(sources: SiteSources, cache: Path) -> Path:
    """The folder with what mkdocs makes of the hand-written pages; to be copied, never changed.

    Args:
        sources: configuration, pages and theme.
        cache: a folder of ours that may be deleted at any time.

    Raises:
        DataError: a hand-written page or the configuration is wrong.
    """
    wanted = cache / f"docs-{_digest(sources)}"
    if wanted.is_dir():
        os.utime(wanted)
        return wanted
    cache.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="work-", dir=cache))
    try:
        _run_mkdocs(sources, work / "site")
        for name in _UNUSED:
            (work / "site" / name).unlink(missing_ok=True)
        try:
            (work / "site").rename(wanted)
        except OSError:
            # Another build was faster; what it made is the same.
            if not wanted.is_dir():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _prune(cache, wanted)
    return wanted


def _digest(sources: SiteSources) -> str:
    """Everything that mkdocs' output depends on."""
    digest = hashlib.blake2b(digest_size=16)
    for package in ("mkdocs", "mkdocs-material", "pymdown-extensions"):
        digest.update(version(package).encode() + b"\0")
    for path in (sources.config, *sorted(sources.docs.rglob("*")), *sorted(sources.theme.rglob("*"))):
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(sources.base).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def _run_mkdocs(sources: SiteSources, output: Path) -> None:
    # Read when the theme is imported; without it a notice about its successor goes to stderr.
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException

    with _collected("mkdocs") as messages:
        try:
            # The theme does not escape the site's name, which is data of the catalog: markers keep its place.
            config = load_config(
                str(sources.config),
                site_dir=str(output),
                site_name=marker("site"),
                site_description=marker("site-description"),
            )
            config.plugins.on_startup(command="build", dirty=False)
            try:
                build(config)
            finally:
                config.plugins.on_shutdown()
        except (MkDocsException, SystemExit) as error:
            told = "; ".join(messages) or str(error)
            raise DataError(f"{sources.config}: the site's pages cannot be built: {told}") from None


@contextmanager
def _collected(name: str) -> Iterator[list[str]]:
    """Warnings of a logger as text instead of on stderr."""
    messages: list[str] = []
    logger = logging.getLogger(name)
    handler = _Collector(messages)
    handler.setLevel(logging.WARNING)
    propagate = logger.propagate
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


class _Collector(logging.Handler):
    def __init__(self, messages: list[str]) -> None:
        super().__init__()
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the message, on one line."""
        self._messages.append(" ".join(record.getMessage().split()))


def _prune(cache: Path, newest: Path) -> None:
    states = sorted(cache.glob("docs-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in [path for path in states if path != newest][KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
