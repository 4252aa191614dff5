"""A registry with hostile text in every field of every record: parsers find nothing of it but text."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from budmodel.schema.kinds import classify
from render import hostile_site
from render.hostile_texts import PRODUCT
from render.html_reader import read_html

UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f]")
"""Overrides of direction and control characters (but tab and newline)."""
ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "xlink:href", "content")
ATOM = {"feed", "id", "title", "updated", "author", "name", "link", "entry", "category", "content"}


@pytest.fixture(scope="module")
def site(hostile_registry: Path) -> Path:
    return hostile_registry / "build" / "site"


def files(site: Path, *endings: str) -> list[Path]:
    found = [path for path in sorted(site.rglob("*")) if path.suffix in endings]
    assert found
    return found


def test_nothing_was_left_out(site: Path) -> None:
    for name in hostile_site.NAMES:
        assert (site / "models" / name / "index.html").is_file()
    for id_ in hostile_site.LICENSES:
        assert (site / "licenses" / id_ / "index.html").is_file()


def test_no_page_holds_an_element_an_event_or_an_address_that_text_asked_for(site: Path) -> None:
    for path in files(site, ".html"):
        for tag, attributes in read_html(path).tags:
            assert tag not in ("base", "iframe", "object", "embed", "template", "animate"), path
            assert not [key for key in attributes if key.startswith("on")], (path, attributes)
            assert "pwned" not in (attributes.get("class") or "").split(), (path, tag)
            assert attributes.get("http-equiv", "") != "refresh", path
            for key in ADDRESSES[:-1]:
                scheme = urlsplit((attributes.get(key) or "").strip()).scheme
                assert scheme in ("", "http", "https"), (path, tag, attributes)
            if tag == "a" and (urlsplit(attributes.get("href") or "").hostname or "").endswith(".example"):
                assert "noopener" in (attributes.get("rel") or ""), attributes


def test_every_page_has_one_heading_and_no_template_was_evaluated(site: Path) -> None:
    for path in files(site, ".html"):
        read = read_html(path)
        assert sum(1 for tag, _ in read.tags if tag == "h1") == 1, path
        assert PRODUCT not in read.text, path


def test_no_override_of_direction_and_no_control_is_written(site: Path) -> None:
    for path in files(site, ".html", ".json", ".atom", ".xml", ".svg", ".yaml"):
        found = UNSEEN.search(path.read_text(encoding="utf-8"))
        assert found is None, (path, found)


def test_json_holds_no_override_of_direction_in_escapes(site: Path) -> None:
    """But what holds the texts of the records as they are, those that were refused as well."""
    for path in files(site, ".json"):
        data = json.loads(path.read_text(encoding="utf-8"))
        if path.name != "deploy.json":
            assert UNSEEN.search(json.dumps(data, ensure_ascii=False)) is None, path


def test_what_deploy_check_reads_is_the_record_to_the_byte(hostile_registry: Path, site: Path) -> None:
    data = json.loads((site / "api/models/evil-0/deploy.json").read_text(encoding="utf-8"))
    refused = [one for one in data["result"]["files"] if UNSEEN.search(one["text"])]
    assert [one["path"] for one in refused] == ["catalog/models/evil-0/scans/2.0.0.yaml"]
    for one in data["result"]["files"]:
        assert classify(one["path"].removeprefix("catalog/")) is not None
        assert (hostile_registry / one["path"]).read_bytes() == one["text"].encode("utf-8")


def test_a_file_whose_name_nobody_can_read_is_no_record(site: Path) -> None:
    listed = json.loads((site / "api/models.json").read_text(encoding="utf-8"))["result"]
    assert [one["name"] for one in listed] == [*hostile_site.NAMES]
    names = {path.relative_to(site).as_posix() for path in site.rglob("*")}
    assert [name for name in names if UNSEEN.search(name) or "live" in name or "\udcff" in name] == []


def test_the_feed_and_the_sitemap_are_what_they_should_be_and_nothing_else(site: Path) -> None:
    feed = ET.fromstring((site / "api" / "changes.atom").read_bytes())
    assert {element.tag.rpartition("}")[2] for element in feed.iter()} == ATOM
    assert len(feed.findall("{*}entry")) > 5
    for link in feed.iter("{http://www.w3.org/2005/Atom}link"):
        assert link.attrib["href"].startswith("https://site.example/repo/")
    for element in feed.iter("{http://www.w3.org/2005/Atom}title"):
        assert element.get("type", "text") == "text"
    sitemap = ET.fromstring((site / "sitemap.xml").read_bytes())
    for place in sitemap.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc"):
        assert (place.text or "").startswith("https://site.example/repo/")


@pytest.mark.parametrize("command", [("leaderboard", "--csv")], ids="-".join)
def test_no_cell_is_a_formula(hostile_registry: Path, command: tuple[str, ...]) -> None:
    table = list(csv.reader(io.StringIO(hostile_site.run(hostile_registry, *command))))
    assert len(table) > 1
    assert len({len(line) for line in table}) == 1
    for line in table[1:]:
        for cell in line:
            assert cell[:1] not in ("=", "+", "@", "\t", "\r"), cell
            assert not cell.startswith("-") or re.fullmatch(r"-[0-9.e+-]+", cell), cell
