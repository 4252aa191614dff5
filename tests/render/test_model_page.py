"""What a model's page says beyond its own files, and how large it may become."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from render.html_reader import read_html
from render.site_catalog import FILES, HOSTILE, build, make_catalog, model, put, scan

MOST = 60_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with accelerators, a repository's address, and a model that says as much as records may."""
    root = tmp_path_factory.mktemp("registry")
    make_catalog(root)
    put(root, "catalog.yaml", {"format": 1, "name": "T", "repository": "https://github.com/acme/models"})
    kinds = [{"id": f"a{gb}", "name": f"A {gb}", "memory_gb": gb} for gb in (24, 80)]
    put(root, "hardware.yaml", {"accelerators": kinds})
    words = HOSTILE * 3
    many = [{**FILES[0], "path": f"{'d' * 200}/{number:04}.safetensors"} for number in range(2000)]
    model(
        root,
        "endless",
        description=(words * 500)[:100_000],
        tags=[f"{HOSTILE[:80]}{number}" for number in range(100)],
        owners=[words[:390]] * 60,
        languages=["en"] * 400,
        annotations={f"acme.com/k{number}": words for number in range(60)},
        version={"files": many, "changelog": (words * 500)[:100_000]},
    )
    model(root, "tiny", parameter_count=92_700)
    for number in range(1, 40):
        path = f"models/endless/versions/1.0.{number}.yaml"
        release = {"version": f"1.0.{number}", "released": "2025-01-01T00:00:00Z", "changelog": words}
        put(root, path, {**release, "yanked": {"reason": words[:390], "on": "2026-01-01T00:00:00Z"}})
    return build(root, root / "build" / "site").output


def text(site: Path, name: str) -> str:
    return read_html(site / "models" / name / "index.html").text


def test_no_page_of_a_model_is_too_large_whatever_its_records_say(large: Path) -> None:
    sizes = {page.parent.name: page.stat().st_size for page in large.glob("models/*/index.html")}
    assert "endless" in sizes
    assert {name: size for name, size in sizes.items() if size > MOST} == {}


def test_a_hostile_endless_model_renders_inert(large: Path) -> None:
    html = (large / "models" / "endless" / "index.html").read_text(encoding="utf-8")
    assert "<img src=x" not in html
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_accelerators_are_counted_with_the_assumptions_beside_them(large: Path) -> None:
    shown = text(large, "passed")
    # 8.03e9 × 2 bytes × 1.2 = 19 GB.
    assert "19 GB" in shown
    assert "An estimate: parameters × bits of a weight" in shown
    assert "under 0.1 GB" in text(large, "tiny")
    assert "Accelerators that hold it" not in text(large, "remote")


def test_the_licence_engine_answers_for_each_use(large: Path) -> None:
    assert "nobody has recorded the terms of nobody-knows-it" in text(large, "waived")
    assert "Who may use it for what" in text(large, "passed")


def test_results_stand_among_what_was_measured_alike(large: Path) -> None:
    shown = text(large, "passed")
    assert "3 of 3" in shown
    assert "not ranked: its scan found something" in text(large, "failed")


def test_a_known_repository_gives_links_to_edit_and_report(large: Path) -> None:
    links = read_html(large / "models" / "passed" / "index.html").links
    assert "https://github.com/acme/models/edit/main/catalog/models/passed/model.yaml" in links
    assert any(link.startswith("https://github.com/acme/models/issues/new?template=") for link in links)


def test_the_records_lie_beside_the_page_as_they_were_written(large: Path) -> None:
    written = large.parents[1] / "catalog" / "models" / "passed" / "model.yaml"
    assert (large / "models" / "passed" / "model.yaml").read_bytes() == written.read_bytes()


def test_the_licence_is_told_in_plain_words(large: Path) -> None:
    html = (large / "models" / "passed" / "index.html").read_text(encoding="utf-8")
    terms = html.partition('id="terms"')[2].partition("<h2")[0]
    for heading in ("Permissions", "Conditions", "Limitations"):
        assert f"<h3>{heading}</h3>" in terms
    assert "<dt>Commercial use</dt><dd>allowed" in terms
    assert "Not recorded, and never a yes: Passing copies on" in terms
    assert 'id="terms"' not in (large / "models" / "waived" / "index.html").read_text(encoding="utf-8")


def test_what_the_organisation_allows_less_is_told(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    narrow = {"commercial_use": False, "monthly_active_users_limit": 1_000_000}
    model(tmp_path, "narrow", license_type="llama-3.1-community", license_restrictions=narrow)
    same = {"monthly_active_users_limit": 700_000_000}
    model(tmp_path, "same", license_type="llama-3.1-community", license_restrictions=same)
    site = build(tmp_path, tmp_path / "site").output
    told = text(site, "narrow")
    assert "This registry allows less: Commercial use: not allowed; Monthly active users: up to 1M." in told
    assert "up to 700M monthly active users; up to" not in told
    assert "This registry allows less" not in text(site, "same")


def test_the_difference_of_two_versions_names_files_terms_and_scans(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    model(tmp_path, "twice", version={"files": [*FILES, {**FILES[0], "path": "gone.bin"}]})
    scan(tmp_path, "twice", "PASSED")
    later = {
        "version": "2.0.0",
        "released": "2025-01-01T00:00:00Z",
        "license_type": "llama-3.1-community",
        "engines": [{"name": "vllm", "min_version": "0.6.3"}],
        "files": [{**FILES[0], "sha256": "d" * 64}, {**FILES[0], "path": "new.json", "size": 5}],
    }
    put(tmp_path, "models/twice/versions/2.0.0.yaml", later)
    told = text(build(tmp_path, tmp_path / "site").output, "twice")
    diff = told.partition("What changed from 1.0.0 to 2.0.0")[2].partition("budmodel version diff")[0]
    assert "files: 1 added, 1 removed, 1 changed, 0 the same; 3 GB → 1.5 GB" in diff
    for words in ("added new.json", "removed gone.bin", "changed model.safetensors"):
        assert words in diff
    assert "license type: Apache-2.0 → llama-3.1-community" in diff
    assert "licence: commercial use: yes → conditional" in diff
    assert "scan: PASSED → not scanned" in diff
    assert "engines: not stated → name vllm min version 0.6.3" in diff


def test_what_is_wrong_stands_before_all_else_with_what_mends_it(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    html = build(tmp_path, tmp_path / "site", now=now).output / "models" / "unscanned" / "index.html"
    page = html.read_text(encoding="utf-8")
    assert (
        page.index('id="checks"')
        < page.index('id="uses"')
        < page.index('id="get"')
        < page.index('id="terms"')
    )
    told = page.partition('id="checks"')[2].partition("<h2")[0]
    assert "has no scan record" in told
    assert "Scan it: <code>budmodel scan unscanned@1.0.0</code>" in told
    assert "rules/scan-missing/" in told
    assert 'href="#checks"' in page


def test_a_passed_model_has_nothing_wrong_and_no_link_to_it(large: Path) -> None:
    html = (large / "models" / "passed" / "index.html").read_text(encoding="utf-8")
    assert 'id="checks"' not in html
    assert 'href="#checks"' not in html


def test_each_link_on_the_page_leads_to_a_heading_of_it(large: Path) -> None:
    for page in large.glob("models/*/index.html"):
        html = page.read_text(encoding="utf-8")
        row = html.partition('aria-label="On this page"')[2].partition("</ul>")[0]
        wanted = re.findall(r'href="#([a-z]+)"', row)
        assert "uses" in wanted
        assert [one for one in wanted if f'id="{one}"' not in html] == [], page


def test_a_reason_that_ancestors_share_is_told_once(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    licence = {"license_type": "llama-3.1-community"}
    model(tmp_path, "parent", **licence)
    model(tmp_path, "child", base_models=[{"model": "parent", "relation": "finetune"}], **licence)
    told = text(build(tmp_path, tmp_path / "site").output, "child")
    uses = told.partition("Who may use it for what")[2].partition("How to get and use it")[0]
    assert uses.count("needs another agreement above 700M monthly active users") == 1
    assert "monthly active users (also inherited from parent@1.0.0)" in uses
    assert "--mau" not in uses


def answers(site: Path, name: str) -> dict[str, list[tuple[str, str]]]:
    """What the table of uses says, by row."""
    html = (site / "models" / name / "index.html").read_text("utf-8")
    table = html.partition('bm-uses">')[2].partition("</table>")[0]
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', table, re.DOTALL)
    return {label: re.findall(r'bm-badge--([a-z]+)">([^<]*)<', cells) for label, cells in rows}


def test_what_nobody_recorded_is_neither_a_yes_nor_a_no(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    terms = {"commercial_use": True, "redistribution": False, "reviewed": {"by": "ann", "on": "2026-01-01"}}
    put(tmp_path, "licenses/quiet.yaml", {"id": "quiet", "name": "Quiet", "source": "the text", **terms})
    model(tmp_path, "silent", license_type="quiet")
    site = build(tmp_path, tmp_path / "site").output
    yes, no, unknown = ("good", "yes"), ("bad", "no"), ("muted", "not recorded")
    assert answers(site, "silent")["Commercial products"] == [yes, unknown, no]
    assert {cell for row in answers(site, "waived").values() for cell in row} == {unknown}
    assert "“Not recorded”: nobody knows" in text(site, "silent")
    assert "not recorded quiet does not say whether derivatives is allowed" in text(site, "silent")


def test_what_a_parent_leaves_unknown_is_not_recorded_of_its_child(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    model(tmp_path, "child", base_models=[{"model": "waived", "relation": "finetune"}])
    html = (build(tmp_path, tmp_path / "site").output / "models" / "child" / "index.html").read_text("utf-8")
    assert "commercial use: not recorded" in html
    assert "commercial use: no<" not in html


def test_terms_of_a_frozen_text_that_nobody_recorded_are_no_yes(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    text_ = {"sha256": "1" * 64, "seen": "2026-01-01"}
    put(
        tmp_path,
        "licenses/known.yaml",
        {"id": "known", "name": "Known", "source": "the text", "commercial_use": True, "texts": [text_]},
    )
    model(tmp_path, "frozen", license_type="known", version={"license_text_sha256": "2" * 64})
    html = (build(tmp_path, tmp_path / "site").output / "models" / "frozen" / "index.html").read_text("utf-8")
    assert "commercial use: not recorded" in html


def test_a_model_that_any_accelerator_holds_needs_no_table(large: Path) -> None:
    shown = text(large, "passed")
    assert "One of any of 2 kinds that this registry knows is enough, from the A 24 with 24 GB on." in shown
    assert "Memory needed, about" not in shown
