"""What a reader looks for: tasks, modalities, languages and tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from budmodel.sources.facts.card import Card
from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.numbers import word, words
from budmodel.sources.facts.text import one_line, slug

MAX_TAGS = 20
_EMBEDDING = re.compile(r"[-_/]embed(ding)?s?\b", re.IGNORECASE)
_T, _I, _A, _V, _E, _L = "text", "image", "audio", "video", "embedding", "label"
# Tasks of the Hub: https://huggingface.co/tasks. Input, output.
MODALITIES: Mapping[str, tuple[list[str], list[str]]] = {
    **dict.fromkeys(
        ("text-generation", "text2text-generation", "translation", "summarization", "question-answering",
        "fill-mask",
         "conversational", "table-question-answering"), ([_T], [_T])),
    **dict.fromkeys(("feature-extraction", "sentence-similarity"), ([_T], [_E])),
    **dict.fromkeys(
        ("text-classification", "token-classification", "zero-shot-classification", "text-ranking"),
        ([_T], [_L])),
    **dict.fromkeys(("image-classification", "object-detection", "image-feature-extraction"), ([_I], [_L])),
    **dict.fromkeys(("image-to-text",), ([_I], [_T])),
    **dict.fromkeys(
        ("image-text-to-text", "visual-question-answering", "document-question-answering"), ([_I, _T], [_T])),
    "zero-shot-image-classification": ([_I, _T], [_L]),
    "zero-shot-object-detection": ([_I, _T], [_L]),
    **dict.fromkeys(
        ("image-segmentation", "mask-generation", "depth-estimation", "image-to-image"), ([_I], [_I])),
    "image-text-to-image": ([_I, _T], [_I]),
    **dict.fromkeys(("text-to-image", "unconditional-image-generation"), ([_T], [_I])),
    "text-to-video": ([_T], [_V]),
    "image-to-video": ([_I], [_V]),
    "video-classification": ([_V], [_L]),
    "video-text-to-text": ([_V, _T], [_T]),
    "visual-document-retrieval": ([_I, _T], [_E]),
    **dict.fromkeys(("text-to-speech", "text-to-audio"), ([_T], [_A])),
    "automatic-speech-recognition": ([_A], [_T]),
    "audio-to-audio": ([_A], [_A]),
    "audio-classification": ([_A], [_L]),
    "voice-activity-detection": ([_A], [_L]),
    "audio-text-to-text": ([_A, _T], [_T]),
    "any-to-any": ([_T, _I, _A], [_T, _I, _A]),
    "text-to-3d": ([_T], ["3d"]),
    "image-to-3d": ([_I], ["3d"]),
}  # fmt: skip
_FLAGS = frozenset(
    [
        "safetensors",
        "pytorch",
        "tf",
        "jax",
        "flax",
        "tensorflow",
        "rust",
        "onnx",
        "openvino",
        "gguf",
        "tensorboard",
        "transformers",
        "diffusers",
        "sentence-transformers",
        "transformers.js",
        "peft",
        "mlx",
        "keras",
        "tf-keras",
        "paddle",
        "paddlepaddle",
        "coreml",
        "nemo",
        "espnet",
        "speechbrain",
        "timm",
        "fairseq",
        "flair",
        "spacy",
        "stanza",
        "asteroid",
        "adapter-transformers",
        "open_clip",
        "setfit",
        "span-marker",
        "fasttext",
        "sklearn",
        "sample-factory",
        "stable-baselines3",
        "ml-agents",
        "pyannote-audio",
        "llama.cpp",
        "vllm",
        "ctranslate2",
        "exllamav2",
        "endpoints_compatible",
        "autotrain_compatible",
        "text-generation-inference",
        "text-embeddings-inference",
        "has_space",
        "model-index",
        "generated_from_trainer",
        "custom_code",
        "conversational-ai",
        "not-for-all-audiences",
        "deploy:azure",
        "eval-results",
        "multilingual",
        "co2_eq_emissions",
        "hf-asr-leaderboard",
        "unk",
        "compressed-tensors",
    ]
)
"""Tags that say which libraries or buttons of the Hub work, or that the record says elsewhere."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_NO_LANGUAGE = frozenset(["code", "mul", "und", "zxx", "other", "all", "unk"])


def tasks_of(facts: Mapping[str, Any], card: Card) -> list[str]:
    """The pipeline tag of the card or the Hub, as a list."""
    task = slug(word(card.data.get("pipeline_tag")) or word(facts.get("pipeline_tag")) or "")
    return [task] if task else []


def modalities_of(tasks: list[str]) -> dict[str, list[str]] | None:
    """What goes in and out for the first task that is known."""
    for task in tasks:
        if task in MODALITIES:
            taken, given = MODALITIES[task]
            return {"input": list(taken), "output": list(given)}
    return None


def languages_of(facts: Mapping[str, Any], card: Card) -> list[str]:
    """BCP 47 tags of the card's ``language``; ``multilingual`` and names of languages are left out."""
    data = card.data
    said = data.get("language") or data.get("languages")
    if said is None and not data:
        said = facts.get("language")
    # YAML 1.1 reads the Norwegians as False.
    items = ["no" if item is False else item for item in (said if isinstance(said, list) else [said])]
    codes = [text.lower() if len(text) <= 3 else _case(text) for text in words(items)]
    return [code for code in dict.fromkeys(codes) if _LANGUAGE.match(code) and code not in _NO_LANGUAGE][:500]


def _case(text: str) -> str:
    primary, _, rest = text.replace("_", "-").partition("-")
    return f"{primary.lower()}-{rest}" if rest else primary.lower()


def tags_of(
    facts: Mapping[str, Any], card: Card, *, languages: list[str], tasks: list[str], architecture: str | None
) -> list[str]:
    """Tags that tell a reader something: no namespaces, libraries, buttons, or what is said elsewhere."""
    said = {*languages, *tasks, (architecture or "").lower(), (architecture or "").replace("_", "-").lower()}
    found: list[str] = []
    for tag in words(card.data.get("tags")) + words(facts.get("tags")):
        kept = one_line(tag, 96).lower().strip(" #")
        if not kept or ":" in kept or "/" in kept or kept in _FLAGS or kept in said or kept in MODALITIES:
            continue
        kept = slug(kept) or kept
        language = _LANGUAGE.match(kept) and len(kept) == 2
        if language or kept in _FLAGS or kept in said or kept in found or "<" in kept or ">" in kept:
            continue
        found.append(kept)
    return found[:MAX_TAGS]


def gives_vectors(documents: Documents, card: Card) -> bool:
    """Whether the model is one for embeddings: its output matrix, if any, is not in the files."""
    if "modules.json" in documents.paths:
        return True
    facts = documents.listing.facts
    if "sentence-transformers" in (facts.get("library_name"), card.data.get("library_name")):
        return True
    tasks = tasks_of(facts, card)
    if tasks:
        return tasks[0] in ("feature-extraction", "sentence-similarity")
    if _EMBEDDING.search(str(documents.listing.source.get("model_id", ""))):
        documents.notes.add(
            "guess", "parameter_count", "by its name a model for embeddings: no output matrix"
        )
        return True
    return False
