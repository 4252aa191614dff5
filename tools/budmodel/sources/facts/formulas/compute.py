"""Which formula belongs to a configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from budmodel.schema.values import PARAMETER_MAX
from budmodel.sources.facts.config import Config, model_type
from budmodel.sources.facts.formulas import encoder, hybrid, vision
from budmodel.sources.facts.formulas.decoder import decoder
from budmodel.sources.facts.formulas.shape import Tally
from budmodel.sources.facts.numbers import first, table

ENCODERS: Mapping[str, Callable[[Mapping[str, Any]], int | None]] = {
    **dict.fromkeys(("bert", "roberta", "xlm_roberta", "camembert", "mpnet", "electra", "distilbert",
    "albert", "ernie"),
                    encoder.bert),
    **dict.fromkeys(("bart", "mbart", "marian", "m2m_100", "pegasus", "blenderbot_small"), encoder.bart),
    **dict.fromkeys(("t5", "mt5", "umt5", "longt5"), encoder.t5),
    "whisper": encoder.whisper,
    **dict.fromkeys(("wav2vec2", "hubert"), encoder.wav2vec2),
    **dict.fromkeys(("vit", "deit"), vision.vit),
    "clip": vision.clip,
    "clip_vision_model": vision.clip_vision,
    "clip_text_model": vision.clip_text,
}  # fmt: skip

# Classes without a language model's output matrix: bare models, rewards, classifiers.
_HEADLESS = re.compile(r"(?<!LMHead)Model$|For(Reward|Sequence|Token)\w*$")


@dataclass(frozen=True, slots=True)
class Computed:
    """A computed count."""

    total: int
    active: int | None
    """For mixtures of experts: what works on one token."""
    known: bool
    """Whether the family's formula was checked; otherwise the plain transformer's was used."""


def compute(config: Config, *, embedding: bool = False) -> Computed | None:
    """Parameters by the formula of the family; None where none fits or the result is absurd.

    ``embedding`` tells that the model gives vectors and so has no output matrix over its vocabulary.
    """
    kind = model_type(config.whole)
    formula = ENCODERS.get(kind)
    if formula is not None:
        count = formula(config.whole)
        return None if count is None else _checked(Tally(count, count), known=True)
    text_kind = model_type(config.text)
    if "nemotron_h" in (kind, text_kind):
        return _checked(hybrid.nemotron_h(config.text), known=True)
    if kind in ("mamba", "mamba2", "falcon_mamba"):
        return _checked(hybrid.mamba(config.text), known=True)
    found = _language(config, head=not embedding)
    if found is None:
        return None
    tally, known = found
    senses = _senses(config)
    if senses is None:
        return None
    # A text token does not pass the parts that see and hear: they do not count as active.
    return _checked(
        Tally(tally.total + senses, tally.active), known=known, mixture=tally.active < tally.total
    )


def _language(config: Config, *, head: bool) -> tuple[Tally, bool] | None:
    generative = not config.class_names or any(
        name.endswith(("ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "ForRewardModel", "Model"))
        or "CausalLM" in name
        or "ForSequenceClassification" in name
        for name in config.class_names
    )
    if not generative or config.whole.get("is_encoder_decoder") is True:
        return None
    # The class inherits its kind's habits from the text part; llava's own file of old times has no such part.
    headless = bool(config.class_names) and _HEADLESS.search(config.class_names[0]) is not None
    return decoder(config.text, head=head and not headless)


def _senses(config: Config) -> int | None:
    """The parts that see and hear; None where there is one whose sizes are not in the configuration."""
    hidden = first(config.text, "hidden_size") or 0
    count = 0
    eyes = table(config.whole.get("vision_config"))
    if eyes:
        count += vision.tower(eyes) + vision.bridge(config.whole, hidden)
    elif config.whole.get("mm_vision_tower") or config.whole.get("img_processor"):
        # The tower is named and not described. All that are named so are CLIP ViT-L/14 with 304 million.
        count += 304_000_000 + 1024 * hidden + hidden * hidden
    ears = table(config.whole.get("audio_config"))
    if ears:
        heard = encoder.whisper_encoder(ears)
        if heard is None:
            return None
        width = first(ears, "hidden_size", "d_model") or 0
        count += heard + 4 * width * hidden + hidden * hidden
    return count


def _checked(tally: Tally | None, *, known: bool, mixture: bool | None = None) -> Computed | None:
    if tally is None or not 1 <= tally.total <= PARAMETER_MAX:
        return None
    if mixture is None:
        mixture = tally.active < tally.total
    return Computed(tally.total, tally.active if mixture else None, known)
