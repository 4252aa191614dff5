"""The built site as a whole: links, policy, determinism, hostile data, the output folder."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from budmodel.errors import UsageError
from render.html_reader import read_html
from render.site_catalog import build, make_catalog, model, put

OUTSIDE = ("http:", "https:", "mailto:")


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def target(page: Path, link: str, site: Path) -> tuple[Path, str]:
    """The file and fragment that a link leads to. Only 404.html may be absolute: it is shown at any depth."""
    parts = urlsplit(link)
    path = unquote(parts.path)
    if path.startswith("/"):
        assert page.name == "404.html", link
        found = site / path.lstrip("/")
    else:
        found = (page.parent / path) if path else page
    return (found / "index.html" if found.is_dir() else found), parts.fragment


def test_every_link_leads_somewhere(site: Path) -> None:
    ids = {page.resolve(): set(read_html(page).ids) for page in pages(site)}
    dead: list[str] = []
    for page in pages(site):
        for link in read_html(page).links:
            if link.startswith(OUTSIDE):
                continue
            found, fragment = target(page, link, site)
            if not found.is_file() or (fragment and fragment not in ids.get(found.resolve(), {fragment})):
                dead.append(f"{page.relative_to(site)}: {link}")
    assert dead == []


def test_no_resource_is_foreign(site: Path) -> None:
    for page in pages(site):
        for tag, values in read_html(page).tags:
            address = values.get("src") or (values.get("href") if tag == "link" else None) or ""
            assert not address.startswith(("http", "//")), f"{page}: <{tag}> {address}"


def test_every_inline_script_is_in_the_policy_and_nothing_else_is_inline(site: Path) -> None:
    for page in pages(site):
        read = read_html(page)
        policy = [values["content"] for tag, values in read.tags if tag == "meta" and "http-equiv" in values]
        assert len(policy) == 1, page
        assert "unsafe" not in str(policy[0])
        for script in read.scripts:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in str(policy[0]), page
        for tag, values in read.tags:
            assert not any(key.startswith("on") or key == "style" for key in values), f"{page}: <{tag}>"


def test_no_marker_is_left_but_the_one_that_a_record_holds(site: Path) -> None:
    for page in pages(site):
        text = page.read_text(encoding="utf-8")
        expected = "hostile" in page.parts or page.parent.name in ("models", "changes") or page.parent == site
        assert expected or "@@budmodel" not in text, page


def test_hostile_records_are_inert(site: Path) -> None:
    page = site / "models" / "hostile" / "index.html"
    html, read = page.read_text(encoding="utf-8"), read_html(page)
    assert "<script>alert(1)</script>" in read.text
    assert "{{ 7*7 }}" in read.text
    assert "@@budmodel:body@@" in read.text
    assert "<script>alert" not in html
    assert all("alert" not in script for script in read.scripts)
    assert not any(link.startswith("javascript:") for link in read.links)
    assert not any(tag == "img" and values.get("src") == "x" for tag, values in read.tags)


def test_the_registrys_name_is_escaped_everywhere(site: Path) -> None:
    for page in pages(site):
        html = page.read_text(encoding="utf-8")
        assert "<registry>" not in html, page
        assert "Test &amp; &lt;registry&gt;" in html, page


def test_two_builds_are_equal_byte_for_byte(site: Path, tmp_path: Path) -> None:
    root = tmp_path / "elsewhere" / "deep"
    make_catalog(root)
    again = build(root, tmp_path / "out").output
    first = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    second = {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []


def test_broken_records_are_named_and_hide_nothing(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    report = build(tmp_path, tmp_path / "build" / "site")
    assert report.left_out == ("catalog/models/broken/model.yaml",)
    assert report.models == 9
    assert not (report.output / "models" / "broken").exists()
    assert "catalog/models/broken/model.yaml" in (report.output / "index.html").read_text(encoding="utf-8")


def test_an_empty_catalog_says_what_to_do(tmp_path: Path) -> None:
    put(tmp_path, "catalog.yaml", {"format": 1})
    output = build(tmp_path, tmp_path / "site").output
    assert "budmodel import huggingface" in read_html(output / "models" / "index.html").text
    assert json.loads((output / "api" / "models.json").read_text())["total"] == 0


def test_a_foreign_folder_is_never_replaced(tmp_path: Path) -> None:
    model(tmp_path, "x")
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="no site of budmodel"):
        build(tmp_path, precious)
    assert (precious / "thesis.txt").read_text() == "years of work"
    link = tmp_path / "link"
    link.symlink_to(precious)
    with pytest.raises(UsageError, match="not a folder"):
        build(tmp_path, link)


def test_a_rebuild_removes_what_is_gone_and_leaves_no_litter(tmp_path: Path) -> None:
    model(tmp_path, "x")
    output = tmp_path / "build" / "site"
    build(tmp_path, output)
    (tmp_path / "catalog" / "models" / "x" / "model.yaml").unlink()
    model(tmp_path, "y")
    build(tmp_path, output)
    assert not (output / "models" / "x").exists()
    assert (output / "models" / "y" / "index.html").is_file()
    assert sorted(path.name for path in output.parent.iterdir()) == [".cache", "site"]


def test_the_page_for_missing_addresses_and_the_sitemap_know_the_base_path(tmp_path: Path) -> None:
    model(tmp_path, "x")
    output = build(tmp_path, tmp_path / "site", site_url="https://org.example/repo").output
    links = [link for link in read_html(output / "404.html").links if not link.startswith(("#", "https:"))]
    assert links
    assert all(link.startswith("/repo/") for link in links)
    sitemap = (output / "sitemap.xml").read_text()
    assert "<loc>https://org.example/repo/models/x/</loc>" in sitemap
    assert "404" not in sitemap
