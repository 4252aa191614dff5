"""Model cards: huggingface_hub reads them back, and the catalog's words are no markup in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import ModelCard
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from budmodel.render.exports.card_text import paragraph
from budmodel.render.exports.hub_words import LICENSES
from render.exports.export_catalog import WORDS, exported

OWN = Path(__file__).parents[3]
_markdown = MarkdownIt("gfm-like", {"linkify": False})


def card(root: Path, name: str) -> ModelCard:
    return ModelCard(exported(root, "huggingface-card", name).decode("utf-8"))


def test_the_metadata_is_read_back(root: Path) -> None:
    found = card(root, "passed").data
    assert (found.license, found.pipeline_tag) == ("apache-2.0", "text-generation")
    (result,) = found.eval_results
    assert (result.dataset_type, result.dataset_name, result.metric_type) == ("mmlu", "MMLU", "acc")
    assert (result.metric_value, result.dataset_args) == (0.7, {"num_fewshot": 5})
    assert (result.source_name, result.source_url) == ("maker", "https://example.org/report")
    assert found.model_name == "passed"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("unscanned", ("other", "llama-3.1-community")),
        ("either", ("other", "mit-or-apache-2.0-and-licenseref-llama-3.1-community")),
        ("waived", ("other", "licenseref-nobody-knows-it")),
        ("unlicensed", (None, None)),
    ],
)
def test_a_licence_without_an_id_on_the_hub_is_other_with_its_name(
    root: Path, name: str, expected: tuple[str | None, str | None]
) -> None:
    found = card(root, name).data
    assert (found.get("license"), found.get("license_name")) == expected


def test_real_licences_are_in_the_words_of_the_hub() -> None:
    names = {
        "llama-3.1-8b": "llama3.1",
        "gemma-7b": "gemma",
        "gpt-oss-20b": "apache-2.0",
        "flux.1-dev": "other",
    }
    found = {name: card(OWN, name).data for name in names}
    assert {name: data.license for name, data in found.items()} == names
    assert set(names.values()) - {"other"} <= LICENSES
    assert found["flux.1-dev"].license_link.startswith("https://")


def test_bases_on_the_hub_are_named_with_their_relation(root: Path) -> None:
    found = card(root, "other-bytes").data
    assert (found.base_model, found.get("base_model_relation")) == ("org/base", "quantized")
    # Its base is a model of this catalog that says nothing of the Hub.
    assert card(root, "failed").data.base_model is None


def test_odd_tags_are_still_texts(root: Path) -> None:
    assert card(root, "odd-words").data.tags == [" ".join(word.split()) for word in WORDS]


def test_words_of_the_catalog_are_no_markup(root: Path) -> None:
    for name in ("odd-words@1.0.0", "hostile"):
        found = card(root, name)
        html = _markdown.render(found.text)
        kinds = {token.type for token in _markdown.parse(found.text)}
        assert not kinds & {"html_block", "hr", "ordered_list_open"}
        assert not [tag for tag in ("<script", "<img", 'href="javascript') if tag in html]
        assert html.count("<h1>") == 1
    text = _markdown.render(card(root, "odd-words@1.0.0").text)
    assert "<p># not a heading ---</p>" in text


@given(st.text())
def test_any_text_is_one_paragraph(text: str) -> None:
    """CommonMark 0.31, §2.4: a backslash before punctuation makes it literal."""
    tokens = [token.type for token in _markdown.parse(paragraph(text))]
    assert tokens in ([], ["paragraph_open", "inline", "paragraph_close"])


@pytest.mark.parametrize("name", ["yanked@1.0.0", "failed", "other-bytes"])
def test_a_version_that_was_withdrawn_says_so_and_not_how_to_get_it(root: Path, name: str) -> None:
    text = card(root, name).text
    assert "**Do not use this version" in text
    assert "hf download" not in text
    assert "hf download" in card(root, "passed").text


def test_a_waiver_is_told(root: Path) -> None:
    text = card(root, "waived").text
    assert "- State: not scanned\n- Waived: scan-missing until 2027-05-22: later" in text
