"""Where the parts of the site come from: the registry's own ``site/`` where it has one, else the package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from budmodel.errors import NotFoundError

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class SiteSources:
    """A folder that holds ``mkdocs.yml`` and ``site/`` with docs, theme and templates."""

    base: Path

    @property
    def config(self) -> Path:
        """The configuration of mkdocs."""
        return self.base / "mkdocs.yml"

    @property
    def docs(self) -> Path:
        """Hand-written pages."""
        return self.base / "site" / "docs"

    @property
    def theme(self) -> Path:
        """Overrides of the theme, CSS and JavaScript."""
        return self.base / "site" / "theme"

    @property
    def templates(self) -> Path:
        """Jinja templates of the generated pages."""
        return self.base / "site" / "templates"

    @property
    def complete(self) -> bool:
        """Whether all parts are there."""
        folders = (self.docs, self.theme, self.templates)
        return self.config.is_file() and all(folder.is_dir() for folder in folders)


def site_sources(root: Path) -> SiteSources:
    """The parts of the site for a registry.

    A registry that was made by ``budmodel init`` holds data only, so the package brings the parts along; in a
    checkout of budmodel itself they lie beside ``tools/``.

    Raises:
        NotFoundError: the installation is damaged.
    """
    for base in (root, _PACKAGE / "_site", _PACKAGE.parent.parent):
        sources = SiteSources(base)
        if sources.complete:
            return sources
    raise NotFoundError("the site's templates are missing from this installation; install budmodel again")
