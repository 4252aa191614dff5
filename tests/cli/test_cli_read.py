"""The commands that only read: list, show, find, license, leaderboard, version list and diff."""

from __future__ import annotations

import pytest

from budmodel.domain.manifest import manifest_sha256
from budmodel.schema.version import File
from cli.small_catalog import SHA, VERSION, WAIVER, Registry

MANIFEST = manifest_sha256([File(path="model.safetensors", size=1000, sha256=SHA)])


def names(registry: Registry, *filters: str) -> list[str]:
    outcome = registry("list", "--json", *filters)
    assert outcome.code == 0
    body = outcome.json
    assert body["schema_version"] == 1
    assert body["total"] == len(body["result"])
    return [row["name"] for row in body["result"]]


def test_list_is_a_table_that_a_pipe_gets_whole(registry: Registry) -> None:
    outcome = registry("list")
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "NAME              ARCHITECTURE  PARAMS  LICENSE                    DEFAULT  STATUS",
        "gpt-5             gpt                -  openai-tos                 -        active",
        "llama-3           llama          8.03B  llama-3-community          1.0.0    active",
        "llama-3-instruct  Llama          70.6B  MIT AND LLAMA-3-community  -        deprecated",
    ]
    assert outcome.err == ""


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([], ["gpt-5", "llama-3", "llama-3-instruct"]),
        (["--architecture", "LLAMA"], ["llama-3", "llama-3-instruct"]),
        (["--max-params", "8.1B"], ["llama-3"]),
        (["--min-params", "8_030_261_249"], ["llama-3-instruct"]),
        (["--license", "LLAMA3"], ["llama-3", "llama-3-instruct"]),
        (["--license", "mit"], ["llama-3-instruct"]),
        (["--license", "OpenAI-TOS"], ["gpt-5"]),
        (["--tag", "LLM"], ["llama-3"]),
        (["--tag", "llm", "--tag", "chat"], []),
        (["--status", "deprecated"], ["llama-3-instruct"]),
        (["--architecture", "llama", "--max-params", "8B"], []),
    ],
)
def test_list_filters_combine(registry: Registry, filters: list[str], expected: list[str]) -> None:
    assert names(registry, *filters) == expected


def test_list_json_holds_the_record(registry: Registry) -> None:
    row = registry("list", "--format", "json", "--tag", "llm").json["result"][0]
    assert row["parameter_count"] == 8030261248
    assert row["source"] == {"type": "huggingface", "model_id": "meta-llama/Meta-Llama-3-8B"}
    assert row["status"] == "active"


def test_list_says_when_nothing_matches(registry: Registry) -> None:
    outcome = registry("list", "--tag", "none")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "budmodel: no model matches; 3 models in the catalog\n"


def test_list_counts_what_is_invalid(registry: Registry) -> None:
    registry.write("models/broken/model.yaml", "name: [\n")
    outcome = registry("list")
    assert "broken" not in outcome.out
    assert outcome.err == (
        "budmodel: 1 model left out because model.yaml is missing or invalid; run budmodel check\n"
    )


def test_at_reads_the_past(registry: Registry) -> None:
    registry.commit_all("first", when="2026-01-01T00:00:00Z")
    registry.write(
        "models/llama-3/model.yaml", registry.read("models/llama-3/model.yaml").replace("8030", "9030")
    )
    registry.commit_all("second", when="2026-02-01T00:00:00Z")
    assert "9.03B" in registry("list").out
    assert "8.03B" in registry("list", "--at", "2026-01-15").out
    assert "8.03B" in registry("show", "llama-3", "--at", "HEAD~1").out


def test_at_needs_git(registry: Registry) -> None:
    outcome = registry("list", "--at", "2026-01-01")
    assert outcome.code == 2
    assert outcome.err.startswith("budmodel: --at needs Git, but ")


def test_show_tells_everything(registry: Registry) -> None:
    commit = registry.commit_all("Add models")
    outcome = registry("show", "llama-3")
    assert outcome.code == 0
    for line in (
        "llama-3  active",
        "parameters     8.03B (8,030,261,248)",
        "licence terms  llama-3-community: commercial use conditional, derivatives yes, "
        "up to 700,000,000 monthly active users",
        "made into      llama-3-instruct",
        "1.0.0    2024-07-23  1 file, 1 kB  not scanned  default, production",
        "files: catalog/models/llama-3",
        f"last change: 2026-01-01 {commit[:9]} Ada: Add models",
    ):
        assert line in outcome.out.splitlines(), outcome.out


def test_show_names_the_waiver_and_its_end(registry: Registry) -> None:
    registry.write("waivers/unseen.yaml", WAIVER.format(manifest=MANIFEST))
    scan = registry("show", "llama-3@1.0.0", "--json", "--now", "2027-01-01").json["result"]["versions"][0][
        "scan"
    ]
    assert scan["text"] == "not scanned, waived until 2027-05-22: nobody has seen the bytes"
    assert scan["ok"] is False
    later = registry("show", "llama-3@1.0.0", "--json", "--now", "2027-06-01").json["result"]
    assert later["versions"][0]["scan"]["text"] == "not scanned"
    assert later["waivers"][0]["expired"] is True


def test_show_does_not_trust_a_scan_of_other_bytes(registry: Registry) -> None:
    text = f"""\
name: llama-3
version: 1.0.0
status: PASSED
manifest_sha256: "{"0" * 64}"
finished: 2026-11-01T00:00:00Z
"""
    registry.write("models/llama-3/scans/1.0.0.yaml", text)
    assert "PASSED, but of other bytes" in registry("show", "llama-3").out
    registry.write("models/llama-3/scans/1.0.0.yaml", text.replace("0" * 64, MANIFEST))
    assert "PASSED 2026-11-01" in registry("show", "llama-3").out


def test_show_json_shape(registry: Registry) -> None:
    body = registry("show", "llama-3@production", "--json").json
    assert (body["schema_version"], body["total"]) == (1, 1)
    assert sorted(body["result"]) == [
        "benchmark_results",
        "children",
        "default_version",
        "folder",
        "last_change",
        "license",
        "model",
        "name",
        "parents",
        "versions",
        "waivers",
    ]
    assert [version["version"] for version in body["result"]["versions"]] == ["1.0.0"]


@pytest.mark.parametrize(
    "name", ["meta-llama/Meta-Llama-3-8B", "hf:meta-llama/meta-llama-3-8b", "llama-3@production"]
)
def test_names_by_hub_id_and_alias(registry: Registry, name: str) -> None:
    assert registry("show", name).out.startswith("llama-3  active")


def test_hub_id_of_a_version_alone(registry: Registry) -> None:
    registry.write(
        "models/llama-3-instruct/versions/1.0.0.yaml",
        VERSION.format(version="1.0.0").replace("Meta-Llama-3-8B", "Other"),
    )
    assert registry("show", "meta-llama/Other").out.startswith("llama-3-instruct")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("lama-3", "no model 'lama-3' in the catalog; did you mean llama-3?"),
        ("Llama_3", "no model 'Llama_3' in the catalog; did you mean llama-3?"),
        ("zzz", "no model 'zzz' in the catalog; see budmodel list"),
        ("../../x", "no model in the catalog comes from '../../x'; see budmodel list"),
        ("a\x1b[31m", "no model 'a\\x1b[31m' in the catalog; see budmodel list"),
        ("meta-llama/Meta-Llama-3-8", "no model in the catalog comes from 'meta-llama/Meta-Llama-3-8'; "
                                      "did you mean llama-3?"),
        ("llama-3@9.9.9", "llama-3 has no version '9.9.9'; it has production, 1.1.0, 1.0.0"),
        ("gpt-5@1.0.0", "gpt-5 has no version '1.0.0': it has none yet; see budmodel version add --help"),
    ],
)  # fmt: skip
def test_unknown_names(registry: Registry, name: str, sentence: str) -> None:
    outcome = registry("show", name)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"budmodel: {sentence}\n")


def test_show_of_an_invalid_model_points_at_the_place(registry: Registry) -> None:
    registry.write("models/gpt-5/model.yaml", "name: gpt-5\narchitecture: gpt\nparametercount: 5\n")
    outcome = registry("show", "gpt-5")
    assert outcome.code == 2
    assert outcome.err == (
        "budmodel: catalog/models/gpt-5/model.yaml:3:1: unknown key parametercount; mend it, "
        "then run budmodel check catalog/models/gpt-5\n"
    )


def test_find_by_digest(registry: Registry) -> None:
    body = registry("find", "--sha256", "SHA256:" + SHA.upper(), "--json").json
    assert body["total"] == 2
    assert body["result"][0] == {
        "name": "llama-3",
        "version": "1.0.0",
        "path": "catalog/models/llama-3/versions/1.0.0.yaml",
        "field": "files.0.sha256",
        "value": SHA,
        "file": "model.safetensors",
        "yanked": False,
        "waived": None,
    }


def test_find_is_not_fooled_by_escapes(registry: Registry) -> None:
    hidden = VERSION.format(version="1.1.0").replace(SHA, "\\x61" + SHA[1:])
    registry.write("models/llama-3/versions/1.1.0.yaml", hidden)
    assert registry("find", "--sha256", SHA, "--json").json["total"] == 2


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("meta-llama/meta-llama-3-8b", ["source.model_id"] * 3),
        ("meta-llama/", ["source.model_id"] * 3),
        ("hf:meta-llama/Meta-Llama-3-8B", ["source.model_id"] * 3),
        ("meta-llama/Meta-Llama-3", []),
        ("s3://bud-models/llama-3/1.0", ["storage_path"]),
        ("s3://other/", []),
    ],
)
def test_find_by_source(registry: Registry, source: str, fields: list[str]) -> None:
    assert [
        place["field"] for place in registry("find", "--source", source, "--json").json["result"]
    ] == fields


def test_find_errors(registry: Registry) -> None:
    assert registry("find").err == ("budmodel: say what to find: either --sha256 DIGEST or --source SOURCE\n")
    assert registry("find", "--sha256", "abc").err == (
        "budmodel: 'abc' is not a SHA-256; write its 64 hex digits\n"
    )
    nothing = registry("find", "--sha256", "0" * 64)
    assert (nothing.code, nothing.err) == (0, "budmodel: nothing in the catalog has these bytes\n")


def test_license_list_and_show(registry: Registry) -> None:
    body = registry("license", "list", "--json").json
    assert [(item["id"], item["models"]) for item in body["result"]] == [("llama-3-community", 2), ("MIT", 1)]
    shown = registry("license", "show", "LLAMA3").out
    assert shown.startswith("llama-3-community  Llama 3 Community License\n")
    result = registry("license", "show", "gpt-5", "--json").json["result"]
    assert result == {
        "subject": "gpt-5",
        "expression": "openai-tos",
        "licenses": [],
        "unknown": ["openai-tos"],
    }
    outcome = registry("license", "show", "llama-3-comunity")
    assert outcome.err == (
        "budmodel: no licence and no model 'llama-3-comunity' in the catalog; "
        "did you mean llama-3-community?\n"
    )


def test_version_list_and_diff(registry: Registry) -> None:
    body = registry("version", "list", "llama-3", "--json").json
    assert [item["version"] for item in body["result"]] == ["1.0.0", "1.1.0"]
    registry.write(
        "models/llama-3/versions/1.1.0.yaml",
        VERSION.format(version="1.1.0").replace("model.safetensors", "other.safetensors")
        + "license_type: MIT\nfingerprint: {vocab_size: 5}\n",
    )
    diff = registry("version", "diff", "llama-3", "1.0.0", "1.1.0", "--json").json["result"]
    assert {item["field"]: (item["before"], item["after"]) for item in diff["fields"]} == {
        "storage_path": ("s3://bud-models/llama-3/1.0.0/", "s3://bud-models/llama-3/1.1.0/"),
        "license_type": ("llama-3-community", "MIT"),
        "fingerprint.vocab_size": (None, 5),
    }
    assert diff["files"] == {
        "added": ["other.safetensors"],
        "removed": ["model.safetensors"],
        "changed": [],
        "same": 0,
        "known": True,
    }
    assert (diff["bytes_before"], diff["bytes_after"]) == (1000, 1000)
    assert {item["field"]: (item["before"], item["after"]) for item in diff["terms"]} == {
        "commercial_use": ("conditional", True),
        "derivatives": (True, None),
        "monthly_active_users_limit": (700_000_000, None),
    }
    assert "+ other.safetensors" in registry("version", "diff", "llama-3", "production", "1.1.0").out


def test_files_that_are_not_listed_yet_are_not_compared(registry: Registry) -> None:
    registry.write("models/llama-3/versions/0.9.0.yaml", "version: 0.9.0\nreleased: 2024-01-01T00:00:00Z\n")
    asked = ("version", "diff", "llama-3", "0.9.0", "1.0.0")
    assert "files: not compared" in registry(*asked).out
    page = registry(*asked, "--format", "markdown").out
    assert "not compared" in page and "model.safetensors" not in page
    files = registry(*asked, "--json").json["result"]["files"]
    assert files == {"added": [], "removed": [], "changed": [], "same": 0, "known": False}


def test_version_diff_tells_scans_and_comparable_benchmarks(registry: Registry) -> None:
    scan = """\
name: llama-3
version: {version}
status: SKIPPED
reason: {reason}
engines: [{{name: clamav, version: "1.4", database: {{date: 2026-05-29T00:00:00Z}}}}]
"""
    registry.write("models/llama-3/scans/1.0.0.yaml", scan.format(version="1.0.0", reason="too large"))
    registry.write("models/llama-3/scans/1.1.0.yaml", scan.format(version="1.1.0", reason="<b>|a|</b>"))
    row = "  - {{benchmark: mmlu, metric: accuracy, value: {}, unit: fraction, origin: maker, source: x{}}}\n"
    five = ", settings: {num_fewshot: 5}"
    registry.write(
        "models/llama-3/benchmarks/1.0.0/2026-01-01-x-00000000.yaml",
        "results:\n" + row.format(0.5, five) + row.format(0.1, ""),
    )
    registry.write(
        "models/llama-3/benchmarks/1.1.0/2026-01-01-x-00000000.yaml", "results:\n" + row.format(0.6, five)
    )
    asked = ("version", "diff", "llama-3", "1.0.0", "1.1.0")
    body = registry(*asked, "--format", "json").json
    assert body["result"]["scans"] == [{"field": "reason", "before": "too large", "after": "<b>|a|</b>"}]
    assert [(row["conditions"], row["before"], row["after"]) for row in body["result"]["benchmarks"]] == [
        ([], [0.1], []),
        ([["num_fewshot", "5"]], [0.5], [0.6]),
    ]
    assert body["total"] == len(body["result"]["fields"]) + 1 + 2
    text = registry(*asked).out
    assert "mmlu accuracy (num_fewshot 5): 0.5 -> 0.6\n" in text
    assert "scan reason: too large -> <b>|a|</b>\n" in text
    markdown = registry(*asked, "--format", "markdown").out
    assert markdown.startswith("# llama-3: 1.0.0 to 1.1.0\n\n## Facts\n")
    assert r"| `reason` | `too large` | `<b>\|a\|</b>` |" in markdown
    assert "| `mmlu` | `accuracy` | `num_fewshot 5` | `0.5` | `0.6` |" in markdown
    assert "## Licence terms\n\nThe same.\n" in markdown


def test_leaderboard(registry: Registry) -> None:
    registry.write(
        "models/llama-3/benchmarks/1.0.0/2026-01-01-x-00000000.yaml",
        "results:\n  - {benchmark: mmlu, metric: accuracy, value: 0.5, unit: fraction, origin: maker,"
        " source: 'https://example.org/', settings: {num_fewshot: 5}}\n",
    )
    body = registry("leaderboard", "--json").json
    assert body["schema_version"] == 1
    assert sorted(body["result"]) == ["boards", "undefined"]
    assert (
        body["total"]
        + len(body["result"]["undefined"])
        + sum(len(board["left_out"]) for board in body["result"]["boards"])
        == 1
    )
    assert registry("leaderboard", "--architecture", "gpt").err == "budmodel: no result is ranked\n"
    assert registry("leaderboard", "--benchmark", "mmul").err == (
        "budmodel: no benchmark 'mmul' is defined; did you mean mmlu?\n"
    )


@pytest.mark.parametrize("source", ["meta-llama", "META-llama", "hf:meta-llama", "meta-llama/"])
def test_find_by_organisation(registry: Registry, source: str) -> None:
    found = registry("find", "--source", source, "--json").json["result"]
    assert {place["name"] for place in found} == {"llama-3"}
    assert registry("find", "--source", source[:-2], "--json").json["total"] == 0


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [("nope", "see budmodel license list"), ("Llama-3-comunity", "did you mean llama-3-community?")],
)
def test_list_refuses_a_licence_that_nobody_knows(registry: Registry, wanted: str, hint: str) -> None:
    outcome = registry("list", "--license", wanted)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"budmodel: no licence {wanted!r} in the catalog; {hint}\n"


def test_list_takes_a_licence_without_a_record_where_a_model_names_it(registry: Registry) -> None:
    assert [row["name"] for row in registry("list", "--license", "OPENAI-tos", "--json").json["result"]] == [
        "gpt-5"
    ]
    assert registry("list", "--architecture", "nope", "--json").json["result"] == []


def test_versions_show_the_digest_that_waivers_name(registry: Registry) -> None:
    for arguments in (["show", "llama-3"], ["version", "list", "llama-3"]):
        assert f"\n1.0.0 manifest_sha256: {MANIFEST}\n" in registry(*arguments).out
    assert registry("show", "llama-3", "--json").json["result"]["versions"][0]["manifest_sha256"] == MANIFEST
    assert registry("version", "list", "llama-3", "--json").json["result"][0]["manifest_sha256"] == MANIFEST
