"""A source for the model catalog of Kubeflow: one YAML file of models.

Source: github.com/kubeflow/model-registry, catalog/internal/catalog/modelcatalog/yaml_catalog.go (which reads
it, and refuses unknown keys), basecatalog/validation.go (the schemes of artifacts), catalog/pkg/openapi and
api/openapi/src/lib/common.yaml (CatalogModel, CatalogModelArtifact, MetadataValue) and
manifests/kustomize/options/catalog/README.md (how a ``sources.yaml`` names the file).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from budmodel.render.exports.card_text import card_text
from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.cyclonedx_component import HUB, present
from budmodel.render.exports.hub_words import library_of, license_fields
from budmodel.render.exports.items import Item, Release
from budmodel.render.exports.uris import uri
from budmodel.schema.values import parse_timestamp
from budmodel.schema.version import HubRevision, S3Location

Data = dict[str, Any]
_SCHEMES = ("s3://", "file://", "https://")
"""Of the URIs that the service takes, those that the catalog can hold; it takes no ``hf:``."""
_DESCRIPTION = 2000
"""Characters of a description that a list of models shows."""


class Kubeflow:
    """Models with an artifact for each version whose bytes may be fetched."""

    binary = False
    many = True
    by_model = False
    file = None

    def write(self, catalog: Catalog, items: Iterable[Item], out: BinaryIO) -> None:
        """Writes the file, one model after another."""
        out.write(_text({"source": catalog.title}))
        started = False
        for item in items:
            out.write(b"" if started else b"models:\n")
            started = True
            out.write(_text([_model(catalog, item)]))
        if not started:
            out.write(b"models: []\n")


def _text(value: Any) -> bytes:
    """A value as a piece of YAML. Texts are quoted: YAML 1.1 and 1.2 disagree on what ``on`` and 0o7 are."""
    stream = io.BytesIO()
    yaml = YAML()
    yaml.width = 1 << 30
    yaml.default_flow_style = False
    yaml.dump(_quoted(value), stream)
    return stream.getvalue()


def _quoted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _quoted(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_quoted(inner) for inner in value]
    if isinstance(value, str) and not isinstance(value, LiteralScalarString):
        return DoubleQuotedScalarString(value)
    return value


def _model(catalog: Catalog, item: Item) -> Data:
    model, release = item.model, item.chosen
    license_type = release.license_type if release is not None else model.license_type
    licensed = license_fields(catalog, license_type)
    times = sorted(_milliseconds(one.record.released) for one in item.wanted)
    hub_id = item.hub_id
    return present(
        {
            "name": item.name,
            "provider": hub_id.partition("/")[0] if hub_id is not None and "/" in hub_id else None,
            "description": " ".join((model.description or "").split())[:_DESCRIPTION],
            "readme": LiteralScalarString(card_text(catalog, item)),
            "language": list(dict.fromkeys(model.languages)),
            "license": licensed.get("license_name") or licensed.get("license"),
            "licenseLink": _license_link(catalog, license_type),
            "libraryName": library_of(model.tags),
            "maturity": model.status,
            "tasks": list(dict.fromkeys(model.tasks)),
            "createTimeSinceEpoch": str(times[0]) if times else None,
            "lastUpdateTimeSinceEpoch": str(times[-1]) if times else None,
            "customProperties": _custom(dict(_facts(catalog, item))),
            "artifacts": [_artifact(one, place) for one, place in _places(item)],
        }
    )


def _license_link(catalog: Catalog, license_type: str | None) -> str | None:
    ids = catalog.resolve(license_type).ids if license_type is not None else ()
    url = catalog.book.licenses[ids[0]].url if len(ids) == 1 else None
    return uri(url) if url is not None else None


def _facts(catalog: Catalog, item: Item) -> Iterator[tuple[str, str | float | None]]:
    model, release = item.model, item.chosen
    # A tag is a property without a value, which the service's own examples show as a label.
    for tag in model.tags:
        yield tag, ""
    yield "architecture", model.architecture
    yield "parameter_count", model.parameter_count
    yield "context_length", model.context_length
    if release is not None:
        yield "version", release.version
        yield "commercial_use", catalog.commercial(item, release)
        yield "scan", release.state.slug
        yield "scan_finished", release.state.finished
        yield "waived", release.waived or None


def _artifact(release: Release, place: str) -> Data:
    moment = str(_milliseconds(release.record.released))
    facts = {
        "version": release.version,
        "format": release.record.format,
        "precision": release.record.precision,
        "manifest_sha256": release.manifest,
        "scan": release.state.slug,
        "waived": release.waived or None,
    }
    return {
        "artifactType": "model-artifact",
        "uri": place,
        "createTimeSinceEpoch": moment,
        "lastUpdateTimeSinceEpoch": moment,
        "customProperties": _custom(facts),
    }


def _places(item: Item) -> Iterator[tuple[Release, str]]:
    """Where the bytes are, the release that is meant first; of what was withdrawn no place is told."""
    newest = sorted(item.wanted, key=lambda one: one is not item.chosen)
    for release in newest:
        place = _place(release)
        if place is not None and not release.withdrawn:
            yield release, place


def _place(release: Release) -> str | None:
    source = release.record.source
    own = release.record.storage_path or (source.uri if isinstance(source, S3Location) else None)
    if own is not None and own.startswith(_SCHEMES):
        return uri(own)
    # Without a commit it would be whatever the branch holds when somebody deploys it.
    if isinstance(source, HubRevision) and source.revision is not None:
        return f"{HUB}/{source.model_id}/tree/{source.revision}"
    return None


def _custom(facts: Mapping[str, str | float | None]) -> Data:
    """Properties as the service types them. Its whole numbers have 32 bits, so that counts are doubles."""
    found: Data = {}
    for name, value in facts.items():
        key = DoubleQuotedScalarString(name)
        if isinstance(value, str):
            found[key] = {"metadataType": "MetadataStringValue", "string_value": value}
        elif value is not None:
            found[key] = {"metadataType": "MetadataDoubleValue", "double_value": value}
    return found


def _milliseconds(timestamp: str) -> int:
    return int(parse_timestamp(timestamp).timestamp() * 1000)
