"""What somebody hands in to register a model (``budmodel add --from``, ``POST /models``), as records.

The seed's JSON body is accepted unchanged: ``source`` as a bare string, ``storage_path`` beside the model's
own keys, and the older spellings ``source_path`` and ``num_params``. Nothing is validated here: what is
wrong or unknown stays as it is, so that the record's validation reports it with all the other problems.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from budmodel.schema.values import parse_count

FIRST_VERSION = "1.0.0"
"""The version that a registration with a storage path creates."""

_SPELLINGS = {"num_params": "parameter_count", "source_path": "storage_path"}
_COUNTS = ("parameter_count", "active_parameter_count", "context_length")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A model as it goes into ``model.yaml``, and where the bytes of its first version are."""

    model: dict[str, Any]
    storage_path: str | None = None
    """For :data:`FIRST_VERSION`; None where the body named none."""


def normalise(data: Mapping[str, Any]) -> Registration:
    """The canonical form of a registration. The data is not changed.

    Raises:
        ValueError: a fact stands there in two spellings that differ, or a storage path is no text or
            belongs to a model that has no files.
    """
    model = _respelled(_with_counts(_without_nulls(data)))
    if isinstance(model.get("source"), str):
        model["source"] = {"type": model["source"]}
    storage_path = model.pop("storage_path", None)
    if storage_path is not None and not isinstance(storage_path, str):
        raise ValueError("storage_path must be text such as s3://bucket/model/1.0.0/")
    if storage_path is not None and _is_api(model):
        raise ValueError("a model with source api has no files, so leave storage_path out")
    return Registration(model=model, storage_path=storage_path)


def _is_api(model: Mapping[str, Any]) -> bool:
    source = model.get("source")
    return isinstance(source, Mapping) and source.get("type") == "api"


def _without_nulls(data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without keys that hold null: programs send those for what they do not know."""
    return {
        key: _without_nulls(value) if isinstance(value, Mapping) else value
        for key, value in data.items()
        if value is not None
    }


def _with_counts(data: dict[str, Any]) -> dict[str, Any]:
    """Counts such as ``"70B"`` as numbers; what is no count stays for validation to report."""
    for key in (*_COUNTS, *(old for old, new in _SPELLINGS.items() if new in _COUNTS)):
        if key in data:
            data[key] = _count(data[key])
    restrictions = data.get("license_restrictions")
    if isinstance(restrictions, dict) and "monthly_active_users_limit" in restrictions:
        restrictions["monthly_active_users_limit"] = _count(restrictions["monthly_active_users_limit"])
    return data


def _count(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_count(value)
    except ValueError:
        return value


def _respelled(data: dict[str, Any]) -> dict[str, Any]:
    """The older spellings under their present names, each in its place."""
    for old, new in _SPELLINGS.items():
        if old in data and new in data and data[old] != data[new]:
            raise ValueError(f"{new} and {old} mean the same but have different values; keep one of them")
    return {_SPELLINGS.get(key, key): value for key, value in data.items()}
