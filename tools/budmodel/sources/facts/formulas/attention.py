"""Parameters of one attention block, in the variants that published configurations have."""

from __future__ import annotations

from budmodel.sources.facts.formulas.shape import Shape


def attention(shape: Shape, layer: int) -> int:
    """Parameters of the token mixer of a layer, without its norms."""
    if shape.at("layer_types", layer) == "linear_attention" and shape.count("linear_num_key_heads"):
        return gated_delta(shape)
    if shape.count("kv_lora_rank"):
        return latent(shape) + _indexer(shape, layer)
    if shape.count("o_lora_rank"):
        return grouped_output(shape, layer)
    return standard(shape, layer)


def standard(shape: Shape, layer: int) -> int:
    """Multi-head, grouped-query and multi-query attention (arXiv:2305.13245)."""
    heads, kv_heads = shape.heads, shape.kv_heads
    query_size = value_size = shape.head_size
    per_layer = shape.at("num_attention_heads_per_layer", layer)
    if isinstance(per_layer, int) and 0 < per_layer < 10_000:
        heads = per_layer
    value_size = shape.count("v_head_dim") or value_size
    if shape.at("hybrid_layer_pattern", layer) == 1:
        # MiMo: other head counts in the layers with a sliding window.
        heads = shape.count("swa_num_attention_heads") or heads
        kv_heads = shape.count("swa_num_key_value_heads") or kv_heads
    keys_and_values = 2
    if shape.count("global_head_dim") and shape.at("layer_types", layer) == "full_attention":
        # Gemma 4: layers that see everything have their own head size, and keys that serve as values.
        query_size = value_size = shape.count("global_head_dim") or query_size
        kv_heads = shape.count("num_global_key_value_heads") or kv_heads
        keys_and_values = 1 if shape.config.get("attention_k_eq_v") else 2
    shared = shape.count("num_kv_shared_layers") or 0
    if shared and layer >= shape.layers - shared:
        keys_and_values = 0
    query, key, value = heads * query_size, kv_heads * query_size, kv_heads * value_size
    output = heads * value_size
    count = shape.hidden * (query + (key if keys_and_values else 0) + (value if keys_and_values == 2 else 0))
    count += output * shape.hidden
    if shape.config.get("attn_output_gate") is True or shape.config.get("attention_output_gate") is True:
        count += shape.hidden * query
    return count + _biases(shape, query + key + value)


def _biases(shape: Shape, projections: int) -> int:
    if shape.config.get("attention_bias") is True or shape.kind in (
        "phi",
        "gpt2",
        "gpt_neox",
        "bloom",
        "opt",
    ):
        return projections + shape.hidden
    return projections if shape.kind.startswith(("qwen2", "chatglm")) else 0


def latent(shape: Shape) -> int:
    """Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434, section 2.1)."""
    rope = shape.count("qk_rope_head_dim", least=0) or 0
    plain = shape.count("qk_nope_head_dim", least=0) or max(shape.head_size - rope, 0)
    value = shape.count("v_head_dim") or plain
    kv_rank = shape.count("kv_lora_rank") or 0
    query_rank = shape.count("q_lora_rank")
    query = shape.heads * (plain + rope)
    count = (
        shape.hidden * query_rank + query_rank + query_rank * query if query_rank else shape.hidden * query
    )
    count += shape.hidden * (kv_rank + rope) + kv_rank + kv_rank * shape.heads * (plain + value)
    return count + shape.heads * value * shape.hidden


def _indexer(shape: Shape, layer: int) -> int:
    """The lightning indexer of DeepSeek sparse attention (DeepSeek-V3.2, section 2.1)."""
    heads, size = shape.count("index_n_heads"), shape.count("index_head_dim")
    if not heads or not size or shape.at("indexer_types", layer) not in (None, "full"):
        return 0
    rank = shape.count("q_lora_rank") or shape.hidden
    return rank * heads * size + shape.hidden * (size + heads) + 2 * size


def grouped_output(shape: Shape, layer: int) -> int:
    """DeepSeek-V4: one shared key-value head, low-rank queries, outputs of low rank in groups."""
    rank, groups = shape.count("o_lora_rank") or 1, shape.count("o_groups") or 1
    query_rank = shape.count("q_lora_rank") or shape.hidden
    query = shape.heads * shape.head_size
    count = shape.hidden * query_rank + query_rank * query + shape.hidden * shape.kv_heads * shape.head_size
    count += query * rank + groups * rank * shape.hidden
    ratio = shape.at("compress_ratios", layer)
    if isinstance(ratio, int) and ratio > 0:
        # Compressed entries have projections of their own; the fine ones are chosen by an indexer.
        overlap = 2 if ratio == 4 else 1
        count += 2 * overlap * shape.hidden * shape.head_size
        if ratio == 4:
            count += _indexer(shape, layer) + 2 * overlap * shape.hidden * (
                shape.count("index_head_dim") or 0
            )
    return count


def gated_delta(shape: Shape) -> int:
    """Gated DeltaNet (arXiv:2412.06464) as in Qwen3-Next: q, k, v, a gate, a short convolution, an output."""
    key_heads, key_size = shape.count("linear_num_key_heads") or 0, shape.count("linear_key_head_dim") or 0
    value_heads = shape.count("linear_num_value_heads") or 0
    value_size = shape.count("linear_value_head_dim") or 0
    key, value = key_heads * key_size, value_heads * value_size
    kernel = shape.count("linear_conv_kernel_dim") or 4
    projections = shape.hidden * (2 * key + 2 * value + 2 * value_heads)
    return projections + (2 * key + value) * kernel + 2 * value_heads + value_size + value * shape.hidden
