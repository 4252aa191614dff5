"""One full example for each kind of record: what the JSON Schemas and the documentation show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_COMMIT = "945c8663693130f8be2ee66210e062158b2a9693"
_HUB_ID = "meta-llama/Llama-3.1-70B-Instruct"
_SHARD = "model-00001-of-00030.safetensors"
_SIZE = 4_584_408_808

_MODEL: dict[str, Any] = {
    "name": "llama-3.1-70b-instruct",
    "architecture": "llama",
    "parameter_count": 70_000_000_000,
    "parameter_count_origin": "safetensors",
    "description": "Instruction-tuned 70B model of the Llama 3.1 family.",
    "context_length": 128_000,
    "license_type": "llama-3.1-community",
    "license_restrictions": {
        "commercial_use": True,
        "derivatives": True,
        "monthly_active_users_limit": 700_000_000,
    },
    "requirements": {
        "min_gpu_memory_gb": 140,
        "recommended_gpu": "nvidia-h100-80gb",
        "recommended_gpu_count": 2,
    },
    "tags": ["llm", "instruct", "chat", "multilingual"],
    "source": {"type": "huggingface", "model_id": _HUB_ID},
    "default_version": "1.0.0",
    "aliases": {"production": "1.0.0"},
    "status": "deprecated",
    "successor": "llama-3.3-70b-instruct",
    "retires_on": "2027-01-31",
    "base_models": [{"model": "llama-3.1-70b", "relation": "finetune"}],
    "owners": ["ml-platform"],
    "contact": "ml-platform@example.org",
    "modalities": {"input": ["text"], "output": ["text"]},
    "tasks": ["text-generation"],
    "languages": ["en", "de"],
    "links": {"homepage": "https://www.llama.com/", "paper": "https://arxiv.org/abs/2407.21783"},
    "gated": True,
    "annotations": {"acme.com/cost-center": "4711"},
}

_API_MODEL: dict[str, Any] = {
    "name": "gpt-4o",
    "architecture": "gpt",
    "license_type": "OpenAI-TOS",
    "source": {"type": "api"},
    "api": {"provider": "openai", "model_id": "gpt-4o", "endpoint": "https://api.openai.com/v1"},
    "owners": ["ml-platform"],
}

_VERSION: dict[str, Any] = {
    "version": "1.0.0",
    "released": "2024-07-23T00:00:00Z",
    "changelog": "First import.",
    "source": {"type": "huggingface", "model_id": _HUB_ID, "revision": _COMMIT},
    "storage_path": "s3://bud-models/llama-3.1-70b-instruct/1.0.0/",
    "fingerprint": {"architecture": "llama", "vocab_size": 128_256, "hidden_size": 8192},
    "format": "safetensors",
    "precision": "bf16",
    "quantization": {"method": "gptq", "bits": 4, "group_size": 128},
    "custom_code": False,
    "engines": [{"name": "vllm", "min_version": "0.5.3"}],
    "selection": {"exclude": ["original/*"]},
    "files": [
        {"path": _SHARD, "size": _SIZE, "sha256": _SHA256},
        {"path": "config.json", "size": 855, "sha256": _SHA256[::-1], "etag": "0123456789abcdef"},
    ],
    "license_type": "llama-3.1-community",
    "license_text_sha256": _SHA256,
    "base_models": [{"model": "hf:meta-llama/Llama-3.1-70B", "relation": "finetune", "revision": _COMMIT}],
    "yanked": {"reason": "The tokenizer was broken.", "on": "2026-01-01T00:00:00Z"},
}

_API_VERSION: dict[str, Any] = {
    "version": "1.0.0",
    "released": "2024-05-13T00:00:00Z",
    "source": {"type": "api"},
}

_SCAN: dict[str, Any] = {
    "name": "llama-3.1-70b-instruct",
    "version": "1.0.0",
    "status": "FAILED",
    "manifest_sha256": _SHA256,
    "source": {"type": "huggingface", "model_id": _HUB_ID, "revision": _COMMIT},
    "locations": ["s3://bud-models/llama-3.1-70b-instruct/1.0.0/"],
    "started": "2024-07-23T00:00:00Z",
    "finished": "2024-07-23T01:10:42Z",
    "engines": [
        {
            "name": "clamav",
            "version": "1.4.3",
            "database": {"version": "27345", "date": "2024-07-22T08:27:00Z", "signatures": 2_066_481},
        }
    ],
    "limits": [{"engine": "clamav", "window_bytes": 1 << 30, "overlap_bytes": 1 << 24, "canaries": 4}],
    "files": [
        {"path": _SHARD, "engine": "clamav", "verdict": "found", "bytes_seen": _SIZE, "bytes_total": _SIZE},
    ],
    "findings": [
        {
            "id": "clamav:Eicar-Test-Signature",
            "engine": "clamav",
            "severity": "critical",
            "path": _SHARD,
            "message": "Eicar-Test-Signature",
        }
    ],
    "signature": {
        "signer": "scanner@example.org",
        "sshsig": "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n",
    },
}

_RESULT: dict[str, Any] = {
    "benchmark": "inference_latency",
    "metric": "p50_ms",
    "value": 41.5,
    "unit": "ms",
    "stderr": 0.8,
    "samples": 1000,
    "settings": {"batch_size": 1, "input_tokens": 512, "prefix_caching": False},
    "hardware": {"accelerator": "nvidia-h100-80gb", "count": 2},
    "engine": {"name": "vllm", "version": "0.6.3"},
    "tool": {"name": "genai-perf", "version": "0.0.8"},
    "date": "2024-10-21",
    "source": "https://example.org/runs/1842",
    "origin": "measured",
}

_LICENSE: dict[str, Any] = {
    "id": "llama-3.1-community",
    "name": "Llama 3.1 Community License Agreement",
    "aliases": ["llama3.1", "Llama-3.1-Community"],
    "url": "https://www.llama.com/llama3_1/license/",
    "texts": [{"sha256": _SHA256, "url": "https://www.llama.com/llama3_1/license/", "seen": "2024-10-21"}],
    "commercial_use": "conditional",
    "derivatives": True,
    "redistribution": True,
    "attribution": "Built with Llama",
    "monthly_active_users_limit": 700_000_000,
    "naming": "Llama",
    "output_use": "conditional",
    "pass_on_restrictions": True,
    "share_alike": False,
    "use_restrictions": ["Everything that the Acceptable Use Policy forbids"],
    "notes": "Above the limit of users a licence must be asked for.",
    "source": {"monthly_active_users_limit": "section 2", "naming": "section 1.b.i"},
    "reviewed": {"by": "legal@example.org", "on": "2024-10-21"},
}

_POLICY: dict[str, Any] = {
    "licenses": {"denied": ["CC-BY-NC-4.0"], "acknowledgment": ["llama-3.1-community"]},
    "sources": {"hub_organisations": ["meta-llama"], "buckets": ["bud-models"], "hosts": ["api.openai.com"]},
    "scans": {
        "engines": {"safetensors": ["clamav"]},
        "refused_formats": ["pickle"],
        "max_age_days": 90,
        "max_age_days_by_format": {"gguf": 30},
        "max_database_age_days": 7,
        "signatures_required": True,
    },
    "denied": [{"sha256": _SHA256, "reason": "Known to be poisoned"}],
    "severity": {"owner-missing": "warning"},
}

_BENCHMARK: dict[str, Any] = {
    "id": "mmlu",
    "name": "MMLU",
    "description": "Massive Multitask Language Understanding, accuracy",
    "reference": "https://arxiv.org/abs/2009.03300",
    "category": "quality",
    "metrics": {"acc": {"unit": "fraction", "direction": "higher", "minimum": 0, "maximum": 1}},
    "default_metric": "acc",
    "comparable_on": ["num_fewshot"],
}

EXAMPLES: Mapping[str, tuple[dict[str, Any], ...]] = {
    "catalog": ({"format": 1, "name": "Models of Example Inc.", "description": "What we may deploy."},),
    "policy": (_POLICY,),
    "benchmarks": ({"benchmarks": [_BENCHMARK]},),
    "hardware": (
        {
            "accelerators": [
                {
                    "id": "nvidia-h100-80gb",
                    "name": "NVIDIA H100 SXM 80 GB",
                    "memory_gb": 80,
                    "aliases": ["h100"],
                    "vendor": "nvidia",
                    "source": "https://www.nvidia.com/en-us/data-center/h100/",
                }
            ]
        },
    ),
    "model": (_MODEL, _API_MODEL),
    "version": (_VERSION, _API_VERSION),
    "scan": (_SCAN, {"name": "x", "version": "1.0.0", "status": "SKIPPED", "reason": "The bucket is gone."}),
    "results": ({"results": [_RESULT]},),
    "license": (_LICENSE,),
    "acknowledgment": (
        {
            "name": "llama-3.1-70b-instruct",
            "version": "1.0.0",
            "use": "commercial",
            "by": "jane@example.org",
            "on": "2024-10-21T09:30:00Z",
            "license_id": "llama-3.1-community",
            "license_text_sha256": _SHA256,
        },
    ),
    "waiver": (
        {
            "rules": ["scan-failed"],
            "targets": ["llama-3.1-70b-instruct@1.0.0"],
            "manifest_sha256": _SHA256,
            "findings": ["clamav:Eicar-Test-Signature"],
            "reason": "A test file of the upstream repository; it is never loaded.",
            "approved_by": "security@example.org",
            "expires": "2027-05-22",
        },
    ),
    "tombstone": (
        {
            "name": "old-model",
            "reason": "The maker withdrew it.",
            "removed": "2026-01-01T00:00:00Z",
            "by": "jane@example.org",
            "successor": "new-model",
            "last_versions": ["1.0.0", "1.1.0"],
            "last_commit": _COMMIT,
        },
    ),
}
"""Kind → records that are valid; the first one is the fullest."""
