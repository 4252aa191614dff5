"""A model as a CycloneDX component, with its model card, files, licences and ancestors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from budmodel.domain.leaderboard import Z95
from budmodel.domain.leaderboard_order import setting_text
from budmodel.domain.licensing import Operation
from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.items import Item, Release
from budmodel.render.exports.spdx import expression, spdx_id
from budmodel.render.exports.uris import uri
from budmodel.schema.benchmark import Result
from budmodel.schema.model import BaseModelReference
from budmodel.schema.version import HubRevision, S3Location

Data = dict[str, Any]
HUB = "https://huggingface.co"


def present(data: Mapping[str, Any]) -> Data:
    """The fields that have a value."""
    return {key: value for key, value in data.items() if value not in (None, "", [], {}, ())}


def ref_of(item: Item) -> str:
    """The ``bom-ref`` of a model: unique in a document."""
    return f"{item.name}@{item.chosen.version}" if item.chosen is not None else item.name


def component(catalog: Catalog, item: Item) -> Data:
    """The component of a model in the version that is meant."""
    release, model = item.chosen, item.model
    organisation = item.hub_id.partition("/")[0] if item.hub_id is not None and "/" in item.hub_id else None
    return present(
        {
            "type": "machine-learning-model",
            "bom-ref": ref_of(item),
            "supplier": {"name": organisation, "url": [f"{HUB}/{organisation}"]} if organisation else None,
            "name": item.name,
            "version": release.version if release is not None else None,
            "description": model.description,
            "licenses": licenses(
                catalog, release.license_type if release is not None else model.license_type
            ),
            "purl": purl(release) if release is not None else None,
            "pedigree": _pedigree(catalog, release),
            "externalReferences": list(_references(catalog, item)),
            "components": list(_files(item)),
            "modelCard": _card(item),
            "properties": list(_properties(catalog, item)),
            "tags": list(dict.fromkeys(model.tags)),
        }
    )


def licenses(catalog: Catalog, license_type: str | None) -> list[Data]:
    """One licence by its SPDX id, one that SPDX lacks by its name, several as an expression."""
    if license_type is None:
        return []
    found = catalog.resolve(license_type)
    if isinstance(found.tree, Operation) or (found.tree is not None and " WITH " in found.tree):
        return [{"expression": expression(catalog, license_type), "acknowledgement": "declared"}]
    record = catalog.book.licenses[found.ids[0]] if found.ids else None
    known = spdx_id(record.id if record is not None else license_type)
    stated: Data = {"id": known} if known is not None else {"name": expression(catalog, license_type)}
    stated["acknowledgement"] = "declared"
    if record is not None and record.url is not None:
        stated["url"] = uri(record.url)
    if record is not None and known is None:
        stated["properties"] = [_property("license:name", record.name)]
    return [{"license": stated}]


def purl(release: Release) -> str | None:
    """The package URL of a release on the Hub: ``pkg:huggingface/org/name@commit``.

    Source: https://github.com/package-url/purl-spec/blob/main/types/huggingface-definition.json
    """
    source = release.on_hub
    if source is None:
        return None
    revision = f"@{quote(source.revision, safe='')}" if source.revision is not None else ""
    return f"pkg:huggingface/{source.model_id}{revision}"


def _files(item: Item) -> Iterator[Data]:
    """The files; a path that stands twice is one part."""
    files = (item.chosen.record.files if item.chosen is not None else None) or ()
    for file in {file.path: file for file in files}.values():
        yield {
            "type": "file",
            "bom-ref": f"{ref_of(item)}#{file.path}",
            "name": file.path,
            "hashes": [{"alg": "SHA-256", "content": file.sha256}],
            "properties": [_property("size", str(file.size))],
        }


def _pedigree(catalog: Catalog, release: Release | None) -> Data | None:
    bases = release.bases if release is not None else ()
    if not bases:
        return None
    return {
        "ancestors": [_ancestor(catalog, base) for base in bases],
        "notes": "; ".join(f"{base.relation} of {base.model}" for base in bases),
    }


def _ancestor(catalog: Catalog, base: BaseModelReference) -> Data:
    hub_id = base.name.removeprefix("hf:") if base.external else catalog.hub_id_of(base.name)
    revision = f"@{base.revision}" if base.revision is not None else ""
    return present(
        {
            "type": "machine-learning-model",
            "name": base.name.removeprefix("hf:"),
            "version": base.version or base.revision,
            "licenses": licenses(catalog, base.license_type),
            "purl": f"pkg:huggingface/{hub_id}{revision}" if hub_id is not None else None,
        }
    )


def _references(catalog: Catalog, item: Item) -> Iterator[Data]:
    """Where to read on and where the bytes are; each place once."""
    seen: set[tuple[str, str | None]] = set()
    for kind, url, comment in _places(catalog, item):
        if url is not None and (kind, url) not in seen:
            seen.add((kind, url))
            yield present({"type": kind, "url": url, "comment": comment})


def _places(catalog: Catalog, item: Item) -> Iterator[tuple[str, str | None, str]]:
    kinds = {
        "homepage": "website",
        "repository": "vcs",
        "documentation": "documentation",
        "license": "license",
    }
    kinds |= {"paper": "other", "model_card": "other", "demo": "other"}
    for name, kind in kinds.items() if item.model.links is not None else ():
        link = getattr(item.model.links, name)
        if link is not None:
            yield kind, uri(link), name.replace("_", " ") if kind == "other" else ""
    release = item.chosen
    if release is None:
        return
    source = release.record.source
    if isinstance(source, HubRevision):
        tree = f"/tree/{quote(source.revision)}" if source.revision is not None else ""
        yield "distribution", f"{HUB}/{source.model_id}{tree}", "source"
    for place in (release.record.storage_path, source.uri if isinstance(source, S3Location) else None):
        if place is not None:
            yield "distribution", uri(place), "storage"
    for id_ in catalog.resolve(release.license_type).ids if release.license_type is not None else ():
        record = catalog.book.licenses[id_]
        if record.url is not None:
            yield "license", uri(record.url), record.name
    for _, result in release.results:
        if result.source is not None and result.source.startswith(("http://", "https://")):
            yield "quality-metrics", uri(result.source), ""


def _card(item: Item) -> Data:
    model, release = item.model, item.chosen
    modalities = model.modalities
    known = release.record.fingerprint if release is not None else None
    results = release.results if release is not None else ()
    parameters = {
        "task": model.tasks[0] if model.tasks else None,
        "architectureFamily": model.architecture,
        "modelArchitecture": known.architecture if known is not None else None,
        "inputs": [{"format": one} for one in modalities.input] if modalities is not None else None,
        "outputs": [{"format": one} for one in modalities.output] if modalities is not None else None,
    }
    metrics = [_metric(result) for _, result in results]
    return present(
        {
            "modelParameters": present(parameters),
            "quantitativeAnalysis": {"performanceMetrics": metrics} if metrics else None,
            "properties": [_origin(result) for _, result in results],
        }
    )


def _metric(result: Result) -> Data:
    half = Z95 * result.stderr if result.stderr is not None else None
    bounds = (
        {"lowerBound": f"{result.value - half:.6g}", "upperBound": f"{result.value + half:.6g}"}
        if half
        else None
    )
    settings = ", ".join(f"{key}={setting_text(value)}" for key, value in sorted(result.settings.items()))
    return present(
        {
            "type": f"{result.benchmark} {result.metric} ({result.unit})",
            "value": f"{result.value:.12g}",
            "slice": settings,
            "confidenceInterval": bounds,
        }
    )


def _origin(result: Result) -> Data:
    """Who stands behind a result: the metric itself has no field for it."""
    told = [result.origin, *([result.source] if result.source is not None else [])]
    told += [result.date] if result.date is not None else []
    return _property(f"result:{result.benchmark}:{result.metric}", "; ".join(told))


def _property(name: str, value: str) -> Data:
    return {"name": f"budmodel:{name}", "value": value}


def _properties(catalog: Catalog, item: Item) -> Iterator[Data]:
    for name, value in _facts(catalog, item):
        if value not in (None, ""):
            yield _property(name, str(value))


def _facts(catalog: Catalog, item: Item) -> Iterator[tuple[str, object]]:
    model, release = item.model, item.chosen
    yield "parameter_count", model.parameter_count
    yield "active_parameter_count", model.active_parameter_count
    yield "context_length", model.context_length
    yield "status", model.status
    for task in model.tasks[1:]:
        yield "task", task
    for language in model.languages:
        yield "language", language
    if release is None:
        return
    record = release.record
    yield "released", record.released
    yield "format", record.format
    yield "precision", record.precision
    yield "quantization", record.quantization.method if record.quantization is not None else None
    yield "custom_code", str(record.custom_code).lower() if record.custom_code is not None else None
    yield "manifest_sha256", release.manifest
    yield "commercial_use", catalog.commercial(item, release)
    if record.yanked is not None:
        yield "yanked", f"{record.yanked.on}: {record.yanked.reason}"
    yield "scan", release.state.slug
    yield "scan:finished", release.state.finished
    if release.evidence is not None:
        yield "scan:signature", release.evidence.signature.kind
        yield "scan:believed_until", release.evidence.believed_until
        for engine in release.evidence.record.engines:
            yield "scan:engine", f"{engine.name} {engine.version}"
    for _, waiver in release.waivers:
        yield "waiver", f"{', '.join(waiver.rules)} until {waiver.expires}: {waiver.reason}"
