"""Every recorded card: licence, bases, languages, and a note wherever something was guessed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_translate_helpers import BOOK, SHARED, draft_of, kinds, memory, needs_shared

from budmodel.sources.facts.card import parse_card
from budmodel.sources.facts.notes import Notes

CARDS = SHARED / "hf" / "cards"
EDGE = SHARED / "hf" / "cards_edge"
FILES = sorted(CARDS.glob("*.md")) if CARDS.is_dir() else []

# A sample of each kind, by what the card says: licence, first base and relation, whether that is a guess.
SAMPLE = {
    "LiquidAI--LFM2.5-230M": ("lfm-1.0", "LiquidAI/LFM2.5-230M-Base finetune", True),
    "YouriLalain--2PRYMMAL-Yi1.5-6B-SLERP": ("Apache-2.0", "01-ai/Yi-1.5-6B-Chat merge", False),
    "bartowski--ai21labs_AI21-Jamba-Mini-1.7-GGUF": (
        "jamba-open-model-license", "ai21labs/AI21-Jamba-Mini-1.7 quantized", False),
    "google--medgemma-4b-it": ("health-ai-developer-foundations", "google/medgemma-4b-pt finetune", True),
    "mattshumer--Reflection-Llama-3.1-70B": (
        "llama-3.1-community", "meta-llama/Meta-Llama-3.1-70B-Instruct finetune", True),
    "mistralai--Mistral-Large-Instruct-2407": ("mistral-research", None, False),
    "nvidia--Kimi-K3-NVFP4": ("nvidia-open-model-license", "moonshotai/Kimi-K3 quantized", True),
    "praxis--spanfinder-3b": ("qwen-research", "Qwen/Qwen2.5-3B-Instruct adapter", True),
    "pszemraj--long-t5-tglobal-base-16384-book-summary": ("Apache-2.0 AND BSD-3-Clause", None, False),
    "unsloth--LFM2-1.2B-GGUF": ("lfm-1.0", "LiquidAI/LFM2-1.2B quantized", True),
    "x-Darkstar-Qwen3.8-27B-NVFP4": (
        "Apache-2.0", "HangGlidersRule/Darkstar-Qwen3.8-27B-Abliterated-BF16 quantized", False),
    "microsoft--phi-1_5": ("microsoft-research-license", None, False),
    "dfurman--falcon-7b-chat-oasst1": ("tii-falcon-llm", None, False),
}  # fmt: skip


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_cards(path: Path) -> None:
    stem = path.name.removesuffix(".README.md")
    model_id = stem.replace("--", "/") if "--" in stem else f"org/{stem}"
    text = path.read_text()
    draft = draft_of(memory(model_id, {"README.md": text}))
    # The expectation comes from the card's own lines, read another way.
    keyword = re.search(r"^license: *(\S+)$", text, re.MULTILINE)
    named = re.search(r"^license_name: *(\S+)$", text, re.MULTILINE)
    word = named[1] if named and keyword and keyword[1] == "other" else keyword[1] if keyword else None
    if word is not None:
        record = BOOK.find(word)
        assert draft.model["license_type"] == (record.id if record else word)
    base = re.search(r"^base_model:\s*(?:- *)?([\w.-]+/[\w.-]+)$", text, re.MULTILINE)
    if base and base[1] != model_id:
        assert draft.model["base_models"][0]["model"] == f"hf:{base[1]}"
    stated = re.search(r"^base_model_relation: *(\w+)$", text, re.MULTILINE)
    if stated:
        assert {row["relation"] for row in draft.model["base_models"]} == {stated[1]}
        assert kinds(draft, "base_models") == []
    if stem in SAMPLE:
        licence, first, guess = SAMPLE[stem]
        rows = draft.model.get("base_models", [])
        assert draft.model["license_type"] == licence
        assert (f"{rows[0]['model'][3:]} {rows[0]['relation']}" if rows else None) == first
        assert ("guess" in kinds(draft, "base_models")) == guess


@needs_shared
def test_granite_results_are_those_of_its_card() -> None:
    card = (CARDS / "ibm-granite--granite-3b-code-instruct-128k.README.md").read_text()
    rows = draft_of(memory("ibm-granite/granite", {"README.md": card})).results
    assert rows[0] == {
        "benchmark": "humanevalpack", "metric": "pass_at_1", "value": 0.537, "unit": "fraction",
        "settings": {"task": "synthesis", "language": "python"}, "origin": "maker",
        "source": f"https://huggingface.co/ibm-granite/granite/blob/{'0' * 40}/README.md",
    }  # fmt: skip
    assert [row["settings"]["task"] for row in rows] == ["synthesis", "synthesis", "explain", "fix"]


@needs_shared
def test_eval_results_files() -> None:
    folder = SHARED / "bench" / "eval_results_yaml"
    files = {
        f".eval_results/{path.name}": path.read_bytes() for path in folder.glob("*/.eval_results/*.yaml")
    }
    rows = draft_of(memory("me/model", files)).results
    assert [(row["benchmark"], row["value"], row["date"], row["origin"]) for row in rows] == [
        ("gpqa_diamond", 0.7222, "2026-07-18", "third-party"),
        ("mmlu_pro", 0.553, "2026-09-17", "third-party"),
    ]


@needs_shared
def test_edge_cards_are_notes_and_never_crash() -> None:
    said = {}
    for path in sorted(EDGE.glob("*.md")):
        draft = draft_of(memory("org/x", {"README.md": path.read_bytes()}))
        said[path.stem] = (draft.model.get("license_type"), kinds(draft, "README.md"))
    assert said["sample_windows_line_breaks"] == ("MIT", [])
    assert said["sample_datasetcard_simple"] == ("BSD-3-Clause", [])
    assert said["sample_invalid_card_data"] == (None, ["information"])
    assert said["sample_template"] == (None, ["information"])
    assert said["sample_no_metadata"] == (None, [])


def read(text: str) -> tuple[dict[str, object], list[str]]:
    notes = Notes()
    card = parse_card(text.encode(), notes)
    return dict(card.data), [note.message for note in notes.taken]


def test_what_the_hub_accepts_beyond_strict_yaml() -> None:
    assert read("---\nlicense: mit\nlicense: gpl\n---\n")[0] == {"license": "mit"}
    assert read("---\na: &x [1, 2]\nb: *x\n---\n")[0] == {"a": [1, 2], "b": [1, 2]}
    assert read("---\ndate: !!timestamp 2024-01-01\n---\n")[0] == {"date": "2024-01-01"}
    assert read("\ufeff---\r\nlicense: mit\r\n---\r\nText")[0] == {"license": "mit"}
    assert read("---\nname: a\u202eb\x07\n---\n")[0] == {"name": "ab"}


def test_bombs_are_refused() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    data, notes = read(f"---\n{bomb}---\n")
    assert data == {} and "nodes" in notes[0]
    data, notes = read("---\nx: " + "[" * 5000 + "]" * 5000 + "\n---\n")
    assert data == {} and notes
    data, notes = read("---\nx: " + "a" * 300_000 + "\n---\n")
    assert data == {} and "bytes" in notes[0]
    assert read("---\nx: !!python/object/apply:os.system ['true']\n---\n")[0] == {"x": ["true"]}
