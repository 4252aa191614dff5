"""Feed-forward blocks: dense ones, and mixtures of experts."""

from __future__ import annotations

from budmodel.sources.facts.formulas.shape import Shape, Tally


def experts_of(shape: Shape) -> int:
    """Number of routed experts of a layer; 0 for dense models."""
    return shape.count("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts") or 0


def chosen_of(shape: Shape) -> int:
    """Number of routed experts that work on one token."""
    keys = ("num_experts_per_tok", "num_experts_per_token", "top_k_experts", "experts_per_token", "moe_topk")
    return shape.count(*keys, "moe_top_k") or 1


def feed_forward(shape: Shape, layer: int) -> Tally:
    """Parameters of the feed-forward block of a layer, without its norms."""
    if not experts_of(shape) or not _sparse(shape, layer):
        return _dense(shape, layer)
    mixture = _mixture(shape)
    if shape.config.get("enable_moe_block") is True:
        # Gemma 4 adds the experts to the dense block.
        return mixture.plus(_dense(shape, layer).total)
    return mixture


def _dense(shape: Shape, layer: int) -> Tally:
    width = shape.count("dense_intermediate_size", "intermediate_size_mlp") if experts_of(shape) else None
    width = width or shape.inner
    if shape.kind == "qwen":
        width //= 2  # the first Qwen counts gate and up together
    if shape.config.get("use_double_wide_mlp") is True:
        shared = shape.count("num_kv_shared_layers") or 0
        width *= 2 if shared and layer >= shape.layers - shared else 1
    count = (3 if shape.gated else 2) * shape.hidden * width
    if shape.config.get("mlp_bias") is True or shape.kind in ("phi", "gpt2", "gpt_neox", "bloom", "opt"):
        count += (2 if shape.gated else 1) * width + shape.hidden
    return Tally(count, count)


def _mixture(shape: Shape) -> Tally:
    experts, chosen = experts_of(shape), chosen_of(shape)
    width = shape.count("moe_intermediate_size", "expert_intermediate_size", "ffn_hidden_size") or shape.inner
    one = 3 * shape.hidden * width
    if shape.kind == "gpt_oss":
        one += 2 * width + shape.hidden
    router = shape.hidden * experts + (experts if shape.kind in ("gpt_oss", "deepseek_v3") else 0)
    always = router + _shared(shape, width)
    return Tally(experts * one + always, min(chosen, experts) * one + always)


def _shared(shape: Shape, width: int) -> int:
    """Experts that see every token: by number (DeepSeek) or by width (Qwen)."""
    stated = shape.count(
        "shared_expert_intermediate_size", "shared_intermediate_size", "moe_shared_expert_intermediate_size"
    )
    number = shape.count("n_shared_experts", "num_shared_experts", "moe_num_shared_experts") or 0
    if stated:
        gate = shape.hidden if shape.kind.startswith(("qwen2", "qwen3")) else 0
        return 3 * shape.hidden * stated * max(number, 1) + gate
    if shape.kind.startswith("llama4"):
        number = 1
    return 3 * shape.hidden * width * number


def _sparse(shape: Shape, layer: int) -> bool:
    """Whether a layer has experts; the others are dense."""
    named = shape.at("mlp_layer_types", layer)
    if isinstance(named, str):
        return named != "dense"
    if isinstance(flag := shape.at("moe_layer_freq", layer), int):
        return flag != 0
    if layer < (shape.count("first_k_dense_replace", least=0) or 0):
        return False
    for key in ("mlp_only_layers", "dense_layers"):
        listed = shape.config.get(key)
        if isinstance(listed, list) and layer in listed:
            return False
    listed = shape.config.get("moe_layers")
    if isinstance(listed, list) and listed:
        return layer in listed
    step = (
        shape.count(
            "decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_freq", "moe_layer_interval"
        )
        or 1
    )
    return (layer + 1) % step == 0 if step > 1 else True
