"""The files that an import writes: model.yaml, a version, a set of results; and their comments."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import rfc8785

from budmodel.domain.quoting import one_line
from budmodel.errors import DataError
from budmodel.operations.layout import check_texts, model_file
from budmodel.schema.benchmark import Result
from budmodel.sources.interface import Note
from budmodel.store.model_view import ModelView
from budmodel.store.tree import CATALOG
from budmodel.store.yaml_write import dump

RESULTS_TOOL = "model-index"
RESULT_ORDER = tuple(Result.model_fields)
_RESULTS_HEADER = "# yaml-language-server: $schema=../../../../../schemas/v1/results.schema.json\n"


def model_path(name: str) -> str:
    """Where a model's record is."""
    return f"{CATALOG}/models/{name}/model.yaml"


def version_path(name: str, version: str) -> str:
    """Where a version's record is."""
    return f"{CATALOG}/models/{name}/versions/{version}.yaml"


def commented_model(data: Mapping[str, Any], comments: Iterable[str]) -> bytes:
    """A new model.yaml whose head says where its facts are from."""
    first, _, rest = model_file(data).partition(b"\n")
    said = "".join(f"# {_plain(comment)}\n" for comment in comments)
    return first + b"\n" + said.encode() + rest


def origins(origin: str, model: Mapping[str, Any], notes: Iterable[Note]) -> list[str]:
    """Comments for a new model.yaml: the source, and how each fact that was not simply read came about."""
    said = [f"Imported from {origin}"]
    said += [
        f"{note.field}: {note.message}"
        for note in notes
        if note.kind in ("guess", "disagreement") and note.field.partition(".")[0] in model
    ]
    return list(dict.fromkeys(said))


def new_results(
    view: ModelView | None,
    name: str,
    version: str,
    released: str,
    rows: Sequence[Mapping[str, Any]],
    tool: str = RESULTS_TOOL,
) -> dict[str, bytes]:
    """The file for results that the model does not have yet: path and bytes; empty where there are none.

    The identity of a row is its digest, so a second import adds nothing. ``released`` is the day in the
    file's name, ``tool`` (a slug) what made the numbers.
    """
    known = {digest(row) for row in _recorded(view)}
    fresh = {digest(row): _ordered(row) for row in rows if digest(row) not in known}
    if not fresh:
        return {}
    results = list(fresh.values())
    check_texts(results, ("results",))
    hash8 = digest(results)[:8]
    path = f"{CATALOG}/models/{name}/benchmarks/{version}/{released[:10]}-{tool}-{hash8}.yaml"
    return {path: dump({"results": results}, header=_RESULTS_HEADER)}


def digest(value: Any) -> str:
    """SHA-256 of the RFC 8785 form, 64 hex digits.

    Raises:
        DataError: a number is beyond what JSON numbers hold exactly.
    """
    try:
        return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
    except rfc8785.CanonicalizationError as error:
        raise DataError(f"results: {one_line(str(error))}; leave this result out") from None


def _recorded(view: ModelView | None) -> Iterable[Mapping[str, Any]]:
    for entry in view.results if view is not None else ():
        if entry.record is not None:
            yield from entry.data["results"]


def _ordered(row: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: row[key] for key in RESULT_ORDER if key in row}
    return {**known, **row}


def _plain(text: str) -> str:
    # A comment ends with its line, and a control character would make the whole file unreadable.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in one_line(text, 300))
