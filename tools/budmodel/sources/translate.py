"""From a source's files to a draft of records: reads small files and header ranges, executes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from budmodel.domain.licensing import LicenseBook
from budmodel.schema.values import fold_name
from budmodel.sources.facts.about import custom_code_of, gated_of, links_of, note_hub_scan
from budmodel.sources.facts.architecture import architecture_of
from budmodel.sources.facts.card import Card, read_card
from budmodel.sources.facts.config import Config, read_config
from budmodel.sources.facts.context import context_length_of
from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.fingerprint import fingerprint_of
from budmodel.sources.facts.formulas.compute import compute
from budmodel.sources.facts.gguf import GgufSummary
from budmodel.sources.facts.labels import gives_vectors, languages_of, modalities_of, tags_of, tasks_of
from budmodel.sources.facts.licence import known_text, license_of, stated_license
from budmodel.sources.facts.lineage import base_models_of
from budmodel.sources.facts.notes import Notes
from budmodel.sources.facts.parameters import Parameters, check_against_name, parameters_of
from budmodel.sources.facts.quantization import Quantized, format_of, precision_of, quantization_of
from budmodel.sources.facts.results import results_of
from budmodel.sources.facts.rows import files_of, filled, moment_of
from budmodel.sources.facts.selection import Chosen, choose
from budmodel.sources.facts.text import describe, name_of
from budmodel.sources.facts.weights import Counted, in_headers, read_gguf_files, stated_by_hub
from budmodel.sources.interface import Draft, Listing, Source, Stated

__all__ = ["name_of", "translate"]


def translate(
    source: Source,
    listing: Listing,
    stated: Stated,
    *,
    licenses: LicenseBook | None = None,
    known_names: Collection[str] = (),
) -> Draft:
    """What the source's small files say, as fields of records, with a note for each guess, gap and choice.

    Args:
        source: read for small files and header ranges only.
        listing: what the source holds, pinned.
        stated: what the user states, which wins.
        licenses: the catalog's licences; with them licences are written by their record's id.
        known_names: names in the catalog, to warn of one that folds alike.

    Raises:
        OutsideError: the files that name the architecture or the parameters could not be read, so that one of
            the two is missing, and the user does not state it.
    """
    documents = Documents(source, listing, Notes())
    found = _gather(documents, stated)
    _stop_where_unread(documents, found)
    model, results = _model(documents, found, stated, licenses)
    version = _version(documents, found, licenses)
    name = stated.name or listing.suggested_name
    _check_name(documents, name, known_names)
    return Draft(
        name=name,
        organisation=listing.organisation,
        model=model,
        version=version,
        results=tuple(results),
        notes=tuple(documents.notes.taken),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What several fields are made of."""

    config: Config
    card: Card
    chosen: Chosen
    counted: Counted | None
    gguf: GgufSummary | None
    quantized: Quantized | None
    architecture: str | None
    parameters: Parameters
    context_length: int | None


def _gather(documents: Documents, stated: Stated) -> _Found:
    config, card = read_config(documents), read_card(documents)
    chosen = choose(documents, stated)
    gguf = read_gguf_files(documents, chosen.paths) if format_of(chosen.paths) == "gguf" else None
    quantized = quantization_of(documents, config, chosen.paths, gguf)
    counted = stated_by_hub(documents)
    if counted is None and stated.parameter_count is None:
        counted = in_headers(documents, _counted_files(chosen.paths))
    return _Found(
        config=config,
        card=card,
        chosen=chosen,
        counted=counted,
        gguf=gguf,
        quantized=quantized,
        architecture=stated.architecture or architecture_of(documents, config, card, gguf, documents.notes),
        parameters=_parameters(documents, stated, config, card, counted, gguf, quantized),
        context_length=context_length_of(documents, config, card, gguf),
    )


def _counted_files(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Weights that make up the model: at the root; for pipelines in folders, those of their parts."""
    weights = tuple(path for path in paths if path.endswith(".safetensors"))
    root = tuple(path for path in weights if "/" not in path)
    return root or tuple(path for path in weights if not path.startswith(("safety_checker/", "checkpoint")))


def _parameters(
    documents: Documents,
    stated: Stated,
    config: Config,
    card: Card,
    counted: Counted | None,
    gguf: GgufSummary | None,
    quantized: Quantized | None,
) -> Parameters:
    # An adapter's configuration, where it has one, is that of its base.
    adapter = bool(documents.json("adapter_config.json"))
    computed = None if adapter else compute(config, embedding=gives_vectors(documents, card))
    if stated.parameter_count is not None:
        active = computed.active if computed else None
        return Parameters(
            stated.parameter_count, "stated", active if active and active <= stated.parameter_count else None
        )
    found = parameters_of(documents, counted, computed, gguf, quantized)
    if not adapter:
        check_against_name(
            documents, documents.listing.source.get("model_id", documents.listing.suggested_name), found
        )
    return found


def _stop_where_unread(documents: Documents, found: _Found) -> None:
    """A dead network must not look like a model that says little of itself."""
    failure = documents.notes.failure
    if failure is not None and (found.architecture is None or found.parameters.total is None):
        raise failure


def _model(
    documents: Documents, found: _Found, stated: Stated, licenses: LicenseBook | None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    facts, card = documents.listing.facts, found.card
    tasks, languages = tasks_of(facts, card), languages_of(facts, card)
    license_type, license_link = license_of(documents, card, licenses)
    if stated.license is not None:
        license_type = stated_license(stated.license, licenses)
        documents.notes.taken = [
            note for note in documents.notes.taken if (note.kind, note.field) != ("missing", "license_type")
        ]
    fields = {
        "architecture": found.architecture,
        "parameter_count": found.parameters.total,
        "active_parameter_count": found.parameters.active,
        "parameter_count_origin": found.parameters.origin,
        "description": describe(card.body),
        "context_length": found.context_length,
        "license_type": license_type,
        "tags": tags_of(facts, card, languages=languages, tasks=tasks, architecture=found.architecture),
        "source": _model_source(documents.listing),
        "base_models": base_models_of(documents, card, found.quantized),
        "modalities": modalities_of(tasks),
        "tasks": tasks,
        "languages": languages,
        "links": links_of(documents, license_link),
        "gated": gated_of(facts),
    }
    note_hub_scan(documents)
    return filled(fields), results_of(documents, card)


def _model_source(listing: Listing) -> dict[str, str]:
    if listing.kind == "huggingface":
        return {"type": "huggingface", "model_id": listing.source["model_id"]}
    return {"type": "custom"}


def _version(documents: Documents, found: _Found, licenses: LicenseBook | None) -> dict[str, Any]:
    listing, paths = documents.listing, found.chosen.paths
    fields = {
        "released": moment_of(listing.released),
        "source": dict(listing.source),
        "storage_path": listing.storage_path,
        "fingerprint": fingerprint_of(found.config, found.gguf, found.architecture, found.context_length),
        "format": format_of(paths),
        "precision": precision_of(found.config, found.counted, found.quantized, paths),
        "quantization": found.quantized.record() if found.quantized is not None else None,
        "custom_code": custom_code_of(documents, found.config, paths),
        "selection": found.chosen.record(),
        "files": files_of(listing, frozenset(paths)),
        "license_text_sha256": known_text(documents, licenses),
    }
    return filled(fields)


def _check_name(documents: Documents, name: str, known: Collection[str]) -> None:
    alike = next((other for other in known if other != name and fold_name(other) == fold_name(name)), None)
    if alike is not None:
        better = f"{documents.listing.organisation}-{name}" if documents.listing.organisation else "another"
        documents.notes.add("choice", "name", f"{name} would be mistaken for {alike}: take --name {better}")
