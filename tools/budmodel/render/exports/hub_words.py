"""The catalog's words in those of the Hugging Face Hub: licence ids, base models, relations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.spdx import expression
from budmodel.schema.model import BaseModelReference

_IDS = """
afl-3.0 agpl-3.0 apache-2.0 apple-amlr apple-ascl artistic-2.0 bigcode-openrail-m
bigscience-bloom-rail-1.0 bigscience-openrail-m bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0
c-uda cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0
cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0
cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0 creativeml-openrail-m
deepfloyd-if-license ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2
fair-noncommercial-research-license gemma gfdl gpl-2.0 gpl-3.0 grok2-community h-research intel-research
isc lgpl-2.1 lgpl-3.0 lgpl-lr llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 lppl-1.3c mit mpl-2.0
ms-pl ncsa odbl odc-by ofl-1.1 openmdw-1.0 openmdw-1.1 openrail++ osl-3.0 pddl postgresql unlicense
wtfpl zlib
"""
LICENSES = frozenset(_IDS.split())
"""The Hub's ids of single licences, without its families such as ``cc`` and ``gpl``.

Source: https://github.com/huggingface/hub-docs/blob/242f4a1e/docs/hub/repositories-licenses.md
"""
LIBRARIES = frozenset(["diffusers", "gguf", "onnx", "sentence-transformers", "transformers", "timm", "peft"])
"""Libraries of the Hub that a model is said to be for where it bears their name as a tag."""
RELATIONS: Mapping[str, str] = {
    "finetune": "finetune",
    "adapter": "adapter",
    "quantized": "quantized",
    "merge": "merge",
}
"""``base_model_relation``; the Hub has no word for ``distilled`` (https://huggingface.co/docs/hub/model-cards)."""
_unfit = re.compile(r"[^a-z0-9.]+")


def library_of(tags: Sequence[str]) -> str | None:
    """The library that a model is for, as its tags say."""
    return next((tag for tag in tags if tag in LIBRARIES), None)


def license_fields(catalog: Catalog, license_type: str | None) -> dict[str, str]:
    """``license``, and where the Hub has no id for it ``license_name`` and ``license_link``."""
    if license_type is None:
        return {}
    found = catalog.resolve(license_type)
    record = catalog.book.licenses[found.ids[0]] if isinstance(found.tree, str) and found.ids else None
    names = [record.id, *record.aliases] if record is not None else [license_type]
    known = next((name.lower() for name in names if name.lower() in LICENSES), None)
    if known is not None:
        return {"license": known}
    named = record.id if record is not None else expression(catalog, license_type)
    fields = {"license": "other", "license_name": _unfit.sub("-", named.lower()).strip("-")}
    return {**fields, "license_link": record.url} if record is not None and record.url is not None else fields


def base_fields(catalog: Catalog, bases: Sequence[BaseModelReference]) -> dict[str, str | list[str]]:
    """``base_model``: the ids of what is on the Hub; ``base_model_relation`` where all share it."""
    ids = [base.name.removeprefix("hf:") if base.external else catalog.hub_id_of(base.name) for base in bases]
    found = list(dict.fromkeys(id_ for id_ in ids if id_ is not None))
    relations = {RELATIONS.get(base.relation) for base in bases}
    fields: dict[str, str | list[str]] = {}
    if found:
        fields["base_model"] = found[0] if len(found) == 1 else found
        shared = next(iter(relations)) if len(relations) == 1 else None
        if shared is not None:
            fields["base_model_relation"] = shared
    return fields
