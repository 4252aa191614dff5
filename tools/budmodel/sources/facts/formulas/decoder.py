"""Decoder-only language models: embeddings, layers of attention and feed-forward, norms, output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budmodel.sources.facts.formulas.attention import attention
from budmodel.sources.facts.formulas.experts import feed_forward
from budmodel.sources.facts.formulas.shape import Shape, Tally, shape_of
from budmodel.sources.facts.numbers import real, table, whole

# Families that the formula was checked against, or that are the same network under another name.
FAMILIES = frozenset(
    [
        "llama",
        "mistral",
        "ministral",
        "mixtral",
        "qwen",
        "qwen2",
        "qwen2_moe",
        "qwen3",
        "qwen3_moe",
        "qwen3_next",
        "qwen3_5",
        "qwen3_5_moe",
        "qwen2_vl",
        "qwen2_5_vl",
        "qwen3_vl",
        "qwen3_vl_moe",
        "gemma",
        "gemma2",
        "gemma3",
        "gemma4",
        "phi",
        "phi3",
        "phi3_v",
        "phimoe",
        "gpt2",
        "gpt_neox",
        "gpt_bigcode",
        "gptj",
        "gpt_oss",
        "bloom",
        "falcon",
        "opt",
        "mpt",
        "starcoder2",
        "stablelm",
        "olmo",
        "olmo2",
        "olmo3",
        "olmoe",
        "cohere",
        "cohere2",
        "granite",
        "granitemoe",
        "deepseek",
        "deepseek_v2",
        "deepseek_v3",
        "deepseek_v32",
        "deepseek_v4",
        "kimi_k2",
        "glm",
        "glm4",
        "glm4_moe",
        "glm_moe_dsa",
        "chatglm",
        "internlm",
        "internlm2",
        "internlm3",
        "baichuan",
        "xverse",
        "exaone",
        "exaone4",
        "minicpm",
        "minicpm3",
        "minimax_m2",
        "minimax_m3",
        "mimo",
        "mimo_v2_flash",
        "yi",
        "aquila",
        "nemotron",
        "nemotron_nas",
        "smollm3",
        "seed_oss",
        "ernie4_5",
        "ernie4_5_moe",
        "hunyuan_v1_dense",
        "hunyuan_v1_moe",
        "llama4",
        "persimmon",
        "mllama",
        "llava",
        "helium",
        "arcee",
        "laguna",
        "dots1",
        "solar",
        "decilm",
        "bailing_moe",
        "apertus",
    ]
)
STRANGE = ("ssm", "mamba", "rwkv", "linear_attn_config", "conv_l_cache", "time_mix", "lru", "hyena", "altup",
           "retnet", "routed_expert_hidden_size", "recurrent", "xlstm", "kda", "block_configs")  # fmt: skip
"""Parts of key names of networks that are no plain transformers: nothing is guessed about them."""


def decoder(config: Mapping[str, Any], *, head: bool = True) -> tuple[Tally, bool] | None:
    """Parameters of a decoder and whether its family is known; None where nothing can be said.

    ``head`` tells whether there is an output matrix over the vocabulary (where it is not tied).
    """
    shape = shape_of(config)
    if shape is None:
        return None
    known = shape.kind in FAMILIES
    if shape.kind == "nemotron_nas" and isinstance(config.get("block_configs"), list):
        return _searched(shape, config["block_configs"]), True
    if not known and _strange(config):
        return None
    if not shape.inner and not shape.count("moe_intermediate_size"):
        return None
    layers = [feed_forward(shape, layer) for layer in range(shape.layers)]
    norms = (4 if shape.kind in ("gemma2", "gemma3", "gemma4", "glm4") else 2) * shape.hidden
    if shape.kind.startswith(("qwen3", "gemma3", "gemma4", "exaone4")):
        norms += 2 * shape.head_size  # of queries and keys
    mixers = sum(attention(shape, layer) + norms for layer in range(shape.layers))
    total = Tally(sum(layer.total for layer in layers), sum(layer.active for layer in layers))
    unused = 0 if head or shape.tied else shape.vocabulary * shape.hidden
    return total.plus(mixers + ends(shape) + _per_layer_inputs(shape) - unused), known


def ends(shape: Shape) -> int:
    """Embeddings, learned positions, the last norm and the output matrix."""
    count = shape.vocabulary * shape.hidden * (1 if shape.tied else 2) + shape.hidden
    if shape.kind in ("gpt2", "gpt_bigcode", "opt", "gpt_neo", "biogpt"):
        positions = shape.count("n_positions", "max_position_embeddings") or 0
        count += (positions + (2 if shape.kind == "opt" else 0)) * shape.hidden
    if shape.kind == "bloom":
        count += 2 * shape.hidden
    return count


def _per_layer_inputs(shape: Shape) -> int:
    """Gemma's embeddings of their own for each layer, with gate, projection and norm."""
    size = shape.count("hidden_size_per_layer_input")
    if not size:
        return 0
    vocabulary = shape.count("vocab_size_per_layer_input") or shape.vocabulary
    return shape.layers * (size * (vocabulary + 3 * shape.hidden) + shape.hidden)


def _strange(config: Mapping[str, Any]) -> bool:
    keys = " ".join(config).lower()
    types = config.get("layer_types") or config.get("layers_block_type")
    known = {"full_attention", "sliding_attention", "chunked_attention", "linear_attention"}
    odd = isinstance(types, list) and any(not isinstance(kind, str) or kind not in known for kind in types)
    return odd or any(part in keys for part in STRANGE)


def _searched(shape: Shape, blocks: list[Any]) -> Tally:
    """Models cut by architecture search (nemotron-nas): each layer has its own widths, or nothing.

    Width: 2/3 of ``ffn_mult`` times the hidden size, rounded up to 256 (DeciLM's modeling code).
    """
    count = ends(shape)
    for block in blocks[: shape.layers]:
        mixer, dense = table(table(block).get("attention")), table(table(block).get("ffn"))
        group = whole(mixer.get("n_heads_in_group"))
        if group:
            kv_heads = max(shape.heads // group, 1)
            count += shape.hidden * shape.head_size * 2 * (shape.heads + kv_heads) + shape.hidden
        elif mixer.get("replace_with_linear") is True:
            count += shape.hidden**2 + shape.hidden
        factor = real(dense.get("ffn_mult"))
        if factor and 0 < factor < 1000:
            width = -(-int(2 * factor * shape.hidden / 3) // 256) * 256
            count += 3 * shape.hidden * width + shape.hidden
        elif dense.get("replace_with_linear") is True:
            count += shape.hidden**2 + shape.hidden
    return Tally(count, count)
