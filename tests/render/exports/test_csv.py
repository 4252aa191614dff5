"""CSV: RFC 4180 as another reader takes it, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from budmodel.domain.spreadsheets import BEGINS, MOST, inert
from budmodel.render.exports.csv_table import COLUMNS
from render.exports.export_catalog import FORMULA, MANY_LINES, exported

DOCS = Path(__file__).parents[3] / "site/docs/guides/export.md"


def rows(root: Path, *names: str, **more: bool) -> list[dict[str, str]]:
    text = exported(root, "csv", *names, **more).decode("utf-8")
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_there_is_a_row_for_each_version_and_for_a_model_without_one(root: Path) -> None:
    found = [(row["name"], row["version"]) for row in rows(root)]
    assert found == sorted(found)
    assert {("odd-words", "1.0.0"), ("odd-words", "2.0.0"), ("no-version", "")} <= set(found)


def test_one_row_for_each_model_has_its_default_version(root: Path) -> None:
    found = {row["name"]: row["version"] for row in rows(root, by_model=True)}
    assert found["odd-words"] == "2.0.0"
    assert len(found) == len(rows(root, by_model=True))


def test_a_version_that_is_named_is_the_only_row(root: Path) -> None:
    assert [row["version"] for row in rows(root, "odd-words@1.0.0")] == ["1.0.0"]


def test_words_that_begin_a_formula_are_text(root: Path) -> None:
    (row,) = rows(root, "odd-words@1.0.0")
    assert row["owners"] == f"'{FORMULA}"
    assert row["description"] == MANY_LINES.replace("\n-", "\n'-")
    for found in rows(root):
        assert not [cell for cell in found.values() if cell[:1] in (*BEGINS, "\t", "\r")]


@given(st.text() | st.text(alphabet=f'{BEGINS}a;\t\r\n "\u200b'))
def test_no_text_begins_as_a_formula_does(text: str) -> None:
    """Nor does a part of it where another language would begin a cell."""
    found = str(inert(text))
    assert found[:1] not in ("\t", "\r", "\n")
    for part in re.split(r"[;\t\r\n]", found):
        assert part.strip(' "\u200b')[:1] not in tuple(BEGINS)
    assert found.replace("'", "") == text.replace("'", "")


def test_a_text_that_is_long_is_cut_where_excel_would_break_it() -> None:
    for text in ("x" * MOST, "\U0001f4a3" * (MOST // 2)):
        assert inert(text) == text
    for text in ("x" * (MOST + 1), "\U0001f4a3" * MOST, "\n-" * MOST):
        found = str(inert(text))
        assert MOST - 1 <= len(found.encode("utf-16-le")) // 2 <= MOST
        assert found.endswith("…")


@given(st.integers() | st.floats(allow_nan=False))
def test_numbers_stay_numbers(number: float) -> None:
    assert inert(number) == number


def test_facts_are_in_their_columns(root: Path) -> None:
    (row,) = rows(root, "passed")
    expected = {
        "is_default": "yes",
        "parameter_count": "8030000000",
        "license_spdx": "Apache-2.0",
        # Its licence record has no review.
        "commercial_use": "warn",
        "source": "org/passed",
        "revision": "b" * 40,
        "size_bytes": "1500000000",
        "scan": "passed",
        "scan_signature": "unsigned",
        "benchmark_results": "1",
    }
    assert {key: row[key] for key in expected} == expected


def test_what_nobody_may_use_commercially_is_not_allowed(root: Path) -> None:
    found = {row["name"]: row["commercial_use"] for row in rows(root)}
    assert {found["waived"], found["unlicensed"]} == {"deny"}


def test_a_waived_version_says_what_is_missing_and_until_when(root: Path) -> None:
    (row,) = rows(root, "waived")
    assert (row["scan"], row["waived"]) == ("not-scanned", "scan-missing until 2027-05-22")


def test_every_column_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [column for column in COLUMNS if f"`{column}`" not in text] == []
