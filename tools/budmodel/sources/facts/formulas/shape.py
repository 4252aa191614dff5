"""The sizes of a transformer, whatever its family calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from budmodel.sources.facts.config import model_type
from budmodel.sources.facts.numbers import first

MAX_LAYERS = 2000

# transformers' configuration classes where tie_word_embeddings is True unless the file says otherwise.
TIED = ("gemma", "gpt2", "gpt_bigcode", "gptj", "bloom", "falcon", "opt", "mpt", "starcoder2", "cohere",
        "minicpm3", "lfm2", "smollm3", "gpt_neo", "codegen", "biogpt", "xglm", "ctrl")  # fmt: skip
UNTIED = ("gptj", "codegen", "gpt_neox")
PLAIN_MLP = ("phi", "gpt_neox", "gpt2", "bloom", "falcon", "opt", "starcoder2", "gptj", "codegen", "nemotron",
             "gpt_bigcode", "mpt", "persimmon", "gpt_neo", "biogpt", "xglm")  # fmt: skip
"""Families with two matrices in the feed-forward block; all others have a gate as a third."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Parameters of a network: all of them, and those that work on one token."""

    total: int
    active: int

    def plus(self, more: int) -> Tally:
        """With ``more`` parameters that always work."""
        return Tally(self.total + more, self.active + more)


@dataclass(frozen=True, slots=True)
class Shape:
    """A decoder's sizes. All are positive."""

    config: Mapping[str, Any]
    kind: str
    hidden: int
    layers: int
    vocabulary: int
    heads: int
    kv_heads: int
    head_size: int
    inner: int
    """Width of a dense feed-forward block; 0 where there is none."""

    @property
    def tied(self) -> bool:
        """Whether the output matrix is the input embedding."""
        said = self.config.get("tie_word_embeddings")
        if isinstance(said, bool):
            return said
        return self.kind.startswith(TIED) and not self.kind.startswith(UNTIED)

    @property
    def gated(self) -> bool:
        """Whether a feed-forward block has three matrices."""
        return self.kind not in PLAIN_MLP

    def at(self, key: str, layer: int) -> Any:
        """The entry of a list with one entry for each layer; None where it has none."""
        found = self.config.get(key)
        return found[layer] if isinstance(found, list) and layer < len(found) else None

    def count(self, *keys: str, least: int = 1) -> int | None:
        """The first of the keys that holds a plausible number."""
        return first(self.config, *keys, least=least)


def shape_of(config: Mapping[str, Any]) -> Shape | None:
    """The sizes of a configuration; None where one is missing or absurd."""
    kind = model_type(config).removesuffix("_text_model").removesuffix("_text")
    hidden = first(config, "hidden_size", "n_embd", "n_embed", "d_model", "model_dim")
    layers = first(config, "num_hidden_layers", "n_layer", "n_layers", "num_layers")
    if layers is None:
        pattern = config.get("layers_block_type") or config.get("layer_types")
        layers = len(pattern) if isinstance(pattern, list) else None
    heads = first(config, "num_attention_heads", "n_head", "n_heads")
    vocabulary = first(config, "vocab_size", "padded_vocab_size")
    if not (hidden and layers and vocabulary) or layers > MAX_LAYERS:
        return None
    heads = heads or 1
    inner = first(config, "intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim", "d_ff")
    if inner is None and kind in PLAIN_MLP:
        inner = 4 * hidden
    return Shape(
        config=config,
        kind=kind,
        hidden=hidden,
        layers=layers,
        vocabulary=vocabulary,
        heads=heads,
        kv_heads=_kv_heads(config, kind, heads),
        head_size=first(config, "head_dim", "kv_channels", "attention_head_dim") or max(hidden // heads, 1),
        inner=inner or 0,
    )


def _kv_heads(config: Mapping[str, Any], kind: str, heads: int) -> int:
    if config.get("multi_query") is True and not config.get("new_decoder_architecture"):
        return 1
    if kind == "falcon" and not config.get("new_decoder_architecture"):
        # FalconConfig: multi_query is True unless said otherwise.
        return heads if config.get("multi_query") is False else 1
    return first(config, "num_key_value_heads", "num_kv_heads", "multi_query_group_num") or heads
