"""Small files of a source as documents: JSON with limits, one read for each file.

A file that is absent, too large or broken is a note and an empty document; it does not stop an import.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from budmodel.errors import NotFoundError, OutsideError
from budmodel.sources.facts.notes import Notes
from budmodel.sources.interface import MAX_SMALL_FILE, Listing, Source

MAX_DIGITS = 40
"""Longer numbers are no counts; Python would spend quadratic time on them."""
_LAYERS = re.compile(r"[\[{]")
_ABOUT_THE_MODEL = (".json", ".gguf", ".safetensors")


class _RepeatedKeyError(ValueError):
    pass


def parse_json(raw: bytes) -> Any:
    """A JSON document. NaN, infinities and absurdly long numbers read as None; a repeated key is refused.

    Real configurations hold ``Infinity`` (time_step_limit of Mamba models), so it must not fail.

    Raises:
        ValueError: not JSON, not UTF-8, nested too deeply or with a key twice.
    """
    try:
        return json.loads(
            raw.decode("utf-8-sig"),
            parse_int=lambda digits: int(digits) if len(digits) <= MAX_DIGITS else None,
            parse_float=_finite,
            parse_constant=lambda name: None,
            object_pairs_hook=_once,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _finite(text: str) -> float | None:
    number = float(text[:100])
    return number if abs(number) < 1e308 else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedKeyError("a key stands there twice")
    return found


@dataclass(slots=True)
class Documents:
    """Reads a source's small files for the modules of this package."""

    source: Source
    listing: Listing
    notes: Notes
    paths: frozenset[str] = field(init=False)
    sizes: Mapping[str, int] = field(init=False)
    _read: dict[str, Mapping[str, Any]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        files = self.listing.files or ()
        self.sizes = {file.path: file.size for file in files}
        self.paths = frozenset(self.listing.paths) | frozenset(self.sizes)

    def json(self, path: str) -> Mapping[str, Any]:
        """A JSON object, empty where the file is absent, broken or something else."""
        if path not in self._read:
            self._read[path] = self._json(path)
        return self._read[path]

    def _json(self, path: str) -> Mapping[str, Any]:
        raw = self.whole(path)
        if raw is None:
            return {}
        try:
            found = parse_json(raw)
        except (ValueError, MemoryError) as error:
            self.notes.add("information", path, f"{path} is not usable JSON and was passed over: {error}")
            return {}
        if isinstance(found, dict):
            return found
        self.notes.add("information", path, f"{path} does not hold an object and was passed over")
        return {}

    def whole(self, path: str, most: int = MAX_SMALL_FILE) -> bytes | None:
        """A whole small file; None where it is absent, larger than ``most`` bytes or could not be read."""
        if path not in self.paths:
            return None
        size = self.sizes.get(path)
        if size is not None and size > most:
            self.notes.add(
                "information", path, f"{path} has {size} bytes, more than the {most} that are read"
            )
            return None
        raw = self.range(path, 0, size)
        if raw is not None and len(raw) > most:
            self.notes.add("information", path, f"{path} is larger than the {most} bytes that are read")
            return None
        return raw

    def range(self, path: str, start: int, length: int | None) -> bytes | None:
        """Bytes of a file; None where they could not be read."""
        try:
            if start == 0 and length == self.sizes.get(path):
                length = None
            return self.source.read(path, start=start, length=length)
        except NotFoundError:
            return None
        except OutsideError as error:
            if path.endswith(_ABOUT_THE_MODEL) and self.notes.failure is None:
                self.notes.failure = error
            self.notes.add("missing", path, f"{path} could not be read: {error}")
            return None
