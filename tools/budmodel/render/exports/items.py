"""What the exports are made of: a model with its releases.

States are those of the records: dates are told, ages are not, so that a document is true when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from budmodel.render.evidence import Evidence
from budmodel.render.scans import ScanState
from budmodel.schema.benchmark import Result
from budmodel.schema.governance import Waiver
from budmodel.schema.model import BaseModelReference, HuggingFaceSource, Model, Requirements
from budmodel.schema.version import HubRevision, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A version with what is known of its bytes."""

    record: Version
    is_default: bool
    manifest: str | None
    """SHA-256 over the list of its files; None where it lists none."""
    state: ScanState
    """As the scan record alone tells it."""
    evidence: Evidence | None
    waivers: tuple[tuple[str, Waiver], ...]
    """Path and waiver of every exception that is bound to these bytes, whatever its date."""
    results: tuple[tuple[str, Result], ...]
    """Path and row of every benchmark result."""
    license_type: str | None
    bases: tuple[BaseModelReference, ...]
    requirements: Requirements | None

    @property
    def version(self) -> str:
        """Its number."""
        return self.record.version

    @property
    def size(self) -> int | None:
        """Bytes of all files; None where none are listed."""
        return sum(file.size for file in self.record.files) if self.record.files else None

    @property
    def waived(self) -> str:
        """What an exception stands in for, and until when; empty where none does."""
        told = (f"{', '.join(waiver.rules)} until {waiver.expires}" for _, waiver in self.waivers)
        return "; ".join(told)

    @property
    def on_hub(self) -> HubRevision | None:
        """Where it is on the Hub, if it comes from there."""
        return self.record.source if isinstance(self.record.source, HubRevision) else None

    @property
    def withdrawn(self) -> str:
        """Why its bytes should not be fetched: it was yanked, or a scan found something; else empty."""
        if self.record.yanked is not None:
            return f"yanked: {self.record.yanked.reason}"
        return self.state.label if self.state.slug in ("failed", "unproven") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A model with all its releases, oldest first."""

    name: str
    """The folder's name."""
    model: Model
    releases: tuple[Release, ...]
    chosen: Release | None
    """The release that is meant: the one that was named, or else the default."""
    only: bool
    """Whether that release was named."""

    @property
    def wanted(self) -> tuple[Release, ...]:
        """All releases, or the one that was named."""
        return (self.chosen,) if self.only and self.chosen is not None else self.releases

    @property
    def hub_id(self) -> str | None:
        """The model's repository on the Hub."""
        if self.chosen is not None and self.chosen.on_hub is not None:
            return self.chosen.on_hub.model_id
        return self.model.source.model_id if isinstance(self.model.source, HuggingFaceSource) else None
