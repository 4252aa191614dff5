"""Fixes that can be followed to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from hostile.kit import (
    API,
    LICENSE,
    MANIFEST,
    RELEASE,
    SCAN,
    VERSION,
    WAIVER,
    Files,
    artifacts,
    check,
    model,
    record,
    write,
)

LICENCE = {"licenses/MIT.yaml": LICENSE}
NO_SCAN = {path: text for path, text in artifacts().items() if "/scans/" not in path}
SCAN_IT = "scan it: budmodel scan v@1.0.0"
BIND_IT = (
    f"catalog/waivers/my.yaml does not cover it: write manifest_sha256: {MANIFEST} (the version's files)"
)
CUSTOM = {"name": "v", "source": "{type: custom}"}


def version(number: str, stated: str | None = None) -> Files:
    return {f"models/v/versions/{number}.yaml": record(VERSION, version=stated or number)}


def waived(**fields: str | None) -> Files:
    return {"waivers/my.yaml": record(WAIVER, **{"rules": "[scan-missing]", **fields})}


@pytest.mark.parametrize(
    ("files", "rule", "fix"),
    [
        (NO_SCAN, "scan-missing", SCAN_IT),
        (artifacts(scan_fields={"status": "SCANNING"}), "scan-incomplete",
         "run it again, and it goes on from there: budmodel scan v@1.0.0"),
        (artifacts(scan_fields={"status": "SKIPPED", "reason": "x"}), "scan-skipped",
         f"{SCAN_IT}; where the reason is good enough for a while, "
         "have a waiver of scan-skipped merged first"),
        (artifacts(scan_fields={"manifest_sha256": '"' + "0" * 64 + '"'}), "scan-mismatch",
         "scan what is there now: budmodel scan v@1.0.0"),
        ({**NO_SCAN, **waived(manifest_sha256=None)}, "scan-missing",
         BIND_IT),
        ({**NO_SCAN, **waived(manifest_sha256='"' + "0" * 64 + '"')}, "scan-missing",
         BIND_IT),
        ({**NO_SCAN, **waived(expires="2026-01-01")}, "scan-missing", SCAN_IT),
        ({**artifacts(scan_fields={"status": "FAILED", "findings":
            "[{id: Eicar, engine: clamav, severity: critical, message: found}]"}),
          **waived(rules="[scan-failed]", findings="[Other]")}, "scan-failed",
         "catalog/waivers/my.yaml does not cover it: add Eicar to its findings"),
        ({**NO_SCAN, **waived(targets="[v@1.0.0, v@1.0.1]")}, "waiver-expired", "did you mean v@1.0.0?"),
        ({**NO_SCAN, **waived(targets="[v@1.0.0, v@7.7.77]")}, "waiver-expired",
         "leave it where the version comes after its waiver; else correct or remove it"),
        ({"models/v/model.yaml": model(**CUSTOM), **version("1.0.0"), **version("v2", "2.0.0")},
         "default-version-missing", "run: budmodel version default v 1.0.0"),
        ({"models/v/model.yaml": model(**CUSTOM, default_version="1.0.0")}, "default-version-missing",
         "run: budmodel version add v 1.0.0, or remove default_version"),
        ({"models/v/model.yaml": model(**CUSTOM), **version("v1.0.0", "1.0.0")}, "default-version-missing",
         None),
        ({"models/v/model.yaml": model(**CUSTOM), **version("v1.0.0", "1.0.0")}, "name-mismatch",
         "rename it to 1.0.0.yaml"),
        ({"models/v/model.yaml": model(**CUSTOM), **version("v2", "1.0.0")}, "name-mismatch",
         "rename it to 2.0.0.yaml, and write version: 2.0.0"),
        ({"models/v/model.yaml": model(**CUSTOM), **version("v2", "1.0.0")}, "version-not-semver",
         "rename catalog/models/v/versions/v2.yaml to catalog/models/v/versions/2.0.0.yaml, "
         "and write version: 2.0.0 in it"),
        ({"models/v/model.yaml": model(**CUSTOM), **version("v2", "2.0.0"), **version("2.0.0")},
         "version-not-semver", "catalog/models/v/versions/2.0.0.yaml is there already; remove this one"),
        ({"models/v/model.yaml": model(**CUSTOM), "models/v/versions/1.0.0.yml": RELEASE}, "unknown-file",
         "rename catalog/models/v/versions/1.0.0.yml to catalog/models/v/versions/1.0.0.yaml"),
        ({"models/v/model.yaml": model(**CUSTOM), **version("1.0.0", "1.0")}, "schema-invalid",
         "write version: 1.0.0"),
        ({"models/123/model.yaml": record(API, name="123")}, "schema-invalid", 'write name: "123"'),
        ({"models/v/model.yaml": model(**CUSTOM), "models/v/scans/v1.yaml": record(SCAN, version="1.0.0")},
         "version-missing", "remove the file, or put it where its version is"),
    ],
)  # fmt: skip
def test_the_fix(
    files: Files, rule: str, fix: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {**LICENCE, **files})
    found = [f["fix"] for f in check(capsys, tmp_path).json["findings"] if f["rule"] == rule]
    assert fix in found if fix is not None else not found


def test_a_target_that_is_not_there_only_warns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {**LICENCE, **artifacts(), **waived(targets="[nosuch@1.0.0]")})
    outcome = check(capsys, tmp_path)
    assert [(f["rule"], f["severity"], f["message"]) for f in outcome.json["findings"]] == [
        ("waiver-expired", "warning", "the waiver names nosuch@1.0.0, which is not in the catalog")
    ]
    assert outcome.code == 0


def test_a_waiver_of_many_strangers_costs_little(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = ", ".join(f"no{number}@1.0.0" for number in range(10_000))
    write(tmp_path, {**LICENCE, **artifacts(), **waived(targets=f"[{many}]")})
    outcome = check(capsys, tmp_path)
    assert outcome.json["summary"]["warnings"] == 201
