"""What a reporter is: a pure function of a verdict."""

from __future__ import annotations

from typing import Protocol

from budmodel.findings import CheckResult


class Reporter(Protocol):
    """Turns a verdict into text. It reads nothing else, never prints, and raises nothing."""

    def render(self, result: CheckResult, *, color: bool = False) -> str:
        """The report, ending with a newline. The same verdict gives the same text on every machine.

        Args:
            result: the verdict.
            color: whether terminal colours are wanted; formats for machines ignore it.
        """
        ...
