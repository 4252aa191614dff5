"""The leaderboard of a catalog: ``budmodel leaderboard``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from budmodel.domain.leaderboard import Candidate, Leaderboard, leaderboard
from budmodel.domain.suggest import did_you_mean
from budmodel.errors import NotFoundError
from budmodel.operations.check import judges_of
from budmodel.schema.benchmark import Results
from budmodel.store.catalog import ModelView, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class RankRequest:
    """Which results; every filter that is stated must hold."""

    benchmark: str | None = None
    architecture: str | None = None
    """Without regard to case."""
    max_params: int | None = None
    """Most parameters; a model that states none does not match."""


def rank(snapshot: Snapshot, request: RankRequest) -> Leaderboard:
    """The comparable results of a catalog, ranked.

    Raises:
        NotFoundError: no benchmark of that id is defined.
    """
    judges = judges_of(snapshot)
    if request.benchmark is not None and request.benchmark not in judges.benchmarks:
        known = ", ".join(sorted(judges.benchmarks))
        hint = did_you_mean(request.benchmark, judges.benchmarks, f"there are {known}")
        raise NotFoundError(f"no benchmark {request.benchmark!r} is defined; {hint}")
    candidates = (
        candidate
        for name, data in snapshot.model_data()
        if _fits(request, str(data["architecture"]), data.get("parameter_count"))
        for candidate in _candidates(snapshot.model(name), request.benchmark)
    )
    return leaderboard(candidates, judges.benchmarks, judges.accelerators)


def _fits(request: RankRequest, architecture: str, count: int | None) -> bool:
    if request.architecture is not None and architecture.casefold() != request.architecture.casefold():
        return False
    return request.max_params is None or (count is not None and count <= request.max_params)


def _candidates(view: ModelView, benchmark: str | None) -> Iterator[Candidate]:
    """The results of a model; the same row in two files is one row."""
    seen: set[tuple[str, str]] = set()
    for entry in view.results:
        if not isinstance(entry.record, Results) or view.model is None:
            continue
        version = entry.says("version")
        release = view.version(version)
        for result in entry.record.results:
            key = (version, result.model_dump_json())
            if key in seen or benchmark not in (None, result.benchmark):
                continue
            seen.add(key)
            yield Candidate(
                name=view.name,
                version=version,
                architecture=view.model.architecture,
                parameter_count=view.model.parameter_count,
                result=result,
                yanked=release is not None and release.yanked is not None,
                archived=view.model.status == "archived",
            )
