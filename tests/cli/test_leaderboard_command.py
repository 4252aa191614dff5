"""``budmodel leaderboard`` over the project's own catalog: filters, formats, and real sources."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from cli.small_catalog import Registry

ROOT = Path(__file__).parents[2]
NOW = ("--now", "2026-11-23")


@pytest.fixture
def own(capsys: pytest.CaptureFixture[str]) -> Registry:
    return Registry(ROOT, capsys)


def rows_of(data: Any) -> list[dict[str, Any]]:
    return [row for board in data["result"]["boards"] for group in board["groups"] for row in group["rows"]]


def test_own_catalog_shows_real_models_with_links(own: Registry) -> None:
    data = own("leaderboard", "--json", *NOW).json
    compared = [
        (board["benchmark"], row)
        for board in data["result"]["boards"]
        for group in board["groups"]
        if len(group["rows"]) > 1
        for row in group["rows"]
    ]
    assert len({row["name"] for _, row in compared}) >= 12
    assert len({benchmark for benchmark, _ in compared}) >= 3
    assert all("http" in row["result"]["source"] for _, row in compared)


@pytest.mark.parametrize(
    ("arguments", "holds"),
    [
        (["--min-params", "20B"], lambda row: row["parameter_count"] >= 20_000_000_000),
        (["--max-params", "8B"], lambda row: row["parameter_count"] <= 8_000_000_000),
        (["--architecture", "LLAMA"], lambda row: row["architecture"] == "llama"),
        (["--origin", "maker"], lambda row: row["result"]["origin"] == "maker"),
        (["--hardware", "nvidia-h100-80gb"], lambda row: "hardware" in row["result"]),
        (["--benchmark", "humaneval"], lambda row: row["result"]["benchmark"] == "humaneval"),
        (["--license", "llama-3.1-community"], lambda row: row["name"].startswith("llama-3.1")),
    ],
)
def test_filters(own: Registry, arguments: list[str], holds: Any) -> None:
    found = rows_of(own("leaderboard", "--json", *NOW, *arguments).json)
    everything = rows_of(own("leaderboard", "--json", *NOW).json)
    assert found
    assert len(found) < len(everything)
    assert all(holds(row) for row in found)


def test_commercial_leaves_out_what_forbids_it(own: Registry) -> None:
    found = {row["name"] for row in rows_of(own("leaderboard", "--commercial", "--json", *NOW).json)}
    assert "llama-3.1-8b" in found
    for name in found:
        shown = own("show", name, "--json").json["result"]["model"]
        assert (shown.get("license_restrictions") or {}).get("commercial_use") is not False


def test_expired_waivers_block(own: Registry) -> None:
    found = own("leaderboard", "--json", "--now", "2029-01-01").json
    assert {row["name"] for row in rows_of(found)} <= {"gpt-4o", "gpt-4o-mini"} | {
        row["name"] for row in rows_of(found) if row["parameter_count"] is None
    }
    reasons = {item["reason"] for board in found["result"]["boards"] for item in board["left_out"]}
    assert "it is blocked: not scanned" in reasons


def test_csv_has_a_row_for_each_rank(own: Registry) -> None:
    text = own("leaderboard", "--csv", *NOW).out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(rows_of(own("leaderboard", "--json", *NOW).json))
    assert {"benchmark", "rank", "name", "value", "origin", "source"} <= rows[0].keys()


def test_markdown_is_a_table(own: Registry) -> None:
    text = own("leaderboard", "--format", "markdown", "--benchmark", "humaneval", *NOW).out
    assert text.startswith("## HumanEval: pass_at_1 in fraction\n")
    assert "| rank | model | value | origin | source | waived |\n" in text
    assert "|\n| --- | --- | --- | --- | --- | --- |\n| 1 | " in text
    assert "not scanned, waived until 2027-05-22 |\n" in text


def test_overall_names_its_panels(own: Registry) -> None:
    data = own("leaderboard", "--overall", "--json", *NOW).json["result"]
    first = data["panels"][0]
    assert first["benchmarks"] == ["humaneval", "humaneval_plus", "mbpp", "mbpp_plus"]
    assert len(first["rows"]) >= 12
    assert "mmlu" in data["alone"]


def test_unknown_names_are_refused_with_the_nearest(own: Registry) -> None:
    assert "humaneval" in own("leaderboard", "--benchmark", "humanevla").err
    assert "nvidia-h100" in own("leaderboard", "--hardware", "nvidia-h100-80g").err


def test_csv_runs_no_formula(registry: Registry) -> None:
    from budmodel.domain.spreadsheets import inert

    assert [inert(cell) for cell in ("=1+1", "@x", "-x", "plain", -1.0)] == [
        "'=1+1",
        "'@x",
        "'-x",
        "plain",
        -1.0,
    ]
