"""The benchmark results of a model as the leaderboard takes them: one place for the command and the site."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.leaderboard import Candidate
from budmodel.schema.benchmark import Results
from budmodel.store.model_view import ModelView


def candidates_of(view: ModelView, benchmark: str | None = None, blocked: str = "") -> Iterator[Candidate]:
    """The results of a model; the same row in two files is one row.

    Args:
        view: the model.
        benchmark: only results of this one.
        blocked: why nobody may deploy the model at all.
    """
    seen: set[tuple[str, str]] = set()
    model = view.model
    if model is None:
        return
    for entry in view.results:
        if not isinstance(entry.record, Results):
            continue
        version = entry.says("version")
        release, scan = view.version(version), view.scan(version)
        yanked = release is not None and release.yanked is not None
        why = blocked or ("its scan found something" if scan is not None and scan.status == "FAILED" else "")
        for result in entry.record.results:
            if benchmark not in (None, result.benchmark):
                continue
            key = (version, result.model_dump_json())
            if key in seen:
                continue
            seen.add(key)
            yield Candidate(
                name=view.name,
                version=version,
                architecture=model.architecture,
                parameter_count=model.parameter_count,
                result=result,
                yanked=yanked,
                archived=model.status == "archived",
                blocked=why,
            )
