"""A model card for the Hugging Face Hub: ``README.md`` with its metadata in front.

Source: https://huggingface.co/docs/hub/model-cards and the card specification in huggingface/hub-docs. The
metadata is written by huggingface_hub, which also reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from budmodel.render.exports.card_text import card_text
from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.hub_words import base_fields, library_of, license_fields
from budmodel.render.exports.items import Item
from budmodel.schema.benchmark import Benchmark, Benchmarks, Result
from budmodel.store.tree import CATALOG

if TYPE_CHECKING:
    from huggingface_hub import EvalResult


class Card:
    """One card for one model, in the version that is meant."""

    binary = False
    many = False
    by_model = False
    file: str | None = "{name}/README.md"

    def write(self, catalog: Catalog, items: Iterable[Item], out: BinaryIO) -> None:
        """Writes the card."""
        for item in items:
            front = _front(catalog, item)
            out.write(f"---\n{front}\n---\n\n{card_text(catalog, item)}".encode())


def _front(catalog: Catalog, item: Item) -> str:
    # Imported here: it takes a moment to load, and only cards need it.
    from huggingface_hub import ModelCardData

    model, release = item.model, item.chosen
    license_type = release.license_type if release is not None else model.license_type
    fields: dict[str, Any] = {
        **license_fields(catalog, license_type),
        **base_fields(catalog, release.bases if release is not None else model.base_models),
        "language": list(dict.fromkeys(model.languages)) or None,
        "library_name": library_of(model.tags),
        "pipeline_tag": model.tasks[0] if model.tasks else None,
        "tags": list(dict.fromkeys(" ".join(tag.split()) for tag in model.tags)) or None,
    }
    results = list(_results(catalog, item))
    data = ModelCardData(model_name=item.name, eval_results=results or None, **fields)
    text: str = data.to_yaml()
    # A card without any metadata would be an empty mapping in braces, which readers take as well.
    return text.strip()


def _results(catalog: Catalog, item: Item) -> Iterator[EvalResult]:
    """The results for ``model-index``, which needs a task; speeds have no place there."""
    from huggingface_hub import EvalResult

    definitions = definitions_of(catalog)
    for _, result in item.chosen.results if item.chosen is not None and item.model.tasks else ():
        known = definitions.get(result.benchmark)
        if not is_speed(result, known):
            linked = result.source if (result.source or "").startswith(("http://", "https://")) else None
            yield EvalResult(
                task_type=item.model.tasks[0],
                dataset_type=result.benchmark,
                dataset_name=known.name if known is not None else result.benchmark,
                dataset_args=dict(sorted(result.settings.items())) or None,
                metric_type=result.metric,
                metric_name=f"{result.metric} ({result.unit})",
                metric_value=result.value,
                source_name=result.origin if linked is not None else None,
                source_url=linked,
            )


def definitions_of(catalog: Catalog) -> dict[str, Benchmark]:
    """The benchmarks that the catalog defines, by id."""
    found = catalog.snapshot.record(f"{CATALOG}/benchmarks.yaml", Benchmarks)
    return {one.id: one for one in found.benchmarks} if found is not None else {}


def is_speed(result: Result, known: Benchmark | None) -> bool:
    """Whether a result tells how fast and not how good."""
    return known.category == "speed" if known is not None else result.hardware is not None
