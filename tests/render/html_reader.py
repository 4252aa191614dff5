"""What a page links to and what it contains, read with the standard library's parser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path


@dataclass
class Read:
    """A parsed page."""

    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read = Read()
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.read.tags.append((tag, values))
        self.read.links += [value for key in ("href", "src") if (value := values.get(key)) is not None]
        self.read.ids += [
            value for key in ("id", "name") if (value := values.get(key)) is not None and tag != "input"
        ]
        inline = tag == "script" and "src" not in values and values.get("type") != "application/json"
        self._inside = "inline" if inline else tag
        if inline:
            self.read.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "inline":
            self.read.scripts[-1] += data
        elif self._inside != "script":
            self.read.text += data


def read_html(path: Path) -> Read:
    """Parses a page."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.read
