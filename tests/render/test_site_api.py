"""The JSON API: its shape, its promises, and that it holds no clock."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from render.site_catalog import MANIFEST, build, make_catalog


def read(site: Path, path: str) -> Any:
    raw = (site / path).read_bytes()
    assert raw.endswith(b"\n")
    body = json.loads(raw)
    assert list(body) == ["schema_version", "total", "result"]
    assert body["schema_version"] == 1
    assert body["total"] == (len(body["result"]) if isinstance(body["result"], list) else 1)
    return body["result"]


def test_the_list_of_models(site: Path) -> None:
    models = {item["name"]: item for item in read(site, "api/models.json")}
    assert models["passed"]["scan"] == {
        "state": "passed",
        "finished": "2026-11-01T00:00:00Z",
        "manifest_sha256": MANIFEST,
        "waivers": [],
    }
    assert models["waived"]["scan"]["state"] == "not-scanned"
    assert models["waived"]["scan"]["waivers"][0]["expires"] == "2027-05-22"
    assert models["remote"]["status"] == "deprecated"
    assert "parameter_count" not in models["remote"]


def test_a_model_and_its_versions(site: Path) -> None:
    item = read(site, "api/models/passed.json")
    assert (item["parameter_count"], item["default_version"]) == (8_030_000_000, "1.0.0")
    assert item["versions"][0]["files"] == 1
    versions = read(site, "api/models/passed/versions.json")
    assert versions[0]["files"][0]["sha256"] == "a" * 64
    assert versions[0]["size"] == 1_500_000_000


def test_the_licence_of_a_model(site: Path) -> None:
    known = read(site, "api/models/unscanned/license.json")
    assert known["licenses"][0]["monthly_active_users_limit"] == 700_000_000
    unknown = read(site, "api/models/waived/license.json")
    assert (unknown["licenses"], unknown["unknown"]) == ([], ["nobody-knows-it"])
    assert [item["id"] for item in read(site, "api/licenses.json")] == ["Apache-2.0", "llama-3.1-community"]


def test_the_evidence_of_a_model(site: Path) -> None:
    (passed,) = read(site, "api/models/passed/scan.json")
    assert (passed["version"], passed["state"], passed["record"]["status"]) == ("1.0.0", "passed", "PASSED")
    assert passed["signature"]["kind"] == "unsigned"
    assert passed["believed_until"].startswith("2027-01-")
    (waived,) = read(site, "api/models/waived/scan.json")
    assert "record" not in waived and waived["waivers"][0]["expires"] == "2027-05-22"
    (remote,) = read(site, "api/models/remote/scan.json")
    assert remote["state"] == "no-artifacts"


def test_the_policy_stands_with_its_defaults(site: Path) -> None:
    policy = read(site, "api/policy.json")
    assert policy["scans"]["signatures_required"] is True


def test_the_leaderboard(site: Path) -> None:
    (board,) = read(site, "api/models/leaderboard.json")
    first = board["groups"][0]
    assert first["conditions"] == {"num_fewshot": "5"}
    assert [(row["rank"], row["name"]) for row in first["rows"]] == [
        (1, "remote"),
        (1, "waived"),
        (3, "passed"),
    ]
    assert [item["reason"] for item in board["left_out"]] == [
        "its scan found something",
        "the version is yanked",
    ]
    (gpt,) = read(site, "api/models/leaderboard/architecture/gpt.json")
    assert [row["name"] for group in gpt["groups"] for row in group["rows"]] == ["remote"]


def test_the_index_names_the_commit_and_digests_every_other_file(site: Path) -> None:
    index = read(site, "api/index.json")
    assert index["commit"] == "d" * 40
    listed = {item["path"]: item for item in index["files"]}
    present = {path.relative_to(site).as_posix() for path in (site / "api").rglob("*") if path.is_file()}
    assert {path for path in listed if path.startswith("api/")} == present - {"api/index.json"}
    for path, item in listed.items():
        content = (site / path).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (item["sha256"], item["size"])


def test_only_the_index_depends_on_the_commit(site: Path, tmp_path: Path) -> None:
    make_catalog(tmp_path)
    other = build(tmp_path, tmp_path / "site", commit="e" * 40, commit_time="2027-01-01T00:00:00Z").output
    changed = [
        path.relative_to(site).as_posix()
        for path in sorted((site / "api").rglob("*.json"))
        if path.read_bytes() != (other / path.relative_to(site)).read_bytes()
    ]
    assert changed == ["api/index.json"]
