"""The shell: one page that the theme built, into which every generated page is stamped.

Building a page with the theme costs ten milliseconds, stamping one costs a string join. The markers are set
by ``site/docs/index.md`` and ``site/theme``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import escape

from budmodel.errors import DataError
from budmodel.render.csp import add_policy
from budmodel.render.filters import visible

_marker = re.compile(r"@@budmodel:([a-z-]+)@@")
_link = re.compile(r'(\s(?:href|src)=")([^"]*)(")')
_external = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//|/|#|@@)", re.IGNORECASE)
_config = re.compile(r'(<script id="__config" type="application/json">)(.*?)(</script>)', re.DOTALL)
_scope = 'new URL(".",location)'
_neighbour = re.compile(r'\s*<link rel="(?:next|prev)"[^>]*>')
_command = re.compile(r"(?<!</span>)<code>([^<]*\s--[^<]*)</code>")
"""Code in running text that names an option; in a block of code a span comes before it."""
_option = re.compile(r"(?<!\S)--?[a-z][a-z-]*")
_here = re.compile(r" md-nav__(?:item|link)--active")
_NEEDED = {"title", "description", "body"}
SECTIONS = ("overview", "models", "licences", "leaderboard", "rules", "docs")
"""The tabs, as mkdocs.yml names them."""


def marker(key: str) -> str:
    """The text that keeps the place of a value until a page is stamped."""
    return f"@@budmodel:{key}@@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A generated page before it is stamped. ``body`` is HTML; the rest is text."""

    path: str
    """Relative to the site's root: ``models/x/index.html``."""
    title: str
    description: str
    section: str
    body: str


class Shell:
    """The shell page, cut at its markers."""

    def __init__(self, html: str, site_name: str, site_description: str) -> None:
        missing = _NEEDED - set(_marker.findall(html))
        if missing:
            raise DataError(f"site/theme/shell.html: the markers {', '.join(sorted(missing))} are missing")
        self._html = _with_root_markers(html)
        self._site_name = site_name
        self._fixed = {"site": str(escape(site_name)), "site-description": str(escape(site_description))}
        self._at_root = lru_cache(maxsize=None)(self._cut)

    def stamp(self, page: Page, root: str) -> str:
        """The page in the shell.

        Args:
            page: what to show.
            root: how the page reaches the site's root: ``./``, ``../../``, or an absolute ``/repo/``.
        """
        title = self._site_name if page.section == "overview" else f"{page.title} - {self._site_name}"
        values = {
            **self._fixed,
            "title": str(escape(visible(title))),
            "topic": str(escape(visible(page.title))),
            "description": str(escape(visible(page.description))),
            "body": page.body,
            f"active-{page.section}": " md-tabs__item--active",
        }
        parts = list(self._at_root(root))
        parts[1::2] = [values.get(key, "") for key in parts[1::2]]
        return "".join(parts)

    def finish(self, html: str) -> str:
        """A hand-written page with its policy and the site's name, its commands unbroken in their options."""
        html = _command.sub(_keep_together, html)
        parts = _marker.split(add_policy(html))
        parts[1::2] = [self._fixed.get(key, "") for key in parts[1::2]]
        return "".join(parts)

    def _cut(self, root: str) -> tuple[str, ...]:
        """The shell for one distance from the root: text and names of markers in turn."""
        # The theme resolves addresses against it: an absolute one has to stay a folder.
        base = f"{root}." if root.startswith("/") else root.rstrip("/")
        html = self._html.replace("@@budmodel:root@@", root).replace("@@budmodel:base@@", base)
        if root != "./":
            html = _here.sub("", html)
        return tuple(_marker.split(add_policy(html)))


def _with_root_markers(html: str) -> str:
    """The shell with a marker wherever it reaches the root of the site (it lies there itself)."""
    html = _neighbour.sub("", html)
    html = html.replace(_scope, 'new URL("@@budmodel:base@@",location)')
    html = _config.sub(_mark_config, html)
    return _link.sub(_mark_link, html)


def _keep_together(match: re.Match[str]) -> str:
    """A command as it stands there, but for its options: none is broken after its hyphens."""
    return _option.sub(r'<span class="bm-nowrap">\g<0></span>', match[0])


def _mark_link(match: re.Match[str]) -> str:
    before, url, after = match.groups()
    if _external.match(url):
        return match[0]
    relative = "" if url in (".", "./") else url.removeprefix("./")
    return f"{before}@@budmodel:root@@{relative}{after}"


def _mark_config(match: re.Match[str]) -> str:
    config = json.loads(match[2])
    config["base"] = "@@budmodel:base@@"
    config["search"] = f"@@budmodel:root@@{config['search']}"
    text = json.dumps(config, sort_keys=True)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return f"{match[1]}{text}{match[3]}"


def root_of(path: str) -> str:
    """How the page at a path reaches the site's root: ``./`` or ``../`` for each folder."""
    return "../" * path.count("/") or "./"
