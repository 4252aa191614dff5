"""text: for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.findings import CheckResult, Finding, Severity
from budmodel.report.excerpt import excerpt
from budmodel.report.words import summary, visible, waived_groups

_RED, _YELLOW, _GREEN, _BLUE, _BOLD = "1;31", "1;33", "1;32", "1;34", "1"
_SEVERITY = {Severity.ERROR: _RED, Severity.WARNING: _YELLOW}


class Text:
    """One block for each finding, then what is waived, then one line that sums up."""

    def render(self, result: CheckResult, *, color: bool = False) -> str:
        """The report, ending with a newline."""
        paint = _Paint(color)
        lines: list[str] = []
        for finding in result.findings:
            lines += [*_block(finding, paint), ""]
        groups = waived_groups(result.waived)
        for group in groups:
            lines += [paint(_YELLOW, visible(group.sentence())), _note("reason", group.grounds(), paint)]
        if groups:
            lines.append("")
        # What is waived never looks green.
        verdict = _RED if not result.ok else _YELLOW if result.findings or result.waived else _GREEN
        return "\n".join([*lines, paint(verdict, summary(result)), ""])


class _Paint:
    """Wraps text in an ANSI colour where colours are wanted."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted

    def __call__(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._wanted else text


def _block(finding: Finding, paint: _Paint) -> Iterator[str]:
    where = f"{visible(finding.path)}:{finding.line}:{finding.column}"
    what = paint(_SEVERITY[finding.severity], f"{finding.severity}[{visible(finding.rule)}]")
    yield f"{where}: {what}: {paint(_BOLD, visible(finding.message))}"
    if finding.excerpt.strip():
        line, offset = excerpt(finding.excerpt, finding.column)
        number = str(finding.line)
        yield f"  {paint(_BLUE, f'{number} |')} {line}"
        caret = paint(_SEVERITY[finding.severity], "^")
        yield f"  {paint(_BLUE, ' ' * len(number) + ' |')} {' ' * offset}{caret}"
    if finding.fix:
        yield _note("fix", finding.fix, paint)
    yield _note("docs", finding.docs, paint)


def _note(label: str, text: str, paint: _Paint) -> str:
    return f"  {paint(_BLUE, '=')} {paint(_BOLD, f'{label}:')} {visible(text)}"
