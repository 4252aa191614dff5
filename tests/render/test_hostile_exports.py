"""Hostile text in every field, exported: readers of each format find nothing of it but text."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt
from packageurl import PackageURL
from ruamel.yaml import YAML

from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.items import Item
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree
from render import hostile_site
from render.exports.export_catalog import exported
from render.site_catalog import model, put

UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\u2028\u2029\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
SAFE = ("http://", "https://", "s3://", "file://", "hf://", "pkg:huggingface/")
LOOK_ALIKE = ("apple", "\u0430pple", "app\u200ble", "caf\u00e9", "cafe\u0301", "scan", "\u0455can", "APPLE")
"""Words that look the same, or are the same to a careless reader, and are not."""


@pytest.fixture(scope="module")
def items(hostile_registry: Path) -> dict[str, Item]:
    return {item.name: item for item in Catalog(snapshot=Snapshot(WorkTree(hostile_registry))).items()}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Names and words that look alike, and the longest text that a record holds."""
    root = tmp_path_factory.mktemp("alike")
    put(root, "catalog.yaml", {"format": 1, "name": " \n---\n- a: &x !!python/object\r\n\u0430\t"})
    long_ = "=" + "<b>\U0001f4a3 [x](javascript:pwned())\n=1+1;=2\n\n" * 2700
    model(root, "l1ama", tags=[*LOOK_ALIKE], description=long_[:131_072])
    model(root, "11ama", tags=["---", "\n---\nx: y\n---\n", "...", "? a", "%YAML 1.1", "&a", "*a", "!!str"])
    return root


def strings(value: Any) -> Iterator[str]:
    """All texts in a document, keys as well."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def table(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))


def source(raw: bytes) -> dict[str, Any]:
    """Kubeflow's file, as safe loaders of YAML 1.1 and 1.2 agree on it."""
    found: dict[str, Any] = yaml.safe_load(raw)
    assert YAML(typ="safe", pure=True).load(raw) == found
    return found


@pytest.mark.parametrize("format_name", ["cyclonedx", "csv", "kubeflow"])
def test_nothing_that_nobody_sees_is_written(hostile_registry: Path, odd: Path, format_name: str) -> None:
    for root in (hostile_registry, odd):
        text = exported(root, format_name).decode("utf-8").replace("\r\n", "\n")
        assert UNSEEN.search(text) is None


def test_no_cell_is_a_formula_however_it_is_cut(hostile_registry: Path, odd: Path) -> None:
    """By commas as we write them, and by semicolons or tabs, as a spreadsheet of another language does."""
    for root in (hostile_registry, odd):
        raw = exported(root, "csv")
        for row in table(raw):
            assert [cell for cell in row.values() if cell.strip().startswith(FORMULA)] == []
        text = raw.decode("utf-8")
        for separator in (";", "\t"):
            for line in re.split("[\r\n]+", text):
                cells = [cell.strip(' "') for cell in line.split(separator)]
                assert [cell for cell in cells if cell.startswith(FORMULA)] == []


def test_the_published_table_is_the_same(hostile_registry: Path) -> None:
    site = hostile_registry / "build" / "site" / "api"
    assert table((site / "models.csv").read_bytes()) == table(exported(hostile_registry, "csv"))


def test_the_longest_text_is_a_cell_that_excel_and_python_take(odd: Path) -> None:
    found = {row["name"]: row for row in table(exported(odd, "csv"))}
    text = found["l1ama"]["description"]
    assert len(text.encode("utf-16-le")) <= 2 * 32_767
    assert text.startswith("'=<b>") and text.endswith("…")


def test_the_ml_bom_is_valid_and_its_addresses_are_harmless(hostile_registry: Path, odd: Path) -> None:
    for root in (hostile_registry, odd):
        text = exported(root, "cyclonedx").decode("utf-8")
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
        bom = json.loads(text)
        for part in bom["components"]:
            for reference in part.get("externalReferences", ()):
                assert reference["url"].startswith(SAFE), reference
            assert PackageURL.from_string(part["purl"]).type == "huggingface" if "purl" in part else True
    refs = [part["bom-ref"] for part in bom["components"]]
    assert refs == ["11ama@1.0.0", "l1ama@1.0.0"]
    assert set(LOOK_ALIKE) == set(bom["components"][1]["tags"])


def test_the_ml_bom_says_what_the_records_say(hostile_registry: Path, items: dict[str, Item]) -> None:
    bom = json.loads(exported(hostile_registry, "cyclonedx"))
    assert {part["name"] for part in bom["components"]} == set(hostile_site.NAMES)
    for part in bom["components"]:
        item = items[part["name"]]
        assert part["description"] == item.model.description
        assert part["tags"] == list(dict.fromkeys(item.model.tags))


def test_a_database_is_whole_and_holds_texts_as_they_are(
    hostile_registry: Path, odd: Path, items: dict[str, Item], tmp_path: Path
) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(exported(hostile_registry, "sqlite"))
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        described = dict(database.execute("SELECT name, description FROM models"))
        waivers = [one for (one,) in database.execute("SELECT path FROM waivers")]
    assert described == {name: item.model.description for name, item in items.items()}
    assert "catalog/waivers/=cmd <script class=pwned>pwned()<.yaml" in waivers
    assert [one for one in waivers if UNSEEN.search(one)] == []
    path.write_bytes(exported(odd, "sqlite"))
    with closing(sqlite3.connect(path)) as database:
        tags = database.execute("SELECT value FROM model_values WHERE model = 'l1ama' AND kind = 'tag'")
        assert {tag for (tag,) in tags} == set(LOOK_ALIKE)


def test_a_safe_loader_reads_the_same_texts_for_kubeflow(
    hostile_registry: Path, items: dict[str, Item]
) -> None:
    found = source(exported(hostile_registry, "kubeflow"))
    assert [one["name"] for one in found["models"]] == [*hostile_site.NAMES]
    for one in found["models"]:
        model_ = items[one["name"]].model
        assert one["description"] == " ".join((model_.description or "").split())[:2000]
        assert set(model_.tags) <= set(one["customProperties"])
        assert [
            uri for artifact in one.get("artifacts", ()) if not (uri := artifact["uri"]).startswith(SAFE)
        ] == []


def test_words_that_look_alike_stay_apart_for_kubeflow(odd: Path) -> None:
    found = source(exported(odd, "kubeflow"))
    assert found["source"] == " \n---\n- a: &x !!python/object\r\n\u0430\t"
    (one,) = (one for one in found["models"] if one["name"] == "l1ama")
    assert set(LOOK_ALIKE) <= set(one["customProperties"])
    # A tag that is called as a fact is does not take its place.
    assert one["customProperties"]["scan"]["string_value"] == "not-scanned"
    assert one["customProperties"]["\u0455can"]["string_value"] == ""


@pytest.mark.parametrize("preset", ["commonmark", "gfm-like"])
def test_a_card_is_text_to_every_reader_of_markdown(hostile_registry: Path, odd: Path, preset: str) -> None:
    markdown = MarkdownIt(preset, {"html": True, "linkify": False})
    for root, names in ((hostile_registry, hostile_site.NAMES), (odd, ("l1ama", "11ama"))):
        for name in names:
            card = ModelCard(exported(root, "huggingface-card", name).decode("utf-8"))
            assert UNSEEN.search(card.content) is None
            blocks = markdown.parse(card.text)
            tokens = [*blocks, *(inner for block in blocks for inner in block.children or ())]
            kinds = {token.type for token in tokens}
            assert not kinds & {
                "html_block",
                "html_inline",
                "image",
                "hr",
                "s_open",
                "blockquote_open",
                "code_block",
            }
            links = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
            assert [link for link in links if not link.startswith(("http://", "https://"))] == []
            assert sum(1 for token in blocks if token.type == "heading_open" and token.tag == "h1") == 1


def test_the_metadata_of_a_card_is_read_back(
    hostile_registry: Path, odd: Path, items: dict[str, Item]
) -> None:
    for name in hostile_site.NAMES:
        data = ModelCard(exported(hostile_registry, "huggingface-card", name).decode("utf-8")).data
        tags = [" ".join(tag.split()) for tag in items[name].model.tags]
        assert (data.model_name, data.tags) == (name, list(dict.fromkeys(tags)))
        units = {result.unit for _, result in items[name].chosen.results}  # type: ignore[union-attr]
        assert {result.metric_name for result in data.eval_results} == {
            f"constructor ({unit})" for unit in units
        }
    front = ModelCard(exported(odd, "huggingface-card", "11ama").decode("utf-8"))
    assert front.data.tags[:3] == ["---", "--- x: y ---", "..."]
    assert front.text.lstrip().startswith("# 11ama")


def test_pictures_are_drawings_and_nothing_else(hostile_registry: Path) -> None:
    pictures = sorted((hostile_registry / "build" / "site").rglob("*.svg"))
    own = [path for path in pictures if "badges" in path.parts]
    assert len(own) == 2 * len(hostile_site.NAMES)
    for path in pictures:
        for element in ET.fromstring(path.read_bytes()).iter():
            tag = element.tag.rpartition("}")[2]
            assert tag not in ("script", "foreignObject", "use", "image", "a", "animate", "set", "style"), (
                path
            )
            assert [key for key in element.attrib if key.startswith("on") or key.endswith("href")] == [], path


def test_the_api_says_what_the_records_say(hostile_registry: Path, items: dict[str, Item]) -> None:
    api = hostile_registry / "build" / "site" / "api"
    for name, item in items.items():
        found = json.loads((api / "models" / f"{name}.json").read_bytes())["result"]
        assert (found.get("description"), found["tags"]) == (item.model.description, item.model.tags)
