"""A CycloneDX ML-BOM in JSON: what models are made of, their licences, and what scans found.

Source: CycloneDX specification 1.6 (ECMA-424), https://cyclonedx.org/docs/1.6/json/ . The components go to a
temporary file first, as the serial number, which stands before them, is a digest of all of it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Mapping, Sequence
from textwrap import indent
from typing import Any, BinaryIO

from budmodel import __version__
from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.cyclonedx_component import Data, component, present, ref_of
from budmodel.render.exports.cyclonedx_findings import vulnerabilities
from budmodel.render.exports.items import Item

SPEC = "1.6"
_NAMESPACE = uuid.UUID("6f2f5c1e-3f0b-5b0e-9d0b-2c1f4a3b7d10")
"""Of our serial numbers (RFC 9562 §5.5); any fixed value would do."""
_REGISTRY = "registry"
_IN_MEMORY = 1 << 20


class CycloneDx:
    """One document for one model or many. Each model counts in the version that is meant."""

    binary = False
    many = True
    by_model = False
    file: str | None = "{name}.cdx.json"

    def write(self, catalog: Catalog, items: Iterable[Item], out: BinaryIO) -> None:
        """Writes the document."""
        refs: list[str] = []
        found: list[Data] = []
        digest = hashlib.sha256()
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as parts:
            for item in items:
                text = _text(component(catalog, item)).encode("utf-8")
                digest.update(text + b"\n")
                parts.write(
                    (b",\n" if refs else b"\n") + indent(text.decode("utf-8"), "    ").encode("utf-8")
                )
                refs.append(ref_of(item))
                found += vulnerabilities(item)
            ends = _ends(refs, found)
            metadata = _metadata(catalog)
            digest.update(_text({"metadata": metadata, **ends}).encode("utf-8"))
            out.write(_head(metadata, uuid.uuid5(_NAMESPACE, digest.hexdigest())))
            parts.seek(0)
            shutil.copyfileobj(parts, out)
        out.write(b"\n  ]" + b"".join(_member(key, value) for key, value in ends.items()) + b"\n}\n")


def small_document(catalog: Catalog, item: Item) -> bytes:
    """The document of one model without a blank: for those who publish very many of them."""
    parts = {"components": [component(catalog, item)], **_ends([ref_of(item)], list(vulnerabilities(item)))}
    metadata = _metadata(catalog)
    content = _small({"metadata": metadata, **parts})
    serial = uuid.uuid5(_NAMESPACE, hashlib.sha256(content.encode("utf-8")).hexdigest())
    first = {key: value for key, value in _first(metadata, serial).items() if key != "metadata"}
    return f"{_small(first)[:-1]},{content[1:]}\n".encode()


def _small(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _ends(refs: Sequence[str], found: Sequence[Data]) -> Data:
    return {"dependencies": [{"ref": _REGISTRY, "dependsOn": refs}], "vulnerabilities": found}


def _head(metadata: Data, serial: uuid.UUID) -> bytes:
    members = b"".join(_member(key, value) for key, value in _first(metadata, serial).items())
    return b"{" + members.removeprefix(b",") + b',\n  "components": ['


def _first(metadata: Data, serial: uuid.UUID) -> Data:
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": metadata,
    }


def _member(key: str, value: Any) -> bytes:
    return f",\n  {json.dumps(key)}: {indent(_text(value), '  ').lstrip()}".encode()


def _text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)


def _metadata(catalog: Catalog) -> Data:
    ours = {"type": "application", "name": "budmodel", "version": __version__}
    subject: Mapping[str, Any] = {
        "type": "data",
        "bom-ref": _REGISTRY,
        "name": catalog.title,
        "version": catalog.commit,
        "description": catalog.info.description if catalog.info is not None else None,
    }
    return present(
        {
            "timestamp": catalog.commit_time,
            "tools": {"components": [ours]},
            "component": present(subject),
        }
    )
