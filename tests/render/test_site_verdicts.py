"""What the lists say of a model agrees with what its page, the licence engine and the gate say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from render.html_reader import read_html
from render.site_catalog import FILES, MANIFEST, build, model, put, results, scan

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FREE = {"commercial_use": True, "derivatives": True, "redistribution": True, "source": "the text"}
REVIEWED = {"reviewed": {"by": "ann", "on": "2026-11-01"}}


def seen(path: str) -> list[Mapping[str, object]]:
    """Rows of a scan record for the one file that every version here lists."""
    row = {"path": path, "verdict": "clean", "bytes_seen": FILES[0]["size"], "bytes_total": FILES[0]["size"]}
    engines = ("clamav", "content", "safetensors")
    return [{**row, "engine": name, **({"format": name} if name == "content" else {})} for name in engines]


def passed(root: Path, name: str, status: str = "PASSED", version: str = "1.0.0", **more: object) -> None:
    """A complete scan record, of three weeks before the build."""
    database = {"version": "1", "date": "2026-10-31T00:00:00Z"}
    engines = [{"name": name, "version": "1"} for name in ("content", "safetensors")]
    rows = [
        {**row, **({"format": "safetensors"} if row["engine"] == "content" else {})}
        for row in seen(str(FILES[0]["path"]))
    ]
    record = {
        "started": "2026-11-01T00:00:00Z",
        "source": {"type": "huggingface", "model_id": f"org/{name}", "revision": "b" * 40},
        "engines": [{"name": "clamav", "version": "1.4.3", "database": database}, *engines],
        "files": rows,
        **more,
    }
    scan(root, name, status, **record)
    if version != "1.0.0":
        folder = root / "catalog" / "models" / name / "scans"
        text = (folder / "1.0.0.yaml").read_text(encoding="utf-8").replace('"1.0.0"', f'"{version}"')
        (folder / f"{version}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("registry")
    put(root, "catalog.yaml", {"format": 1, "name": "T"})
    put(root, "policy.yaml", {"scans": {"signatures_required": False}})
    put(root, "licenses/Apache-2.0.yaml", {"id": "Apache-2.0", "name": "Apache", **FREE, **REVIEWED})
    strict = {**FREE, "commercial_use": False}
    put(root, "licenses/CC-BY-NC-4.0.yaml", {"id": "CC-BY-NC-4.0", "name": "NC", **strict, **REVIEWED})
    more = {
        "default_version": "1.0.0",
        "owners": ["a"],
        "version": {"changelog": "First.", "format": "safetensors"},
    }
    model(root, "free", **more)
    passed(root, "free")
    model(root, "research", **{**more, "license_type": "CC-BY-NC-4.0"})
    passed(root, "research")
    for name, base in (("merged", "research"), ("merged-gptq", "merged")):
        model(root, name, **{**more, "base_models": [{"model": base, "relation": "merge"}]})
        passed(root, name)
    model(root, "two", **more)
    path = root / "catalog" / "models" / "two" / "versions"
    text = (path / "1.0.0.yaml").read_text(encoding="utf-8").replace('"1.0.0"', '"1.1.0"')
    (path / "1.1.0.yaml").write_text(text, encoding="utf-8")
    finding = {"id": "clamav:x", "engine": "clamav", "severity": "high", "message": "x"}
    passed(root, "two", "FAILED", "1.1.0", findings=[finding])
    passed(root, "two")
    return build(root, root / "build" / "site", now=NOW).output


def facet(site: Path, key: str) -> Mapping[str, str]:
    """What the list of models says of each model in one facet."""
    table = json.loads((site / "models" / "table.json").read_text(encoding="utf-8"))["result"]
    found = next(facet for facet in table["facets"] if facet["key"] == key)
    return {name: found["values"][row][0] for name, row in zip(table["names"], found["rows"], strict=True)}


def test_a_model_is_no_freer_in_the_list_than_what_it_was_made_of(site: Path) -> None:
    said = facet(site, "commercial")
    assert said == {"free": "yes", "merged": "no", "merged-gptq": "no", "research": "no", "two": "yes"}
    page = read_html(site / "models" / "merged-gptq" / "index.html").text
    assert "commercial use: no" in page
    assert "What it was made of allows less than its own licence" in page
    assert "What it was made of" not in read_html(site / "models" / "free" / "index.html").text
    assert "no commercial use" in (site / "badges" / "merged" / "license.svg").read_text(encoding="utf-8")
    compared = json.loads((site / "compare" / "merged.json").read_text(encoding="utf-8"))["result"]["groups"]
    assert ["Commercial use", "no", "bad"] in compared[1]["cells"]


def test_the_failure_of_another_version_does_not_block_the_default_one(site: Path) -> None:
    assert facet(site, "gate")["two"] == "clear"
    assert "1 error" in read_html(site / "index.html").text, "and yet the first page tells of it"


def test_what_is_blocked_does_not_count_as_usable(site: Path) -> None:
    html = (site / "index.html").read_text(encoding="utf-8")
    tile = html.partition('href="./models/?commercial=yes&amp;gate=clear&amp;gate=waived"')[2].partition(
        "</a>"
    )[0]
    assert '<span class="bm-tile__value">2</span>' in tile


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scans that policy does not believe: old signatures, undated ones behind a waiver, an old scan."""
    root = tmp_path_factory.mktemp("aged")
    put(root, "catalog.yaml", {"format": 1, "name": "T"})
    put(root, "policy.yaml", {"scans": {"signatures_required": False}})
    put(root, "licenses/Apache-2.0.yaml", {"id": "Apache-2.0", "name": "Apache", **FREE, **REVIEWED})
    more = {"default_version": "1.0.0", "owners": ["a"], "version": {"changelog": "First."}}
    engines = [{"name": name, "version": "1"} for name in ("content", "safetensors")]
    for name, database in (
        ("fresh", {"version": "1", "date": "2026-10-31T00:00:00Z"}),
        ("old-signatures", {"version": "1", "date": "2026-10-01T00:00:00Z"}),
        ("undated", {}),
    ):
        model(root, name, **more)
        passed(root, name, engines=[{"name": "clamav", "version": "1.4.3", "database": database}, *engines])
    waiver = {"rules": ["scan-stale"], "targets": ["undated@1.0.0"], "manifest_sha256": MANIFEST}
    put(root, "waivers/w.yaml", {**waiver, "reason": "later", "approved_by": "ann", "expires": "2027-05-22"})
    return build(root, root / "build" / "site", now=NOW).output


def test_what_was_never_believed_has_no_day_until_which_it_is(aged: Path) -> None:
    old = read_html(aged / "models" / "old-signatures" / "index.html").text
    assert "the signatures of clamav were 31 days old at the scan, the policy allows 7" in old
    assert "Believed until" not in old
    assert "believed" not in (aged / "badges" / "old-signatures" / "scan.svg").read_text(encoding="utf-8")
    fresh = read_html(aged / "models" / "fresh" / "index.html").text
    assert "2027-01-30" in fresh.partition("Believed until")[2][:20]


def test_the_security_page_tells_ages_engines_and_why(aged: Path) -> None:
    page = read_html(aged / "security" / "index.html").text
    assert "2 with a scan too old to be believed" in page
    assert "1 day old at the scan" in page and "31 days old at the scan" in page
    assert "clamav 1.4.3" in page
    assert "undated@1.0.0 is stale: the signatures of clamav bear no date" in page
    assert "An exception was approved" not in page


def test_results_meet_in_a_comparison_only_where_they_were_measured_alike(tmp_path: Path) -> None:
    put(tmp_path, "catalog.yaml", {"format": 1, "name": "T"})
    kind = {"id": "nvidia-h100-80gb", "name": "H100", "memory_gb": 80, "aliases": ["h100"]}
    put(tmp_path, "hardware.yaml", {"accelerators": [kind]})
    speed = {"benchmark": "throughput", "metric": "tps", "unit": "tokens/s", "settings": {"load": 1}}
    for name, accelerator, engine in (
        ("one", "h100", "vllm"),
        ("two", "nvidia-h100-80gb", "vllm"),
        ("three", "h100", "sglang"),
    ):
        model(tmp_path, name)
        used = {"hardware": {"accelerator": accelerator, "count": 1}, "engine": {"name": engine}}
        results(tmp_path, name, 5.0, **speed, **used)
    site = build(tmp_path, tmp_path / "site").output

    def label(name: str) -> str:
        groups = json.loads((site / "compare" / f"{name}.json").read_text(encoding="utf-8"))["result"][
            "groups"
        ]
        name_, *_, settings = groups[-1]["cells"][0]
        return f"{name_} ({', '.join(settings)})"

    assert label("one") == label("two") == "Throughput, tps (load 1, 1 × nvidia-h100-80gb, vllm)"
    assert label("three") != label("one"), "another engine is another measurement"
    assert label("three").endswith("sglang)")


def test_rules_weigh_what_the_policy_of_the_registry_says(tmp_path: Path) -> None:
    put(tmp_path, "catalog.yaml", {"format": 1, "name": "T"})
    before = read_html(build(tmp_path, tmp_path / "site").output / "rules" / "index.html").text
    put(tmp_path, "policy.yaml", {"severity": {"license-missing": "warning"}})
    after = read_html(build(tmp_path, tmp_path / "site").output / "rules" / "index.html").text
    assert "by the policy here; elsewhere error" in after and "by the policy here" not in before
