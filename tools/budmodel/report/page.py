"""Pages of facts and tables in each format. All text of the catalog is data: it is never markup."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from budmodel.report.markdown import code_span
from budmodel.report.words import visible

Rows = tuple[tuple[str, ...], ...]
_LONGEST = 10_000
"""Most characters of one text; records allow fewer."""
_STYLE = """\
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #8886; padding: .3rem .5rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; min-width: 5rem; } th[scope=row] { white-space: nowrap; width: 14rem; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a page."""

    title: str
    about: str = ""
    """What of the catalog the title is about, such as the id of a licence."""
    facts: tuple[tuple[str, str], ...] = ()
    """Label and text; what has no text is left out by whoever makes them."""
    header: tuple[str, ...] = ()
    rows: Rows = ()
    empty: str = ""
    """What stands there where there are neither facts nor rows."""


def render_text(title: str, parts: Sequence[Block]) -> str:
    """For a terminal."""
    return "\n".join([title, "=" * len(title), *(line for part in parts for line in _text(part))]) + "\n"


def _text(part: Block) -> Iterator[str]:
    yield ""
    yield _heading(part)
    yield "-" * len(_heading(part))
    longest = max((len(label) for label, _ in part.facts), default=0)
    for label, text in part.facts:
        yield f"{visible(label):<{longest}}  {visible(' '.join(text.split()))}"
    for row in part.rows:
        cells = [f"{name}: {visible(cell)}" for name, cell in zip(part.header, row, strict=True) if cell]
        yield f"- {'; '.join(cells)}"
    if not part.facts and not part.rows:
        yield part.empty


def _heading(part: Block) -> str:
    return f"{part.title} {visible(part.about)}" if part.about else part.title


def render_markdown(title: str, parts: Sequence[Block]) -> str:
    """GitHub Flavored Markdown."""
    lines = [f"# {title}"]
    for part in parts:
        about = f" {code_span(part.about, table=False)}" if part.about else ""
        lines += ["", f"## {part.title}{about}", "", *_markdown(part)]
    return "\n".join(lines) + "\n"


def _markdown(part: Block) -> Iterator[str]:
    if part.facts:
        yield from _rows(("Fact", "Value"), part.facts)
    elif part.rows:
        yield from _rows(part.header, part.rows)
    else:
        yield part.empty


def _rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(code_span(cell, longest=_LONGEST) for cell in row)} |"


def render_html(title: str, parts: Sequence[Block]) -> str:
    """One file that needs nothing else and runs nothing, to be kept or printed."""
    body = Markup("\n").join(_html(part) for part in parts)
    return str(
        Markup(
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">\n<title>{}</title>\n<style>\n{}</style>\n</head>\n"
            "<body>\n<main>\n<h1>{}</h1>\n{}\n</main>\n</body>\n</html>\n"
        ).format(title, Markup(_STYLE), title, body)  # noqa: S704 - the style is ours
    )


def _html(part: Block) -> Markup:
    head = Markup("<h2>{}</h2>").format(_heading(part))
    if part.facts:
        rows = Markup("\n").join(
            Markup('<tr><th scope="row">{}</th><td>{}</td></tr>').format(visible(label), visible(text))
            for label, text in part.facts
        )
        return Markup("<section>\n{}\n<table>\n<tbody>\n{}\n</tbody>\n</table>\n</section>").format(
            head, rows
        )
    if not part.rows:
        return Markup("<section>\n{}\n<p>{}</p>\n</section>").format(head, part.empty)
    titles = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in part.header)
    rows = Markup("\n").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(visible(cell)) for cell in row)
        )
        for row in part.rows
    )
    return Markup(
        "<section>\n{}\n<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table>\n</section>"
    ).format(head, titles, rows)


RENDERERS: dict[str, Callable[[str, Sequence[Block]], str]] = {
    "text": render_text,
    "markdown": render_markdown,
    "html": render_html,
}
