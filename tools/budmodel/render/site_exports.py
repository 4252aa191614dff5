"""The exports that a site carries of each model, made from what was read for its page.

``/api/models/{name}/mlbom.json`` is what ``budmodel export cyclonedx NAME`` writes, but for the commit and
its time: what depends on those stands in the index only. The rows of ``models.csv`` and ``catalog.sqlite``
are those that ``budmodel export`` writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from budmodel.domain.inheritance import bases_of
from budmodel.domain.licensing import LicenseBook, Resolution
from budmodel.domain.uses import Level
from budmodel.operations.uses import Uses
from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.cyclonedx import small_document
from budmodel.render.exports.items import Item, Release
from budmodel.render.facts import ModelFacts, Reader, VersionFacts
from budmodel.render.output import Output
from budmodel.schema.benchmark import Result
from budmodel.schema.model import HuggingFaceSource, Model
from budmodel.store.model_view import ModelView, default_of
from budmodel.store.tree import MODELS


@dataclass(frozen=True, kw_only=True)
class SiteCatalog(Catalog):
    """The catalog as exports see it, from what the site has read and answered already."""

    reader: Reader
    uses: Uses

    @property
    def book(self) -> LicenseBook:
        """The licences."""
        return self.reader.book

    def resolve(self, license_type: str) -> Resolution:
        """What a licence name or expression stands for."""
        return self.reader.resolve(license_type) or super().resolve(license_type)

    def commercial(self, item: Item, release: Release) -> Level:
        """What the licences answer to commercial use, as the page tells it."""
        return self.uses.of(item.model, release.record).levels["commercial", "use"]

    def hub_id_of(self, name: str) -> str | None:
        """Where another model of the catalog is on the Hub."""
        model = self.snapshot.record(f"{MODELS}{name}/model.yaml", Model)
        return model.source.model_id if model and isinstance(model.source, HuggingFaceSource) else None


def item_of(view: ModelView, facts: ModelFacts) -> Item:
    """A model as exports see it: a version that contradicts the name of its file is none."""
    versions = {
        one.version: one for one in reversed(facts.versions) if view.version(one.version) is one.record
    }
    default = default_of(facts.model, {version: one.record for version, one in versions.items()})
    releases = tuple(
        _release(view, facts.model, one, is_default=version == default) for version, one in versions.items()
    )
    return Item(
        name=facts.name,
        model=facts.model,
        releases=releases,
        chosen=next((release for release in releases if release.is_default), None),
        only=False,
    )


def write_mlbom(output: Output, catalog: SiteCatalog, item: Item) -> None:
    """A model as a CycloneDX ML-BOM, in its default version."""
    one = replace(item, releases=(item.chosen,) if item.chosen is not None else ())
    output.write(f"api/models/{item.name}/mlbom.json", small_document(catalog, one), listed=True)


def _release(view: ModelView, model: Model, facts: VersionFacts, *, is_default: bool) -> Release:
    record = facts.record
    return Release(
        record=record,
        is_default=is_default,
        manifest=facts.manifest,
        state=facts.recorded,
        evidence=facts.evidence,
        waivers=facts.waivers,
        results=tuple(_results(view, record.version)),
        license_type=record.license_type or model.license_type,
        bases=tuple(bases_of(model, record)),
        requirements=record.requirements or model.requirements,
    )


def _results(view: ModelView, version: str) -> Iterator[tuple[str, Result]]:
    for entry in view.results:
        if entry.record is not None and entry.says("version") == version:
            yield from ((entry.path, result) for result in entry.record.results)
