"""How the weights are stored: format, precision and quantization."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from budmodel.sources.facts.config import Config
from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.gguf import GgufSummary
from budmodel.sources.facts.numbers import real, table, whole, word
from budmodel.sources.facts.text import slug
from budmodel.sources.facts.weights import Counted

DTYPES = {
    "bfloat16": "bf16", "bf16": "bf16", "float16": "fp16", "f16": "fp16", "half": "fp16", "fp16": "fp16",
    "float32": "fp32", "f32": "fp32", "float": "fp32", "fp32": "fp32", "float64": "fp64", "f64": "fp64",
    "f8_e4m3": "fp8", "f8_e5m2": "fp8", "float8_e4m3fn": "fp8", "float8_e5m2": "fp8", "fp8": "fp8",
    "i8": "int8",
}  # fmt: skip
FORMATS = (
    ("safetensors", (".safetensors",)), ("gguf", (".gguf",)),
    ("pytorch", (".bin", ".pt", ".pth", ".ckpt")), ("onnx", (".onnx",)), ("tensorflow", (".h5", ".pb")),
    ("flax", (".msgpack",)), ("nemo", (".nemo",)), ("openvino", (".xml",)), ("coreml", (".mlmodel",
    ".mlpackage")),
    ("tflite", (".tflite",)), ("keras", (".keras",)), ("rust", (".ot",)), ("numpy", (".npz", ".npy")),
    ("pickle", (".pkl", ".joblib")),
)  # fmt: skip
"""Formats by the endings of their files; the first one that a version has is its format."""
_GGUF_KIND = re.compile(
    r"[-._]((?:UD-)?(?:I?Q[1-8](?:_[A-Z0-9]{1,3}){0,2}|MXFP4|BF16|F16|F32))(?=[-._/]|$)", re.IGNORECASE
)
_BITS = {"fp8": 8, "mxfp8": 8, "int8": 8, "w8a8": 8, "nvfp4": 4, "mxfp4": 4, "fp4": 4, "int4": 4, "nf4": 4,
    "awq": 4,
         "fbgemm_fp8": 8, "w4a16": 4, "w8a16": 8, "bitnet": 1.58}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantized:
    """How the weights were made smaller."""

    method: str
    bits: float | None = None
    group_size: int | None = None

    def record(self) -> dict[str, Any]:
        """As the version's ``quantization``."""
        bits = int(self.bits) if self.bits is not None and self.bits == int(self.bits) else self.bits
        found = {"method": self.method, "bits": bits, "group_size": self.group_size}
        return {key: value for key, value in found.items() if value is not None}


def quantization_of(
    documents: Documents, config: Config, paths: tuple[str, ...], gguf: GgufSummary | None
) -> Quantized | None:
    """From ``quantization_config``, the files of ModelOpt and AutoGPTQ, or the names of GGUF files."""
    block = table(config.whole.get("quantization_config")) or table(config.text.get("quantization_config"))
    block = block or table(config.whole.get("compression_config"))
    apart = documents.json("hf_quant_config.json")
    if apart:
        modelopt = table(apart.get("quantization"))
        block = {
            **{key: value for key, value in block.items() if key != "quant_method"},
            **modelopt,
            "modelopt": True,
        }
    if not block:
        apart = documents.json("quantize_config.json") or documents.json("quant_config.json")
        if apart:
            block = {"quant_method": "awq" if "w_bit" in apart else "gptq", **apart}
    if block:
        return _named(documents, _from_block(block))
    mlx = table(config.whole.get("quantization"))
    if whole(mlx.get("bits"), most=64):
        return Quantized(slug(f"mlx-{word(mlx.get('mode')) or 'affine'}"), real(mlx.get("bits")), _group(mlx))
    return _from_gguf(paths, gguf)


def _named(documents: Documents, found: Quantized) -> Quantized:
    """An unnamed method gets the one that the repository's name speaks of, and a note."""
    name = str(documents.listing.source.get("model_id") or documents.listing.suggested_name).lower()
    spoken = next((method for method in ("gptq", "awq", "exl2", "bnb", "hqq") if method in name), None)
    if spoken is None or not re.match(r"int\d+\Z|unknown\Z", found.method):
        return found
    documents.notes.add("guess", "quantization", f"the method is not stated; the name says {spoken}")
    return Quantized(spoken, found.bits, found.group_size)


def _from_block(block: Mapping[str, Any]) -> Quantized:
    algorithm = word(block.get("quant_algo")) or word(block.get("moe_quant_algo"))
    method = word(block.get("quant_method")) or ""
    if (method in ("modelopt", "") or block.get("modelopt")) and algorithm:
        method = algorithm
    if not method:
        method = "gptq" if "desc_act" in block else "bitsandbytes" if "load_in_4bit" in block else "unknown"
        method = (
            "int" + str(block["bits"])
            if method == "unknown" and whole(block.get("bits"), most=64)
            else method
        )
    name = slug(method).replace("_", "-") or "unknown"
    weights = _weights(block)
    bits = real(block.get("bits")) or real(block.get("w_bit")) or real(block.get("weight_bits"))
    bits = bits or real(weights.get("num_bits"))
    if block.get("load_in_4bit") is True:
        bits = 4
    elif block.get("load_in_8bit") is True:
        bits = 8
    key = name.replace("-", "_")
    if name != "mixed-precision":
        bits = bits or _BITS.get(key) or _BITS.get(name)
    if bits is not None and not 0 < bits <= 64:
        bits = None
    return Quantized(name, None if name == "mixed-precision" else bits, _group(block) or _group(weights))


def _weights(block: Mapping[str, Any]) -> Mapping[str, Any]:
    groups = list(table(block.get("config_groups")).values())
    return table(table(groups[0]).get("weights")) if groups else {}


def _group(block: Mapping[str, Any]) -> int | None:
    return whole(block.get("group_size") or block.get("q_group_size"), least=-1, most=10**6)


def gguf_kinds(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The quantizations that the names of GGUF files speak of, in order and once each."""
    kinds = [
        match[1].lower()
        for path in paths
        if path.endswith(".gguf") and "mmproj" not in path.lower()
        for match in [_GGUF_KIND.search(path.removesuffix(".gguf"))]
        if match
    ]
    return tuple(dict.fromkeys(kinds))


def _from_gguf(paths: tuple[str, ...], gguf: GgufSummary | None) -> Quantized | None:
    if format_of(paths) != "gguf":
        return None
    kinds = gguf_kinds(paths)
    kind = kinds[0] if len(kinds) == 1 else gguf.file_type if gguf and not kinds else None
    if len(kinds) > 1:
        return Quantized("gguf")
    if kind is None:
        return Quantized("gguf")
    if kind in ("f16", "f32", "bf16"):
        return None
    digits = re.search(r"\d", kind)
    return Quantized(slug(f"gguf-{kind}"), float(digits[0]) if digits else None)


def format_of(paths: tuple[str, ...]) -> str | None:
    """The format of the weights among the files of a version."""
    for name, endings in FORMATS:
        if any(path.endswith(endings) for path in paths if "training_args" not in path):
            return name
    return None


def precision_of(
    config: Config, counted: Counted | None, quantized: Quantized | None, paths: tuple[str, ...]
) -> str | None:
    """The dtype that most weights have, or that the configuration says they have."""
    if quantized is not None and quantized.bits == 8 and "fp8" in quantized.method:
        return "fp8"
    floats = {kind: n for kind, n in (counted.by_type if counted else {}).items() if kind.lower() in DTYPES}
    if floats:
        return DTYPES[max(floats, key=lambda kind: floats[kind]).lower()]
    for part in (config.whole, config.text):
        said = word(part.get("dtype")) or word(part.get("torch_dtype"))
        if said and said.removeprefix("torch.").lower() in DTYPES:
            return DTYPES[said.removeprefix("torch.").lower()]
    kinds = gguf_kinds(paths)
    return DTYPES.get(kinds[0]) if len(kinds) == 1 else None
