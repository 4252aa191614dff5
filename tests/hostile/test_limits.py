"""Much of everything: reports stay short, and time stays linear."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from budmodel.rules.engine import capped
from budmodel.rules.registry import load
from budmodel.schema.kinds import KINDS, Place
from budmodel.store.entries import Entry, parse_entry
from hostile.kit import LICENSE, RELEASE, RESULT, artifacts, check, model, write

MORE = "{} more problems are not listed"
TOKEN = "hf" + "_" + "a1" * 17


def version(raw: bytes) -> Entry[Any]:
    return parse_entry(
        "catalog/models/s/versions/1.0.0.yaml",
        Place(KINDS["version"], {"name": "s", "version": "1.0.0"}),
        raw,
    )


def test_300_000_unknown_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = "".join(f"key{number}: 1\n" for number in range(300_000))
    files = artifacts()
    files["models/v/versions/1.0.0.yaml"] = str(files["models/v/versions/1.0.0.yaml"]) + keys
    write(tmp_path, {"licenses/MIT.yaml": LICENSE, **files})
    start = time.process_time()
    found = check(capsys, tmp_path).json["findings"]
    assert time.process_time() - start < 20
    assert len(found) == 201
    assert {item["rule"] for item in found} == {"schema-invalid"}
    assert [item["line"] for item in found] == list(range(6, 207))
    assert found[0]["message"] == "unknown key key0"
    assert found[-1]["message"] == MORE.format(299_800)


def test_200_problems_are_listed_without_a_last_one() -> None:
    raw = b"version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\n" + b"".join(b"k%d: 1\n" % n for n in range(200))
    assert len(version(raw).problems) == 200
    assert version(raw + b"more: 1\n").problems[-1].message == MORE.format(1)


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        (
            {
                "models/s/model.yaml": model(default_version="1.0.0")
                + "aliases:\n"
                + "".join(f"  a{n}: 2.0.0\n" for n in range(20_000)),
                "models/s/versions/1.0.0.yaml": RELEASE,
            },
            "default-version-missing",
        ),
        (
            {
                **artifacts(),
                "models/v/benchmarks/1.0.0/a.yaml": RESULT.replace("0.7", "70")
                + RESULT.partition("\n")[2].replace("0.7", "70") * 5000,
            },
            "benchmark-out-of-range",
        ),
        ({"licenses/X.yaml": LICENSE.replace("MIT", "X") + f"# {TOKEN}\n" * 20_000}, "secret-in-catalog"),
    ],
    ids=["aliases", "results", "secrets"],
)
def test_a_rule_lists_200_of_a_file(
    files: dict[str, Any], rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"licenses/MIT.yaml": LICENSE, **files})
    start = time.process_time()
    outcome = check(capsys, tmp_path)
    assert time.process_time() - start < 15
    found = outcome.json["findings"]
    assert (outcome.code, {item["rule"] for item in found}, len(found)) == (1, {rule}, 201)
    assert found[-1]["message"].endswith("more findings of this rule are not listed")


def test_the_cap_is_for_each_rule_and_file() -> None:
    rules = [load("owner-missing"), load("license-missing")]
    found = [rule.finding(path, str(n)) for n in range(202) for rule in rules for path in ("a", "b")]
    assert len(capped(found)) == 4 * 201
    assert capped(found[: 201 * 4]) == found[: 201 * 4]
    assert [item.message for item in capped(found)[-4:]] == [
        "2 more findings of this rule are not listed"
    ] * 4


def test_excerpts_of_20_000_lines() -> None:
    entry = version(b"".join(b"# %d\r\n" % n for n in range(500_000)))
    start = time.process_time()
    lines = [entry.line(number) for number in range(480_000, 500_001)]
    assert time.process_time() - start < 2
    assert (lines[0], lines[-1]) == ("# 479999", "# 499999")
    assert [entry.line(number) for number in (-1, 0, 1, 500_001, 500_002)] == ["", "", "# 0", "", ""]


def test_a_flow_mapping_of_many_colons_in_the_slow_parser() -> None:
    raw = model("links: {a: s3://b, " + ", ".join(f"k{n}: s3://b" for n in range(9000)) + "}").encode()
    start = time.process_time()
    entry = parse_entry("catalog/models/s/model.yaml", Place(KINDS["model"], {"name": "s"}), raw)
    assert time.process_time() - start < 20
    assert len(entry.problems) == 201
