"""State-space models and their mixtures with attention: Mamba, Mamba-2, Nemotron-H."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budmodel.sources.facts.formulas.attention import standard
from budmodel.sources.facts.formulas.decoder import ends
from budmodel.sources.facts.formulas.shape import Shape, Tally, shape_of

_LETTERS = {"M": "mamba", "*": "attention", "-": "mlp", "E": "moe"}


def nemotron_h(config: Mapping[str, Any]) -> Tally | None:
    """Nemotron-H (arXiv:2504.03624): one block in each layer, of the kind that the pattern names."""
    pattern = config.get("hybrid_override_pattern")
    kinds = config.get("layers_block_type")
    if isinstance(pattern, str) and len(pattern) <= 2000:
        kinds = [_LETTERS.get(letter) for letter in pattern if letter != "|"]
    if not isinstance(kinds, list) or not kinds or len(kinds) > 2000:
        return None
    shape = shape_of({**config, "num_hidden_layers": len(kinds)})
    if shape is None or any(kind not in _LETTERS.values() for kind in kinds):
        return None
    total = Tally(0, 0).plus(ends(shape))
    for layer, kind in enumerate(kinds):
        block = _mixture(shape) if kind == "moe" else Tally(0, 0).plus(_block(shape, layer, kind))
        total = Tally(total.total + block.total, total.active + block.active).plus(shape.hidden)
    return total


def _block(shape: Shape, layer: int, kind: str) -> int:
    if kind == "mamba":
        return mamba2_mixer(shape)
    return standard(shape, layer) if kind == "attention" else 2 * shape.hidden * shape.inner


def _mixture(shape: Shape) -> Tally:
    """Experts of two matrices (squared ReLU), which may work in a narrower space than the model."""
    experts, width = shape.count("n_routed_experts") or 0, shape.count("moe_intermediate_size") or shape.inner
    narrow = shape.count("moe_latent_size")
    one = 2 * (narrow or shape.hidden) * width
    always = shape.hidden * experts + experts + (2 * shape.hidden * narrow if narrow else 0)
    shared = shape.count("moe_shared_expert_intermediate_size") or 0
    always += 2 * shape.hidden * shared * (shape.count("n_shared_experts") or 1)
    chosen = min(shape.count("num_experts_per_tok") or 1, experts)
    return Tally(experts * one + always, chosen * one + always)


def mamba2_mixer(shape: Shape) -> int:
    """A Mamba-2 mixer (arXiv:2405.21060, section 7)."""
    heads = shape.count("mamba_num_heads", "num_heads") or 1
    size = shape.count("mamba_head_dim", "head_dim") or 64
    groups, state = shape.count("n_groups") or 1, shape.count("ssm_state_size", "state_size") or 128
    inner = heads * size
    convolved = inner + 2 * groups * state
    kernel = shape.count("conv_kernel") or 4
    count = shape.hidden * (inner + convolved + heads) + convolved * (kernel + 1)
    return count + 3 * heads + inner + inner * shape.hidden


def mamba(config: Mapping[str, Any]) -> Tally | None:
    """Mamba (arXiv:2312.00752, section 3.4) and Mamba-2 as transformers saves them; embeddings are tied."""
    shape = shape_of({"tie_word_embeddings": True, **config})
    if shape is None:
        return None
    if shape.kind == "mamba2":
        layer = mamba2_mixer(shape)
    else:
        inner = shape.count("intermediate_size") or shape.hidden * (shape.count("expand") or 2)
        state = shape.count("state_size") or 16
        rank = shape.count("time_step_rank") or -(-shape.hidden // 16)
        kernel = shape.count("conv_kernel") or 4
        layer = shape.hidden * 2 * inner + inner * (kernel + 1) + inner * (rank + 2 * state)
        layer += rank * inner + inner + inner * state + inner + inner * shape.hidden
    count = ends(shape) + shape.layers * (layer + shape.hidden)
    return Tally(count, count)
