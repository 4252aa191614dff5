"""The page for an auditor in each format. All text of the catalog is data: it is never markup."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from markupsafe import Markup

from budmodel.report.audit_blocks import Block
from budmodel.report.markdown import code_span
from budmodel.report.words import visible

_LONGEST = 10_000
"""Most characters of one text; records allow fewer."""
_STYLE = """\
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { border: 1px solid #8886; padding: .3rem .5rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; min-width: 5rem; } th[scope=row] { white-space: nowrap; width: 14rem; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } table { display: table; } }
"""


def render_text(title: str, parts: Sequence[Block]) -> str:
    """For a terminal."""
    return "\n".join([title, "=" * len(title), *(line for part in parts for line in _text(part))]) + "\n"


def _text(part: Block) -> Iterator[str]:
    yield ""
    yield visible(part.title)
    yield "-" * len(part.title)
    longest = max((len(label) for label, _ in part.facts), default=0)
    for label, text in part.facts:
        yield f"{label:<{longest}}  {visible(' '.join(text.split()))}"
    for row in part.rows:
        cells = [f"{name}: {visible(cell)}" for name, cell in zip(part.header, row, strict=True) if cell]
        yield f"- {'; '.join(cells)}"
    if not part.facts and not part.rows:
        yield part.empty


def render_markdown(title: str, parts: Sequence[Block]) -> str:
    """GitHub Flavored Markdown."""
    lines = [f"# {title}"]
    for part in parts:
        lines += ["", f"## {_heading(part.title)}", "", *_markdown(part)]
    return "\n".join(lines) + "\n"


def _heading(text: str) -> str:
    first, _, rest = text.partition(" ")
    return f"{first} {code_span(rest, table=False)}" if first == "Licence" and rest else text


def _markdown(part: Block) -> Iterator[str]:
    if part.facts:
        yield from _rows(("Fact", "Value"), part.facts, plain=1)
    elif part.rows:
        yield from _rows(part.header, part.rows)
    else:
        yield part.empty


def _rows(header: Sequence[str], rows: Sequence[Sequence[str]], plain: int = 0) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        cells = [*row[:plain], *(code_span(cell, longest=_LONGEST) for cell in row[plain:])]
        yield f"| {' | '.join(cells)} |"


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
    head = Markup("<h2>{}</h2>").format(visible(part.title))
    if part.facts:
        rows = Markup("\n").join(
            Markup('<tr><th scope="row">{}</th><td>{}</td></tr>').format(label, visible(text))
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
