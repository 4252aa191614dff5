"""An existing model.yaml and what a source says: absent fields are filled, the others stay and are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from budmodel.domain.licensing import LicenseBook
from budmodel.findings import FieldPath
from budmodel.operations.import_compare import shown
from budmodel.sources.interface import Note

_NOT_FROM_A_SOURCE = frozenset(
    ["name", "default_version", "aliases", "status", "successor", "retires_on", "owners", "contact",
     "annotations", "api"]
)  # fmt: skip
_NOT_COMPARED = frozenset(["license_restrictions", "requirements", "links", "parameter_count_origin"])
"""The organisation's own decisions, and places to read on: another value is no contradiction."""


def fills(before: Mapping[str, Any], draft: Mapping[str, Any]) -> dict[FieldPath, Any]:
    """The fields that the model's file leaves empty and the source knows."""
    found: dict[FieldPath, Any] = {}
    for key, value in draft.items():
        if key in _NOT_FROM_A_SOURCE or _empty(value):
            continue
        if _empty(before.get(key)):
            if _fits(key, before, draft):
                found[(key,)] = value
        elif key == "links":
            found.update(
                ((key, inner), link) for inner, link in value.items() if _empty(before[key].get(inner))
            )
    return found


def differences(
    before: Mapping[str, Any], draft: Mapping[str, Any], book: LicenseBook | None = None
) -> Iterator[Note]:
    """What the model's file and the source state differently. The file stays as it is."""
    for key, value in draft.items():
        old = before.get(key)
        if key in _NOT_FROM_A_SOURCE or key in _NOT_COMPARED or _empty(old) or _empty(value):
            continue
        if isinstance(value, list | tuple):
            yield from _list_difference(key, old, value)
        elif not _same(key, old, value, book):
            yield _note(key, f"catalog says {key} {shown(old)}, the source says {shown(value)}")


def _fits(key: str, before: Mapping[str, Any], draft: Mapping[str, Any]) -> bool:
    """Whether a fact about another fact still holds where that one was written by hand."""
    about = {"parameter_count_origin": "parameter_count", "license_restrictions": "license_type"}.get(key)
    if about is not None:
        return _empty(before.get(about)) or before[about] == draft.get(about)
    count = before.get("parameter_count")
    if key == "active_parameter_count" and isinstance(count, int):
        return bool(draft[key] <= count)
    return True


def _list_difference(key: str, old: Any, value: Any) -> Iterator[Note]:
    known = {_identity(item) for item in old} if isinstance(old, list | tuple) else set()
    more = [item for item in value if _identity(item) not in known]
    if not more:
        return
    if key == "base_models":
        yield _note(key, f"catalog says base_models {_bases(old)}, the source says {_bases(value)}")
    else:
        yield _note(key, f"the source also says {key} {shown(more)}; the catalog does not")


def _bases(items: Any) -> str:
    return shown([f"{item.get('model')} ({item.get('relation')})" for item in items])


def _identity(item: Any) -> str:
    # A parent's version, revision and licence are details that only people state.
    if isinstance(item, Mapping):
        name = str(item.get("model", item))
        return (
            f"{name if name.startswith('hf:') else name.partition('@')[0]} {item.get('relation')}".casefold()
        )
    return str(item).casefold()


def _same(key: str, old: Any, value: Any, book: LicenseBook | None) -> bool:
    if old == value:
        return True
    if key == "license_type" and book is not None:
        one, other = book.resolve(str(old)), book.resolve(str(value))
        alike = not one.unknown and not one.error and one.tree == other.tree
        return alike or _folded(old) == _folded(value)
    if key == "source" and isinstance(old, Mapping) and isinstance(value, Mapping):
        # A copy in a bucket or a folder does not contradict where the model is from.
        return value.get("type") != "huggingface" or _folded(old.get("model_id")) == _folded(
            value.get("model_id")
        )
    if key == "modalities" and isinstance(old, Mapping) and isinstance(value, Mapping):
        return all(set(value.get(side) or ()) <= set(old.get(side) or ()) for side in ("input", "output"))
    if key == "architecture":
        return _folded(old) == _folded(value)
    return False


def _folded(value: Any) -> str:
    return str(value).casefold()


def _note(field: str, message: str) -> Note:
    ending = "" if message.endswith("does not") else "; left as it is"
    return Note(kind="disagreement", field=field, message=f"{message}{ending}")


def _empty(value: Any) -> bool:
    # False and 0 are statements.
    return value is None or (not isinstance(value, bool | int | float) and len(value) == 0)
