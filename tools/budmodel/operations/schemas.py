"""The generated JSON Schemas as files: writing them, and telling whether they still are the generated."""

from __future__ import annotations

from pathlib import Path

from budmodel.schema.jsonschema import SUFFIX, render, schemas
from budmodel.store.files import write_atomic


def write_schemas(folder: Path) -> list[str]:
    """Makes a folder hold exactly the generated schemas.

    Returns:
        The names of the files that were written or, being superfluous, removed; sorted.

    Raises:
        OutsideError: the operating system refused.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = _generated()
    changed = drift(folder)
    for name in changed:
        if name in wanted:
            write_atomic(folder / name, wanted[name])
        else:
            (folder / name).unlink()
    return changed


def drift(folder: Path) -> list[str]:
    """The names of schema files that differ from the generated, are missing or are superfluous; sorted."""
    wanted = _generated()
    found = {path.name: path.read_bytes() for path in folder.glob(f"*{SUFFIX}")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def _generated() -> dict[str, bytes]:
    return {name: render(schema) for name, schema in schemas().items()}
