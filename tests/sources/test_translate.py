# ruff: noqa: E501  (tables of cases)
"""From files to a draft: what is derived, who wins, and what hostile bytes cannot do."""

from __future__ import annotations

import dataclasses
import json
import struct
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_translate_helpers import BOOK, ROOT, draft_of, kinds, memory

from budmodel.domain.benchmark_names import KNOWN
from budmodel.errors import OutsideError
from budmodel.schema.values import NAME_PATTERN
from budmodel.sources.facts.selection import takes
from budmodel.sources.facts.text import describe, name_of
from budmodel.sources.interface import Stated
from budmodel.sources.translate import translate
from budmodel.store.yaml_reader import load

QWEN: dict[str, Any] = {
    "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "hidden_size": 64, "intermediate_size": 128,
    "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1000,
    "max_position_embeddings": 32768, "torch_dtype": "bfloat16",
}  # fmt: skip


def header(tensors: dict[str, tuple[str, list[int]]]) -> bytes:
    body = json.dumps(
        {name: {"dtype": kind, "shape": shape} for name, (kind, shape) in tensors.items()}
    ).encode()
    return struct.pack("<Q", len(body)) + body


def gguf(keys: dict[str, Any], tensors: list[list[int]]) -> bytes:
    out = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys))
    for key, value in keys.items():
        out += struct.pack("<Q", len(key)) + key.encode()
        if isinstance(value, int):
            out += struct.pack("<II", 4, value)
        elif isinstance(value, list):
            out += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(
                struct.pack("<Q", len(t)) + t for t in value
            )
        else:
            out += struct.pack("<IQ", 8, len(value)) + value.encode()
    for shape in tensors:
        out += struct.pack("<Q", 1) + b"t" + struct.pack("<I", len(shape))
        out += struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", 0, 0)
    return out


def test_what_is_stated_wins() -> None:
    draft = draft_of(
        memory("o/n", {"config.json": QWEN, "README.md": "---\nlicense: mit\n---\n"}),
        Stated(name="mine", architecture="own", parameter_count=7, license="apache-2.0"),
    )
    assert draft.name == "mine"
    assert {key: draft.model[key] for key in ("architecture", "parameter_count", "parameter_count_origin")} == {
        "architecture": "own", "parameter_count": 7, "parameter_count_origin": "stated"}  # fmt: skip
    assert draft.model["license_type"] == "Apache-2.0"


def test_headers_are_counted_before_formulas() -> None:
    weights = header({"a": ("BF16", [10, 20]), "b": ("F32", [5])})
    source = memory("o/n", {"config.json": QWEN, "model.safetensors": weights})
    model = draft_of(source).model
    assert (model["parameter_count"], model["parameter_count_origin"]) == (205, "safetensors")
    assert len([path for path, *_ in source.requests if path == "model.safetensors"]) == 1


def test_two_hundred_shards_need_one_header() -> None:
    shards = {f"model-{n:05}-of-00200.safetensors": 10**9 for n in range(1, 201)}
    weights = {"model.safetensors.index.json": {"metadata": {"total_size": 4000}, "weight_map": {}}}
    weights |= {name: header({"a": ("BF16", [10])}) for name in shards}  # type: ignore[dict-item]
    source = memory("o/n", weights)
    assert draft_of(source, Stated(architecture="x")).model["parameter_count"] == 2000
    assert len([path for path, *_ in source.requests if path in shards]) == 1


def test_packed_weights_are_never_the_count() -> None:
    facts = {"safetensors": {"parameters": {"I32": 1000, "F16": 200}, "total": 1200}}
    config = {
        "model_type": "odd",
        "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 100},
    }
    draft = draft_of(memory("o/n-GPTQ", {"config.json": config}, facts=facts))
    # 1000 containers of eight, less the zero points of groups, and 200 less one scale for each group
    assert abs(draft.model["parameter_count"] - (8000 / 1.01 + 200 - 79)) < 2
    assert draft.version["quantization"] == {"method": "gptq", "bits": 4, "group_size": 100}
    known = draft_of(
        memory("o/n", {"config.json": {**QWEN, "quantization_config": {"quant_method": "awq"}}}, facts=facts)
    )
    assert known.model["parameter_count_origin"] == "computed"
    unknown = draft_of(memory("o/n", {"config.json": {"model_type": "odd"}}, facts=facts))
    assert "parameter_count" not in unknown.model and "missing" in kinds(unknown, "parameter_count")


def test_gguf() -> None:
    keys = {"general.architecture": "llama", "general.file_type": 15, "llama.context_length": 8192,
            "llama.block_count": 2, "tokenizer.ggml.tokens": [b"a", b"bc"]}  # fmt: skip
    draft = draft_of(memory("o/n-GGUF", {"n-Q4_K_M.gguf": gguf(keys, [[4, 5], [7]])}))
    assert (draft.model["architecture"], draft.model["parameter_count"]) == ("llama", 27)
    assert draft.model["context_length"] == 8192
    assert draft.version["quantization"] == {"method": "gguf-q4_k_m", "bits": 4}
    assert draft.version["fingerprint"]["num_hidden_layers"] == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"GGUF", b"GGUF" + struct.pack("<IQQ", 3, 2**60, 1), b"GGUF" + struct.pack("<IQQ", 3, 1, 2**60),
        b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**60),
        b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<IIQ", 9, 8, 2**60),
        b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<IIQ", 9, 9, 2),
        gguf({}, [[2**40, 2**40]]), gguf({}, [[1] * 9]), b"\x00" * 100, b"",
    ],
)  # fmt: skip
def test_hostile_gguf_is_a_note(raw: bytes) -> None:
    start = time.monotonic()
    draft = draft_of(memory("o/n", {"x.gguf": raw}))
    assert "parameter_count" not in draft.model and time.monotonic() - start < 2


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x01", struct.pack("<Q", 2**63) + b"{}", struct.pack("<Q", 200 << 20) + b"{}", struct.pack("<Q", 9) + b"{}",
        struct.pack("<Q", 2) + b"[]", header({"a": ("BF16", [2**62, 2**62])}), header({"a": ("NO", [1])}),
        header({"a": ("F32", [-1])}), struct.pack("<Q", 20000) + b"[" * 20000,
        struct.pack("<Q", 93) + b'{"a":{"dtype":"F32","shape":[1]},"a":{"dtype":"F32","shape":[1]}}'.ljust(93),
    ],
)  # fmt: skip
def test_hostile_safetensors_is_a_note(raw: bytes) -> None:
    draft = draft_of(memory("o/n", {"model.safetensors": raw}))
    assert "parameter_count" not in draft.model


@pytest.mark.parametrize(
    "raw",
    [
        b"[]", b"[" * 100_000, b'{"model_type": "a", "model_type": "b"}', b'{"hidden_size": 1e400}', b"\xff\xfe",
        b'{"vocab_size": ' + b"9" * 100_000 + b"}", b'{"max_position_embeddings": -5, "n": NaN}', b"",
        b'{"model_type": {"a": 1}, "architectures": [[1]], "text_config": [], "quantization_config": "x"}',
        b'{"model_type": "<script>", "max_position_embeddings": 1e30}', b'{"rope_scaling": {"rope_type": "yarn", '
        b'"factor": 1e300, "original_max_position_embeddings": 4096}, "max_position_embeddings": 4096}',
    ],
)  # fmt: skip
def test_hostile_configurations(raw: bytes) -> None:
    draft_of(memory("o/n", {"config.json": raw, "adapter_config.json": raw, "hf_quant_config.json": raw}))


def test_a_huge_file_is_not_read() -> None:
    source = memory("o/n", {}, others={"config.json": 100 << 20, "README.md": 100 << 20})
    assert "information" in kinds(draft_of(source), "config.json")
    assert source.requests == []


def test_a_dead_network_is_not_a_model_that_says_nothing() -> None:
    with pytest.raises(OutsideError, match="network is down"):
        draft_of(memory("o/n", {"config.json": QWEN}, failing=True))
    stated = Stated(architecture="x", parameter_count=1)
    assert "missing" in kinds(
        draft_of(memory("o/n", {"config.json": QWEN}, failing=True), stated), "config.json"
    )


def test_context_length() -> None:
    def length(**more: Any) -> int | None:
        return draft_of(memory("o/n", {"config.json": {**QWEN, **more}})).model.get("context_length")

    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
    assert length(rope_scaling=yarn) == 131072
    assert length(rope_scaling=yarn, max_position_embeddings=131072) == 131072
    llama3 = {"rope_type": "llama3", "factor": 32.0, "original_max_position_embeddings": 8192}
    assert length(rope_scaling=llama3, max_position_embeddings=131072) == 131072
    assert length(model_type="roberta", max_position_embeddings=514) == 512
    assert length(model_type="vit") is None
    assert length(text_config={"max_position_embeddings": 77}) == 77
    files = {"config.json": {"model_type": "x"}, "tokenizer_config.json": {"model_max_length": 10**30}}
    assert "context_length" not in draft_of(memory("o/n", files)).model


def test_weights_that_stand_twice() -> None:
    listed = dict.fromkeys(
        ("model.safetensors", "pytorch_model.bin", "tf_model.h5", "original/consolidated.00.pth", "onnx/model.onnx",
         "onnx/config.json", "consolidated.safetensors", "tokenizer.json", "1_Pooling/x.pt"), 10)  # fmt: skip
    draft = draft_of(memory("o/n", {}, others=listed))
    kept = {file["path"] for file in draft.version["files"]}
    assert kept == {"model.safetensors", "tokenizer.json", "1_Pooling/x.pt"}
    assert "choice" in kinds(draft, "selection")
    chosen = draft_of(memory("o/n", {}, others=listed), Stated(include=("**/*.onnx", "*.json")))
    assert {file["path"] for file in chosen.version["files"]} == {
        "onnx/model.onnx",
        "onnx/config.json",
        "tokenizer.json",
    }
    assert chosen.version["selection"] == {"include": ["**/*.onnx", "*.json"]}
    many = draft_of(memory("o/n", {}, others={"a-Q4_K_M.gguf": 1, "a-Q8_0.gguf": 2}))
    assert "selection" not in many.version and "choice" in kinds(many, "selection")


def test_a_long_word_is_no_trap() -> None:
    start = time.monotonic()
    for text in (
        "a" * 200_000,
        "[" * 200_000,
        "<" * 200_000,
        "**a" * 60_000,
        "<!--" * 50_000,
        "a b " * 50_000,
    ):
        describe(text)
        draft_of(memory("o/n", {"README.md": "---\nlicense: mit\n---\n" + text}))
    assert time.monotonic() - start < 10


def test_a_folder_of_ones_own() -> None:
    source = memory(
        "o/n", {"config.json": QWEN, "README.md": "---\nlicense: mit\n---\nA model for all of us."}
    )
    own = dataclasses.replace(source.listing(), kind="local", source={"type": "local"}, facts={})
    draft = translate(source, own, Stated(), licenses=BOOK, known_names=["N", "n_"])
    assert draft.model["source"] == {"type": "custom"} and "links" not in draft.model
    assert draft.version["source"] == {"type": "local"}
    assert draft.model["description"] == "A model for all of us."


def test_globs() -> None:
    assert takes("original/a/b", (), ("original/*",)) is False
    assert takes("a.bin", ("**/*.bin",), ()) and takes("x/y/a.bin", ("**/*.bin",), ())
    assert not takes("x/a", (), ("x/",))


def test_licences() -> None:
    def of(card: str, **files: str) -> Any:
        return draft_of(memory("o/n", {"README.md": f"---\n{card}\n---\n", **files}))

    assert of("license: llama3.1").model["license_type"] == "llama-3.1-community"
    other = of("license: other\nlicense_name: Some Thing\nlicense_link: LICENSE", LICENSE="x")
    assert other.model["license_type"] == "some-thing"
    assert other.model["links"]["license"].endswith("/blob/" + "0" * 40 + "/LICENSE")
    apache = "Apache License\n  Version 2.0, January 2004"
    assert "disagreement" in kinds(of("license: mit", LICENSE=apache), "license_type")
    assert kinds(of("license: apache-2.0", LICENSE=apache), "license_type") == []
    assert (
        kinds(of("license: llama3.1", LICENSE="LLAMA 3.1 COMMUNITY LICENSE AGREEMENT"), "license_type") == []
    )
    found = of("x: y", LICENSE=apache)
    assert found.model["license_type"] == "Apache-2.0" and kinds(found, "license_type") == ["guess"]
    hub = draft_of(
        memory("o/n", {"README.md": "---\nlicense: mit\n---\n"}, facts={"tags": ["license:gpl-3.0"]})
    )
    assert "disagreement" in kinds(hub, "license_type")


def test_lineage() -> None:
    def bases(files: dict[str, Any], tags: list[str] | None = None) -> list[dict[str, str]]:
        return list(draft_of(memory("o/n", files, facts={"tags": tags or []})).model.get("base_models", []))

    adapter = {"adapter_config.json": {"base_model_name_or_path": "a/b", "peft_type": "LORA"}}
    assert bases(adapter) == [{"model": "hf:a/b", "relation": "adapter"}]
    gptq = {"config.json": {**QWEN, "quantization_config": {"quant_method": "gptq", "bits": 4}},
            "README.md": "---\nbase_model: a/b\n---\n"}  # fmt: skip
    assert bases(gptq) == [{"model": "hf:a/b", "relation": "quantized"}]
    assert bases({"README.md": "---\nbase_model: O/N\n---\n"}) == []
    assert bases({"README.md": "---\nbase_model: ../../etc\n---\n"}) == []
    assert bases({}, ["base_model:a/b", "base_model:finetune:a/b"]) == [
        {"model": "hf:a/b", "relation": "finetune"}
    ]


def test_text_for_readers_is_plain() -> None:
    body = "# T\n\n<img src=x onerror=alert(1)>\n\n[![b](x)](y)\n\n- list\n\nA **good** <b>model</b> for [you](javascript:1) & all of us \u202e&lt;script&gt; now.\n"
    assert describe(body) == "A good model for you & all of us now."
    tags = draft_of(
        memory(
            "o/n",
            {},
            facts={"tags": ["region:us", "arxiv:1", "Pytorch", "en", "<b>x</b>", "a\u202eb", "Chat Bot"]},
        )
    ).model["tags"]
    assert tags == ["chat-bot"]


@pytest.mark.parametrize(
    ("repo", "name"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b-instruct"), ("x/Llama-3_3-A", "llama-3_3-a"),
        ("x/a--b..c", "a-b.c"), ("x/index", "index-model"), ("x/con.x", "con.x-model"), ("x/a.json", "a.json-model"),
        ("x/Ünïcode 模型", "unicode"), ("x/模型", "model"), ("", "model"), ("s3://b/p/Name/", "name"),
    ],
)  # fmt: skip
def test_names(repo: str, name: str) -> None:
    assert name_of(repo) == name


def test_benchmarks_are_those_of_the_catalog() -> None:
    defined = {row["id"]: row for row in load((ROOT / "catalog/benchmarks.yaml").read_bytes())["benchmarks"]}
    for known in KNOWN.values():
        for metric in known.metrics:
            rule = defined[known.id]["metrics"][metric]
            assert rule["unit"] == known.unit
            assert rule.get("minimum", 0) == known.least


def test_absurd_results_are_left_out() -> None:
    index = [{"results": [{"dataset": {"type": "gsm8k"}, "metrics": [{"type": "acc", "value": value}]}
                          for value in (1e308, -1, "x", None, True, 55.5)]}]  # fmt: skip
    rows = draft_of(memory("o/n", {}, facts={"model-index": index})).results
    assert [row["value"] for row in rows] == [0.555]
    for broken in (
        {},
        {"name": "x"},
        "x",
        [1, "x", {"results": {"a": 1}}],
        [{"results": [1, {"metrics": 5}]}],
    ):
        draft_of(memory("o/n", {}, facts={"model-index": broken}))


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
KEYS = st.text(max_size=8) | st.sampled_from(
    ["model_type", "architectures", "text_config", "vision_config", "hidden_size", "num_hidden_layers", "vocab_size",
     "intermediate_size", "num_attention_heads", "layer_types", "block_configs", "quantization_config", "rope_scaling",
     "license", "base_model", "language", "tags", "model-index", "results", "metrics", "dataset", "pipeline_tag",
     "safetensors", "gguf", "parameters", "total", "cardData", "config", "gated", "securityRepoStatus"]
)  # fmt: skip
KINDS = st.sampled_from(
    ["llama", "bert", "t5", "nemotron_h", "mamba", "clip", "gemma4", "wav2vec2", "deepseek_v4"]
)
TREES = st.recursive(
    LEAVES | KINDS | st.integers(1, 5000),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=8),
    max_leaves=40,
)
OBJECTS = st.dictionaries(KEYS, TREES, max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(config=OBJECTS, facts=OBJECTS, adapter=OBJECTS)
def test_no_json_makes_it_raise(
    config: dict[str, Any], facts: dict[str, Any], adapter: dict[str, Any]
) -> None:
    card = "---\n" + json.dumps({**config, **facts}, default=str) + "\n---\n"
    files = {
        "config.json": config,
        "README.md": card,
        "hf_quant_config.json": adapter,
        "model_index.json": adapter,
    }
    draft_of(memory("o/n", files, facts=facts))
    draft_of(memory("o/n", {"adapter_config.json": adapter}, facts={**facts, "cardData": config}))


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    front = b"---\n" + raw + b"\n---\n" + raw
    files = {"config.json": raw, "README.md": front, "x.safetensors": raw, "x.gguf": b"GGUF\x03\0\0\0" + raw,
             "LICENSE": raw, ".eval_results/a.yaml": raw}  # fmt: skip
    draft_of(memory("o/n", files))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_every_name_is_well_formed(text: str) -> None:
    import re

    assert re.match(NAME_PATTERN, name_of(text)) and len(name_of(text)) <= 96
