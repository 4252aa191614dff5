"""What keeps a waiver from covering a finding, in words that say what to write."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budmodel.domain.waivers import NOT_WAIVABLE, WaiverBook, covers, why_not
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


def test_each_of_thousands_of_findings_asks_the_few_waivers_that_name_it() -> None:
    targets = [f"m{number}@1.0.0" for number in range(10_000)]
    many = {f"w{number}": waiver(targets=[target]) for number, target in enumerate(targets[:5_000])}
    findings = [replace(FINDING, targets=(target,)) for target in targets]
    book = WaiverBook({**many, "wide": waiver(targets=targets)})
    asked = [item for one in findings for _, item in book.naming(one)]
    assert len(asked) == 15_000
    assert all(covers(item, one, {}, NOW) for one in findings for _, item in book.naming(one))


TARGETS = st.lists(st.sampled_from(["x@1.0.0", "x@1.1.0", "y@1.0.0", "z@2.0.0"]), min_size=1, unique=True)
WAIVERS = st.builds(
    lambda rules, targets, manifest, findings, expires: waiver(
        rules=rules,
        targets=targets,
        manifest_sha256=manifest,
        findings=findings or ["a"],
        expires=expires,
    ),
    st.lists(st.sampled_from(["scan-missing", "scan-failed", "scan-mismatch"]), min_size=1),
    TARGETS,
    st.sampled_from([None, ONE, OTHER]),
    st.lists(st.sampled_from("ab")),
    st.sampled_from(["2026-05-31", "2026-06-01", "2026-06-02", "2027-01-01"]),
)
FINDINGS = st.builds(
    lambda rule, targets, details: replace(
        FINDING, rule=rule, targets=tuple(targets), details=tuple(details)
    ),
    st.sampled_from(["scan-missing", "scan-failed", "scan-mismatch"]),
    st.lists(st.sampled_from(["x@1.0.0", "x@1.1.0", "y@1.0.0"]), unique=True),
    st.lists(st.sampled_from("abc"), unique=True),
)
MANIFESTS = st.dictionaries(
    st.sampled_from(["x@1.0.0", "x@1.1.0", "y@1.0.0"]), st.sampled_from([None, ONE, OTHER])
)


@given(WAIVERS, FINDINGS, MANIFESTS)
def test_what_is_covered_was_named_in_every_way(
    item: Waiver, finding: Finding, manifests: dict[str, str | None]
) -> None:
    """Expiry always, the digest once there are files, ids of findings for scan-failed, some rules never."""
    if not covers(item, finding, manifests, NOW):
        return
    assert finding.rule in item.rules and finding.rule not in NOT_WAIVABLE
    assert finding.targets and set(finding.targets) <= set(item.targets)
    assert item.expires > "2026-06-01"
    assert {manifests.get(target) for target in finding.targets} == {item.manifest_sha256}
    if finding.rule == "scan-failed":
        assert finding.details and set(finding.details) <= set(item.findings)


@given(WAIVERS, FINDINGS, MANIFESTS, st.sampled_from(["x@9.0.0", "w@1.0.0"]))
def test_one_more_version_or_detail_is_never_covered_as_well(
    item: Waiver, finding: Finding, manifests: dict[str, str | None], more: str
) -> None:
    assert not covers(item, replace(finding, targets=(*finding.targets, more)), manifests, NOW)
    if finding.rule == "scan-failed":
        assert not covers(item, replace(finding, details=(*finding.details, "new")), manifests, NOW)


@given(WAIVERS, FINDINGS, MANIFESTS, st.integers(0, 10_000))
def test_time_only_ends_a_waiver(
    item: Waiver, finding: Finding, manifests: dict[str, str | None], hours: int
) -> None:
    later = NOW + timedelta(hours=hours)
    if covers(item, finding, manifests, later):
        assert covers(item, finding, manifests, NOW)
