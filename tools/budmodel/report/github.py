"""github: workflow commands, which GitHub Actions shows as annotations beside the lines of a pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from budmodel.findings import CheckResult, Finding
from budmodel.report.words import summary, visible, waived_groups


class Github:
    """A line for each finding, a notice for each waiver, and a line that sums up (counts only, so inert)."""

    def render(self, result: CheckResult, *, color: bool = False) -> str:
        """The report, ending with a newline."""
        lines = [_finding(finding) for finding in result.findings]
        for group in waived_groups(result.waived):
            properties = {"file": group.waiver, "title": "waived"}
            lines.append(_command("notice", properties, [group.sentence(), group.grounds()]))
        return "\n".join([*lines, summary(result), ""])


def _finding(finding: Finding) -> str:
    properties = {
        "file": finding.path,
        "line": str(finding.line),
        "col": str(finding.column),
        "title": finding.rule,
    }
    notes = [f"fix: {finding.fix}"] if finding.fix else []
    return _command(finding.severity.value, properties, [finding.message, *notes, f"docs: {finding.docs}"])


def _command(name: str, properties: dict[str, str], lines: list[str]) -> str:
    """One workflow command. Line ends inside the data are escaped first, so that no data begins a line."""
    listed = ",".join(f"{key}={_property(visible(value))}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(chr(10).join(visible(line) for line in lines))}"


def _data(text: str) -> str:
    """The escapes that the runner undoes in a message; the percent sign goes first."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The escapes that the runner undoes in a property, where ``:`` and ``,`` would end it."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
