"""What a model was made of, and how."""

from __future__ import annotations

import re
from typing import Any

from budmodel.schema.values import HUB_ID_PATTERN
from budmodel.sources.facts.card import Card
from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.numbers import word, words
from budmodel.sources.facts.quantization import Quantized
from budmodel.sources.facts.text import one_line

RELATIONS = ("finetune", "adapter", "quantized", "merge", "distilled")
_ID = re.compile(HUB_ID_PATTERN[:-1] + r"\Z")
_URL = re.compile(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/")
_QUANTIZED_NAME = re.compile(
    r"[-_.](gguf|gptq|awq|exl[23]|bnb|nvfp4|mx?fp[48]|w[48]a\d+|int[48]|[348]-?bit)\b", re.IGNORECASE
)
MAX_BASES = 64


def base_models_of(documents: Documents, card: Card, quantized: Quantized | None) -> list[dict[str, Any]]:
    """Rows of ``base_models``, as ``hf:org/name``; a note says where a relation is a guess."""
    own = str(documents.listing.source.get("model_id", "")).casefold()
    adapted = word(documents.json("adapter_config.json").get("base_model_name_or_path"))
    tagged = _tags(documents)
    bases = _ids(documents, words(card.data.get("base_model")), own)
    bases = bases or _ids(documents, [adapted] if adapted else [], own)
    bases = bases or [base for base in tagged if base.casefold() != own]
    if not bases:
        return []
    relation = _relation(documents, card, bases, tagged, quantized, adapted is not None)
    return [{"model": f"hf:{base}", "relation": relation} for base in bases[:MAX_BASES]]


def _ids(documents: Documents, names: list[str], own: str) -> list[str]:
    found: list[str] = []
    for name in names:
        id_ = _URL.sub("", name).strip("/")
        if name.lower() in ("none", "null", "n/a", "scratch"):
            continue
        if id_.startswith((".", "/")) or name.startswith("/") or not _ID.match(id_):
            documents.notes.add(
                "information",
                "base_models",
                f"{one_line(name, 100)!r} is no name on the Hub and was left out",
            )
        elif id_.casefold() == own:
            continue
        elif id_ not in found:
            found.append(id_)
    return found


def _tags(documents: Documents) -> dict[str, str | None]:
    """Bases that the Hub's tags name, with the relation where the tag has one."""
    found: dict[str, str | None] = {}
    for tag in words(documents.listing.facts.get("tags")):
        if not tag.startswith("base_model:"):
            continue
        relation, _, base = tag.removeprefix("base_model:").rpartition(":")
        if _ID.match(base):
            found[base] = relation if relation in RELATIONS else found.get(base)
    return found


def _relation(
    documents: Documents,
    card: Card,
    bases: list[str],
    tagged: dict[str, str | None],
    quantized: Quantized | None,
    adapter: bool,
) -> str:
    notes = documents.notes
    stated = word(card.data.get("base_model_relation"))
    hub = next((relation for base in bases if (relation := tagged.get(base))), None)
    # The Hub renames: its tag may name another id than the card does.
    hub = hub or next((relation for relation in tagged.values() if relation), None)
    if stated and stated.lower() in RELATIONS:
        return stated.lower()
    if stated:
        notes.add("information", "base_models", f"the card's relation {one_line(stated, 60)!r} is not known")
    if adapter:
        return "adapter"
    if quantized is not None and quantized.method != "fp8":
        return "quantized"
    if hub:
        return hub
    labels = {label.lower() for label in words(card.data.get("tags"))}
    if len(bases) > 1:
        if not labels & {"merge", "mergekit"}:
            notes.add(
                "guess", "base_models", f"{len(bases)} bases are named and no relation: taken for a merge"
            )
        return "merge"
    return _guess(documents, card, labels, quantized)


def _guess(documents: Documents, card: Card, labels: set[str], quantized: Quantized | None) -> str:
    library = (word(card.data.get("library_name")) or "").lower()
    if labels & {"lora", "peft", "adapter", "qlora"} or library == "peft":
        relation, why = "adapter", "its tags speak of an adapter"
    elif quantized is not None or labels & {"quantized", "gguf", "nvfp4", "gptq", "awq", "exl2"}:
        relation, why = "quantized", "its weights or tags speak of quantization"
    elif "quantized_by" in card.data or library in ("gguf", "llama.cpp"):
        relation, why = "quantized", "its card speaks of quantization"
    elif _QUANTIZED_NAME.search(str(documents.listing.source.get("model_id", ""))):
        relation, why = "quantized", "its name speaks of quantization"
    elif labels & {"merge", "mergekit"}:
        relation, why = "merge", "its tags speak of a merge"
    else:
        relation, why = "finetune", "nothing says how it was made"
    documents.notes.add("guess", "base_models", f"no relation to its base is stated: {relation}, since {why}")
    return relation
