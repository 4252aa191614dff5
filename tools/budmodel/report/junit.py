"""junit: JUnit XML, which most CI systems show as a list of tests.

What closes the gate is a failure. Warnings and waived findings are *skipped*: CI shows them, they do not
fail the build, and they never look green. Where the gate opens, one test passes, so that a clean check is
a test that ran and not an empty report.
"""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from budmodel.findings import CheckResult, Finding, Severity, Waived
from budmodel.report.words import summary, until, visible

SUITE = "budmodel check"


class Junit:
    """One suite with a test case for each finding: ``classname`` is the rule, ``name`` is ``path:line``."""

    def render(self, result: CheckResult, *, color: bool = False) -> str:
        """The report, ending with a newline."""
        skipped = result.warnings + len(result.waived)
        counts = {
            "tests": str(result.errors + skipped + result.ok),
            "failures": str(result.errors),
            "errors": "0",
            "skipped": str(skipped),
        }
        root = Element("testsuites", {"name": SUITE, **counts})
        suite = SubElement(root, "testsuite", {"name": SUITE, **counts})
        names = _Names()
        if result.ok:
            SubElement(suite, "testcase", {"classname": "budmodel", "name": "catalog"})
        for finding in result.findings:
            _finding(names.case(suite, finding), finding)
        for item in result.waived:
            _waived(names.case(suite, item.finding), item)
        SubElement(suite, "system-out").text = summary(result)
        indent(root)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


class _Names:
    """Names of test cases. A rule's second finding on a line gets a number, since CI merges equal names."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()

    def case(self, suite: Element, finding: Finding) -> Element:
        rule, name = visible(finding.rule), f"{visible(finding.path)}:{finding.line}"
        self._seen[rule, name] += 1
        times = self._seen[rule, name]
        full = f"{name} ({times})" if times > 1 else name
        return SubElement(suite, "testcase", {"classname": rule, "name": full})


def _finding(case: Element, finding: Finding) -> None:
    message = visible(finding.message)
    if finding.severity is Severity.ERROR:
        SubElement(case, "failure", {"type": visible(finding.rule), "message": message}).text = _body(finding)
    else:
        SubElement(case, "skipped", {"message": f"warning: {message}"})
        SubElement(case, "system-out").text = _body(finding)


def _waived(case: Element, item: Waived) -> None:
    grounds = f"{visible(item.reason)} (approved by {visible(item.approved_by)})"
    SubElement(case, "skipped", {"message": f"{visible(until(item))}: {visible(item.finding.message)}"})
    SubElement(case, "system-out").text = f"{_body(item.finding)}\nreason: {grounds}"


def _body(finding: Finding) -> str:
    where = f"{visible(finding.path)}:{finding.line}:{finding.column}"
    lines = [f"{where}: {finding.severity}[{visible(finding.rule)}]: {visible(finding.message)}"]
    if finding.fix:
        lines.append(f"fix: {visible(finding.fix)}")
    return "\n".join([*lines, f"docs: {visible(finding.docs)}"])
