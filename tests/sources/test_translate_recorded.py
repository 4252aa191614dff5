# ruff: noqa: E501  (a table is read by its rows)
"""Every recorded answer, configuration and card imports to what others published of it.

Where an expectation comes from stands in its row: ``truth`` is ../shared/data/truth/params.yaml (numbers that the
Hub counted), ``api`` the recorded answer itself, ``config`` the configuration's own words, ``card`` what the maker
publishes in the model's card or report, ``name`` the size in the model's name.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from test_translate_helpers import SHARED, draft_of, memory, needs_shared

from budmodel.schema.values import parse_count

pytestmark = needs_shared
HUB = SHARED / "hf"

# file, architecture, count, origin, licence, base and relation, where the count comes from
API: list[tuple[str, str, int | None, str | None, str | None, str | None, str]] = [
    ("CompVis--stable-diffusion-v1-4@2025-03-21", "stable-diffusion", None, None, "creativeml-openrail-m", None, "api"),
    ("HuggingFaceH4--zephyr-7b-beta@2024-03-14", "mistral", 7241732096, "safetensors", "MIT", "mistralai/Mistral-7B-v0.1 finetune", "truth"),
    ("HuggingFaceH4--zephyr-7b-beta@2025-03-21", "mistral", 7241732096, "safetensors", "MIT", "mistralai/Mistral-7B-v0.1 finetune", "truth"),
    ("HuggingFaceH4--zephyr-orpo-141b-A35b-v0.1@2025-03-21", "mixtral", 140620634112, "safetensors", "Apache-2.0", "mistral-community/Mixtral-8x22B-v0.1 finetune", "truth"),
    ("Salesforce--blip-image-captioning-base@2025-03-21", "blip", None, None, "BSD-3-Clause", None, "api"),
    ("TheBloke--DiscoLM-120b-GPTQ", "llama", 117_750_000_000, "safetensors", "llama-2-community", "DiscoResearch/DiscoLM-120b quantized", "137 layers of Llama 2 70B (truth holds the packed sum, which is no count)"),
    ("Waynehillsdev--Waynehills-STT-doogie-server.EXCERPT", "wav2vec2", None, None, "Apache-2.0", None, "api"),
    ("dandelin--vilt-b32-finetuned-vqa@2025-03-21", "vilt", None, None, "Apache-2.0", None, "api"),
    ("distilbert--distilbert-base-uncased-finetuned-sst-2-english@2025-03-21", "distilbert", 66955010, "safetensors", "Apache-2.0", None, "truth"),
    ("espnet--kan-bayashi_ljspeech_vits@2025-03-21", "espnet", None, None, "CC-BY-4.0", None, "api"),
    ("facebook--bart-base@2025-03-21", "bart", 139420416, "safetensors", "Apache-2.0", None, "truth"),
    ("facebook--detr-resnet-50-panoptic@2025-03-21", "detr", None, None, "Apache-2.0", None, "api"),
    ("ggml-org--gemma-3-1b-it-GGUF", "gemma3", 999885952, "gguf", "gemma", "google/gemma-3-1b-it quantized", "truth"),
    ("google--flan-t5-large@2025-03-21", "t5", 783150080, "safetensors", "Apache-2.0", None, "truth"),
    ("google--vit-base-patch16-224@2025-03-21", "vit", 86567656, "safetensors", "Apache-2.0", None, "truth"),
    ("google-t5--t5-small@2025-03-21", "t5", 60506880, "safetensors", "Apache-2.0", None, "truth"),
    ("jonatasgrosman--wav2vec2-large-xlsr-53-english@2025-03-21", "wav2vec2", 315472545, "safetensors", "Apache-2.0", None, "truth"),
    ("meta-llama--Llama-3.1-8B-Instruct@2025-03-21", "llama", 8030261248, "safetensors", "llama-3.1-community", "meta-llama/Meta-Llama-3.1-8B finetune", "truth"),
    ("meta-llama--Meta-Llama-3-8B-Instruct@2025-03-21", "llama", 8030261248, "safetensors", "llama-3-community", None, "truth"),
    ("microsoft--DialoGPT-small@2024-03-20", "gpt2", 175620096, "safetensors", "MIT", None, "truth"),
    ("microsoft--DialoGPT-small@2025-03-21", "gpt2", 175620096, "safetensors", "MIT", None, "truth"),
    ("naver-clova-ix--donut-base-finetuned-docvqa@2025-03-21", "vision-encoder-decoder", None, None, "MIT", None, "api"),
    ("openai--clip-vit-base-patch32@2025-03-21", "clip", None, None, None, None, "api"),
    ("sentence-transformers--paraphrase-albert-small-v2@2024-04-09", "albert", 11684096, "safetensors", "Apache-2.0", None, "truth"),
    ("sentence-transformers--paraphrase-albert-small-v2@2025-01-29", "albert", 11684096, "safetensors", "Apache-2.0", None, "truth"),
    ("speechbrain--sepformer-wham@2025-03-21", "sepformer-separation", None, None, "Apache-2.0", None, "api"),
    ("stabilityai--stable-diffusion-2-1@2024-04-09", "stable-diffusion", None, None, "creativeml-openrail-plus-plus-m", None, "api"),
    ("stabilityai--stable-diffusion-2-1@2025-01-23", "stable-diffusion", None, None, "creativeml-openrail-plus-plus-m", None, "api"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "architecture", "count", "origin", "licence", "base", "evidence"), API)
def test_api_answers(
    file: str,
    architecture: str,
    count: int | None,
    origin: str,
    licence: str,
    base: str | None,
    evidence: str,
) -> None:
    answer = json.loads((HUB / "api" / f"{file}.api.json").read_text())
    model_id = answer.get("modelId") or answer["id"]
    others = {sibling["rfilename"]: 0 for sibling in answer.get("siblings") or []}
    draft = draft_of(memory(model_id, {}, facts=answer, others=others, sizes=False))
    model = draft.model
    assert draft.name == model_id.split("/")[1].lower()
    assert model["architecture"] == architecture
    assert model.get("license_type") == licence
    assert model.get("parameter_count_origin") == origin
    if count is None:
        assert any(note.kind == "missing" and "--parameter-count" in note.message for note in draft.notes)
    else:
        assert abs(model["parameter_count"] - count) <= 0.01 * count, evidence
    bases = [f"{row['model'].removeprefix('hf:')} {row['relation']}" for row in model.get("base_models", [])]
    assert bases == ([base] if base else [])
    # What only a configuration says is not made up; GGUF says it in the answer.
    assert model.get("context_length") == (32768 if origin == "gguf" else None)


def test_every_api_answer_has_a_row() -> None:
    assert {row[0] for row in API} == {
        path.name.removesuffix(".api.json") for path in (HUB / "api").iterdir()
    }


# file, architecture, context length, count, active, where the counts come from
CONFIGS: list[tuple[str, str, int | None, str | None, str | None, str]] = [
    ("HuggingFaceTB--SmolLM-1.7B", "llama", 2048, "1.71B", None, "card"),
    ("LGAI-EXAONE--EXAONE-4.0-32B", "exaone4", 131072, "32.0B", None, "card"),
    ("MiniMaxAI--MiniMax-M2.5", "minimax_m2", 196608, "229B", "10B", "card, Hub"),
    ("MiniMaxAI--MiniMax-M2.7", "minimax_m2", 204800, "229B", "10B", "card, Hub"),
    ("Qwen--Qwen2-7B", "qwen2", 131072, "7.62B", None, "Hub"),
    ("Qwen--Qwen2.5-1.5B", "qwen2", 131072, "1.54B", None, "card"),
    ("Qwen--Qwen2.5-72B", "qwen2", 131072, "72.7B", None, "card"),
    ("Qwen--Qwen2.5-7B", "qwen2", 131072, "7.61B", None, "card"),
    ("Qwen--Qwen2.5-VL-7B-Instruct", "qwen2_5_vl", 128000, "8.29B", None, "Hub"),
    ("Qwen--Qwen3-1.7B", "qwen3", 40960, "1.72B", None, "config: 1.7B in the card"),
    ("Qwen--Qwen3-235B-A22B", "qwen3_moe", 40960, "235093634560", "22B", "truth, card"),
    ("Qwen--Qwen3-30B-A3B-FP8", "qwen3_moe", 40960, "30.5B", "3.3B", "card"),
    ("Qwen--Qwen3-32B-FP8-Static-PerTensor", "qwen3", 40960, "32.8B", None, "card"),
    ("Qwen--Qwen3-32B", "qwen3", 40960, "32.8B", None, "card"),
    ("Qwen--Qwen3-4B", "qwen3", 40960, "4.0B", None, "card"),
    ("Qwen--Qwen3-8B-FP8", "qwen3", 40960, "8190735360", None, "truth of Qwen3-8B"),
    ("Qwen--Qwen3-8B", "qwen3", 40960, "8190735360", None, "truth"),
    ("Qwen--Qwen3-Embedding-8B", "qwen3", 40960, "7567295488", None, "catalog/models/qwen3-embedding-8b (MTEB's list)"),
    ("Qwen--Qwen3-VL-30B-A3B-Instruct", "qwen3_vl_moe", 262144, "31.1B", "3.3B", "Hub"),
    ("Qwen--Qwen3-VL-32B-Instruct", "qwen3_vl", 262144, "33.4B", None, "Hub"),
    ("Qwen--Qwen3.5-122B-A10B", "qwen3_5_moe", 262144, "122B", "10B", "name"),
    ("Qwen--Qwen3.5-27B", "qwen3_5", 262144, "27B", None, "name"),
    ("Qwen--Qwen3.5-35B-A3B", "qwen3_5_moe", 262144, "35B", "3B", "name"),
    ("Qwen--Qwen3.6-35B-A3B", "qwen3_5_moe", 262144, "35B", "3B", "name"),
    ("Qwen--Qwen3.8-2.4T-A95B-FP8", "qwen3_5_moe_text", 262144, "2.4T", "95B", "name"),
    ("XiaomiMiMo--MiMo-V2-Flash", "mimo_v2_flash", 262144, "309B", "15B", "card"),
    ("allenai--Olmo-3.1-32B-Instruct", "olmo3", 65536, "32.2B", None, "Hub"),
    ("baichuan-inc--Baichuan2-7B-Chat", "baichuan", 4096, "7.51B", None, "Hub"),
    ("bigscience--bloom", "bloom", None, "176247271424", None, "card"),
    ("deepseek-ai--DeepSeek-V3.2", "deepseek_v32", 163840, "671B", "37B", "card of V3"),
    ("deepseek-ai--DeepSeek-V3", "deepseek_v3", 163840, "671B", "37B", "card"),
    ("deepseek-ai--DeepSeek-V4-Pro", "deepseek_v4", 1048576, "1.6T", "49B", "card"),
    ("echarlaix--tiny-random-PhiModel", "phi", 512, None, None, "made up for tests; nobody published a count"),
    ("google--gemma-2-2b-it", "gemma2", 8192, "2.61B", None, "report"),
    ("google--gemma-2-2b", "gemma2", 8192, "2.61B", None, "report"),
    ("google--gemma-2-9b", "gemma2", 8192, "9.24B", None, "report"),
    ("google--gemma-3-1b-it", "gemma3_text", 32768, "999885952", None, "truth of the GGUF"),
    ("google--gemma-3-27b-it", "gemma3", 131072, "27.4B", None, "Hub"),
    ("google--gemma-4-26B-A4B", "gemma4", 262144, "26B", "4B", "name"),
    ("google--gemma-7b", "gemma", 8192, "8.54B", None, "report"),
    ("ibm-granite--granite-3b-code-instruct-128k", "llama", 128000, "3482503680", None, "truth: bytes of the index / 2"),
    ("internlm--internlm2-7b-reward", "internlm2", 32768, "7.36B", None, "Hub"),
    ("intfloat--e5-mistral-7b-instruct", "mistral", 32768, "7.11B", None, "catalog/models/e5-mistral-7b-instruct"),
    ("liuhaotian--llava-v1.5-7b", "llava", 4096, "7.06B", None, "Hub"),
    ("llava-hf--llava-1.5-7b-hf", "llava", 4096, "7.06B", None, "Hub"),
    ("mattshumer--Reflection-Llama-3.1-70B", "llama", 8192, "70.6B", None, "as Llama 3.1 70B"),
    ("meta-llama--Llama-3.1-405B-Instruct-FP8", "llama", 131072, "405B", None, "card"),
    ("meta-llama--Llama-3.1-70B-Instruct", "llama", 131072, "70.6B", None, "Hub"),
    ("meta-llama--Llama-3.2-11B-Vision-Instruct", "mllama", 131072, "10.6B", None, "card"),
    ("meta-llama--Llama-3.2-1B-Instruct", "llama", 131072, "1.23B", None, "card"),
    ("meta-llama--Llama-3.2-3B-Instruct", "llama", 131072, "3.21B", None, "card"),
    ("meta-llama--Meta-Llama-3-70B", "llama", 8192, "70.6B", None, "Hub"),
    ("meta-llama--Meta-Llama-3.1-405B", "llama", 131072, "405B", None, "card"),
    ("meta-llama--Meta-Llama-3.1-70B", "llama", 131072, "70.6B", None, "Hub"),
    ("meta-models--Muse-Glimmer-30B", "muse_glimmer", 131072, None, None, "family unknown: a guess, noted"),
    ("microsoft--Phi-3-vision-128k-instruct", "phi3_v", 131072, "4.15B", None, "Hub"),
    ("microsoft--Phi-3.5-MoE-instruct", "phimoe", 131072, "41.9B", "6.6B", "card"),
    ("mistralai--Mixtral-8x22B-v0.1", "mixtral", 65536, "140620634112", "39B", "truth of a finetune, card"),
    ("mistralai--Mixtral-8x7B-v0.1", "mixtral", 32768, "46.7B", "12.9B", "card"),
    ("mistralai--Voxtral-Mini-3B-2507", "voxtral", 131072, "4.68B", None, "Hub"),
    ("moonshotai--Kimi-K3", "kimi_k3", 1048576, None, None, "no formula: asked for"),
    ("nvidia--DeepSeek-V3.1-NVFP4", "deepseek_v3", 163840, "671B", "37B", "card of the base"),
    ("nvidia--DeepSeek-V3.2-NVFP4", "deepseek_v32", 163840, "671B", "37B", "card of the base"),
    ("nvidia--DeepSeek-V4-Flash-NVFP4", "deepseek_v4", 1048576, "284B", "13B", "card of the base"),
    ("nvidia--DeepSeek-V4-Pro-NVFP4", "deepseek_v4", 1048576, "1.6T", "49B", "card of the base"),
    ("nvidia--GLM-5-NVFP4", "glm_moe_dsa", 202752, "744B", "40B", "card of the base"),
    ("nvidia--GLM-5.1-NVFP4", "glm_moe_dsa", 202752, "744B", "40B", "card of GLM-5"),
    ("nvidia--GLM-5.3-NVFP4", "glm_moe_dsa", 1048576, "744B", "40B", "card of GLM-5"),
    ("nvidia--Gemma-4-31B-IT-NVFP4", "gemma4", 262144, "31B", None, "name"),
    ("nvidia--Kimi-K2.6-NVFP4", "kimi_k25", 262144, "1T", "32B", "catalog/models/kimi-k2.6"),
    ("nvidia--Llama-3_3-Nemotron-Super-49B-v1", "nemotron-nas", 131072, "49.9B", None, "Hub"),
    ("nvidia--MiniMax-M2.7-NVFP4", "minimax_m2", 196608, "229B", "10B", "card, Hub"),
    ("nvidia--MiniMax-M3-NVFP4", "minimax_m3_vl", 1048576, None, None, "family unknown: a guess, noted"),
    ("nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4", "nemotron_h", 262144, "31.6B", "3.6B", "card"),
    ("nvidia--NVIDIA-Nemotron-3-Super-120B-A12B-FP8", "nemotron_h", 262144, "120B", "12B", "name"),
    ("nvidia--NVIDIA-Nemotron-3-Ultra-550B-A55B-NVFP4", "nemotron_h", 262144, "550B", "55B", "name"),
    ("nvidia--Nemotron-H-56B-Base-8K", "nemotron_h", 8192, "56B", None, "name"),
    ("nvidia--Qwen3-235B-A22B-NVFP4", "qwen3_moe", 40960, "235093634560", "22B", "truth of the base"),
    ("nvidia--Qwen3.5-397B-A17B-NVFP4", "qwen3_5_moe", 262144, "397B", "17B", "name"),
    ("openai--gpt-oss-120b", "gpt_oss", 131072, "117B", None, "catalog/models/gpt-oss-120b"),
    ("openai--gpt-oss-20b", "gpt_oss", 131072, "20.9B", None, "card"),
    ("openbmb--MiniCPM3-4B", "minicpm3", 32768, "4.07B", None, "Hub"),
    ("poolside--Laguna-S-2.1-FP8", "laguna", 262144, "118B", None, "computed here; no count published with it"),
    ("poolside--Laguna-XS.2-FP8", "laguna", 262144, "33.4B", None, "computed here; no count published with it"),
    ("sudo-ai--zero123plus-v1.1#vision_encoder", "clip_vision_model", None, "632076800", None, "CLIP ViT-H/14"),
    ("xverse--XVERSE-7B", "xverse", 8192, "7.3B", None, "computed here; 7B in the name"),
    ("zai-org--GLM-5.1-FP8", "glm_moe_dsa", 202752, "744B", "40B", "card of GLM-5"),
    ("zai-org--GLM-5.1", "glm_moe_dsa", 202752, "744B", "40B", "card of GLM-5"),
    ("zai-org--GLM-5.2-FP8", "glm_moe_dsa", 1048576, "744B", "40B", "card of GLM-5"),
    ("zai-org--GLM-5.2", "glm_moe_dsa", 1048576, "744B", "40B", "card of GLM-5"),
]  # fmt: skip


def half_a_digit(text: str) -> float:
    """How far a rounded number may be off: half a unit of its last digit, and one percent at least."""
    digits = text.rstrip("BMT")
    decimals = len(digits.partition(".")[2])
    unit = parse_count(f"1{text[-1]}") if not text[-1].isdigit() else 1
    return max(0.5 * unit / 10**decimals, 0.01 * parse_count(text))


@pytest.mark.parametrize(("file", "architecture", "context", "count", "active", "evidence"), CONFIGS)
def test_configs(
    file: str, architecture: str, context: int | None, count: str | None, active: str | None, evidence: str
) -> None:
    files: dict[str, Any] = {"config.json": (HUB / "configs" / f"{file}.config.json").read_bytes()}
    quantized = HUB / "quant" / f"{file}.hf_quant_config.json"
    if quantized.exists():
        files["hf_quant_config.json"] = quantized.read_bytes()
    draft = draft_of(memory(file.replace("--", "/").replace("#", "-"), files))
    model = draft.model
    assert model["architecture"] == architecture
    assert model.get("context_length") == context
    assert model.get("parameter_count_origin") in ("computed", None)
    if count is not None:
        assert abs(model["parameter_count"] - parse_count(count)) <= half_a_digit(count), evidence
    if active is not None:
        # Makers count embeddings or not: up to a fifth lies between them.
        assert abs(model["active_parameter_count"] - parse_count(active)) <= 0.2 * parse_count(active), (
            evidence
        )
    if "unknown: a guess" in evidence:
        assert any(note.kind == "guess" and note.field == "parameter_count" for note in draft.notes)


def test_every_config_has_a_row() -> None:
    assert {row[0] for row in CONFIGS} == {
        path.name.removesuffix(".config.json") for path in (HUB / "configs").iterdir()
    }
