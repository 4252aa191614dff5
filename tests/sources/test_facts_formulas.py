# ruff: noqa: E501  (a table of configurations)
"""Formulas against counts that others published for the same sizes (small configurations of our own writing)."""

from __future__ import annotations

from typing import Any

import pytest

from budmodel.sources.facts.config import config_of
from budmodel.sources.facts.formulas.compute import compute

LLAMA: dict[str, Any] = {
    "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "tie_word_embeddings": False,
}  # fmt: skip

# sizes, count, who counted
PUBLISHED = {
    "llama 3.1 8B": (LLAMA, 8030261248),
    "bart-base": ({"model_type": "bart", "d_model": 768, "vocab_size": 50265, "encoder_layers": 6, "decoder_layers": 6,
                   "encoder_ffn_dim": 3072, "decoder_ffn_dim": 3072, "max_position_embeddings": 1024}, 139420416),
    "t5-small": ({"model_type": "t5", "d_model": 512, "d_ff": 2048, "d_kv": 64, "num_heads": 8, "num_layers": 6,
                  "vocab_size": 32128}, 60506880),
    "flan-t5-large": ({"model_type": "t5", "d_model": 1024, "d_ff": 2816, "d_kv": 64, "num_heads": 16,
                       "num_layers": 24, "vocab_size": 32128, "feed_forward_proj": "gated-gelu",
                       "tie_word_embeddings": False}, 783150080),
    "vit-base": ({"model_type": "vit", "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
                  "image_size": 224, "patch_size": 16, "architectures": ["ViTForImageClassification"],
                  "id2label": {str(n): "x" for n in range(1000)}}, 86567656),
    "distilbert sst-2": ({"model_type": "distilbert", "dim": 768, "n_layers": 6, "hidden_dim": 3072,
                          "vocab_size": 30522, "max_position_embeddings": 512,
                          "architectures": ["DistilBertForSequenceClassification"]}, 66955010),
    "albert small": ({"model_type": "albert", "hidden_size": 768, "embedding_size": 128, "intermediate_size": 3072,
                      "num_hidden_layers": 6, "vocab_size": 30000, "architectures": ["AlbertModel"]}, 11683584),
    "wav2vec2 large": ({"model_type": "wav2vec2", "hidden_size": 1024, "intermediate_size": 4096,
                        "num_hidden_layers": 24, "conv_bias": True, "feat_extract_norm": "layer", "vocab_size": 33,
                        "architectures": ["Wav2Vec2ForCTC"]}, 315472545),
    "whisper large v3": ({"model_type": "whisper", "d_model": 1280, "encoder_layers": 32, "decoder_layers": 32,
                          "encoder_ffn_dim": 5120, "decoder_ffn_dim": 5120, "vocab_size": 51866,
                          "num_mel_bins": 128}, 1543490560),
    "gpt2": ({"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "n_positions": 1024,
              "vocab_size": 50257}, 124439808),
    "pythia 12b": ({"model_type": "gpt_neox", "hidden_size": 5120, "intermediate_size": 20480,
                    "num_hidden_layers": 36, "num_attention_heads": 40, "vocab_size": 50688}, 11846072320),
    "bert base": ({"model_type": "bert", "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
                   "vocab_size": 30522, "architectures": ["BertModel"]}, 109482240),
    "roberta base": ({"model_type": "roberta", "hidden_size": 768, "intermediate_size": 3072,
                      "num_hidden_layers": 12, "vocab_size": 50265, "max_position_embeddings": 514,
                      "type_vocab_size": 1, "architectures": ["RobertaModel"]}, 124645632),
    "falcon 7b": ({"model_type": "falcon", "hidden_size": 4544, "num_hidden_layers": 32,
                   "num_attention_heads": 71, "vocab_size": 65024, "multi_query": True}, 6921720704),
    "clip base 32": ({"model_type": "clip", "projection_dim": 512, "text_config": {"hidden_size": 512},
                      "vision_config": {"hidden_size": 768}}, 151277313),
    "mamba 1.4b": ({"model_type": "mamba", "hidden_size": 2048, "num_hidden_layers": 48, "vocab_size": 50280},
                   1372178432),
    "phi-2": ({"model_type": "phi", "hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 32,
               "num_attention_heads": 32, "vocab_size": 51200}, 2779683840),
}  # fmt: skip


@pytest.mark.parametrize(("config", "count"), PUBLISHED.values(), ids=list(PUBLISHED))
def test_within_one_percent(config: dict[str, Any], count: int) -> None:
    found = compute(config_of(config))
    assert found is not None
    assert abs(found.total - count) <= 0.01 * count
    assert found.active is None


def test_a_mixture_has_active_parameters() -> None:
    found = compute(config_of({**LLAMA, "model_type": "mixtral", "vocab_size": 32000, "num_local_experts": 8,
                               "num_experts_per_tok": 2}))  # fmt: skip
    assert found is not None and (found.total, found.active) == (46702792704, 12879925248)


def test_strange_networks_are_not_guessed() -> None:
    assert compute(config_of({**LLAMA, "model_type": "new", "mamba_d_state": 16})) is None
    guess = compute(config_of({**LLAMA, "model_type": "new"}))
    assert guess is not None and not guess.known
    assert compute(config_of({**LLAMA, "num_hidden_layers": 10**9})) is None
    assert compute(config_of({**LLAMA, "hidden_size": 2**70})) is None
    assert compute(config_of({**LLAMA, "hidden_size": -1})) is None
