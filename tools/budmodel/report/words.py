"""Words that several formats share: text made safe to show, counts, and the sentence that sums up a check."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from budmodel.findings import CheckResult, Waived

# Zero-width joiner and non-joiner: Persian, Hindi and emoji need them, and they move no text around.
_HARMLESS = frozenset("\u200c\u200d")
_HIDDEN = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])


def visible(text: str) -> str:
    """Text on one line with every character that a reader could not see written as an escape.

    Control characters (terminal escapes, line ends), bidirectional overrides, lone surrogates and
    unassigned code points become ``\\x1b``, ``\\u202e`` …, so that data can neither steer a terminal nor
    hide from a reviewer, and is valid in XML and UTF-8.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(visible_character, text))


def visible_character(character: str) -> str:
    """As :func:`visible`, for one character."""
    if unicodedata.category(character) not in _HIDDEN or character in _HARMLESS:
        return character
    return character.encode("unicode_escape").decode("ascii")


def encodable(text: str) -> str:
    """Text that UTF-8 can hold: lone surrogates (bytes of a path that is not UTF-8) become U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 error``, ``2 errors``, ``1,200 models``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def summary(result: CheckResult) -> str:
    """The verdict in one line. It holds counts only, no text of the catalog."""
    size = f"{counted(result.models, 'model')}, {counted(result.versions, 'version')}"
    waived = f"; {counted(len(result.waived), 'finding')} waived" if result.waived else ""
    warnings = counted(result.warnings, "warning")
    if not result.ok:
        parts = [counted(result.errors, "error"), *([warnings] if result.warnings else [])]
        return f"{', '.join(parts)} in {size}{waived}"
    if result.warnings:
        return f"catalog ok with {warnings} in {size}{waived}"
    return f"catalog ok: {size}{waived}"


@dataclass(frozen=True, slots=True)
class WaivedGroup:
    """What one waiver covers."""

    waiver: str
    expires: str
    reason: str
    approved_by: str
    rules: tuple[tuple[str, int], ...]
    """Rules with the number of their findings, most first."""

    @property
    def total(self) -> int:
        """The number of findings."""
        return sum(number for _, number in self.rules)

    def sentence(self) -> str:
        """What is missing, by whose leave, and until when."""
        rules = ", ".join(f"{rule} ×{number}" for rule, number in self.rules)
        return f"{counted(self.total, 'finding')} waived by {self.waiver} until {self.expires}: {rules}"

    def grounds(self) -> str:
        """Why, and who said so."""
        return f"{self.reason} (approved by {self.approved_by})"


def waived_groups(waived: Iterable[Waived]) -> list[WaivedGroup]:
    """Waived findings by their waiver, in the order of the waivers' paths."""
    groups: dict[tuple[str, str, str, str], Counter[str]] = {}
    for item in waived:
        key = (item.waiver, item.expires, item.reason, item.approved_by)
        groups.setdefault(key, Counter())[item.finding.rule] += 1
    return [
        WaivedGroup(*key, tuple(sorted(rules.items(), key=lambda pair: (-pair[1], pair[0]))))
        for key, rules in sorted(groups.items())
    ]


def until(item: Waived) -> str:
    """The note that stands wherever a waived finding is shown."""
    return f"waived until {item.expires} by {item.waiver}"
