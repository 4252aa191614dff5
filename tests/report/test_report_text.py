"""text and its excerpts."""

from __future__ import annotations

import pytest

from budmodel.findings import CheckResult
from budmodel.report.excerpt import excerpt
from budmodel.report.text import Text
from budmodel.report.words import summary, visible
from report import verdicts


def test_a_block() -> None:
    result = CheckResult(findings=(verdicts.UNKNOWN_KEY,), waived=(), models=1, versions=0)
    assert Text().render(result) == (
        "catalog/models/x/model.yaml:3:1: error[schema-invalid]: unknown key parameter_cuont\n"
        "  3 | parameter_cuont: 70000000000\n"
        "    | ^\n"
        "  = fix: did you mean parameter_count?\n"
        "  = docs: rules/schema-invalid/\n"
        "\n"
        "1 error in 1 model, 0 versions\n"
    )


@pytest.mark.parametrize(
    ("line", "column", "shown", "offset"),
    [
        ("name: x", 1, "name: x", 0),
        ("name: x", 7, "name: x", 6),
        ("name: x", 8, "name: x", 7),
        ("name: x", 99, "name: x", 7),
        ("name: x", 0, "name: x", 0),
        ("", 1, "", 0),
        ("\tx", 2, "    x", 4),
        ("ab\tx", 4, "ab  x", 4),
        ("模型: x", 5, "模型: x", 6),
        ("e\u0301x", 3, "e\u0301x", 1),
        ("\u202ex", 2, "\\u202ex", 6),
        ("\x1b[1mx", 5, "\\x1b[1mx", 7),
        ("a" * 300, 200, "…" + "a" * 100 + "…", 61),
        ("a" * 300, 300, "…" + "a" * 61, 61),
    ],
)
def test_the_caret_stands_under_the_column(line: str, column: int, shown: str, offset: int) -> None:
    assert excerpt(line, column) == (shown, offset)


def test_a_line_of_a_megabyte_is_cut() -> None:
    text, offset = excerpt("\u0301" * (1 << 20), 1 << 19)
    assert len(text) < 200 and offset < 200


def test_a_finding_without_an_excerpt_has_no_caret() -> None:
    result = CheckResult(findings=(verdicts.NO_RULE,), waived=(), models=1, versions=0)
    assert "^" not in Text().render(result)


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        ("empty", "catalog ok: 0 models, 0 versions"),
        ("clean", "catalog ok: 1 model, 1 version"),
        ("warned", "catalog ok with 1 warning in 31 models, 33 versions"),
        ("waived", "catalog ok: 31 models, 33 versions; 3 findings waived"),
        ("failed", "3 errors, 1 warning in 1 model, 2 versions"),
        ("everything", "4 errors, 1 warning in 31 models, 1,234 versions; 4 findings waived"),
    ],
)
def test_the_summary(verdict: str, sentence: str) -> None:
    assert summary(verdicts.ALL[verdict]) == sentence
    assert Text().render(verdicts.ALL[verdict]).splitlines()[-1] == sentence


def test_waivers_are_summed_up_with_their_end() -> None:
    assert (
        "3 findings waived by catalog/waivers/x.yaml until 2027-05-22: scan-missing ×2, files-missing ×1\n"
        "  = reason: The scanner is being set up (approved by security@example.org)\n"
    ) in Text().render(verdicts.WAIVED)


def test_only_a_clean_catalog_is_green() -> None:
    green = "\x1b[1;32m"
    assert green in Text().render(verdicts.CLEAN, color=True)
    for verdict in ("warned", "waived", "failed"):
        assert green not in Text().render(verdicts.ALL[verdict], color=True)


def test_visible_keeps_what_scripts_need() -> None:
    assert visible("नमस्ते می\u200cخواهم 👩\u200d🔬 é") == "नमस्ते می\u200cخواهم 👩\u200d🔬 é"
    assert visible("a\nb\tc\x00") == "a\\nb\\tc\\x00"
