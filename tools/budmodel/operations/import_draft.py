"""A draft made ready for the catalog: bases by their names here, no credentials; notes within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from budmodel.domain.credentials import redact
from budmodel.domain.quoting import one_line
from budmodel.operations.import_match import models_by_id
from budmodel.sources.interface import Draft, Note
from budmodel.store.catalog import Snapshot

MOST_NOTES = 50
"""Most notes of one import that are shown; upstream decides how many there could be."""
LONGEST_NOTE = 400
"""Characters of a note."""


def settled(draft: Draft, snapshot: Snapshot, name: str, listed: Iterable[str] = ()) -> Draft:
    """The draft with parents by their catalog names, without credentials, under its final name.

    Args:
        draft: what the source was translated into.
        snapshot: the catalog.
        name: the name to import under.
        listed: the source's own notes on its listing.
    """
    known = models_by_id(snapshot)
    return replace(
        draft,
        name=name,
        model=_clean(_with_bases(draft.model, known, name)),
        version=_clean(_with_bases(draft.version, known, name)),
        results=tuple(_clean(row) for row in draft.results),
        notes=(
            *(Note(kind="information", field="source", message=text) for text in listed),
            *draft.notes,
        ),
    )


def bounded(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The notes without repetitions: few enough and short enough to be read, safe for a terminal."""
    found = list(dict.fromkeys(_short(note) for note in notes))
    if len(found) <= MOST_NOTES:
        return tuple(found)
    more = Note(kind="information", field="", message=f"{len(found) - MOST_NOTES} more notes are not shown")
    return (*found[:MOST_NOTES], more)


def _short(note: Note) -> Note:
    return Note(kind=note.kind, field=_plain(note.field, 100), message=_plain(note.message, LONGEST_NOTE))


def _plain(text: str, most: int) -> str:
    return "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in one_line(redact(text), most)
    )


def _with_bases(data: Mapping[str, Any], known: Mapping[str, list[str]], name: str) -> dict[str, Any]:
    bases = data.get("base_models")
    if not bases:
        return dict(data)
    return {**data, "base_models": [_mapped(base, known, name) for base in bases]}


def _mapped(base: Mapping[str, Any], known: Mapping[str, list[str]], name: str) -> Mapping[str, Any]:
    model = str(base.get("model", ""))
    here = known.get(model.removeprefix("hf:").casefold(), []) if model.startswith("hf:") else []
    # Two models of one repository: which one is meant, only a person knows. And none is its own parent.
    if len(here) != 1 or here[0] == name:
        return base
    # Revision and licence are stated for parents outside; the catalog knows those of its own.
    return {"model": here[0], "relation": base["relation"]}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: item if key == "files" else _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
