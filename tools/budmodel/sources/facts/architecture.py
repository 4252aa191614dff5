"""The architecture family: ``config.json``, then GGUF, diffusers, adapters, the library's name."""

from __future__ import annotations

import re

from budmodel.sources.facts.card import Card
from budmodel.sources.facts.config import Config
from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.gguf import GgufSummary
from budmodel.sources.facts.notes import Notes
from budmodel.sources.facts.numbers import table, word, words
from budmodel.sources.facts.text import slug

_HEADS = re.compile(
    r"(For[A-Z]\w*|LMHeadModel|LMModel|DoubleHeadsModel|PreTrainedModel|Model|WithHeads|Pipeline)$"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
GUESSED_BY = ("espnet", "speechbrain", "nemo", "fairseq", "flair", "spacy", "pyannote-audio", "timm",
    "open_clip",
              "keras", "stanza", "asteroid", "fasttext", "sklearn")  # fmt: skip
"""Libraries whose repositories name no architecture in a file that all of them share."""


def architecture_of(
    documents: Documents, config: Config, card: Card, gguf: GgufSummary | None, notes: Notes
) -> str | None:
    """The family's name as a slug; a note tells when it is a guess or missing."""
    named = word(config.whole.get("model_type")) or word(config.text.get("model_type"))
    found = slug(named) if named else ""
    if not found and config.class_names:
        found = from_class_name(config.class_names[0])
    if not found and gguf is not None and gguf.architecture:
        found = slug(gguf.architecture)
    if not found:
        found = _from_diffusers(documents, config)
    if found:
        return found
    return _guessed(documents, config, card, notes)


def from_class_name(name: str) -> str:
    """``LlamaForCausalLM`` -> ``llama``, ``StableDiffusion3Pipeline`` -> ``stable-diffusion3``."""
    stem = _HEADS.sub("", name) or name
    joint = "-" if name.endswith("Pipeline") else "_"
    return slug(_CAMEL.sub(joint, stem)) if joint == "-" else slug(stem)


def _from_diffusers(documents: Documents, config: Config) -> str:
    index = documents.json("model_index.json") or table(config.whole.get("diffusers"))
    name = word(index.get("_class_name"))
    if name:
        return from_class_name(name if name.endswith("Pipeline") else f"{name}Pipeline")
    # A single diffusers component (a ControlNet, a VAE) has a config.json with a class name only.
    name = word(config.whole.get("_class_name"))
    return slug(_CAMEL.sub("-", name)) if name else ""


def _guessed(documents: Documents, config: Config, card: Card, notes: Notes) -> str | None:
    adapter = documents.json("adapter_config.json")
    if adapter:
        kind = slug(word(adapter.get("peft_type")) or "") or "adapter"
        notes.add("guess", "architecture", f"an adapter names no architecture; {kind} is its kind of adapter")
        return kind
    facts = documents.listing.facts
    interface = word(table(config.whole.get("speechbrain")).get("speechbrain_interface"))
    library = word(facts.get("library_name")) or word(card.data.get("library_name")) or ""
    tags = words(facts.get("tags")) + words(card.data.get("tags"))
    candidates = (
        [library, *(tag for tag in tags if tag in GUESSED_BY)] if library in (*GUESSED_BY, "") else []
    )
    for name in (interface or "", *candidates):
        if slug(name):
            name = _CAMEL.sub("-", name)
            notes.add(
                "guess", "architecture", f"no file names the architecture; {name} is the library's word"
            )
            return slug(name)
    notes.add("missing", "architecture", "no file names the architecture: --architecture is needed")
    return None
