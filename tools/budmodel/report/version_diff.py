"""What differs between two versions, for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from budmodel.operations.version_diff import BenchmarkDifference, FieldDifference, VersionDiff
from budmodel.report.page import Block
from budmodel.report.words import counted, visible

NOT_COMPARED = "not compared, since one of the versions does not list its files yet"


def lines(diff: VersionDiff) -> Iterator[str]:
    """For a terminal: one line for each difference."""
    yield f"{diff.name}: {diff.before} -> {diff.after}"
    for above, items in (("", diff.fields), ("licence ", diff.terms), ("scan ", diff.scans)):
        for item in items:
            yield visible(f"{above}{item.field}: {shown(item.before)} -> {shown(item.after)}")
    files = diff.files
    if not files.known:
        yield f"files: {NOT_COMPARED}"
    else:
        for mark, paths in (("+", files.added), ("-", files.removed), ("~", files.changed)):
            for path in paths:
                yield f"{mark} {visible(path)}"
        yield f"{counted(files.same, 'file')} the same"
    for result in diff.benchmarks:
        where = f" ({_conditions(result)})" if result.conditions else ""
        yield visible(
            f"{result.benchmark} {result.metric}{where}: {_values(result.before)} -> {_values(result.after)}"
        )


def blocks(diff: VersionDiff) -> Iterator[Block]:
    """As parts of a page."""
    yield _facts("Facts", diff, diff.fields)
    yield _facts("Licence terms", diff, diff.terms)
    yield _facts("Scans", diff, diff.scans)
    files = diff.files
    moved = (("added", files.added), ("removed", files.removed), ("changed", files.changed))
    same = f"{counted(files.same, 'file')} the same."
    yield Block(
        title="Files",
        header=("Change", "File"),
        rows=tuple((what, path) for what, paths in moved for path in paths),
        empty=same if files.known else f"Files: {NOT_COMPARED}.",
    )
    yield Block(
        title="Benchmarks",
        header=("Benchmark", "Metric", "Conditions", diff.before, diff.after),
        rows=tuple(
            (one.benchmark, one.metric, _conditions(one), _values(one.before), _values(one.after))
            for one in diff.benchmarks
        ),
        empty="No results differ.",
    )


def _facts(title: str, diff: VersionDiff, items: Sequence[FieldDifference]) -> Block:
    return Block(
        title=title,
        header=("Field", diff.before, diff.after),
        rows=tuple((item.field, shown(item.before), shown(item.after)) for item in items),
        empty="The same.",
    )


def shown(value: object) -> str:
    """A value of a record for people; a dash where there is none."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "-"
    if isinstance(value, dict):
        return " ".join(f"{key}={shown(one)}" for key, one in value.items())
    return str(value)


def _conditions(result: BenchmarkDifference) -> str:
    return ", ".join(f"{key} {value}" for key, value in result.conditions)


def _values(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values) or "-"
