"""The records of a catalog as rows of the SQLite export, parents before children."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.items import Item, Release
from budmodel.render.exports.spdx import expression
from budmodel.schema.benchmark import Benchmarks, Result
from budmodel.schema.governance import Tombstone, Waiver
from budmodel.schema.license import Acknowledgment, License
from budmodel.schema.model import HuggingFaceSource
from budmodel.schema.scan import Scan
from budmodel.schema.version import HubRevision, S3Location
from budmodel.store.tree import CATALOG

Line = tuple[str, tuple[object, ...]]
"""The table, and the values of all its columns in their order."""


def registry_rows(catalog: Catalog) -> Iterator[Line]:
    """What is not about one model: the registry, licences, benchmarks, waivers, acknowledgments, removals."""
    told = {"name": catalog.title, "commit": catalog.commit, "commit_time": catalog.commit_time}
    for key, value in told.items():
        if value is not None:
            yield "registry", (key, value)
    for id_, license_ in sorted(catalog.book.licenses.items()):
        yield from _license(catalog, id_, license_)
    yield from _benchmarks(catalog)
    snapshot, wanted = catalog.snapshot, frozenset(catalog.names)
    for path, waiver in snapshot.records("waiver", Waiver):
        yield from _waiver(path, waiver, wanted)
    paths = snapshot.paths("acknowledgment")
    for path, one in sorted(snapshot.shown_records("acknowledgment", Acknowledgment, paths)):
        if one.name in wanted:
            named = (path, one.name, one.version, one.use, one.by, one.on)
            yield "acknowledgments", (*named, one.license_id, one.license_text_sha256, one.note)
    for _, gone in snapshot.records("tombstone", Tombstone):
        if catalog.selected is None:
            yield "removed", (gone.name, gone.reason, gone.removed, gone.by, gone.successor)


def rows_of(catalog: Catalog, item: Item) -> Iterator[Line]:
    """A model with all that belongs to it."""
    yield _model(item)
    yield from _values(item)
    for alias, version in sorted(item.model.aliases.items()):
        yield "aliases", (item.name, alias, version)
    for release in item.wanted:
        yield _version(catalog, item, release)
        for table, values in _version_parts(catalog, release):
            yield table, (item.name, release.version, *values)


def _license(catalog: Catalog, id_: str, known: License) -> Iterator[Line]:
    answers = (
        known.commercial_use,
        known.derivatives,
        known.redistribution,
        known.output_use,
        known.attribution,
    )
    limits = (
        known.monthly_active_users_limit,
        known.annual_revenue_limit_usd,
        known.monthly_revenue_limit_usd,
    )
    duties = (known.limits_bring, known.naming, known.pass_on_restrictions, known.share_alike)
    scope = (
        known.research_only,
        known.api_only,
        _json(known.use_restrictions),
        _json(known.territories_excluded),
    )
    reviewed = (known.reviewed.by, known.reviewed.on) if known.reviewed is not None else (None, None)
    head = (id_, expression(catalog, id_), known.name, known.url, *(_answer(answer) for answer in answers))
    yield "licenses", (*head, *limits, *duties, *scope, known.notes, _json(known.source), *reviewed)
    for alias in sorted(set(known.aliases)):
        yield "license_aliases", (id_, alias)
    for text in sorted(known.texts, key=lambda one: one.sha256):
        yield "license_texts", (id_, text.sha256, text.url, text.seen, text.note)


def _benchmarks(catalog: Catalog) -> Iterator[Line]:
    found = catalog.snapshot.record(f"{CATALOG}/benchmarks.yaml", Benchmarks)
    for one in sorted(found.benchmarks, key=lambda one: one.id) if found is not None else ():
        yield "benchmarks", (one.id, one.name, one.category, one.default_metric, one.reference)
        for id_, metric in sorted(one.metrics.items()):
            about = (metric.unit, metric.direction, metric.minimum, metric.maximum)
            yield "metrics", (one.id, id_, *about)


def _waiver(path: str, waiver: Waiver, wanted: frozenset[str]) -> Iterator[Line]:
    targets = [target.partition("@") for target in sorted(set(waiver.targets))]
    about = [(model, version) for model, _, version in targets if model in wanted]
    if not about:
        return
    yield "waivers", (path, waiver.manifest_sha256, waiver.reason, waiver.approved_by, waiver.expires)
    for rule in sorted(set(waiver.rules)):
        yield "waiver_rules", (path, rule)
    for finding in sorted(set(waiver.findings)):
        yield "waiver_findings", (path, finding)
    for model, version in about:
        yield "waiver_targets", (path, model, version)


def _model(item: Item) -> Line:
    model, links, api = item.model, item.model.links, item.model.api
    counts = (model.parameter_count, model.active_parameter_count, model.parameter_count_origin)
    hub_id = model.source.model_id if isinstance(model.source, HuggingFaceSource) else None
    source = (model.source.type if model.source is not None else None, hub_id)
    default = next((release.version for release in item.releases if release.is_default), None)
    reached = (api.provider, api.model_id) if api is not None else (None, None)
    places = (links.homepage, links.paper, links.repository) if links is not None else (None, None, None)
    described = (model.context_length, model.description, model.license_type, model.status)
    life = (model.successor, model.retires_on)
    head = (item.name, model.architecture, *counts, *described, *life, *source, default)
    return "models", (*head, model.gated, model.contact, *reached, *places)


def _values(item: Item) -> Iterator[Line]:
    model, modalities = item.model, item.model.modalities
    lists = {"language": model.languages, "owner": model.owners, "tag": model.tags, "task": model.tasks}
    if modalities is not None:
        lists |= {"input": modalities.input, "output": modalities.output}
    for kind, values in sorted(lists.items()):
        for value in sorted(set(values)):
            yield "model_values", (item.name, kind, value)


def _version(catalog: Catalog, item: Item, release: Release) -> Line:
    record, needs, text = release.record, release.requirements, release.license_type
    source = record.source
    hub = (source.model_id, source.revision) if isinstance(source, HubRevision) else (None, None)
    uri = source.uri if isinstance(source, S3Location) else None
    smaller = record.quantization
    quantized = (smaller.method, smaller.bits) if smaller is not None else (None, None)
    spdx = expression(catalog, text) if text is not None else None
    licensed = (text, spdx, record.license_text_sha256, catalog.commercial(item, release))
    gpu = (
        (needs.min_gpu_memory_gb, needs.recommended_gpu, needs.recommended_gpu_count)
        if needs
        else (None,) * 3
    )
    size = (len(record.files) if record.files is not None else None, release.size, release.manifest)
    yanked = (record.yanked.on, record.yanked.reason) if record.yanked is not None else (None, None)
    head = (item.name, release.version, item.releases.index(release), release.is_default, record.released)
    origin = (record.changelog, source.type if source is not None else None, *hub, uri, record.storage_path)
    kind = (record.format, record.precision, *quantized, record.custom_code)
    fingerprint = _json(record.fingerprint) if record.fingerprint is not None else None
    return "versions", (*head, *origin, *kind, *licensed, *gpu, fingerprint, *size, *yanked)


def _version_parts(catalog: Catalog, release: Release) -> Iterator[Line]:
    """What belongs to a version, without the columns that name it."""
    record = release.record
    text = release.license_type
    for id_ in sorted(catalog.resolve(text).ids) if text is not None else ():
        yield "version_licenses", (id_,)
    for file in sorted(record.files or (), key=lambda file: file.path):
        yield "files", (file.path, file.size, file.sha256)
    for engine in record.engines:
        yield "engines", (engine.name, engine.min_version, engine.notes)
    for base in release.bases:
        parent = (base.name, base.version, base.relation, base.external)
        yield "lineage", (*parent, base.revision, base.license_type)
    yield from _scan(release)
    for path, result in release.results:
        yield "results", (*_result(result), path)


def _scan(release: Release) -> Iterator[Line]:
    evidence = release.evidence
    if evidence is None:
        return
    scan: Scan = evidence.record
    times = (scan.manifest_sha256, scan.started, scan.finished, scan.reason)
    signature = (evidence.signature.kind, evidence.signature.signer)
    yield "scans", (scan.status, release.state.slug, *times, *signature, evidence.believed_until)
    for engine in scan.engines:
        data = engine.database
        database = (data.version, data.date, data.signatures) if data is not None else (None, None, None)
        yield "scan_engines", (engine.name, engine.version, *database)
    for file in scan.files:
        seen = (file.verdict, file.bytes_seen, file.bytes_total, file.message)
        yield "scan_files", (file.path, file.engine, file.format, *seen)
    for finding in scan.findings:
        yield "scan_findings", (finding.id, finding.engine, finding.severity, finding.path, finding.message)


def _result(result: Result) -> tuple[object, ...]:
    hardware, engine, tool = result.hardware, result.engine, result.tool
    where = (hardware.accelerator, hardware.count) if hardware is not None else (None, None)
    served = (engine.name, engine.version) if engine is not None else (None, None)
    measured = (tool.name, tool.version) if tool is not None else (None, None)
    number = (result.benchmark, result.metric, result.value, result.unit, result.stderr, result.samples)
    told = (result.date, result.source, result.origin, result.note)
    return (*number, _json(result.settings), *where, *served, *measured, *told)


def _answer(answer: bool | str | None) -> str | None:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return answer


def _json(value: Any) -> str | None:
    """A value that has no column of its own; None where there is none."""
    if value is None:
        return None
    data = value.model_dump(mode="json", exclude_none=True) if isinstance(value, BaseModel) else value
    return json.dumps(data, ensure_ascii=False, sort_keys=True)
