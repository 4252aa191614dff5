"""What every generated page starts from: the templates, and what the registry says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment

from budmodel.render.shell import Page, root_of


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the registry says of itself."""

    name: str
    description: str
    commit: str | None
    commit_time: str | None


class Frame:
    """Renders templates into the bodies of pages."""

    def __init__(self, templates: Environment, about: About, has_page: Callable[[str], bool]) -> None:
        self._templates = templates
        self.about = about
        self.has_page = has_page
        """Whether a path of the site is there already, such as ``rules/x/index.html``."""

    def page(
        self, template: str, path: str, *, section: str, title: str, description: str, **values: Any
    ) -> Page:
        """A page from a template, which gets ``root`` and ``about`` besides the values."""
        body = self._templates.get_template(template).render(root=root_of(path), about=self.about, **values)
        return Page(path=path, title=title, description=description, section=section, body=body)

    def not_found(self, root: str) -> Page:
        """What is shown for an address that does not exist, at any depth."""
        body = self._templates.get_template("404.html.j2").render(root=root, about=self.about)
        return Page(path="404.html", title="Not found", description="No such page.", section="", body=body)
