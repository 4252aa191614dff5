"""Vision transformers: alone, in CLIP's pair, and as the eyes of a language model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budmodel.sources.facts.config import model_type, with_defaults
from budmodel.sources.facts.formulas.encoder import block
from budmodel.sources.facts.numbers import first, table, words


def tower(config: Mapping[str, Any]) -> int:
    """A vision transformer (arXiv:2010.11929): patches, positions, layers; 0 where sizes are missing."""
    config = with_defaults(config)
    hidden = first(config, "hidden_size", "embed_dim", "vt_hidden_size", "width")
    layers = first(config, "num_hidden_layers", "depth", "vt_num_hidden_layers", "layers")
    if not (hidden and layers):
        return 0
    layers += first(config, "num_global_layers") or 0
    inner = first(config, "intermediate_size", "vt_intermediate_size") or 4 * hidden
    patch = first(config, "patch_size") or 14
    depth = first(config, "temporal_patch_size") or 1
    count = 3 * patch * patch * depth * hidden + layers * block(hidden, inner)
    if model_type(config) in ("qwen2_5_vl", "gemma4_vision") or first(config, "fullatt_block_indexes"):
        count += layers * hidden * inner  # a gate
    elif config.get("fullatt_block_indexes"):
        count += layers * hidden * inner
    image = first(config, "image_size")
    positions = first(config, "num_position_embeddings") or ((image // patch) ** 2 + 1 if image else 0)
    if first(config, "position_embedding_size"):
        positions = 2 * (first(config, "position_embedding_size") or 0)
    return count + positions * hidden + 4 * hidden


def bridge(config: Mapping[str, Any], hidden: int) -> int:
    """What joins a tower to a language model of the width ``hidden``: a merger or a projector."""
    vision = with_defaults(table(config.get("vision_config")))
    width = first(vision, "hidden_size", "embed_dim", "vt_hidden_size", "width")
    if width is None:
        return 0
    merged = width * (first(vision, "spatial_merge_size", "merge_size") or 1) ** 2
    output = first(vision, "vision_output_dim")
    if output:
        return output * hidden
    if first(vision, "spatial_merge_size"):
        stages = vision.get("deepstack_visual_indexes")
        mergers = 1 + (len(stages) if isinstance(stages, list) and len(stages) < 100 else 0)
        return mergers * (merged * merged + merged + merged * hidden + hidden)
    kind = model_type(config)
    if kind.startswith(("gemma", "paligemma")):
        return width * hidden
    return merged * hidden + hidden * hidden + 2 * hidden


def vit(config: Mapping[str, Any]) -> int | None:
    """ViT, DeiT and BEiT-like classifiers with the head that is named."""
    hidden, layers = first(config, "hidden_size"), first(config, "num_hidden_layers")
    inner, image = first(config, "intermediate_size"), first(config, "image_size")
    patch = first(config, "patch_size")
    if not (hidden and layers and inner and image and patch):
        return None
    channels = first(config, "num_channels") or 3
    positions = (image // patch) ** 2 + 1
    count = channels * patch * patch * hidden + hidden + (positions + 1) * hidden
    count += layers * block(hidden, inner) + 2 * hidden
    labels = config.get("id2label")
    if any(name.endswith("ForImageClassification") for name in words(config.get("architectures"))):
        number = len(labels) if isinstance(labels, dict) and labels else first(config, "num_labels") or 2
        return count + hidden * number + number
    return count + hidden * hidden + hidden


def clip(config: Mapping[str, Any]) -> int | None:
    """CLIP (arXiv:2103.00020): a text and a vision tower, a projection for each, a temperature."""
    if not table(config.get("text_config")) or not table(config.get("vision_config")):
        return None
    text = with_defaults(table(config.get("text_config")), "clip_text_model")
    vision = with_defaults(table(config.get("vision_config")), "clip_vision_model")
    shared = first(config, "projection_dim") or 512
    one, two = clip_text(text), clip_vision(vision)
    if one is None or two is None:
        return None
    return one + two + shared * ((first(text, "hidden_size") or 0) + (first(vision, "hidden_size") or 0)) + 1


def clip_text(config: Mapping[str, Any]) -> int | None:
    """CLIP's text tower."""
    hidden, layers = first(config, "hidden_size"), first(config, "num_hidden_layers")
    inner, vocabulary = first(config, "intermediate_size"), first(config, "vocab_size")
    if not (hidden and layers and inner and vocabulary):
        return None
    positions = first(config, "max_position_embeddings") or 77
    return (vocabulary + positions + 2) * hidden + layers * block(hidden, inner)


def clip_vision(config: Mapping[str, Any]) -> int | None:
    """CLIP's vision tower, with its projection where the class has one."""
    hidden, layers = first(config, "hidden_size"), first(config, "num_hidden_layers")
    inner = first(config, "intermediate_size")
    if not (hidden and layers and inner):
        return None
    patch, image = first(config, "patch_size") or 32, first(config, "image_size") or 224
    count = (
        3 * patch * patch * hidden + ((image // patch) ** 2 + 2 + 4) * hidden + layers * block(hidden, inner)
    )
    if any(name.endswith("WithProjection") for name in words(config.get("architectures"))):
        count += hidden * (first(config, "projection_dim") or 512)
    return count
