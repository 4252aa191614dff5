"""Every importer by the name of its tool, in the order in which files are tried."""

from __future__ import annotations

IMPORTERS: dict[str, str] = {
    "lighteval": "budmodel.importers.lighteval",
    "lm-eval": "budmodel.importers.lm_eval",
    "guidellm": "budmodel.importers.guidellm",
    "aiperf": "budmodel.importers.aiperf",
    "vllm": "budmodel.importers.vllm",
    "mt-bench": "budmodel.importers.mt_bench",
    "evalplus": "budmodel.importers.evalplus",
    "helm": "budmodel.importers.helm",
    "inspect": "budmodel.importers.inspect_ai",
    "model-index": "budmodel.importers.model_index",
}
