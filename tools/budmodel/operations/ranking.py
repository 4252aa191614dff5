"""The leaderboard of a catalog: ``budmodel leaderboard``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from budmodel.domain.leaderboard import Candidate, Leaderboard, leaderboard
from budmodel.domain.suggest import did_you_mean
from budmodel.domain.waivers import NOT_WAIVABLE
from budmodel.errors import NotFoundError
from budmodel.operations.candidates import candidates_of
from budmodel.operations.judging import judges_of
from budmodel.operations.listing import ListRequest, model_filters
from budmodel.operations.scan_state import ScanJudges, scan_state
from budmodel.operations.uses import Uses
from budmodel.rules.interface import Judges
from budmodel.store.catalog import Snapshot
from budmodel.store.model_view import ModelView

_SCANS = {"passed": "PASSED", "failed": "FAILED", "scanning": "SCANNING", "skipped": "SKIPPED"}
SCAN_CHOICES = (*_SCANS, "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class RankRequest:
    """Which results; every filter that is stated must hold."""

    benchmark: str | None = None
    architecture: str | None = None
    """Without regard to case."""
    max_params: int | None = None
    """Most parameters; a model that states none does not match."""
    min_params: int | None = None
    """Fewest parameters; a model that states none does not match."""
    license: str | None = None
    """Licence id or alias."""
    commercial: bool = False
    """Only what may be used commercially, if need be under conditions: by its own licence and restrictions,
    and by those of all that it was made of."""
    tags: tuple[str, ...] = ()
    """All of these."""
    task: str | None = None
    scan: str | None = None
    """passed, failed, scanning, skipped or none: the state of the measured version."""
    hardware: str | None = None
    """An accelerator's id or alias; quality results have none and do not match."""
    origin: str | None = None
    """measured, maker or third-party."""
    now: datetime | None = None


def rank(snapshot: Snapshot, request: RankRequest) -> Leaderboard:
    """The comparable results of a catalog, ranked.

    Raises:
        NotFoundError: no benchmark, accelerator or licence of that name.
    """
    judges = judges_of(snapshot)
    _check_names(request, judges)
    wanted = model_filters(
        snapshot,
        ListRequest(
            architecture=request.architecture,
            min_params=request.min_params,
            max_params=request.max_params,
            license=request.license,
            tags=request.tags,
        ),
    )
    allowing = _allowing(judges) if request.commercial else {}
    uses = Uses(snapshot, judges.licenses)
    candidates = (
        candidate
        for name, data in snapshot.model_data()
        if all(holds(data) for holds in wanted) and _fits(request, data, judges, allowing)
        for candidate in _of_model(snapshot.model(name), request, judges, uses)
    )
    return leaderboard(candidates, judges.benchmarks, judges.accelerators)


def _check_names(request: RankRequest, judges: Judges) -> None:
    if request.benchmark is not None and request.benchmark not in judges.benchmarks:
        known = ", ".join(sorted(judges.benchmarks))
        hint = did_you_mean(request.benchmark, judges.benchmarks, f"there are {known}")
        raise NotFoundError(f"no benchmark {request.benchmark!r} is defined; {hint}")
    if request.hardware is not None and request.hardware not in judges.accelerators:
        hint = did_you_mean(request.hardware, judges.accelerators, "see catalog/hardware.yaml")
        raise NotFoundError(f"no accelerator {request.hardware!r} is defined; {hint}")


def _fits(
    request: RankRequest, data: Mapping[str, Any], judges: Judges, allowing: Mapping[str, bool]
) -> bool:
    if request.task is not None and request.task.casefold() not in map(str.casefold, data.get("tasks") or ()):
        return False
    return not request.commercial or _commercial(data, judges, allowing)


def _allowing(judges: Judges) -> dict[str, bool]:
    """Whether each licence allows commercial use, if need be under conditions; by folded id and alias."""
    return {
        name.casefold(): record.commercial_use in (True, "conditional") and record.research_only is not True
        for record in judges.licenses.licenses.values()
        for name in (record.id, *record.aliases)
    }


def _commercial(data: Mapping[str, Any], judges: Judges, allowing: Mapping[str, bool]) -> bool:
    """Whether the licence's expression allows it, and the model's own restrictions do not forbid it."""
    if (data.get("license_restrictions") or {}).get("commercial_use") is False or not data.get(
        "license_type"
    ):
        return False
    return judges.licenses.resolve(str(data["license_type"])).acceptable(allowing)


def _of_model(view: ModelView, request: RankRequest, judges: Judges, uses: Uses) -> Iterator[Candidate]:
    states: dict[str, tuple[str | None, str, str]] = {}
    sold: dict[str, bool] = {}
    for candidate in candidates_of(view, request.benchmark):
        result = candidate.result
        if request.origin not in (None, result.origin):
            continue
        if request.hardware is not None and not _measured_on(candidate, request.hardware, judges):
            continue
        if request.commercial and not sold.setdefault(
            candidate.version, _sold(view, candidate.version, uses)
        ):
            continue
        if candidate.version not in states:
            states[candidate.version] = _state(view, candidate.version, request, judges)
        status, why, waived = states[candidate.version]
        if request.scan is not None and status != _SCANS.get(request.scan):
            continue
        yield replace(candidate, blocked=candidate.blocked or why, waived=waived)


def _sold(view: ModelView, version: str, uses: Uses) -> bool:
    """Whether no licence forbids commercial use of a version, its own or one of what it was made of."""
    record = view.version(version)
    if view.model is None or record is None:
        return False
    return uses.of(view.model, record).levels["commercial", "use"] != "deny"


def _measured_on(candidate: Candidate, hardware: str, judges: Judges) -> bool:
    used = candidate.result.hardware
    if used is None:
        return False
    known = judges.accelerators.get(used.accelerator)
    return known is not None and known.id == judges.accelerators[hardware].id


def _state(
    view: ModelView, version: str, request: RankRequest, judges: Judges
) -> tuple[str | None, str, str]:
    """The scan status of a version, why nobody may deploy it, and on which exception it rests."""
    model, release = view.model, view.version(version)
    if model is None or release is None:
        return None, "its version has no valid record", ""
    state = scan_state(
        f"{view.name}@{version}",
        release,
        view.scan(version),
        ScanJudges(judges.policy.scans, judges.waiver_book, judges.signers),
        request.now or datetime.now(UTC),
        has_artifacts=model.has_artifacts,
    )
    if not model.has_artifacts:
        return state.status, "", ""
    if state.waived_until is None and not state.ok and not state.doubts:
        return state.status, f"it is blocked: {state.text}", ""
    lowered = judges.policy.severity
    doubts = [
        one.reason for one in state.doubts if one.rule in NOT_WAIVABLE or lowered.get(one.rule) != "warning"
    ]
    if doubts:
        return state.status, f"it is blocked: {'; '.join(doubts)}", ""
    return state.status, "", state.brief if state.waived_until is not None else ""
