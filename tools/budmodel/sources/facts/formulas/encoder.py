"""Encoders and encoder-decoders: BERT and its kin, BART, T5, Whisper, wav2vec 2.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budmodel.sources.facts.config import model_type
from budmodel.sources.facts.numbers import first, words


def block(hidden: int, inner: int, *, attentions: int = 1) -> int:
    """A layer with biases: projections of each attention, two dense layers, a norm after each part."""
    return attentions * (4 * hidden * hidden + 6 * hidden) + 2 * hidden * inner + inner + 3 * hidden


def bert(config: Mapping[str, Any]) -> int | None:
    """BERT (arXiv:1810.04805), RoBERTa, XLM-R, MPNet, ELECTRA, DistilBERT, ALBERT, with the named head."""
    hidden = first(config, "hidden_size", "dim")
    layers = first(config, "num_hidden_layers", "n_layers")
    vocabulary = first(config, "vocab_size")
    inner = first(config, "intermediate_size", "hidden_dim")
    if not (hidden and layers and vocabulary and inner):
        return None
    kind = model_type(config)
    narrow = first(config, "embedding_size") or hidden
    positions = first(config, "max_position_embeddings") or 512
    types = 0 if kind in ("distilbert", "mpnet") else first(config, "type_vocab_size", least=0)
    types = 2 if types is None else types
    count = (vocabulary + positions + types + 2) * narrow
    if narrow != hidden:
        count += narrow * hidden + hidden
    if kind == "albert":
        layers = first(config, "num_hidden_groups") or 1
    count += layers * block(hidden, inner)
    if kind == "mpnet":
        count += (first(config, "relative_attention_num_buckets") or 32) * (
            first(config, "num_attention_heads") or 12
        )
    return count + _head(config, kind, hidden, narrow, vocabulary)


def _head(config: Mapping[str, Any], kind: str, hidden: int, narrow: int, vocabulary: int) -> int:
    name = (words(config.get("architectures")) or ["Model"])[0]
    square = hidden * hidden + hidden
    labels = config.get("id2label")
    number = len(labels) if isinstance(labels, dict) and labels else 2
    if name.endswith("ForMaskedLM"):
        return hidden * narrow + 3 * narrow + vocabulary
    if name.endswith(("ForTokenClassification", "ForQuestionAnswering")):
        return hidden * number + number
    classifier = hidden * number + number if name.endswith("ForSequenceClassification") else 0
    if kind in ("distilbert", "electra") and not classifier:
        return 0
    return square + classifier


def bart(config: Mapping[str, Any]) -> int | None:
    """BART, mBART, Marian, M2M-100, Pegasus (arXiv:1910.13461): shared embeddings, two stacks."""
    hidden, vocabulary = first(config, "d_model"), first(config, "vocab_size")
    encoders, decoders = first(config, "encoder_layers"), first(config, "decoder_layers")
    wide, wider = first(config, "encoder_ffn_dim"), first(config, "decoder_ffn_dim")
    if not (hidden and vocabulary and encoders and decoders and wide and wider):
        return None
    positions = first(config, "max_position_embeddings") or 1024
    sinusoidal = model_type(config) in ("marian", "m2m_100", "pegasus")
    ends = 0 if sinusoidal else 2 * (positions + 2) * hidden + 4 * hidden
    layers = encoders * block(hidden, wide) + decoders * block(hidden, wider, attentions=2)
    return vocabulary * hidden + ends + layers


def t5(config: Mapping[str, Any]) -> int | None:
    """T5, Flan-T5, mT5, UL2, LongT5 (arXiv:1910.10683): no biases, relative positions, gated since v1.1."""
    hidden, inner, vocabulary = first(config, "d_model"), first(config, "d_ff"), first(config, "vocab_size")
    encoders, heads = first(config, "num_layers"), first(config, "num_heads")
    if not (hidden and inner and vocabulary and encoders and heads):
        return None
    decoders = first(config, "num_decoder_layers") or encoders
    projected = heads * (first(config, "d_kv") or 64)
    gated = str(config.get("feed_forward_proj") or "relu").startswith("gated")
    dense = (3 if gated else 2) * hidden * inner
    one = 4 * hidden * projected
    count = encoders * (one + dense + 2 * hidden) + 2 * hidden
    buckets = (first(config, "relative_attention_num_buckets") or 32) * heads
    only_encoder = any(name.endswith("EncoderModel") for name in words(config.get("architectures")))
    if only_encoder:
        return count + buckets + vocabulary * hidden - hidden
    count += decoders * (2 * one + dense + 3 * hidden) + 2 * buckets
    return count + vocabulary * hidden * (2 if config.get("tie_word_embeddings") is False else 1)


def whisper(config: Mapping[str, Any]) -> int | None:
    """Whisper (arXiv:2212.04356): two convolutions, an encoder over 1500 frames, a decoder."""
    hidden, vocabulary, decoders = (
        first(config, "d_model"),
        first(config, "vocab_size"),
        first(config, "decoder_layers"),
    )
    encoder = whisper_encoder(config)
    if not (hidden and vocabulary and decoders and encoder):
        return None
    inner = first(config, "decoder_ffn_dim") or 4 * hidden
    targets = first(config, "max_target_positions") or 448
    # The key projections have no bias.
    return (
        encoder
        + (vocabulary + targets + 2) * hidden
        + decoders * (block(hidden, inner, attentions=2) - 2 * hidden)
    )


def whisper_encoder(config: Mapping[str, Any]) -> int | None:
    """The audio half of Whisper, also inside Voxtral and Qwen-Audio."""
    hidden = first(config, "d_model", "hidden_size")
    layers = first(config, "encoder_layers", "num_hidden_layers")
    if not (hidden and layers):
        return None
    inner = first(config, "encoder_ffn_dim", "intermediate_size") or 4 * hidden
    frames = first(config, "max_source_positions") or 1500
    convolutions = 3 * hidden * ((first(config, "num_mel_bins") or 80) + hidden) + 2 * hidden
    return convolutions + (frames + 2) * hidden + layers * (block(hidden, inner) - hidden)


def wav2vec2(config: Mapping[str, Any]) -> int | None:
    """wav2vec 2.0 (arXiv:2006.11477): convolutions, one of them for positions, a BERT-like encoder."""
    hidden, layers = first(config, "hidden_size"), first(config, "num_hidden_layers")
    inner = first(config, "intermediate_size")
    widths, kernels = config.get("conv_dim"), config.get("conv_kernel")
    if not (hidden and layers and inner):
        return None
    widths = _counts(widths) or [512] * 7
    kernels = _counts(kernels) or [10, 3, 3, 3, 3, 2, 2]
    count, before = 0, 1
    each = config.get("feat_extract_norm") == "layer"
    for index, (width, kernel) in enumerate(zip(widths, kernels, strict=False)):
        count += before * width * kernel + (width if config.get("conv_bias") else 0)
        count += 2 * width if each or index == 0 else 0
        before = width
    count += 2 * before + before * hidden + hidden + hidden
    kernel, groups = (
        first(config, "num_conv_pos_embeddings") or 128,
        first(config, "num_conv_pos_embedding_groups") or 16,
    )
    count += hidden * (hidden // groups) * kernel + kernel + hidden
    count += layers * block(hidden, inner) + 2 * hidden
    vocabulary = first(config, "vocab_size") or 32
    ctc = any(name.endswith("ForCTC") for name in words(config.get("architectures")))
    return count + (hidden * vocabulary + vocabulary if ctc else 0)


def _counts(value: Any) -> list[int]:
    """A list of plausible sizes; empty for anything else."""
    listed = value if isinstance(value, list) and len(value) < 100 else []
    return listed if all(isinstance(n, int) and 0 < n < 10**6 for n in listed) else []
