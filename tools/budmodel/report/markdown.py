"""markdown: for a comment on a pull request or a job's summary (GitHub Flavored Markdown).

Every text of the catalog stands inside a code span. There nothing is markup: no HTML, links, autolinks,
mentions, issue numbers or emphasis, whatever the text says.
"""

from __future__ import annotations

import re

from budmodel.findings import CheckResult, Finding, Severity
from budmodel.report.words import counted, summary, visible, waived_groups

LIMIT = 60_000
"""Most characters; GitHub refuses a comment of more than 65,536."""
LONGEST = 600
"""Most characters of one text."""

_HEAD = "| Severity | Rule | Where | What | How to mend |\n| --- | --- | --- | --- | --- |\n"
_ROOM = 200
_LABEL = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_backticks = re.compile("`+")
_pipes = re.compile(r"\\*\|")


class Markdown:
    """A heading, the findings as a table with errors first, and what is waived."""

    def render(self, result: CheckResult, *, color: bool = False) -> str:
        """The report, ending with a newline, of at most :data:`LIMIT` characters."""
        verdict = "failed" if not result.ok else "passed with waivers" if result.waived else "passed"
        top = f"### budmodel check {verdict}\n\n{summary(result)}\n"
        waivers = [
            f"- {code_span(group.sentence(), table=False)}: {code_span(group.grounds(), table=False)}"
            for group in waived_groups(result.waived)
        ]
        # Findings are what a reader came for: waivers get at most half of the room.
        listed = _fitted(waivers, LIMIT // 2, "waiver")
        bottom = f"\nNot green, only waived:\n\n{listed}" if waivers else ""
        if not result.findings:
            return top + bottom
        ordered = sorted(result.findings, key=lambda finding: finding.severity is not Severity.ERROR)
        room = LIMIT - len(top) - len(bottom) - len(_HEAD) - 1
        return f"{top}\n{_HEAD}{_fitted([_row(finding) for finding in ordered], room, 'finding')}{bottom}"


def _row(finding: Finding) -> str:
    cells = [
        _LABEL[finding.severity],
        code_span(finding.rule),
        code_span(f"{finding.path}:{finding.line}"),
        code_span(finding.message),
        code_span(finding.fix),
    ]
    return f"| {' | '.join(cells)} |"


def _fitted(lines: list[str], room: int, noun: str) -> str:
    """As many lines as fit, and how many did not."""
    kept: list[str] = []
    left = room - _ROOM
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    text = "".join(f"{line}\n" for line in kept)
    rest = len(lines) - len(kept)
    return f"{text}\nand {counted(rest, f'more {noun}')}; run `budmodel check` to see all\n" if rest else text


def code_span(text: str, *, table: bool = True, longest: int = LONGEST) -> str:
    """A code span (CommonMark 0.31 §6.1): one line, fenced by more backticks than the text has in a row."""
    shown = visible(text).strip()
    if not shown:
        return ""
    if len(shown) > longest:
        shown = f"{shown[:longest]}…"
    fence = "`" * (max(map(len, _backticks.findall(shown)), default=0) + 1)
    if table:
        # A table splits its cells before it sees code spans (GFM §4.10). A backslash that stands before the
        # pipe already is set apart, since parsers disagree on whether it would escape the escape.
        shown = _pipes.sub(lambda match: f"{match[0][:-1]}{' ' if len(match[0]) > 1 else ''}\\|", shown)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"
