"""The numbers that make two versions interchangeable for a serving engine."""

from __future__ import annotations

from typing import Any

from budmodel.sources.facts.config import Config
from budmodel.sources.facts.gguf import GgufSummary
from budmodel.sources.facts.numbers import first

_FIELDS = {
    "vocab_size": ("vocab_size", "padded_vocab_size"),
    "hidden_size": ("hidden_size", "n_embd", "n_embed", "d_model", "dim"),
    "num_hidden_layers": ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers"),
    "num_attention_heads": ("num_attention_heads", "n_head", "n_heads", "num_heads",
    "encoder_attention_heads"),
    "num_key_value_heads": ("num_key_value_heads", "num_kv_heads", "multi_query_group_num"),
    "intermediate_size": ("intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim", "d_ff",
    "encoder_ffn_dim",
                          "hidden_dim"),
    "num_experts": ("num_experts", "num_local_experts", "n_routed_experts"),
    "num_experts_per_token": ("num_experts_per_tok", "num_experts_per_token", "top_k_experts", "moe_topk"),
}  # fmt: skip
_GGUF = {
    "vocab_size": "vocab_size", "hidden_size": "embedding_length", "num_hidden_layers": "block_count",
    "num_attention_heads": "attention.head_count", "num_key_value_heads": "attention.head_count_kv",
    "intermediate_size": "feed_forward_length", "num_experts": "expert_count",
    "num_experts_per_token": "expert_used_count",
}  # fmt: skip


def fingerprint_of(
    config: Config, gguf: GgufSummary | None, architecture: str | None, context_length: int | None
) -> dict[str, Any]:
    """The version's ``fingerprint``; what is not known is left out."""
    numbers = gguf.numbers if gguf is not None else {}
    found: dict[str, Any] = {"architecture": architecture}
    for field, keys in _FIELDS.items():
        found[field] = first(config.text, *keys) or first(config.whole, *keys) or numbers.get(_GGUF[field])
    found["context_length"] = context_length
    return {key: value for key, value in found.items() if value is not None}
