"""Whether a released version already is what a source holds, where digests alone do not say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from budmodel.errors import OutsideError
from budmodel.operations.import_compare import FilesDifference
from budmodel.operations.import_match import Here
from budmodel.schema.version import Version


def same_selection(record: Version, wanted: Mapping[str, Any]) -> bool:
    """Whether a version takes its files by the same globs."""
    recorded = record.selection.model_dump() if record.selection is not None else {}
    return all(list(recorded.get(key) or ()) == list(wanted.get(key) or ()) for key in ("include", "exclude"))


def must_be_same(
    record: Version, here: Here, files: Sequence[Mapping[str, Any]] | None, *, own_selection: bool
) -> bool:
    """Whether a version of the same commit or place has the same bytes although its digests do not say so.

    Args:
        record: a version for which :func:`budmodel.operations.import_match.same_pin` holds.
        here: where the bytes are.
        files: them with their digests; None where some are unknown.
        own_selection: whether the user said which files to take.
    """
    if own_selection and files is not None:
        return False
    if here.model_id is not None:
        # A commit does not change; only another selection of its files could differ.
        return record.files is not None or files is None
    listing = here.listing
    if files is not None or record.files is None or listing.files is None:
        return files is None and record.files is None
    # Without digests, names and sizes must do; they only decide that there is nothing to write.
    sizes = {file.path: file.size for file in listing.files}
    return all(sizes.get(file.path) == file.size for file in record.files)


def check_commit(target: str, here: Here, difference: FilesDifference) -> None:
    """Refuses other bytes of a commit that a version recorded.

    Raises:
        OutsideError: a mirror, or somebody between, gives something else than it gave before.
    """
    if difference.changed:
        path = difference.changed[0][0]
        raise OutsideError(
            f"{here.shown()} gives other bytes of {path} than {target} records for the same commit, "
            f"which cannot be; run budmodel verify {target} and ask whoever runs the mirror"
        )
