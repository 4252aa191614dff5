"""The models of a catalog, filtered: ``budmodel list``. It works on data; no object is built per model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from budmodel.domain.licensing import LicenseBook
from budmodel.domain.suggest import nearest
from budmodel.domain.waivers import WaiverBook
from budmodel.errors import NotFoundError
from budmodel.operations.judging import scan_policy, signers_of
from budmodel.operations.scan_state import ScanJudges, scan_state
from budmodel.schema.governance import Waiver
from budmodel.schema.license import License
from budmodel.schema.scan import Scan
from budmodel.schema.version import Version
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import MODELS

Row = Mapping[str, Any]
"""The data of a model.yaml, with ``status`` filled in."""
_Filter = Callable[[Row], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """Which models; every filter that is stated must hold."""

    architecture: str | None = None
    """Without regard to case."""
    min_params: int | None = None
    """Fewest parameters; a model that states none does not match."""
    max_params: int | None = None
    """Most parameters; a model that states none does not match."""
    license: str | None = None
    """Licence id or alias; matches every model whose expression names that licence."""
    tags: tuple[str, ...] = ()
    """All of these, without regard to case."""
    status: str | None = None
    """active, deprecated or archived."""
    now: datetime | None = None
    """The moment at which waivers are judged; None: this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The models that match, by name, and how many there are in all."""

    rows: tuple[Row, ...]
    waived: Mapping[str, str]
    """By the model's name: what is missing of its default version, and until when that is waived."""
    in_catalog: int
    """All valid models, matching or not."""
    invalid: int
    """Models whose model.yaml is missing or invalid, and which are therefore not listed."""


def list_models(snapshot: Snapshot, request: ListRequest) -> Listing:
    """The models that match a request.

    Raises:
        NotFoundError: neither a record nor a model of the catalog names the licence that is asked for.
    """
    filters = model_filters(snapshot, request)
    rows: list[Row] = []
    valid = 0
    for _, data in snapshot.model_data():
        valid += 1
        if all(holds(data) for holds in filters):
            rows.append({**data, "status": data.get("status", "active")})
    rows.sort(key=lambda row: str(row["name"]))
    return Listing(
        rows=tuple(rows),
        waived=_waived(snapshot, rows, request.now or datetime.now(UTC)),
        in_catalog=valid,
        invalid=len(snapshot.tree.model_names()) - valid,
    )


def _waived(snapshot: Snapshot, rows: Sequence[Row], now: datetime) -> dict[str, str]:
    """What the scans of default versions say that rest on a waiver; other versions are not read."""
    waivers = dict(snapshot.shown_records("waiver", Waiver, snapshot.paths("waiver")))
    named = {target.partition("@")[0] for one in waivers.values() for target in one.targets}
    judges = ScanJudges(scan_policy(snapshot), WaiverBook(waivers), signers_of(snapshot))
    chosen = {
        str(row["name"]): row.get("default_version") or snapshot.model(str(row["name"])).default_version
        for row in rows
        if row["name"] in named and (row.get("source") or {}).get("type") != "api"
    }
    version_of = {name: f"{MODELS}{name}/versions/{version}.yaml" for name, version in chosen.items()}
    scan_of = {name: f"{MODELS}{name}/scans/{version}.yaml" for name, version in chosen.items()}
    versions = dict(snapshot.shown_records("version", Version, list(version_of.values())))
    scans = dict(snapshot.shown_records("scan", Scan, list(scan_of.values())))
    found = {}
    for name, version in chosen.items():
        record, scan = versions.get(version_of[name]), scans.get(scan_of[name])
        state = scan_state(f"{name}@{version}", record, scan, judges, now)
        if state.waived_until is not None:
            found[name] = state.brief
    return found


def model_filters(snapshot: Snapshot, request: ListRequest) -> list[_Filter]:
    """What must hold of a model's data, for every filter that is stated.

    Raises:
        NotFoundError: neither a record nor a model of the catalog names the licence that is asked for.
    """
    filters: list[_Filter] = []
    if request.architecture is not None:
        architecture = request.architecture.casefold()
        filters.append(lambda row: str(row["architecture"]).casefold() == architecture)
    if request.min_params is not None or request.max_params is not None:
        filters.append(_parameters(request.min_params, request.max_params))
    if request.license is not None:
        filters.append(_license(snapshot, request.license))
    if request.tags:
        tags = {tag.casefold() for tag in request.tags}
        filters.append(lambda row: tags <= {tag.casefold() for tag in row.get("tags", ())})
    if request.status is not None:
        filters.append(lambda row: row.get("status", "active") == request.status)
    return filters


def _parameters(least: int | None, most: int | None) -> _Filter:
    def holds(row: Row) -> bool:
        count = row.get("parameter_count")
        return count is not None and (least is None or count >= least) and (most is None or count <= most)

    return holds


def license_book(snapshot: Snapshot) -> LicenseBook:
    """The licences that the catalog knows."""
    return LicenseBook.at(snapshot.records("license", License))


def _license(snapshot: Snapshot, wanted: str) -> _Filter:
    book = license_book(snapshot)
    known = book.find(wanted)
    if known is None:
        _must_be_used(snapshot, book, wanted)
    # Expressions repeat: each is resolved once.
    answers: dict[str, bool] = {}

    def names_it(text: str) -> bool:
        resolution = book.resolve(text)
        if known is not None:
            return known.id in resolution.ids
        return wanted.casefold() in {text.casefold(), *(name.casefold() for name in resolution.unknown)}

    def holds(row: Row) -> bool:
        text = row.get("license_type")
        if not text:
            return False
        if text not in answers:
            answers[text] = names_it(text)
        return answers[text]

    return holds


def _must_be_used(snapshot: Snapshot, book: LicenseBook, wanted: str) -> None:
    """Refuses a licence that has no record and under which no model stands: most often it is misspelt."""
    stated = {str(data["license_type"]) for _, data in snapshot.model_data() if data.get("license_type")}
    folded = wanted.casefold()
    if any(folded in text.casefold() for text in stated):
        unknown = {name.casefold() for text in stated for name in book.resolve(text).unknown}
        if folded in unknown | {text.casefold() for text in stated}:
            return
    near = nearest(wanted, book.known())
    record = book.find(near) if near is not None else None
    hint = f"did you mean {record.id}?" if record is not None else "see budmodel license list"
    raise NotFoundError(f"no licence {wanted!r} in the catalog; {hint}")
