"""How new files of the catalog look: their first line, and the order of their keys (DESIGN §3)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from budmodel.errors import DataError
from budmodel.findings import FieldPath
from budmodel.schema.governance import Tombstone
from budmodel.schema.version import Version
from budmodel.store.yaml_reader import YamlError, load
from budmodel.store.yaml_write import dump

MODEL_ORDER = (
    "name", "architecture", "parameter_count", "description", "context_length", "license_type",
    "license_restrictions", "requirements", "tags", "source", "default_version", "aliases", "status",
    "successor", "retires_on", "base_models", "owners", "contact", "modalities", "tasks", "languages",
    "links",
    "active_parameter_count", "parameter_count_origin", "gated", "api", "annotations",
)  # fmt: skip
VERSION_ORDER = tuple(Version.model_fields)
TOMBSTONE_ORDER = tuple(Tombstone.model_fields)

_HEADER = "# yaml-language-server: $schema={up}schemas/v1/{kind}.schema.json\n"


def model_file(data: Mapping[str, Any]) -> bytes:
    """A new ``models/<name>/model.yaml``."""
    return _file(data, MODEL_ORDER, "../../../", "model")


def version_file(data: Mapping[str, Any]) -> bytes:
    """A new ``models/<name>/versions/<semver>.yaml``."""
    return _file(data, VERSION_ORDER, "../../../../", "version")


def tombstone_file(data: Mapping[str, Any]) -> bytes:
    """A new ``removed/<name>.yaml``."""
    return _file(data, TOMBSTONE_ORDER, "../../", "tombstone")


def _file(data: Mapping[str, Any], order: Sequence[str], up: str, kind: str) -> bytes:
    check_texts(data)
    known = {key: data[key] for key in order if key in data}
    return dump({**known, **data}, header=_HEADER.format(up=up, kind=kind))


def check_texts(value: Any, above: FieldPath = ()) -> None:
    """Refuses text that the reader would refuse, and says in which field it stands.

    Raises:
        DataError: a control or bidirectional-override character.
    """
    if isinstance(value, Mapping):
        for key, item in value.items():
            check_texts(item, (*above, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            check_texts(item, (*above, index))
    elif isinstance(value, str) and not (value.isascii() and value.isprintable()):
        try:
            # As a quoted scalar, so that the rules stay in one place.
            load(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape"), max_bytes=16 << 20)
        except YamlError as error:
            field = ".".join(str(part) for part in above)
            raise DataError(f"{field}: {error.message}; remove it") from None
