"""The longest input in tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budmodel.sources.facts.card import Card
from budmodel.sources.facts.config import Config, model_type
from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.gguf import GgufSummary
from budmodel.sources.facts.numbers import real, table, whole, word

LONGEST = 10**9
KEYS = ("max_position_embeddings", "n_positions", "max_seq_len", "max_sequence_length", "seq_length", "n_ctx",
        "model_max_length", "max_target_positions")  # fmt: skip
SENSELESS = ("vit", "deit", "clip_vision_model", "wav2vec2", "hubert", "detr", "swin", "dinov2",
    "siglip_vision_model",
             "convnext", "resnet", "beit", "segformer", "vision_encoder_decoder",
             "vision-encoder-decoder")  # fmt: skip
"""Kinds of model that take no tokens."""
# These count positions from pad_token_id + 1 on: transformers, create_position_ids_from_input_ids.
PADDED = ("roberta", "xlm_roberta", "xlm_roberta_xl", "camembert", "mpnet", "longformer", "ibert", "esm",
    "luke",
          "roberta_prelayernorm", "xmod", "data2vec_text", "flaubert_roberta")  # fmt: skip
_SCALED = ("yarn", "longrope", "su", "dynamic", "linear", "ntk")


def context_length_of(
    documents: Documents, config: Config, card: Card, gguf: GgufSummary | None
) -> int | None:
    """The context length; None for models that take no tokens, or where nothing says it.

    ``max_position_embeddings`` of the language part, or what the family calls it. Rope scaling is applied
    where the file names the length before it: the longer of the stated length and ``factor`` times the
    original one (transformers, modeling_rope_utils; llama3 states the scaled length itself). RoBERTa's kin
    lose the positions that padding takes. Whisper and other speech decoders: the tokens that the decoder
    can hold (``max_target_positions``), since its input is sound.
    """
    kind = model_type(config.whole)
    if kind in SENSELESS and not config.nested:
        return None
    found = next((n for key in KEYS if (n := whole(config.text.get(key), most=LONGEST))), None)
    if found is None and config.nested:
        found = next((n for key in KEYS if (n := whole(config.whole.get(key), most=LONGEST))), None)
    if found is not None:
        if kind in PADDED:
            padding = whole(config.whole.get("pad_token_id"), least=0, most=10)
            found -= (1 if padding is None else padding) + 1
        return _scaled(config.text, found) if found > 0 else None
    if gguf is not None and gguf.context_length and gguf.context_length <= LONGEST:
        return gguf.context_length
    return _of_tokenizer(documents, config)


def _scaled(config: Mapping[str, Any], length: int) -> int:
    longest = length
    for scaling in _scalings(config):
        kind = word(scaling.get("rope_type")) or word(scaling.get("type")) or ""
        factor, original = real(scaling.get("factor")), whole(scaling.get("original_max_position_embeddings"))
        if kind in _SCALED and factor and original and 1 <= factor <= 10_000:
            longest = max(longest, round(factor * original))
    return longest if longest <= LONGEST else length


def _scalings(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """``rope_scaling``, or ``rope_parameters``, which may hold one set for each kind of layer."""
    found = []
    for key in ("rope_scaling", "rope_parameters"):
        block = table(config.get(key))
        found += [block, *(table(inner) for inner in block.values() if isinstance(inner, dict))]
    return found


def _of_tokenizer(documents: Documents, config: Config) -> int | None:
    """``model_max_length`` where it is one: tokenizers without a limit say 10^30."""
    if not config.whole or documents.json("model_index.json"):
        return None
    return whole(documents.json("tokenizer_config.json").get("model_max_length"), most=10_000_000)
