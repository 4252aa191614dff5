"""markdown: hostile text stays inert, and the comment fits."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from budmodel.findings import CheckResult, Waived
from budmodel.report.markdown import LIMIT, Markdown
from report import verdicts


def parse(text: str) -> list[Token]:
    return MarkdownIt("gfm-like", {"linkify": False}).parse(text)


def outside_code(text: str) -> str:
    """All that a GFM parser takes for something else than code."""
    return "\n".join(
        child.content
        for token in parse(text)
        for child in token.children or [token]
        if child.type not in ("code_inline", "inline")
    )


@pytest.mark.parametrize("verdict", verdicts.ALL)
def test_hostile_text_is_code_and_nothing_else(verdict: str) -> None:
    text = Markdown().render(verdicts.ALL[verdict])
    tokens = [child for token in parse(text) for child in token.children or [token]]
    assert not {"html_inline", "html_block", "link_open", "image"} & {token.type for token in tokens}
    for word in ("@", "<", "evil", "#1", "http", "www."):
        assert word not in outside_code(text)


def test_every_row_has_five_cells() -> None:
    tokens = parse(Markdown().render(verdicts.EVERYTHING))
    rows = sum(1 for token in tokens if token.type == "tr_open")
    cells = sum(1 for token in tokens if token.type in ("th_open", "td_open"))
    assert (rows, cells) == (1 + 5, 5 * 6)


def test_errors_come_first() -> None:
    text = Markdown().render(verdicts.FAILED)
    severities = re.findall(r"^\| (error|warning) \|", text, re.MULTILINE)
    assert severities == ["error", "error", "error", "warning"]


def test_a_long_report_fits_and_says_what_it_left_out() -> None:
    text = Markdown().render(verdicts.many(5000))
    assert len(text) <= LIMIT
    match = re.search(r"and ([\d,]+) more findings; run `budmodel check` to see all", text)
    assert match is not None
    shown = text.count("| error |")
    assert shown + int(match[1].replace(",", "")) == 5000


def test_long_texts_and_many_waivers_fit_too() -> None:
    evil, text = verdicts.EVIL, "`|" * 90_000
    long = [verdicts.finding(n, message=text, fix=text, path=f"{n}/{evil.path}") for n in range(99)]
    waivers = [
        Waived(
            finding=evil,
            waiver=f"catalog/waivers/{n}.yaml",
            expires="2027-05-22",
            reason="|" * 9000,
            approved_by="x",
        )
        for n in range(500)
    ]
    result = CheckResult(findings=tuple(long), waived=tuple(waivers), models=1, versions=1)
    text = Markdown().render(result)
    assert len(text) <= LIMIT
    assert "more finding" in text and "more waiver" in text


@pytest.mark.parametrize(
    ("verdict", "heading"),
    [("clean", "passed"), ("warned", "passed"), ("waived", "passed with waivers"), ("failed", "failed")],
)
def test_the_heading(verdict: str, heading: str) -> None:
    assert Markdown().render(verdicts.ALL[verdict]).splitlines()[0] == f"### budmodel check {heading}"
