"""What the pages say: scan states, licences, lineage, leaderboard."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from budmodel.render.filters import measure, unit_sign
from render.html_reader import read_html
from render.site_catalog import build, make_catalog, model, put, results, scan

BADGE = re.compile(
    r'<span class="bm-badge bm-badge--(\w+)"[^>]*>([^<]*)</span>'
    r'(?: <span class="bm-until">(waived until )<span class="bm-nowrap">([0-9-]*)</span></span>)?'
)


def badges(site: Path, name: str) -> list[tuple[str, str]]:
    html = (site / "models" / name / "index.html").read_text(encoding="utf-8")
    return [
        (tone, " ".join(filter(None, (text, until + day)))) for tone, text, until, day in BADGE.findall(html)
    ]


@pytest.mark.parametrize(
    ("name", "tone", "text"),
    [
        ("passed", "good", "passed"),
        ("failed", "bad", "scan failed"),
        ("other-bytes", "bad", "scan of other bytes"),
        ("skipped", "warn", "scan skipped"),
        ("unscanned", "warn", "not scanned"),
        ("waived", "warn", "not scanned waived until 2027-05-22"),
        ("remote", "muted", "no artifacts"),
    ],
)
def test_a_scan_state_is_green_only_where_it_was_proven(site: Path, name: str, tone: str, text: str) -> None:
    assert badges(site, name)[0] == (tone, text)


def test_nothing_fetches_what_a_scan_found_something_in(site: Path) -> None:
    text = read_html(site / "models" / "failed" / "index.html").text
    assert "Its scan found something, so nothing here fetches it." in text
    assert "budmodel deploy-check failed@1.0.0" in text
    assert "hf download" not in text
    assert "hf download" in read_html(site / "models" / "passed" / "index.html").text


def test_a_yanked_version_says_why(site: Path) -> None:
    text = read_html(site / "models" / "yanked" / "index.html").text
    assert "no version to use" in text
    assert "There is no version that could have been scanned" not in text
    assert "1.0.0 was withdrawn on 2026-01-01: wrong" in text
    assert "hf download" not in text


def test_a_model_page_shows_how_to_get_the_exact_bytes(site: Path) -> None:
    text = read_html(site / "models" / "passed" / "index.html").text
    assert f"hf download org/passed --revision {'b' * 40}" in text
    assert "1.5 GB" in text


def test_lineage_goes_both_ways_and_out_to_the_hub(site: Path) -> None:
    assert "../../models/failed/" in read_html(site / "models" / "passed" / "index.html").links
    assert "../../models/passed/" in read_html(site / "models" / "failed" / "index.html").links
    assert (
        "https://huggingface.co/org/base" in read_html(site / "models" / "other-bytes" / "index.html").links
    )


def test_the_lineage_is_drawn(site: Path) -> None:
    html = (site / "models" / "passed" / "index.html").read_text(encoding="utf-8")
    drawing = html.partition('<svg class="bm-lineage-graph"')[2].partition("</svg>")[0]
    assert '<a href="../../models/failed/"' in drawing and ">finetune</text>" in drawing
    alone = (site / "models" / "remote" / "index.html").read_text(encoding="utf-8")
    assert "bm-lineage-graph" not in alone


def test_an_unknown_licence_is_never_a_yes(site: Path) -> None:
    assert ("muted", "commercial use: not recorded") in badges(site, "waived")
    assert "no record of nobody-knows-it" in read_html(site / "models" / "waived" / "index.html").text


def test_a_licence_page_names_terms_places_and_models(site: Path) -> None:
    text = read_html(site / "licenses" / "llama-3.1-community" / "index.html").text
    assert "up to 700M monthly active users" in text
    assert "not legal advice" in text
    assert "unscanned" in text
    assert "section 2" in read_html(site / "licenses" / "Apache-2.0" / "index.html").text


def test_the_leaderboard_shares_ranks_and_says_what_it_left_out(site: Path) -> None:
    html = (site / "leaderboard" / "index.html").read_text(encoding="utf-8")
    ranks = re.findall(r'bm-rank">(\d+)</td>\s*<th scope="row" class="bm-name"><a [^>]*>([^<]+)</a>', html)
    assert ranks == [("1", "remote"), ("1", "waived"), ("3", "passed")]
    assert "the version is yanked" in html
    assert "its scan found something" in html
    assert "Nothing to compare with yet (1)" in html


def test_pages_mark_their_tab(site: Path) -> None:
    active = re.compile(r'md-tabs__item--active">\s*<a [^>]*>([^<]+)</a>')
    for path, tab in (
        ("index.html", "Overview"),
        ("models/passed/index.html", "Models"),
        ("about/index.html", "Docs"),
    ):
        assert active.findall((site / path).read_text(encoding="utf-8")) == [tab]


def test_boards_with_nothing_to_compare_stand_together_at_the_end(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    metrics = {"ms": {"unit": "ms", "direction": "lower"}}
    kinds = [
        {"id": "slow", "name": "Slow", "metrics": metrics, "default_metric": "ms"},
        json.loads((tmp_path / "catalog/benchmarks.yaml").read_text("utf-8"))["benchmarks"][0],
    ]
    put(tmp_path, "benchmarks.yaml", {"benchmarks": kinds})
    model(tmp_path, "timed")
    scan(tmp_path, "timed", "PASSED")
    results(tmp_path, "timed", 1234.5678, benchmark="slow", metric="ms", unit="ms", settings={})
    html = (build(tmp_path, tmp_path / "site").output / "leaderboard" / "index.html").read_text("utf-8")
    boards, _, alone = html.partition('id="alone"')
    assert 'id="mmlu-acc"' in boards and 'id="slow-ms"' not in boards
    assert 'id="slow-ms"' in alone
    assert '<b title="1234.5678 as recorded">1,235</b>' in alone


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.65, "fraction", "0.650"),
        (0.0004, "fraction", "0.0004"),
        (0, "fraction", "0.000"),
        (87.54, "percent", "87.5%"),
        (7.34, "score", "7.34 score"),
        (1234.5678, "ms", "1,235 ms"),
        (1e300, "ms", "1e+300 ms"),
    ],
)
def test_measured_values_have_the_digits_that_people_compare(value: float, unit: str, said: str) -> None:
    assert measure(value, unit) + unit_sign(unit) == said


def test_a_long_leaderboard_says_where_the_rest_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_catalog(tmp_path)
    whole = read_html(build(tmp_path, tmp_path / "whole").output / "leaderboard" / "index.html").text
    assert "The first" not in whole
    monkeypatch.setattr("budmodel.render.pages.leaderboard.MOST_ROWS", 1)
    site = build(tmp_path, tmp_path / "site").output
    html = (site / "leaderboard" / "index.html").read_text(encoding="utf-8")
    assert html.count('class="bm-num bm-rank"') == 1
    text = read_html(site / "leaderboard" / "index.html").text
    assert re.search(r"The first 1 of [2-9]; all are in leaderboard.json", text)
    assert (site / "api/models/leaderboard.json").is_file()


def test_licences_in_use_come_before_those_that_no_model_is_under(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    put(tmp_path, "licenses/AAA.yaml", {"id": "AAA", "name": "Nobody's", "source": "the text"})
    html = (build(tmp_path, tmp_path / "site").output / "licenses" / "index.html").read_text(encoding="utf-8")
    used, _, unused = html.partition('id="unused"')
    assert used.index("Apache License 2.0") < used.index("Llama 3.1")
    assert "Nobody&#39;s" not in used
    assert "Nobody&#39;s" in unused


def test_security_groups_versions_by_what_to_do_about_them(site: Path) -> None:
    html = (site / "security" / "index.html").read_text(encoding="utf-8")
    order = [html.index(f'<h3 id="{slug}"') for slug in ("failed", "unproven", "skipped", "not-scanned")]
    assert order == sorted(order)
    assert "<code>budmodel scan NAME@VERSION</code>" in html
    assert 'href="#failed"' in html


def test_an_empty_registry_says_how_to_begin_and_shows_no_zeros(tmp_path: Path) -> None:
    put(tmp_path, "catalog.yaml", {"format": 1, "name": "T"})
    site = build(tmp_path, tmp_path / "site", changes=()).output
    home = (site / "index.html").read_text(encoding="utf-8")
    assert "bm-tile" not in home
    assert "There is no model yet. Import a first one with" in home
    security = read_html(site / "security" / "index.html").text
    assert "There is no version with files yet." in security
    assert "Every version passed" not in security
