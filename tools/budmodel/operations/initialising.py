"""``budmodel init``: a new, empty registry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from budmodel.errors import ConflictError, OutsideError
from budmodel.schema.governance import FORMAT
from budmodel.store.files import Writer
from budmodel.store.git import Repository
from budmodel.store.tree import CATALOG

_CATALOG = f"""\
# yaml-language-server: $schema=../schemas/v1/catalog.schema.json
format: {FORMAT}
"""
_POLICY = """\
# yaml-language-server: $schema=../schemas/v1/policy.schema.json
# The defaults hold, and they are strict. What to set: site/docs/guides/policy-and-waivers.md of budmodel.
{}
"""
_KEEP = ("models", "licenses", "waivers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialised:
    """A registry that was made."""

    root: Path
    written: tuple[str, ...]
    in_git: bool
    """Whether the folder lies in a Git work tree."""


def initialise(root: Path) -> Initialised:
    """Makes ``catalog/`` with its format and an empty policy. The folder is made as well, other files stay.

    Raises:
        ConflictError: there is a ``catalog`` already.
        OutsideError: the folder cannot be made or written.
    """
    if (root / CATALOG).exists() or (root / CATALOG).is_symlink():
        raise ConflictError(f"{root / CATALOG} exists already; go there, or name another folder")
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError(f"{root} cannot be made: {error.strerror}; name another folder") from None
    files = {f"{CATALOG}/catalog.yaml": _CATALOG, f"{CATALOG}/policy.yaml": _POLICY}
    files |= {f"{CATALOG}/{folder}/.gitkeep": "" for folder in _KEEP}
    with Writer(root).transaction() as changes:
        for path, text in files.items():
            changes.write(path, text.encode(), old=None)
    repository = Repository.find(root)
    if repository is not None:
        repository.close()
    return Initialised(root=root, written=tuple(files), in_git=repository is not None)
