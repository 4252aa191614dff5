"""Broken catalogs through the command line: each finding at its place, and never one file hiding another."""

from __future__ import annotations

from pathlib import Path

import pytest

from budmodel.rules.registry import RULES, load
from hostile import cases_files, cases_records, cases_rules, cases_yaml
from hostile.kit import LICENSE, Case, check, write

CASES = (
    *cases_yaml.REFUSED,
    *cases_yaml.ACCEPTED,
    *cases_records.CASES,
    *cases_files.CASES,
    *cases_rules.CASES,
)
OTHER = {"licenses/MIT.yaml": LICENSE, "waivers/bad.yaml": "- 1\n"}
OTHERS_FINDING = "schema-invalid waivers/bad.yaml:1:1 -"


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_every_finding_at_its_place(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {**OTHER, **case.files})
    outcome = check(capsys, tmp_path)
    assert outcome.findings == sorted([*case.expected, OTHERS_FINDING])
    assert (outcome.code, outcome.err) == (1, "")
    for finding in outcome.json["findings"]:
        assert len(finding["message"]) + len(finding["fix"]) < 2000
        assert (finding["message"] + finding["fix"]).isprintable()


def test_the_corpus_is_large_and_covers_every_rule() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 70
    seen = {line.partition(" ")[0] for case in CASES for line in case.expected}
    alone = {slug for slug in RULES if not load(slug).needs_base} - {"ack-unattributed"}
    assert seen == alone, "those that compare are in tests/gate, that which needs commits in tests/cli"
