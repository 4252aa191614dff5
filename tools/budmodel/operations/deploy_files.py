"""The few files of a catalog on which the answer about one model rests.

``deploy-check`` reads these and no others, so that it takes as long in a catalog of 100,000 models as in one
of ten; a published site holds the same files for each model (``deploy.json``), so that whoever asks over
https decides with the very same code and his own clock.
"""

from __future__ import annotations

import contextlib
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from budmodel.domain.licensing import ExpressionInvalidError, parse_expression, symbols
from budmodel.errors import DataError
from budmodel.schema.kinds import classify
from budmodel.schema.values import fold_name
from budmodel.store.tree import CATALOG, MODELS, Tree, UnreadableError
from budmodel.store.yaml_reader import YamlError, load

MOST_ANCESTORS = 1000
"""Models in a lineage that are followed; merges of merges could go on for ever."""
_MAX_BYTES = 16 << 20
_JUDGES = (f"{CATALOG}/policy.yaml", f"{CATALOG}/allowed_signers")
_LICENSES = f"{CATALOG}/licenses"
_OF_A_MODEL = ("versions", "scans")
_MOST_HELD = 4 << 20
"""Bytes of models' files that are held for other models of the same lineage."""
IS = "is"
"""The link between a model and the one of the Hub that it is."""
_ANY = ""
_target = re.compile(r"([a-z0-9._-]+)@")
"""A model's name before a version, in lower case."""
_word = re.compile(r"[a-z0-9._-]+")
"""What may be a model's name, in lower case."""


HeldAs = Callable[[str], Sequence[str]]


class Shelf:
    """Reads files once, for many models of the same catalog."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._raw: dict[str, bytes | None] = {}
        self._folders: dict[str, list[str]] = {}
        self._data: dict[str, Mapping[str, Any]] = {}
        self._held = 0
        self._naming: dict[tuple[str, frozenset[str]], list[str]] = {}
        self._waivers: dict[str, list[str]] | None = None
        self._stones: dict[str, list[str]] | None = None
        self._judged: frozenset[str] | None = None

    def raw(self, path: str) -> bytes | None:
        """The bytes of a file; none of one that is there and cannot be read, and None where there is none."""
        if path not in self._raw:
            raw = self._raw[path] = self._read(path)
            self._held += len(raw or b"") if path.startswith(MODELS) else 0
        return self._raw[path]

    def _read(self, path: str) -> bytes | None:
        kind = self._tree.type_of(path)
        # What lies behind a link is not in the catalog. But a policy that is one is not an absent policy.
        if kind is None or (kind != "file" and path not in _JUDGES):
            return None
        # An empty file holds no record, which is never a yes; without it a failed scan would be forgotten.
        with contextlib.suppress(UnreadableError):
            return self._tree.read(path) if kind == "file" else b""
        return b""

    def files_in(self, folder: str) -> list[str]:
        """The records in a folder; what else lies there nobody reads."""
        if folder not in self._folders:
            self._folders[folder] = self._tree.files_in(folder)
        return [path for path in self._folders[folder] if _belongs(path)]

    def data(self, path: str) -> Mapping[str, Any]:
        """A record as data; empty where it cannot be read."""
        if path not in self._data:
            found: Any = None
            with contextlib.suppress(YamlError):
                found = load(self.raw(path) or b"", max_bytes=_MAX_BYTES)
            self._data[path] = found if isinstance(found, dict) else {}
        return self._data[path]

    @property
    def looked_at(self) -> tuple[list[str], set[str]]:
        """The files and folders that were asked for, and the files that are there."""
        there = {path for path, raw in self._raw.items() if raw is not None}
        return [*self._raw, *self._folders], there.union(*self._folders.values())

    def let_go(self) -> None:
        """Forgets what it holds of models once that is much; for readers of a whole catalog."""
        if self._held < _MOST_HELD:
            return
        for kept in (self._raw, self._data):
            for path in [path for path in kept if path.startswith(MODELS)]:
                del kept[path]
        self._held = 0

    def naming(self, folder: str, words: frozenset[str]) -> Sequence[str]:
        """The YAML files of a folder that hold one of some words, as people write it, or escaped somehow.

        A file too many is only read in vain; so nothing here needs to understand YAML.
        """
        if (folder, words) not in self._naming:
            wanted = {_plain(word) for word in words}
            self._naming[folder, words] = [
                path
                for path, text in self._texts(folder)
                if _escaped(text) or any(word in text for word in wanted)
            ]
        return self._naming[folder, words]

    def waiving(self, name: str) -> Sequence[str]:
        """The waivers that name a version of a model, or hold an escape and so may name any."""
        if self._waivers is None:
            self._waivers = {}
            for path, text in self._texts(f"{CATALOG}/waivers"):
                for found in [_ANY] if _escaped(text) else dict.fromkeys(_target.findall(text)):
                    self._waivers.setdefault(found, []).append(path)
        return sorted({*self._waivers.get(name, ()), *self._waivers.get(_ANY, ())})

    def tombstones(self, name: str) -> Sequence[str]:
        """The tombstones on a name, in whatever letters: it is not given again in others.

        Those as well that lie elsewhere and may state it: check counts both.
        """
        if self._stones is None:
            folder = f"{CATALOG}/removed"
            found = {path: {path.rpartition("/")[2].removesuffix(".yaml")} for path in self.files_in(folder)}
            for path, text in self._texts(folder):
                found[path].update([_ANY] if _escaped(text) else _word.findall(text))
            self._stones = {}
            for path, names in found.items():
                for folded in {fold_name(one) for one in names}:
                    self._stones.setdefault(folded, []).append(path)
        return sorted({*self._stones.get(fold_name(name), ()), *self._stones.get(_ANY, ())})

    @property
    def judged(self) -> frozenset[str]:
        """The licences that the policy names, casefolded: whole texts, and the ids in expressions."""
        if self._judged is None:
            stated = self.data(_JUDGES[0]).get("licenses")
            lists = stated.values() if isinstance(stated, dict) else ()
            texts = (text for one in lists if isinstance(one, list) for text in one)
            self._judged = frozenset(name.casefold() for text in texts for name in _names(text))
        return self._judged

    def links(self, name: str) -> Iterator[tuple[str, str]]:
        """The models that a model and its versions were made of, and how; and which one of the Hub it is."""
        for base in _bases(self, name):
            parent = str(base.get("model", ""))
            hub = parent.startswith("hf:")
            yield parent.casefold() if hub else parent.partition("@")[0], str(base.get("relation", ""))
        if hub_id := self._hub_id(name):
            yield f"hf:{hub_id}", IS

    def is_of(self, name: str, hub_id: str) -> bool:
        """Whether a model comes from this one of the Hub."""
        return self._hub_id(name) == hub_id.casefold()

    def _hub_id(self, name: str) -> str:
        source = self.data(f"{MODELS}{name}/model.yaml").get("source")
        return str(source.get("model_id") or "").casefold() if isinstance(source, dict) else ""

    def _texts(self, folder: str) -> Iterator[tuple[str, str]]:
        for path in self.files_in(folder):
            raw = self.raw(path)
            if raw is not None and path.endswith(".yaml"):
                yield path, _plain(raw.decode("utf-8", "replace"))


def _belongs(path: str) -> bool:
    return classify(path.removeprefix(f"{CATALOG}/")) is not None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _escaped(text: str) -> bool:
    return "\\" in text or "''" in text


def deploy_files(shelf: Shelf, name: str, held_as: HeldAs) -> dict[str, bytes]:
    """All that the answer about a model rests on, by path.

    Its records, scans and acknowledgments, those of its ancestors, the licences that they name, the policy,
    the signers, and the waivers that name it.

    Args:
        shelf: the files.
        name: the model.
        held_as: the models of the catalog that come from one of the Hub; asked for parents alone.

    Raises:
        DataError: its lineage is too long to be read.
    """
    paths = [*_JUDGES, *shelf.tombstones(name)]
    family = list(_family(shelf, name, held_as))
    for member in family:
        paths.append(f"{MODELS}{member}/model.yaml")
        for folder in _OF_A_MODEL:
            paths += shelf.files_in(f"{MODELS}{member}/{folder}")
    paths += shelf.files_in(f"{CATALOG}/acknowledgments/{name}")
    paths += shelf.waiving(name)
    licenses = shelf.naming(_LICENSES, frozenset(_licenses(shelf, family)))
    # Who else claims a name by which the policy speaks of one of them: it may belong to that.
    paths += [*licenses, *shelf.naming(_LICENSES, shelf.judged & _claimed(shelf, licenses))]
    found = {path: shelf.raw(path) for path in paths}
    return {path: raw for path, raw in sorted(found.items()) if raw is not None}


def _family(shelf: Shelf, name: str, held_as: HeldAs) -> Iterator[str]:
    """The model and all its ancestors in the catalog, each once.

    Raises:
        DataError: they are too many; without the rest nobody knows what those hand down.
    """
    waiting, seen, count = deque([name]), {name}, 0
    while waiting:
        here = waiting.popleft()
        if shelf.raw(f"{MODELS}{here}/model.yaml") is None:
            continue
        count += 1
        if count > MOST_ANCESTORS:
            raise DataError(
                f"{MODELS}{name}: its versions were made of more than {MOST_ANCESTORS} models of this "
                "catalog, and no more are read; state fewer base_models"
            )
        yield here
        for parent in _parents(shelf, here, held_as):
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)


def _parents(shelf: Shelf, name: str, held_as: HeldAs) -> Iterator[str]:
    for base in _bases(shelf, name):
        parent = str(base.get("model", "")).partition("@")[0]
        if parent.startswith("hf:"):
            yield from held_as(parent.removeprefix("hf:"))
        elif parent and "/" not in parent and ":" not in parent:
            yield parent


def _bases(shelf: Shelf, name: str) -> Iterator[Mapping[str, Any]]:
    """What a model, or one of its versions, says it was made of."""
    for record in _records(shelf, name):
        bases = record.get("base_models")
        yield from (base for base in bases if isinstance(base, dict)) if isinstance(bases, list) else ()


def _records(shelf: Shelf, name: str) -> Iterator[Mapping[str, Any]]:
    yield shelf.data(f"{MODELS}{name}/model.yaml")
    for path in shelf.files_in(f"{MODELS}{name}/versions"):
        yield shelf.data(path)


def _licenses(shelf: Shelf, family: list[str]) -> Iterator[str]:
    """The licences that are named, also of parents elsewhere: whole texts, and the ids in expressions."""
    for name in family:
        stated = [record.get("license_type") for record in _records(shelf, name)]
        stated += [base.get("license_type") for base in _bases(shelf, name)]
        for text in stated:
            yield from _names(text)


def _names(text: Any) -> Iterator[str]:
    """What a statement of a licence names: the whole text, and the ids where it is an expression."""
    if isinstance(text, str) and text.strip():
        yield text.strip()
        if " " in text.strip() or "(" in text:
            with contextlib.suppress(ExpressionInvalidError):
                yield from symbols(parse_expression(text))


def _claimed(shelf: Shelf, licenses: Sequence[str]) -> frozenset[str]:
    """The ids and aliases of some licence records, casefolded."""
    found: set[str] = set()
    for path in licenses:
        record = shelf.data(path)
        aliases = record.get("aliases")
        found.update(str(name).casefold() for name in (record.get("id"), *_list(aliases)))
    return frozenset(found)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
