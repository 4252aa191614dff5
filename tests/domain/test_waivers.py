"""What keeps a waiver from covering a finding, in words that say what to write."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from budmodel.domain.waivers import WaiverBook, covers, why_not
from budmodel.findings import Finding
from budmodel.schema.governance import Waiver

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ONE, OTHER = "60" * 32, "ab" * 32
FINDING = Finding(rule="scan-missing", message="m", path="p", targets=("x@1.0.0",))


def waiver(**fields: Any) -> Waiver:
    stated = {
        "rules": ["scan-missing"],
        "targets": ["x@1.0.0"],
        "reason": "r",
        "approved_by": "a",
        "expires": "2027-01-01",
        **fields,
    }
    return Waiver.model_validate(stated)


@pytest.mark.parametrize(
    ("fields", "finding", "manifests", "expected"),
    [
        ({}, FINDING, {"x@1.0.0": None}, None),
        ({"manifest_sha256": ONE}, FINDING, {"x@1.0.0": ONE}, None),
        ({}, FINDING, {"x@1.0.0": ONE}, f"write manifest_sha256: {ONE} (the version's files)"),
        (
            {"manifest_sha256": OTHER},
            FINDING,
            {"x@1.0.0": ONE},
            f"write manifest_sha256: {ONE} (the version's files)",
        ),
        (
            {"manifest_sha256": ONE},
            FINDING,
            {"x@1.0.0": None},
            "remove manifest_sha256, as x@1.0.0 lists no files",
        ),
        (
            {},
            replace(FINDING, targets=("x@1.0.0", "x@1.1.0")),
            {},
            "add x@1.1.0 to its targets",
        ),
        (
            {"targets": ["x@1.0.0", "x@1.1.0"], "manifest_sha256": ONE},
            replace(FINDING, targets=("x@1.0.0", "x@1.1.0")),
            {"x@1.0.0": ONE, "x@1.1.0": OTHER},
            "it can name the files of one version only, and this is about x@1.0.0, x@1.1.0",
        ),
        ({"rules": ["scan-skipped"]}, FINDING, {}, "add scan-missing to its rules"),
        ({"expires": "2026-06-01"}, FINDING, {}, "it ended on 2026-06-01; have a new date approved"),
        (
            {"rules": ["scan-failed"], "findings": ["a"]},
            replace(FINDING, rule="scan-failed", details=("a", "b", "c", "d", "e")),
            {},
            "add b, c, d and 1 more to its findings",
        ),
        (
            {"rules": ["scan-mismatch"]},
            replace(FINDING, rule="scan-mismatch"),
            {},
            "no waiver covers scan-mismatch here",
        ),
        ({}, replace(FINDING, targets=()), {}, "no waiver covers scan-missing here"),
    ],
)
def test_why_not(
    fields: dict[str, Any], finding: Finding, manifests: dict[str, str | None], expected: str | None
) -> None:
    item = waiver(**fields)
    assert why_not(item, finding, manifests, NOW) == expected
    assert covers(item, finding, manifests, NOW) is (expected is None)


def test_the_book_hands_out_those_that_name_the_finding_by_path() -> None:
    book = WaiverBook(
        {"b": waiver(), "a": waiver(), "c": waiver(rules=["scan-skipped"]), "d": waiver(targets=["x@2.0.0"])}
    )
    assert [path for path, _ in book.naming(FINDING)] == ["a", "b"]
    assert list(book.naming(replace(FINDING, targets=()))) == []


def test_thousands_of_findings_and_waivers_take_no_time() -> None:
    targets = [f"m{number}@1.0.0" for number in range(10_000)]
    many = {f"w{number}": waiver(targets=[target]) for number, target in enumerate(targets[:5_000])}
    findings = [replace(FINDING, targets=(target,)) for target in targets]
    started = time.perf_counter()
    book = WaiverBook({**many, "wide": waiver(targets=targets)})
    covered = sum(covers(item, one, {}, NOW) for one in findings for _, item in book.naming(one))
    assert covered == 15_000
    assert time.perf_counter() - started < 2
