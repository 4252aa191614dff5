"""``config.json`` as the derivations see it: the language part of a nested configuration, with its defaults.

transformers leaves out of a nested configuration what equals the class's defaults; those of the classes whose
saved files are known to rely on it stand in DEFAULTS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.numbers import table, word, words
from budmodel.sources.facts.text import slug

NESTED = (
    "text_config",
    "llm_config",
    "language_config",
    "language_model_config",
    "text_model_config",
    "decoder",
)
"""Keys under which multimodal models keep their language model's configuration."""
WRAPPERS = ("thinker_config",)
"""Keys under which whole models are wrapped once more (Qwen Omni)."""

# transformers, src/transformers/models/<type>/configuration_<type>.py
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "llama": {
        "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
        "vocab_size": 32000, "max_position_embeddings": 2048,
    },
    "mistral": {
        "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        "num_key_value_heads": 8, "vocab_size": 32000, "max_position_embeddings": 131072,
    },
    "gemma3_text": {
        "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26, "num_attention_heads": 8,
        "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 262208, "max_position_embeddings": 131072,
        "tie_word_embeddings": True,
    },
    "clip_text_model": {
        "hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 12, "num_attention_heads": 8,
        "vocab_size": 49408, "max_position_embeddings": 77,
    },
    "clip_vision_model": {
        "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
        "image_size": 224, "patch_size": 32,
    },
    "siglip_vision_model": {
        "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
        "image_size": 224, "patch_size": 16,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration, whole and its language part."""

    whole: Mapping[str, Any]
    text: Mapping[str, Any]
    """The language model's part with defaults filled in; the whole where nothing is nested."""

    @property
    def nested(self) -> bool:
        """Whether the language part is only a part."""
        return any(isinstance(self.whole.get(key), dict) and self.whole[key] for key in NESTED)

    @property
    def class_names(self) -> list[str]:
        """``architectures``: the classes that load the model."""
        return words(self.whole.get("architectures"))


def read_config(documents: Documents) -> Config:
    """The configuration at the root; what the source itself says of it where that cannot be read."""
    data = documents.json("config.json") or documents.json("params.json")
    return config_of(data or table(documents.listing.facts.get("config")))


def config_of(data: Mapping[str, Any]) -> Config:
    """A configuration's views."""
    whole = data
    for key in WRAPPERS:
        whole = {**table(data.get(key)), **whole} if isinstance(data.get(key), dict) else whole
    text = next((table(whole.get(key)) for key in NESTED if table(whole.get(key))), None)
    if text is None:
        text = whole
    elif "tie_word_embeddings" not in text and "tie_word_embeddings" in whole:
        # The outer flag is the one that transformers acts upon.
        text = {**text, "tie_word_embeddings": whole["tie_word_embeddings"]}
    return Config(whole, with_defaults(text, nested=text is not whole))


def with_defaults(
    config: Mapping[str, Any], kind: str | None = None, *, nested: bool = True
) -> Mapping[str, Any]:
    """A nested configuration with what its class would fill in. A whole file says all by itself."""
    defaults = DEFAULTS.get(kind or word(config.get("model_type")) or "", {}) if nested else {}
    return {**defaults, **config}


def model_type(config: Mapping[str, Any]) -> str:
    """``model_type`` in lower case with ``_``: kinds are compared in this form."""
    return slug(word(config.get("model_type")) or "").replace("-", "_")
