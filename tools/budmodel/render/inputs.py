"""What the pages of each model rest on, as digests: two builds with equal digests write equal files.

A digest covers the files that belong to a model and those that name it. What it inherits, and what stands
beside it in a table, is followed by :mod:`budmodel.render.renewal`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from budmodel.operations.deploy_files import Shelf
from budmodel.operations.examining import model_of
from budmodel.schema.values import fold_name
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import CATALOG, UnreadableError

_WAIVERS = f"{CATALOG}/waivers/"
_ACKNOWLEDGMENTS = f"{CATALOG}/acknowledgments/"
_REMOVED = f"{CATALOG}/removed/"


class Inputs:
    """Digests over the files of a catalog, each read once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._own: dict[str, hashlib._Hash] = {}
        self._shared = hashlib.sha256()
        self._whole = hashlib.sha256()
        shelf = Shelf(snapshot.tree)
        for path in sorted(snapshot.types):
            name = model_of(path)
            if not path.startswith(_WAIVERS):
                self._add(self._of(path, name), path)
            else:
                self._add(self._whole, path)
        for name in snapshot.names:
            for path in (*shelf.waiving(name), *shelf.tombstones(name)):
                self._add(self._of(path, name), path)

    def _of(self, path: str, name: str) -> hashlib._Hash:
        """Where a file counts: with a model, with all spellings of a name, or for everybody."""
        if name:
            key = name
        elif path.startswith(_ACKNOWLEDGMENTS):
            key = path.removeprefix(_ACKNOWLEDGMENTS).partition("/")[0]
        elif path.startswith(_REMOVED):
            key = f"~{fold_name(path.removeprefix(_REMOVED).removesuffix('.yaml'))}"
        else:
            return self._shared
        return self._own.setdefault(key, hashlib.sha256())

    def _add(self, digest: hashlib._Hash, path: str) -> None:
        kind = self._snapshot.types.get(path, "")
        raw = b""
        if kind == "file":
            try:
                raw = self._snapshot.tree.read(path)
            except UnreadableError as error:
                kind, raw = "other", str(error).encode()
        digest.update(f"{path}\0{kind}\0{len(raw)}\0".encode("utf-8", "surrogateescape"))
        digest.update(raw)

    @property
    def shared(self) -> str:
        """Of all files that belong to no model and are no waivers: policy, licences, definitions."""
        return self._shared.hexdigest()

    @cached_property
    def whole(self) -> str:
        """Of the whole catalog."""
        parts = [self.shared, self._whole.hexdigest(), *self.models.values()]
        parts += [f"{key}\0{digest.hexdigest()}" for key, digest in sorted(self._own.items())]
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()

    @cached_property
    def models(self) -> Mapping[str, str]:
        """Of what belongs to each model or names it; spellings of one name count together."""
        spellings: dict[str, list[str]] = {}
        for name in self._snapshot.names:
            spellings.setdefault(fold_name(name), []).append(name)
        return {name: self._digest(name, spellings[fold_name(name)]) for name in self._snapshot.names}

    def _digest(self, name: str, spellings: list[str]) -> str:
        keys = [name, f"~{fold_name(name)}"]
        parts = [self._own[key].hexdigest() if key in self._own else "" for key in keys]
        return hashlib.sha256("\0".join([*parts, *spellings]).encode("utf-8", "surrogateescape")).hexdigest()


def code_digest() -> str:
    """Of the code that makes the site: another release writes other files."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    package = Path(__file__).parent.parent
    yield from sorted(package.rglob("*.py"))


def folder_digest(*folders: Path) -> str:
    """Of all files in some folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()
