"""Every reporter through the same life cycle."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from budmodel import __version__
from budmodel.report.registry import REPORTERS, load
from report import verdicts

GOLDENS = Path(__file__).parent.parent / "goldens" / "report"
FORMATS = list(REPORTERS)
# Characters that move text, hide it or steer a terminal. JSON is data, and keeps what it can hold.
DANGEROUS = "\x1b\x07\x85\u202e\u202c\u2028\ufffe\udcff"


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("verdict", verdicts.ALL)
def test_a_report_is_text_that_ends_with_one_newline_and_is_always_the_same(name: str, verdict: str) -> None:
    result = verdicts.ALL[verdict]
    text = load(name).render(result)
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert text.encode("utf-8").decode("utf-8") == text
    assert text == load(name).render(result)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_wrong_is_in_the_report(name: str) -> None:
    text = load(name).render(verdicts.FAILED)
    for finding in verdicts.FAILED.findings:
        assert finding.rule in text
        assert finding.path in text
        assert finding.message in text


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_waived_is_shown_with_its_end(name: str) -> None:
    text = load(name).render(verdicts.WAIVED)
    assert "2027-05-22" in text and "catalog/waivers/x.yaml" in text
    assert "scan-missing" in text and "files-missing" in text
    assert "The scanner is being set up" in text and "security@example.org" in text


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
def test_hostile_text_is_shown_as_escapes(name: str) -> None:
    text = load(name).render(verdicts.HOSTILE_RESULT)
    assert not set(DANGEROUS) & set(text)
    assert "u202e" in text


@pytest.mark.parametrize("name", FORMATS)
def test_only_text_is_coloured(name: str) -> None:
    plain, coloured = (load(name).render(verdicts.FAILED, color=wanted) for wanted in (False, True))
    assert "\x1b" not in plain
    assert (plain != coloured) == (name == "text")


@pytest.mark.parametrize("name", FORMATS)
def test_five_thousand_findings_take_linear_time(name: str) -> None:
    reporter = load(name)
    reporter.render(verdicts.many(10))
    start = time.perf_counter()
    text = reporter.render(verdicts.many(5000))
    assert time.perf_counter() - start < 5
    assert len(text) < 5000 * 2000


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("verdict", ["clean", "everything"])
def test_golden(name: str, verdict: str) -> None:
    """UPDATE_GOLDENS=1 writes the files anew; the diff is then reviewed like code."""
    golden = GOLDENS / f"{verdict}.{name}"
    # A release changes the version that SARIF states, not the goldens.
    text = load(name).render(verdicts.ALL[verdict]).replace(f'"{__version__}"', '"VERSION"')
    if os.environ.get("UPDATE_GOLDENS"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_every_golden_belongs_to_a_reporter() -> None:
    assert {path.suffix.removeprefix(".") for path in GOLDENS.iterdir()} == set(FORMATS)


def test_an_unknown_format_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load("html")
