"""A waived version says what is missing and until when, wherever it is shown; and it ends."""

from __future__ import annotations

import pytest

from cli.small_catalog import SHA, WAIVER, Registry

BEFORE, AFTER = ("--now", "2027-05-21T23:59:59Z"), ("--now", "2027-05-22")
UNTIL = "not scanned, waived until 2027-05-22"
RESULT = """\
results:
  - {benchmark: mmlu, metric: acc, value: 0.7, unit: fraction, origin: maker, source: https://example.org/mmlu}
"""
PLACES = {
    "list": ("list",),
    "list-json": ("list", "--json"),
    "show": ("show", "llama-3"),
    "show-json": ("show", "llama-3@1.0.0", "--json"),
    "versions": ("version", "list", "llama-3"),
    "scans": ("scans", "llama-3"),
    "scans-json": ("scans", "llama-3", "--json"),
    "lineage": ("lineage", "llama-3@1.0.0"),
    "lineage-json": ("lineage", "llama-3@1.0.0", "--json"),
    "diff": ("version", "diff", "llama-3", "1.0.0", "1.1.0"),
    "diff-json": ("version", "diff", "llama-3", "1.0.0", "1.1.0", "--json"),
    "diff-markdown": ("version", "diff", "llama-3", "1.0.0", "1.1.0", "--format", "markdown"),
    "find": ("find", "--source", "meta-llama"),
    "find-json": ("find", "--sha256", SHA, "--json"),
    "leaderboard": ("leaderboard",),
    "leaderboard-json": ("leaderboard", "--json"),
    "leaderboard-csv": ("leaderboard", "--csv"),
    "leaderboard-markdown": ("leaderboard", "--format", "markdown"),
}


@pytest.fixture
def waived(registry: Registry) -> Registry:
    """llama-3@1.0.0 is waived, 1.1.0 has the same bytes and is not."""
    manifest = registry("show", "llama-3@1.0.0", "--json").json["result"]["versions"][0]["manifest_sha256"]
    registry.write("waivers/unseen.yaml", WAIVER.format(manifest=manifest))
    registry.write("models/llama-3/benchmarks/1.0.0/2026-01-01-card-00000000.yaml", RESULT)
    return registry


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_it_is_told_until_it_ends(waived: Registry, place: tuple[str, ...]) -> None:
    then, later = waived(*place, *BEFORE), waived(*place, *AFTER)
    assert (then.code, later.code) == (0, 0)
    assert UNTIL in then.out
    assert "waived until" not in later.out


def test_the_other_version_with_the_same_bytes_is_not_covered(waived: Registry) -> None:
    rows = waived("scans", "llama-3", "--json", *BEFORE).json["result"]
    assert {row["version"]: row["waived_until"] for row in rows} == {"1.0.0": "2027-05-22", "1.1.0": None}
    assert [row["ok"] for row in rows] == [False, False]


def test_deploy_check_warns_until_it_ends_and_denies_from_then_on(waived: Registry) -> None:
    asked = ("deploy-check", "llama-3", "--use", "internal", "--mau", "9", "--json")
    then, later = waived(*asked, *BEFORE), waived(*asked, *AFTER)
    assert (then.json["decision"], then.code) == ("warn", 0)
    assert (later.json["decision"], later.code) == ("deny", 1)
    assert then.json["valid_until"] == "2027-05-22T00:00:00Z", "an answer does not outlive the waiver"
    said = [one["message"] for one in then.json["reasons"] if one["code"] == "scan-missing"]
    assert len(said) == 1 and "waived until 2027-05-22: nobody has seen the bytes" in said[0]


def test_the_gate_blocks_again_and_check_now_shows_what_will_expire(waived: Registry) -> None:
    path = "catalog/models/llama-3/versions/1.0.0.yaml"

    def findings(*now: str) -> set[tuple[str, str]]:
        body = waived("check", "--json", *now).json
        return {(one["rule"], one["path"]) for one in body["findings"]}

    assert ("scan-missing", path) not in findings(*BEFORE)
    assert ("scan-missing", path) in findings(*AFTER)
    assert ("waiver-expired", "catalog/waivers/unseen.yaml") in findings(*AFTER)
    assert ("scan-missing", path) in findings("--now", "2030-01-01")


@pytest.mark.parametrize("rule", ["scan-stale", "scan-unsigned", "scan-incomplete"])
def test_a_pass_that_rests_on_a_waiver_says_so(waived: Registry, rule: str) -> None:
    text = waived.read("waivers/unseen.yaml")
    manifest = text.split("manifest_sha256: ")[1].split("\n")[0]
    waived.write(
        "models/llama-3/scans/1.0.0.yaml",
        f"name: llama-3\nversion: 1.0.0\nstatus: PASSED\nmanifest_sha256: {manifest}\n"
        "finished: 2026-05-30T00:00:00Z\n",
    )
    waived.write("waivers/unseen.yaml", text.replace("scan-missing", rule))
    (row,) = waived("scans", "llama-3@1.0.0", "--json", *BEFORE).json["result"]
    assert row["ok"] is False
    assert row["text"].startswith(f"PASSED 2026-05-30, but {rule}, waived until 2027-05-22: ")
    (row,) = waived("scans", "llama-3@1.0.0", "--json", *AFTER).json["result"]
    assert row["ok"] is False, "what the waiver answered is in doubt again"
    assert row["text"] == (
        "PASSED 2026-05-30, in doubt: nobody has signed it; the scan is 357 days old, the policy allows 90"
    )
    waived.write("policy.yaml", "scans: {max_age_days: 365, signatures_required: false}\n")
    (row,) = waived("scans", "llama-3@1.0.0", "--json", *AFTER).json["result"]
    assert (row["ok"], row["text"]) == (True, "PASSED 2026-05-30")


def test_waivers_are_listed_with_the_next_to_end_first(waived: Registry) -> None:
    text = waived.read("waivers/unseen.yaml").replace("1.0.0", "1.1.0")
    waived.write("waivers/soon.yaml", text.replace("2027-05-22", "2027-01-01"))
    rows = waived("waivers", "--json", "--now", "2027-05-20").json["result"]
    assert [(row["path"], row["expired"], row["days"]) for row in rows] == [
        ("catalog/waivers/soon.yaml", True, -139),
        ("catalog/waivers/unseen.yaml", False, 2),
    ]

    def paths(*arguments: str) -> list[str]:
        found = waived("waivers", "--json", *arguments).json
        assert found["total"] == len(found["result"])
        return [row["path"].rpartition("/")[2] for row in found["result"]]

    assert paths("--expires-before", "2027-01-01") == ["soon.yaml"]
    assert paths("llama-3") == ["soon.yaml", "unseen.yaml"]
    assert paths("llama-3@1.0.0") == ["unseen.yaml"]
    assert paths("gpt-5") == []
    table = waived("waivers", "--now", "2027-05-20").out.splitlines()
    assert table[0].split() == ["EXPIRES", "LEFT", "RULES", "VERSIONS", "APPROVED", "BY", "FILE"]
    assert table[1].startswith("2027-01-01  expired  scan-missing  llama-3@1.1.0")
    assert "did you mean llama-3?" in waived("waivers", "llama-4").err
    assert waived("waivers", "gpt-5").err == "budmodel: no waiver, or none that matches\n"
